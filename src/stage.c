// SPDX-License-Identifier: GPL-2.0
/*
 * Where in netfilter the stages are, by hook and priority, and their hooks in a
 * namespace.  Those of the stages with a policy are always there; the others only
 * while a rule stands there, so that nobody else pays for them.  Ingress is at
 * devices, and ingress.c's.
 */
#include <linux/kernel.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/net_namespace.h>

#include "addr.h"
#include "hook.h"
#include "stage.h"

#define OPS(fn, family, number, priority_) \
	{ .hook = fn, .pf = family, .hooknum = number, .priority = priority_ }

/* Of both families. */
#define HOOKS(fn_ip, fn_ip6, number, level) { \
	OPS(fn_ip, NFPROTO_IPV4, number, NF_IP_PRI_##level), \
	OPS(fn_ip6, NFPROTO_IPV6, number, NF_IP6_PRI_##level) \
}

/* Before nft's and iptables' filter, after DNAT and before SNAT. */
#define NF_IP_PRI_BEFORE_FILTER (NF_IP_PRI_FILTER - 1)
#define NF_IP6_PRI_BEFORE_FILTER (NF_IP6_PRI_FILTER - 1)

/* Mangle is after conntrack and before DNAT, raw before conntrack. */
static const struct nf_hook_ops stage_ops[MINIFW_NR_STAGES][MINIFW_NR_FAMILIES] = {
	[MINIFW_AT_RAW_PREROUTING] = HOOKS(minifw_hook_raw, minifw_hook_raw,
					   NF_INET_PRE_ROUTING, RAW),
	[MINIFW_AT_PREROUTING] = HOOKS(minifw_hook_rules, minifw_hook_rules,
				       NF_INET_PRE_ROUTING, MANGLE),
	[MINIFW_AT_INPUT] = HOOKS(minifw_hook_ip, minifw_hook_ip6,
				  NF_INET_LOCAL_IN, BEFORE_FILTER),
	[MINIFW_AT_FORWARD] = HOOKS(minifw_hook_ip, minifw_hook_ip6,
				    NF_INET_FORWARD, BEFORE_FILTER),
	[MINIFW_AT_RAW_OUTPUT] = HOOKS(minifw_hook_raw, minifw_hook_raw,
				       NF_INET_LOCAL_OUT, RAW),
	[MINIFW_AT_OUTPUT] = HOOKS(minifw_hook_ip, minifw_hook_ip6,
				   NF_INET_LOCAL_OUT, BEFORE_FILTER),
	[MINIFW_AT_POSTROUTING] = HOOKS(minifw_hook_rules, minifw_hook_rules,
					NF_INET_POST_ROUTING, BEFORE_FILTER),
};

/**
 * minifw_stages_add() - register the hooks of stages, where they are missing
 * @net: the namespace
 * @there: bits by enum minifw_stage: whose hooks are registered in it
 * @needed: likewise, whose are needed; without ingress
 *
 * Context: may sleep; @there is guarded by the caller.
 * Return: 0, or what nf_register_net_hooks() returned: @there says how far it came.
 */
int minifw_stages_add(struct net *net, u8 *there, u8 needed)
{
	unsigned int stage;
	int ret;

	for (stage = 0; stage < MINIFW_NR_STAGES; stage++) {
		if (!(needed & ~*there & BIT(stage)))
			continue;
		ret = nf_register_net_hooks(net, stage_ops[stage], MINIFW_NR_FAMILIES);
		if (ret)
			return ret;
		*there |= BIT(stage);
	}
	return 0;
}

/**
 * minifw_stages_remove() - unregister the hooks of stages that nobody needs
 * @net: the namespace
 * @there: as minifw_stages_add()
 * @needed: which stay
 *
 * Context: may sleep; @there is guarded by the caller.
 */
void minifw_stages_remove(struct net *net, u8 *there, u8 needed)
{
	unsigned int stage;

	for (stage = 0; stage < MINIFW_NR_STAGES; stage++)
		if (*there & ~needed & BIT(stage))
			nf_unregister_net_hooks(net, stage_ops[stage], MINIFW_NR_FAMILIES);
	*there &= needed;
}
