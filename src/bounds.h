/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_BOUNDS_H
#define MINIFW_BOUNDS_H

#include <linux/types.h>

#include "addr.h"

struct minifw_leaf;
struct minifw_live;

/* A list of more elements is not taken apart. */
#define MINIFW_BOUNDS_MAX 8

/* What a table can tell rules apart by beside addresses and ports: at most one of these. */
enum minifw_extra {
	MINIFW_EXTRA_NONE,
	MINIFW_EXTRA_IIF,	/* a whole name, hashed */
	MINIFW_EXTRA_OIF,
	MINIFW_EXTRA_MARK,	/* all of its bits */
	MINIFW_NR_EXTRAS
};

/**
 * struct minifw_bounds - what a packet must have to be worth a look at a rule
 * @saddr: source, the lowest of its prefix
 * @daddr: destination likewise
 * @rank: where the rule stands among all
 * @extra: by enum minifw_extra, those that @extras names
 * @sport: the lowest source port
 * @sport_span: the highest, less the lowest
 * @dport: the lowest destination port; or of ICMP, `type << 8 | code`
 * @dport_span: likewise
 * @saddr_len: bits of the source's prefix
 * @daddr_len: likewise
 * @sport_len: bits of 16 that all source ports have in common
 * @dport_len: likewise
 * @proto: the one protocol
 * @any_proto: there is not just one
 * @flags: TCP flags
 * @flags_mask: which of them count
 * @ct_states: bits by enum minifw_ct_state
 * @needs: MINIFW_HAS_*
 * @extras: a bit for each enum minifw_extra that it can be told by; NONE among them
 * @partial: who is within these bounds may still not match
 *
 * What the rule does not ask for has bounds that nothing is out of, so that
 * packets without it pass too.
 */
struct minifw_bounds {
	struct minifw_addr saddr;
	struct minifw_addr daddr;
	u32 rank;
	u32 extra[MINIFW_NR_EXTRAS];
	u16 sport;
	u16 sport_span;
	u16 dport;
	u16 dport_span;
	u8 saddr_len;
	u8 daddr_len;
	u8 sport_len;
	u8 dport_len;
	u8 proto;
	u8 flags;
	u8 flags_mask;
	u8 ct_states;
	u8 needs;
	u8 extras;
	bool any_proto;
	bool partial;
};

unsigned int minifw_bounds_count(const struct minifw_live *rule, enum minifw_family family);
unsigned int minifw_bounds_make(const struct minifw_live *rule, u32 rank,
				enum minifw_family family, struct minifw_bounds *bounds);
void minifw_bounds_leaf(const struct minifw_bounds *bounds, const struct minifw_live *rule,
			enum minifw_family family, struct minifw_leaf *leaf);
u32 minifw_extra_name(const char *name);

/* The bits of an address that a prefix is about. */
static __always_inline struct minifw_addr
minifw_addr_mask(enum minifw_family family, unsigned int len)
{
	struct minifw_addr mask = {};

	if (family == MINIFW_IP) {
		mask.lo = (u32)(0xffffffff00000000ULL >> len);
		return mask;
	}
	mask.hi = len >= 64 ? ~0ULL : ~(~0ULL >> len);
	mask.lo = len > 64 ? len == 128 ? ~0ULL : ~(~0ULL >> (len - 64)) : 0;
	return mask;
}

#endif
