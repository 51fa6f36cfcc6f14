/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_JOINT_H
#define MINIFW_JOINT_H

#include <linux/types.h>

#include "addr.h"
#include "watch.h"

struct minifw_set_ref;

/**
 * struct minifw_joint - the sets that rules name for one field, in one index
 * @wide: its numbers are IPv6 addresses
 * @words: of the bits of a row
 * @count: pieces
 * @narrow_edge: the lowest number of each piece, ascending; the first is 0
 * @wide_edge: likewise, where it is @wide
 * @row_of: of each piece, where in @row its row begins
 * @row: of the numbers of a piece: a word that says which of the others are not 0, and a bit
 *       for each rule of the block that they may be for
 * @dirty: such a row of what they may be for by now, whatever @row says
 * @rule: rules by set
 * @watches: how many sets
 * @watch: one a set
 *
 * Rules that name no set here, or one that is asked in any case, are in each row.
 * Immutable but for @dirty, and @watch, which lets it grow.
 */
struct minifw_joint {
	bool wide;
	u32 words;
	u32 count;
	union {
		u32 *narrow_edge;
		struct minifw_addr *wide_edge;
	};
	u32 *row_of;
	u64 *row;
	u64 *dirty;
	u16 *rule;
	u32 watches;
	struct minifw_watch watch[];
};

/* The summary of a row, and of its bits those of 64 rules. With those that are dirty. */
static __always_inline u64 minifw_joint_words(const struct minifw_joint *joint, const u64 *row)
{
	return row[0] | READ_ONCE(joint->dirty[0]);
}

static __always_inline u64 minifw_joint_bits(const struct minifw_joint *joint, const u64 *row,
					     u32 word)
{
	return row[1 + word] | READ_ONCE(joint->dirty[1 + word]);
}

struct minifw_joint *minifw_joint_create(const struct minifw_set_ref *const *ref, u32 count,
					 u8 family, u8 len, bool fit);
void minifw_joint_free(struct minifw_joint *joint);
unsigned int minifw_joint_stale(const struct minifw_joint *joint);
const u64 *minifw_joint_row(const struct minifw_joint *joint, struct minifw_addr number);

#endif
