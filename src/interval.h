/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_INTERVAL_H
#define MINIFW_INTERVAL_H

#include <linux/types.h>

#include "index.h"
#include "key.h"

/**
 * struct minifw_intervals - disjoint intervals of keys, ascending
 * @index: header: closed, it is an index of its keys, if not the fastest
 * @count: intervals
 * @capacity: intervals that there is room for
 * @byte: of each interval its first and its last key, of the header's length each
 *
 * Immutable once it is closed.
 */
struct minifw_intervals {
	struct minifw_index index;
	u32 count;
	u32 capacity;
	u8 byte[];
};

struct minifw_intervals *minifw_intervals_alloc(u8 len, bool joins, u32 capacity);
void minifw_intervals_put(struct minifw_intervals *intervals);
void minifw_intervals_push(struct minifw_intervals *intervals, const struct minifw_key *first,
			   const struct minifw_key *last);
struct minifw_intervals *minifw_intervals_close(struct minifw_intervals *intervals);
struct minifw_intervals *minifw_intervals_add(const struct minifw_intervals *from,
					      const struct minifw_intervals *add);
struct minifw_intervals *minifw_intervals_subtract(const struct minifw_intervals *from,
						   const struct minifw_intervals *remove);
bool minifw_intervals_overlap(const struct minifw_intervals *intervals,
			      const struct minifw_key *first, const struct minifw_key *last);
bool minifw_intervals_has(const struct minifw_intervals *intervals,
			  const struct minifw_key *key);
bool minifw_intervals_stretch(const struct minifw_intervals *intervals,
			      const struct minifw_key *key, struct minifw_key *last);

/* The first key of interval @i; the last one is as many bytes behind it as it is long. */
static inline const u8 *minifw_intervals_at(const struct minifw_intervals *intervals, u32 i)
{
	return &intervals->byte[(size_t)2 * intervals->index.len * i];
}

#endif
