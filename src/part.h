/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_PART_H
#define MINIFW_PART_H

#include <linux/types.h>

#include "btree.h"
#include "dxr.h"
#include "index.h"
#include "overlay.h"

struct minifw_intervals;

/* What has fewer elements is made anew with each write. A fuzzer has another opinion. */
#ifndef MINIFW_PART_SMALL
#define MINIFW_PART_SMALL 512
#endif

/**
 * struct minifw_part - a set's permanent elements of one family
 * @index: they, but for what @overlay says; NULL for none
 * @overlay: what has changed since @index was made, or NULL
 * @runs: how many elements there are, in runs as long as they can be
 */
struct minifw_part {
	struct minifw_index *index;
	struct minifw_overlay *overlay;
	u32 runs;
};

/**
 * struct minifw_part_walk - where in a part somebody is
 * @part: the part
 * @at: the next key to look at
 * @done: there is none
 */
struct minifw_part_walk {
	const struct minifw_part *part;
	struct minifw_key at;
	bool done;
};

void minifw_part_copy(struct minifw_part *to, const struct minifw_part *from);
void minifw_part_put(struct minifw_part *part);
size_t minifw_part_size(const struct minifw_part *part);
int minifw_part_change(struct minifw_part *to, const struct minifw_part *from,
		       struct minifw_intervals *change, bool in);
int minifw_part_merge(struct minifw_part *to, const struct minifw_part *from);
int minifw_part_rebase(struct minifw_part *to, const struct minifw_part *part,
		       const struct minifw_part *from, const struct minifw_part *merged);
bool minifw_part_overlaps(const struct minifw_part *part, const struct minifw_key *first,
			  const struct minifw_key *last);
bool minifw_part_covers(const struct minifw_part *part, const struct minifw_key *first,
			const struct minifw_key *last);
bool minifw_part_next(struct minifw_part_walk *walk, struct minifw_key *first,
		      struct minifw_key *last);
bool minifw_part_has(const struct minifw_part *part, const struct minifw_key *key);
bool minifw_part_has_overlaid(const struct minifw_part *part, u8 family,
			      struct minifw_addr addr);

/*
 * Is an address in a part of that family, of addresses?  On the packet path: without what has
 * just been written, the index has the answer, and no key is made.
 */
static inline bool minifw_part_has_addr(const struct minifw_part *part, u8 family,
					struct minifw_addr addr)
{
	const struct minifw_index *index = part->index;

	if (unlikely(part->overlay))
		return minifw_part_has_overlaid(part, family, addr);
	if (!index)
		return false;
	if (family == MINIFW_IP)
		return minifw_dxr_has(container_of(index, struct minifw_dxr, index), addr.lo);
	return minifw_btree_has(container_of(index, struct minifw_btree, index), addr);
}

#endif
