// SPDX-License-Identifier: GPL-2.0
/*
 * How a packet is decided: the page to read first, with decide.h.  A hook takes the
 * snapshot, asks the shortcuts, then the rules in order, then the policy.  Hooks without
 * a policy ask the rules alone.
 *
 * Nothing here sleeps, allocates, or writes to what another CPU reads; but the
 * limits of rules that have one.
 */
#include <linux/bottom_half.h>
#include <linux/if_vlan.h>
#include <linux/netfilter.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>

#include "action.h"
#include "compat.h"
#include "cut.h"
#include "decide.h"
#include "hook.h"
#include "log.h"
#include "packet.h"
#include "queue.h"
#include "rule.h"
#include "snapshot.h"
#include "stage.h"
#include "stats.h"
#include "trace.h"

static __always_inline unsigned int accept(void)
{
	minifw_cpu_add(minifw_totals.accepted, 1);
	return NF_ACCEPT;
}

/* Accept what nobody has parsed yet; @by is the reason. */
static __always_inline unsigned int accept_early(struct sk_buff *skb,
						 const struct nf_hook_state *state, const char *by)
{
	if (trace_verdict_enabled())
		minifw_trace_early(skb, state, by);
	return accept();
}

static __always_inline unsigned int drop(void)
{
	minifw_cpu_add(minifw_totals.dropped, 1);
	return NF_DROP;
}

/* In audit mode: what would have been dropped, by @rule or NULL for the policy, is let on. */
static noinline unsigned int audit(const struct minifw_action *action,
				   const struct minifw_live *rule)
{
	if (minifw_verdict_refuses(action->verdict)) {
		minifw_cpu_add(minifw_totals.would_drop, 1);
		if (rule)
			minifw_live_audit(rule);
	}
	return accept();
}

/* A program that a packet is queued for decides itself: that is counted nowhere. */
static noinline unsigned int act(const struct minifw_action *action,
				 const struct minifw_packet *packet)
{
	switch (action->verdict) {
	case MINIFW_ACCEPT:
		return accept();
	case MINIFW_QUEUE:
		return minifw_queue(packet, action);
	case MINIFW_REJECT:
		minifw_reject(packet, action->reject);
		break;
	}
	return drop();
}

/* What the rule that was found says. */
static __always_inline unsigned int act_by_rule(const struct minifw_search *search,
						const struct minifw_packet *packet, u8 asks)
{
	const struct minifw_live *rule;

	if (trace_verdict_enabled()) {
		rule = minifw_search_rule(search);
		minifw_trace_verdict(packet, rule, rule->spec.action.verdict);
	}
	if (likely(search->leaf->plain && search->leaf->accept))
		return accept();
	if (unlikely(asks & MINIFW_AUDITS)) {
		rule = minifw_search_rule(search);
		return audit(&rule->spec.action, rule);
	}
	if (likely(search->leaf->plain))
		return drop();
	return act(&minifw_search_rule(search)->spec.action, packet);
}

static __always_inline unsigned int act_by_policy(const struct minifw_action *policy,
						  const struct minifw_packet *packet, u8 asks)
{
	if (unlikely(asks & MINIFW_LOGS_DENIED))
		minifw_log_denied(packet);
	if (trace_verdict_enabled())
		minifw_trace_verdict(packet, NULL, policy->verdict);
	if (unlikely(asks & MINIFW_AUDITS))
		return audit(policy, NULL);
	if (likely(policy->verdict == MINIFW_DROP))
		return drop();
	return act(policy, packet);
}

/* A publish has ended its connection, which no direction of it takes up again. */
static noinline unsigned int act_by_recheck(const struct minifw_packet *packet)
{
	if (trace_verdict_enabled())
		minifw_trace_cut(packet);
	return drop();
}

/* What a packet meets that is neither loopback nor known to conntrack. */
static __always_inline unsigned int decide(const struct minifw_packet *packet,
					   const struct minifw_snapshot *snapshot,
					   const struct minifw_view *view,
					   enum minifw_family family)
{
	struct minifw_search search __uninitialized;
	const char *shortcut;

	if (unlikely(view->asks & MINIFW_ASKS_CUT) && minifw_is_cut(packet))
		return act_by_recheck(packet);
	shortcut = minifw_decide_shortcut(packet, snapshot, view->asks);
	if (shortcut) {
		if (trace_verdict_enabled())
			minifw_trace_shortcut(packet, shortcut);
		return accept();
	}
	minifw_search_init(&search, snapshot, view, family);
	if (minifw_decide_rules(&search, packet, true))
		return act_by_rule(&search, packet, view->asks);
	return act_by_policy(&view->policy, packet, view->asks);
}

/* Input, forward and output. */
static __always_inline unsigned int filter(struct sk_buff *skb, const struct nf_hook_state *state,
					   enum minifw_family family)
{
	const struct minifw_snapshot *snapshot = rcu_dereference(minifw_snapshot);
	const struct minifw_view *view = &snapshot->view[state->hook];
	const char *early = minifw_decide_early(view, skb, state);
	struct minifw_packet packet __uninitialized;

	if (early)
		return accept_early(skb, state, early);
	minifw_decide_parse(&packet, skb, state, snapshot, family);
	return decide(&packet, snapshot, view, family);
}

/* Prerouting, postrouting and ingress: the rules alone. */
static unsigned int filter_by_rules(struct sk_buff *skb, const struct nf_hook_state *state,
				    enum minifw_stage stage, enum minifw_family family)
{
	const struct minifw_snapshot *snapshot = rcu_dereference(minifw_snapshot);
	const struct minifw_view *view = &snapshot->view[stage];
	struct minifw_packet packet __uninitialized;
	struct minifw_search search __uninitialized;

	if (view->open)
		return NF_ACCEPT;
	minifw_decide_parse(&packet, skb, state, snapshot, family);
	minifw_search_init(&search, snapshot, view, family);
	if (minifw_decide_rules(&search, &packet, true))
		return act_by_rule(&search, &packet, view->asks);
	return NF_ACCEPT;
}

/* Before conntrack: the rules with the action notrack, and no others. */
static unsigned int untrack_by_rules(struct sk_buff *skb, const struct nf_hook_state *state,
				     enum minifw_stage stage, enum minifw_family family)
{
	const struct minifw_snapshot *snapshot = rcu_dereference(minifw_snapshot);
	const struct minifw_view *view = &snapshot->view[stage];
	struct minifw_packet packet __uninitialized;
	struct minifw_search search __uninitialized;

	if (view->open)
		return NF_ACCEPT;
	minifw_decide_parse(&packet, skb, state, snapshot, family);
	minifw_search_init(&search, snapshot, view, family);
	while (minifw_decide_next(&search, &packet, true))
		minifw_untrack(skb);
	return NF_ACCEPT;
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

static enum minifw_family family_of(const struct nf_hook_state *state)
{
	return state->pf == NFPROTO_IPV4 ? MINIFW_IP : MINIFW_IP6;
}

/**
 * minifw_hook_ip() - IPv4 at input, forward and output
 * @priv: not used
 * @skb: the packet; its network header is set
 * @state: netfilter's: the hook and the devices
 *
 * Context: the packet path, under RCU, softirqs on or off; does not sleep. As
 * the other hooks, and as them it changes nothing of the packet's bytes.
 * Return: netfilter's verdict.
 */
unsigned int minifw_hook_ip(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (unlikely(!softirq_count()))
		return without_softirqs(minifw_hook_ip, skb, state);
	return filter(skb, state, MINIFW_IP);
}

/**
 * minifw_hook_ip6() - IPv6 at input, forward and output
 * @priv: not used
 * @skb: as minifw_hook_ip()
 * @state: likewise
 *
 * Context: as minifw_hook_ip().
 * Return: netfilter's verdict.
 */
unsigned int minifw_hook_ip6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (unlikely(!softirq_count()))
		return without_softirqs(minifw_hook_ip6, skb, state);
	return filter(skb, state, MINIFW_IP6);
}

/**
 * minifw_hook_rules() - either family at prerouting and postrouting
 * @priv: not used
 * @skb: as minifw_hook_ip()
 * @state: likewise
 *
 * Context: as minifw_hook_ip().
 * Return: netfilter's verdict.
 */
unsigned int minifw_hook_rules(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (unlikely(!softirq_count()))
		return without_softirqs(minifw_hook_rules, skb, state);
	return filter_by_rules(skb, state, state->hook, family_of(state));
}

/**
 * minifw_hook_raw() - either family at prerouting and output, before conntrack
 * @priv: not used
 * @skb: as minifw_hook_ip(); may be marked as not to be tracked
 * @state: likewise
 *
 * Context: as minifw_hook_ip().
 * Return: NF_ACCEPT.
 */
unsigned int minifw_hook_raw(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	enum minifw_stage stage = state->hook == NF_INET_LOCAL_OUT ? MINIFW_AT_RAW_OUTPUT :
								     MINIFW_AT_RAW_PREROUTING;

	if (unlikely(!softirq_count()))
		return without_softirqs(minifw_hook_raw, skb, state);
	return untrack_by_rules(skb, state, stage, family_of(state));
}

/**
 * minifw_hook_ingress() - a frame as its device hands it over
 * @priv: not used
 * @skb: the frame, maybe shared; @skb->data is at the network header
 * @state: netfilter's: the device. Its hook and family are those of NFPROTO_NETDEV
 *
 * What is not IP passes. So does what has a VLAN's tag, which the VLAN's own
 * device hands over without it; VLAN 0 is no VLAN (IEEE 802.1Q, 9.6).
 *
 * Context: as minifw_hook_ip().
 * Return: netfilter's verdict.
 */
unsigned int minifw_hook_ingress(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	if (unlikely(!softirq_count()))
		return without_softirqs(minifw_hook_ingress, skb, state);
	if (skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb))
		return NF_ACCEPT;
	if (skb->protocol == htons(ETH_P_IP))
		return filter_by_rules(skb, state, MINIFW_AT_INGRESS, MINIFW_IP);
	if (skb->protocol == htons(ETH_P_IPV6))
		return filter_by_rules(skb, state, MINIFW_AT_INGRESS, MINIFW_IP6);
	return NF_ACCEPT;
}
