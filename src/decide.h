/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a packet is decided, in the order of these functions: what packets (hook.c) and
 * packets that were never sent (judge.c) have in common.  Where a function takes @real, a
 * constant, it counts, takes from limits and has effects if that is true, and else leaves
 * no trace.
 */
#ifndef MINIFW_DECIDE_H
#define MINIFW_DECIDE_H

#include "effect.h"
#include "limit.h"
#include "packet.h"
#include "rule.h"
#include "search.h"
#include "shortcut.h"
#include "snapshot.h"
#include "stats.h"

/* Why a packet is accepted before it is parsed, or NULL. */
static __always_inline const char *minifw_decide_early(const struct minifw_view *view,
						       const struct sk_buff *skb,
						       const struct nf_hook_state *state)
{
	if (view->open)
		return "policy";
	if ((view->asks & MINIFW_ASKS_LOOPBACK) && unlikely(minifw_is_loopback(state)))
		return "loopback";
	if ((view->asks & MINIFW_ASKS_ESTABLISHED) && minifw_is_tracked(skb))
		return "established";
	return NULL;
}

/* Reads what rules can ask of a packet. */
static __always_inline void minifw_decide_parse(struct minifw_packet *packet, struct sk_buff *skb,
						const struct nf_hook_state *state,
						const struct minifw_snapshot *snapshot,
						enum minifw_family family)
{
	if (family == MINIFW_IP)
		minifw_packet_parse_ip(packet, skb, state);
	else
		minifw_packet_parse_ip6(packet, skb, state);
	packet->epoch = snapshot->epoch;
}

/* Older connections, control: why the packet is let through before any rule, or NULL. */
static __always_inline const char *minifw_decide_shortcut(const struct minifw_packet *packet,
							  const struct minifw_snapshot *snapshot,
							  u8 asks)
{
	if ((asks & MINIFW_ASKS_ESTABLISHED) && minifw_is_older(packet, &snapshot->config))
		return "established";
	if ((asks & MINIFW_ASKS_CONTROL) && unlikely(minifw_may_be_control(packet)) &&
	    minifw_is_control(packet))
		return "control";
	return NULL;
}

/* What a rule has that is not plain: do its limits match as well?  Then its effects. */
static __always_inline bool minifw_decide_rare(const struct minifw_live *rule,
					       const struct minifw_packet *packet, const bool real)
{
	if ((rule->spec.attrs & MINIFW_LIMIT_ATTRS) &&
	    !(real ? minifw_limits_match(rule, packet) : minifw_limits_match_idle(&rule->spec)))
		return false;
	if (real && (rule->spec.attrs & MINIFW_EFFECT_ATTRS))
		minifw_effects(rule, packet);
	return true;
}

/*
 * The next rule that matches, counted.  A plain rule of a snapshot that is not stale is
 * settled by its leaf: the rule itself is in memory that nobody has looked at yet.
 */
static __always_inline bool minifw_decide_next(struct minifw_search *search,
					       const struct minifw_packet *packet, const bool real)
{
	while (minifw_search_next(search, packet)) {
		bool stale = unlikely(READ_ONCE(search->snapshot->stale));

		if (stale && minifw_search_is_gone(search))
			continue;
		if (unlikely(!search->leaf->plain) &&
		    !minifw_decide_rare(minifw_search_rule(search), packet, real))
			continue;
		if (!real)
			return true;
		minifw_count(search->leaf->counters, packet->skb->len);
		if (search->leaf->dated)
			minifw_count_time(search->leaf->counters);
		return true;
	}
	return false;
}

/* The first rule that decides; false where none does. */
static __always_inline bool minifw_decide_rules(struct minifw_search *search,
						const struct minifw_packet *packet,
						const bool real)
{
	while (minifw_decide_next(search, packet, real))
		if (search->leaf->plain ||
		    minifw_search_rule(search)->spec.action.verdict != MINIFW_CONTINUE)
			return true;
	return false;
}

#endif
