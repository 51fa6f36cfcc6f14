// SPDX-License-Identifier: GPL-2.0
/*
 * How a packet is decided: the page to read first.  A hook takes the snapshot,
 * asks the shortcuts, then the rules in order, then the policy.
 *
 * Nothing here sleeps, allocates, or writes to what another CPU reads.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>

#include "action.h"
#include "classifier.h"
#include "hook.h"
#include "log.h"
#include "packet.h"
#include "rule.h"
#include "shortcut.h"
#include "snapshot.h"
#include "stats.h"

static unsigned int accept(void)
{
	this_cpu_inc(minifw_totals.accepted);
	return NF_ACCEPT;
}

/* Loopback, established, control: is the packet let through before any rule? */
static bool takes_shortcut(const struct minifw_packet *packet, const struct nf_hook_state *state,
			   const struct minifw_config *config)
{
	if (config->accept_established && minifw_is_older(packet, state, config))
		return true;
	return config->accept_control && minifw_is_control(packet);
}

/* The action of the first rule that decides, or NULL where none does. */
static const struct minifw_action *ask_rules(const struct minifw_classifier *classifier,
					     const struct minifw_packet *packet)
{
	const struct minifw_live *rule;
	unsigned int position = 0;

	while ((rule = minifw_classifier_lookup(classifier, packet, &position))) {
		if (READ_ONCE(rule->retired))
			continue;
		minifw_count(rule->counters, packet->skb->len);
		if (rule->spec.action.verdict != MINIFW_CONTINUE)
			return &rule->spec.action;
	}
	return NULL;
}

static unsigned int act(const struct minifw_action *action, struct sk_buff *skb,
			const struct nf_hook_state *state, const struct minifw_packet *packet)
{
	if (action->verdict == MINIFW_ACCEPT)
		return accept();
	this_cpu_inc(minifw_totals.dropped);
	if (action->verdict == MINIFW_REJECT)
		minifw_reject(skb, state, packet, action->reject);
	return NF_DROP;
}

/* What a packet meets that is neither loopback nor known to conntrack. */
static unsigned int decide(struct sk_buff *skb, const struct nf_hook_state *state,
			   const struct minifw_snapshot *snapshot, enum minifw_family family)
{
	const struct minifw_view *view = &snapshot->view[state->hook];
	const struct minifw_action *action;
	struct minifw_packet packet;

	minifw_packet_parse(&packet, skb, state, family);
	if (takes_shortcut(&packet, state, &snapshot->config))
		return accept();
	action = ask_rules(view->classifier[family], &packet);
	if (action)
		return act(action, skb, state, &packet);
	if (view->policy.verdict != MINIFW_ACCEPT && snapshot->config.log_denied)
		minifw_log_denied(skb, state);
	return act(&view->policy, skb, state, &packet);
}

static __always_inline unsigned int filter(struct sk_buff *skb, const struct nf_hook_state *state,
					   enum minifw_family family)
{
	const struct minifw_snapshot *snapshot = rcu_dereference(minifw_snapshot);

	if (snapshot->view[state->hook].open)
		return accept();
	if (snapshot->config.accept_loopback && minifw_is_loopback(state))
		return accept();
	if (snapshot->config.accept_established && minifw_is_tracked(skb))
		return accept();
	return decide(skb, state, snapshot, family);
}

static unsigned int filter_ip(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return filter(skb, state, MINIFW_IP);
}

static unsigned int filter_ip6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return filter(skb, state, MINIFW_IP6);
}

/* One before netfilter's filter: before nft and iptables, after DNAT, before SNAT. */
#define HOOK_OPS(fn, family, number, filter_priority) \
	{ .hook = fn, .pf = family, .hooknum = number, .priority = (filter_priority) - 1 }

const struct nf_hook_ops minifw_hook_ops[MINIFW_NR_HOOK_OPS] = {
	HOOK_OPS(filter_ip, NFPROTO_IPV4, NF_INET_LOCAL_IN, NF_IP_PRI_FILTER),
	HOOK_OPS(filter_ip, NFPROTO_IPV4, NF_INET_FORWARD, NF_IP_PRI_FILTER),
	HOOK_OPS(filter_ip, NFPROTO_IPV4, NF_INET_LOCAL_OUT, NF_IP_PRI_FILTER),
	HOOK_OPS(filter_ip6, NFPROTO_IPV6, NF_INET_LOCAL_IN, NF_IP6_PRI_FILTER),
	HOOK_OPS(filter_ip6, NFPROTO_IPV6, NF_INET_FORWARD, NF_IP6_PRI_FILTER),
	HOOK_OPS(filter_ip6, NFPROTO_IPV6, NF_INET_LOCAL_OUT, NF_IP6_PRI_FILTER),
};
