/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_BLOCK_H
#define MINIFW_BLOCK_H

#include <linux/types.h>

#include "leaf.h"

struct minifw_bounds;
struct minifw_joint;
struct minifw_live;

/* What a block tells rules apart by. */
enum minifw_axis_id {
	MINIFW_AXIS_SADDR,	/* of IPv6 the upper half */
	MINIFW_AXIS_DADDR,
	MINIFW_AXIS_SPORT,
	MINIFW_AXIS_DPORT,
	MINIFW_AXIS_PROTO,
	MINIFW_AXIS_TCP_FLAGS,
	MINIFW_AXIS_CT_STATE,
	MINIFW_NR_AXES
};

/* Fields for which rules may name a set: addresses and ports. */
#define MINIFW_JOINTS_MAX 4

/**
 * struct minifw_axis - the numbers of one field, cut where a rule begins or ends
 * @count: pieces
 * @edge: the lowest number of each, ascending; the first is 0
 * @row: of each, a bit for each rule that takes it
 */
struct minifw_axis {
	u32 count;
	u64 *edge;
	u64 *row;
};

/**
 * struct minifw_block - bit vectors (Lakshman and Stiliadis, SIGCOMM 1998)
 * @words: of a row
 * @size: bytes of all that is in @axis
 * @count: axes that tell rules apart
 * @id: enum minifw_axis_id of these
 * @axis: by enum minifw_axis_id
 * @joints: joint indexes
 * @joint: of the sets that rules name for an address or a port
 * @joint_id: enum minifw_axis_id of each
 */
struct minifw_block {
	u32 words;
	size_t size;
	unsigned int count;
	u8 id[MINIFW_NR_AXES];
	struct minifw_axis axis[MINIFW_NR_AXES];
	unsigned int joints;
	struct minifw_joint *joint[MINIFW_JOINTS_MAX];
	u8 joint_id[MINIFW_JOINTS_MAX];
};

/* Rules of a block: one of few makes no sense, and of more its rows grow with the square. */
#define MINIFW_BLOCK_MIN	256
#define MINIFW_BLOCK_MAX	1024

struct minifw_block *minifw_block_create(struct minifw_live *const *rules,
					 const struct minifw_bounds *bounds, const u32 *index,
					 u32 *count, enum minifw_family family);
void minifw_block_free(struct minifw_block *block);
unsigned int minifw_block_stale(const struct minifw_block *block);
const struct minifw_leaf *minifw_block_lookup(const struct minifw_block *block,
					      const void *leaves, const struct minifw_query *q,
					      const struct minifw_leaf *best,
					      enum minifw_family family);

#endif
