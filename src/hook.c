// SPDX-License-Identifier: GPL-2.0
/*
 * How a packet is decided: the page to read first.  A hook takes the snapshot,
 * asks the shortcuts, then the rules in order, then the policy.
 *
 * Nothing here sleeps, allocates, or writes to what another CPU reads.
 */
#include <linux/bottom_half.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>

#include "action.h"
#include "classifier.h"
#include "compat.h"
#include "hook.h"
#include "log.h"
#include "packet.h"
#include "rule.h"
#include "shortcut.h"
#include "snapshot.h"
#include "stats.h"

static __always_inline unsigned int accept(void)
{
	minifw_cpu_add(minifw_totals.accepted, 1);
	return NF_ACCEPT;
}

/* Older connections, control: is the packet let through before any rule? */
static __always_inline bool takes_shortcut(const struct minifw_packet *packet,
					   const struct minifw_config *config)
{
	if (config->accept_established && minifw_is_older(packet, config))
		return true;
	return config->accept_control && unlikely(minifw_may_be_control(packet)) &&
	       minifw_is_control(packet);
}

/* The action of the first rule that decides, or NULL where none does. */
static __always_inline const struct minifw_action *
ask_rules(const struct minifw_classifier *classifier, const struct minifw_packet *packet)
{
	const struct minifw_live *rule;
	unsigned int position = 0;

	while ((rule = minifw_classifier_lookup(classifier, packet, &position))) {
		if (unlikely(minifw_live_retired(rule)))
			continue;
		minifw_count(rule->counters, packet->skb->len);
		if (rule->spec.action.verdict != MINIFW_CONTINUE)
			return &rule->spec.action;
	}
	return NULL;
}

static __always_inline unsigned int act(const struct minifw_action *action,
					const struct minifw_packet *packet)
{
	if (action->verdict == MINIFW_ACCEPT)
		return accept();
	minifw_cpu_add(minifw_totals.dropped, 1);
	if (action->verdict == MINIFW_REJECT)
		minifw_reject(packet, action->reject);
	return NF_DROP;
}

/* What a packet meets that is neither loopback nor known to conntrack. */
static __always_inline unsigned int decide(const struct minifw_packet *packet,
					   const struct minifw_snapshot *snapshot,
					   enum minifw_family family)
{
	const struct minifw_view *view = &snapshot->view[packet->state->hook];
	const struct minifw_action *action;

	if (takes_shortcut(packet, &snapshot->config))
		return accept();
	action = ask_rules(view->classifier[family], packet);
	if (action)
		return act(action, packet);
	if (view->policy.verdict != MINIFW_ACCEPT && snapshot->config.log_denied)
		minifw_log_denied(packet);
	return act(&view->policy, packet);
}

static __always_inline unsigned int filter(struct sk_buff *skb, const struct nf_hook_state *state,
					   enum minifw_family family)
{
	const struct minifw_snapshot *snapshot = rcu_dereference(minifw_snapshot);
	struct minifw_packet packet __uninitialized;

	if (snapshot->view[state->hook].open)
		return accept();
	if (snapshot->config.accept_loopback && unlikely(minifw_is_loopback(state)))
		return accept();
	if (snapshot->config.accept_established && minifw_is_tracked(skb))
		return accept();
	if (family == MINIFW_IP)
		minifw_packet_parse_ip(&packet, skb, state);
	else
		minifw_packet_parse_ip6(&packet, skb, state);
	return decide(&packet, snapshot, family);
}

/* Packets come in softirqs for the most part, but not what a process sends: @hook again. */
static unsigned int without_softirqs(nf_hookfn *hook, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = hook(NULL, skb, state);
	local_bh_enable();
	return verdict;
}

static unsigned int filter_ip(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (unlikely(!softirq_count()))
		return without_softirqs(filter_ip, skb, state);
	return filter(skb, state, MINIFW_IP);
}

static unsigned int filter_ip6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (unlikely(!softirq_count()))
		return without_softirqs(filter_ip6, skb, state);
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
