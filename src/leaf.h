/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the classifier asks of a packet, and how it is held against a rule's bounds:
 * the innermost part of a look-up.
 */
#ifndef MINIFW_LEAF_H
#define MINIFW_LEAF_H

#include <linux/prefetch.h>
#include <linux/types.h>

#include "addr.h"
#include "bounds.h"
#include "match.h"
#include "packet.h"
#include "rule.h"

/**
 * struct minifw_leaf - a rule where a look-up ends, but for its addresses
 * @rank: of the rule
 * @more: where the others of its bucket are, in a row
 * @others: how many there are
 * @partial: a packet within the bounds may still not match
 * @any_proto: @proto says nothing
 * @plain: @accept says what the rule does, and it does nothing else but count
 * @accept: it accepts, or else drops
 * @dated: @counters are in a struct minifw_hits, which says when it was
 * @sport: the lowest source port
 * @sport_span: the highest, less the lowest
 * @dport: the lowest destination port; or of ICMP, `type << 8 | code`
 * @dport_span: likewise
 * @saddr_len: bits of the source's prefix
 * @daddr_len: likewise
 * @proto: the protocol
 * @needs: MINIFW_HAS_*
 * @counters: the rule's
 *
 * Packed, for there are as many as rules, and most of the cost of a look-up is
 * waiting for memory. A plain rule decides without a look at the rule itself.
 */
struct minifw_leaf {
	u32 rank;
	u32 more:23;
	u32 others:4;
	u32 partial:1;
	u32 any_proto:1;
	u32 plain:1;
	u32 accept:1;
	u32 dated:1;
	u16 sport;
	u16 sport_span;
	u16 dport;
	u16 dport_span;
	u8 saddr_len;
	u8 daddr_len;
	u8 proto;
	u8 needs;
	struct minifw_counters __percpu *counters;
} __packed __aligned(4);

/**
 * struct minifw_leaf_ip - of IPv4
 * @leaf: all but the addresses
 * @saddr: source
 * @daddr: destination
 */
struct minifw_leaf_ip {
	struct minifw_leaf leaf;
	u32 saddr;
	u32 daddr;
} __packed __aligned(4);

/**
 * struct minifw_leaf_ip6 - of IPv6: a cache line
 * @leaf: all but the addresses
 * @pad: makes it one; tables of more than a few begin where a line does
 * @saddr: source
 * @daddr: destination
 */
struct minifw_leaf_ip6 {
	struct minifw_leaf leaf;
	u32 pad;
	struct minifw_addr saddr;
	struct minifw_addr daddr;
};

/**
 * struct minifw_query - a packet that is looked up
 * @packet: the packet, parsed
 * @rules: by rank
 * @after: the first rank that counts
 * @dport: its destination port, or ICMP type and code
 */
struct minifw_query {
	const struct minifw_packet *packet;
	struct minifw_live *const *rules;
	u32 after;
	u16 dport;
};

static __always_inline size_t minifw_leaf_size(enum minifw_family family)
{
	return family == MINIFW_IP ? sizeof(struct minifw_leaf_ip) :
				     sizeof(struct minifw_leaf_ip6);
}

static __always_inline const struct minifw_leaf *
minifw_leaf_at(const void *leaves, u32 index, enum minifw_family family)
{
	return leaves + index * minifw_leaf_size(family);
}

/* It may cross from one cache line into the next. */
static __always_inline void minifw_leaf_prefetch(const struct minifw_leaf *leaf,
						 enum minifw_family family)
{
	prefetch(leaf);
	prefetch((const u8 *)leaf + minifw_leaf_size(family) - 1);
}

/* The addresses: 0 where both are in their prefix. */
static __always_inline u64 minifw_leaf_differs(const struct minifw_leaf *leaf,
					       const struct minifw_packet *packet,
					       enum minifw_family family)
{
	struct minifw_addr s = minifw_addr_mask(family, leaf->saddr_len);
	struct minifw_addr d = minifw_addr_mask(family, leaf->daddr_len);

	if (family == MINIFW_IP) {
		const struct minifw_leaf_ip *ip =
			container_of(leaf, const struct minifw_leaf_ip, leaf);

		return (((u32)packet->saddr.lo ^ ip->saddr) & s.lo) |
		       (((u32)packet->daddr.lo ^ ip->daddr) & d.lo);
	} else {
		const struct minifw_leaf_ip6 *ip6 =
			container_of(leaf, const struct minifw_leaf_ip6, leaf);

		return ((packet->saddr.hi ^ ip6->saddr.hi) & s.hi) |
		       ((packet->saddr.lo ^ ip6->saddr.lo) & s.lo) |
		       ((packet->daddr.hi ^ ip6->daddr.hi) & d.hi) |
		       ((packet->daddr.lo ^ ip6->daddr.lo) & d.lo);
	}
}

/* Is the packet within the bounds?  One branch for the addresses, and one for all else. */
static __always_inline bool minifw_leaf_has(const struct minifw_leaf *leaf,
					    const struct minifw_query *q,
					    enum minifw_family family)
{
	const struct minifw_packet *packet = q->packet;
	unsigned int differs;

	if (minifw_leaf_differs(leaf, packet, family))
		return false;
	differs = packet->proto != leaf->proto && !leaf->any_proto;
	differs |= (u8)(leaf->needs & ~packet->has);
	differs |= (u16)(packet->sport - leaf->sport) > leaf->sport_span;
	differs |= (u16)(q->dport - leaf->dport) > leaf->dport_span;
	return !differs;
}

/* Does the rule match?  Where the bounds do not say all of it, minifw_match() has the last word. */
static __always_inline bool minifw_leaf_matches(const struct minifw_leaf *leaf,
						const struct minifw_query *q,
						enum minifw_family family)
{
	return minifw_leaf_has(leaf, q, family) && leaf->rank >= q->after &&
	       (likely(!leaf->partial) ||
		minifw_match(&q->rules[leaf->rank]->spec, q->packet));
}

#endif
