/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tuples: which bits of addresses and ports, and what else, a hash table is about.
 * After tuple space search (Srinivasan, Suri, Varghese, SIGCOMM 1999), with tables
 * that take rules of longer prefixes too (TupleMerge, Daly et al., 2019).
 */
#ifndef MINIFW_TUPLE_H
#define MINIFW_TUPLE_H

#include <linux/types.h>

#include "addr.h"
#include "bounds.h"

/**
 * struct minifw_tuple - what the rules of a table all have
 * @saddr_len: bits of their source at least
 * @daddr_len: of their destination
 * @sport_len: of 16, of their source port
 * @dport_len: likewise
 * @extra: enum minifw_extra
 */
struct minifw_tuple {
	u8 saddr_len;
	u8 daddr_len;
	u8 sport_len;
	u8 dport_len;
	u8 extra;
};

/**
 * struct minifw_mask - a tuple, ready for hashing
 * @saddr: bits of the source
 * @daddr: of the destination
 * @ports: of the source port, in the upper half, and the destination port
 */
struct minifw_mask {
	struct minifw_addr saddr;
	struct minifw_addr daddr;
	u32 ports;
};

static inline struct minifw_mask minifw_tuple_mask(const struct minifw_tuple *tuple,
						   enum minifw_family family)
{
	return (struct minifw_mask){
		.saddr = minifw_addr_mask(family, tuple->saddr_len),
		.daddr = minifw_addr_mask(family, tuple->daddr_len),
		.ports = (u32)(u16)~(0xffff >> tuple->sport_len) << 16 |
			 (u16)~(0xffff >> tuple->dport_len),
	};
}

/* Odd numbers with their bits well spread: the golden ratio's, and one of xxHash's kin. */
#define MINIFW_HASH_1	0x9e3779b97f4a7c15ULL
#define MINIFW_HASH_2	0xd6e8feb86659fd93ULL

/*
 * The bits of a key as one number, the upper ones the best. It need not withstand an enemy:
 * keys come from rules, and how many share a bucket is bounded when a table is made.
 */
static __always_inline u64 minifw_tuple_hash(const struct minifw_mask *mask,
					     struct minifw_addr saddr, struct minifw_addr daddr,
					     u32 ports, u32 extra, enum minifw_family family)
{
	u64 hash;

	if (family == MINIFW_IP) {
		hash = ((saddr.lo & mask->saddr.lo) << 32 | (daddr.lo & mask->daddr.lo)) *
		       MINIFW_HASH_1;
		hash ^= hash >> 32;
	} else {
		hash = (saddr.lo & mask->saddr.lo) * MINIFW_HASH_1 +
		       (saddr.hi & mask->saddr.hi) * MINIFW_HASH_2;
		hash ^= hash >> 31;
		hash = (hash + (daddr.lo & mask->daddr.lo)) * MINIFW_HASH_1 +
		       (daddr.hi & mask->daddr.hi) * MINIFW_HASH_2;
		hash ^= hash >> 32;
	}
	hash = (hash + ((u64)extra << 32 | (ports & mask->ports))) * MINIFW_HASH_2;
	return hash ^ hash >> 29;
}

static __always_inline u64 minifw_tuple_hash_bounds(const struct minifw_tuple *tuple,
						    const struct minifw_mask *mask,
						    const struct minifw_bounds *b,
						    enum minifw_family family)
{
	return minifw_tuple_hash(mask, b->saddr, b->daddr, (u32)b->sport << 16 | b->dport,
				 b->extra[tuple->extra], family);
}

/* Can rules of these bounds be in a table of the tuple? */
static __always_inline bool minifw_tuple_covers(const struct minifw_tuple *tuple,
						const struct minifw_bounds *b)
{
	return b->saddr_len >= tuple->saddr_len && b->daddr_len >= tuple->daddr_len &&
	       b->sport_len >= tuple->sport_len && b->dport_len >= tuple->dport_len &&
	       (b->extras & BIT(tuple->extra));
}

#endif
