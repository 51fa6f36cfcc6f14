/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_INTERVAL_H
#define MINIFW_INTERVAL_H

#include <linux/refcount.h>
#include <linux/types.h>

#define MINIFW_KEY_MAX 18	/* bytes of an IPv6 address and a port */

/**
 * struct minifw_key - what a set is asked for, as bytes that sort as the values do
 * @byte: big-endian; those behind the key's length are 0
 */
struct minifw_key {
	u8 byte[MINIFW_KEY_MAX];
};

/**
 * struct minifw_intervals - disjoint intervals of keys, ascending
 * @refs: who holds it
 * @count: intervals
 * @capacity: intervals that there is room for
 * @len: bytes of a key
 * @joins: keys have neighbours: what is adjacent is merged, too
 * @byte: of each interval its first and its last key, @len bytes each
 *
 * Immutable once it is closed.
 */
struct minifw_intervals {
	refcount_t refs;
	u32 count;
	u32 capacity;
	u8 len;
	bool joins;
	u8 byte[];
};

struct minifw_intervals *minifw_intervals_alloc(u8 len, bool joins, u32 capacity);
void minifw_intervals_put(struct minifw_intervals *intervals);
size_t minifw_intervals_size(const struct minifw_intervals *intervals);
void minifw_intervals_push(struct minifw_intervals *intervals, const struct minifw_key *first,
			   const struct minifw_key *last);
struct minifw_intervals *minifw_intervals_close(struct minifw_intervals *intervals);
struct minifw_intervals *minifw_intervals_add(const struct minifw_intervals *from,
					      const struct minifw_intervals *add);
struct minifw_intervals *minifw_intervals_subtract(const struct minifw_intervals *from,
						   const struct minifw_intervals *remove);
bool minifw_intervals_overlap(const struct minifw_intervals *intervals,
			      const struct minifw_key *first, const struct minifw_key *last);
bool minifw_intervals_covers(const struct minifw_intervals *intervals,
			     const struct minifw_key *first, const struct minifw_key *last);
bool minifw_intervals_has(const struct minifw_intervals *intervals,
			  const struct minifw_key *key);

/* The first key of interval @i; the last one is len bytes behind it. */
static inline const u8 *minifw_intervals_at(const struct minifw_intervals *intervals, u32 i)
{
	return &intervals->byte[(size_t)2 * intervals->len * i];
}

/* Keys as numbers of @len bytes. Each returns false where there is no neighbour on that side. */
bool minifw_key_next(struct minifw_key *key, u8 len);
bool minifw_key_previous(struct minifw_key *key, u8 len);

/* Set, or clear, all bits of a key of @len bytes but its first @bits. */
void minifw_key_fill(struct minifw_key *key, u8 len, unsigned int bits);
void minifw_key_mask(struct minifw_key *key, u8 len, unsigned int bits);

unsigned int minifw_key_block(const struct minifw_key *first, const struct minifw_key *last,
			      u8 len);

#endif
