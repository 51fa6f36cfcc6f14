/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_BTREE_H
#define MINIFW_BTREE_H

#include <linux/types.h>

#include "addr.h"
#include "index.h"

#define MINIFW_LEAF_RECORDS 15	/* so that a leaf is two cache lines */
#define MINIFW_BTREE_FAN 8	/* so that the upper halves of a node are one */
#define MINIFW_BTREE_LEVELS 10	/* of nodes, for 2^32 records */

/**
 * struct minifw_leaf - up to 15 records of a btree, ascending
 * @hi: the upper half of each address
 * @deep: a bit for each whose lower half is not 0, or that is a host
 * @in: a bit for each: what follows it is in. Bit 15: so is what is before the first
 * @lo: index of the lower half of the first that is @deep
 */
struct minifw_leaf {
	u64 hi[MINIFW_LEAF_RECORDS];
	u16 deep;
	u16 in;
	u32 lo;
};

/**
 * struct minifw_node - where to go on for an address
 * @hi: upper halves of the first addresses of what is below, ascending
 * @lo: their lower halves
 */
struct minifw_node {
	u64 hi[MINIFW_BTREE_FAN];
	u64 lo[MINIFW_BTREE_FAN];
};

/**
 * struct minifw_level - nodes of one level
 * @node: the nodes
 * @below: how many nodes, or leaves, there are below them
 */
struct minifw_level {
	struct minifw_node *node;
	u32 below;
};

/**
 * struct minifw_btree - an index of IPv6 addresses
 * @index: header
 * @records: in leaves
 * @levels: of nodes above the leaves
 * @level: from the root, a single node, down
 * @leaf: the leaves
 * @lo: lower halves of addresses, ascending by record
 * @data: takes all these
 */
struct minifw_btree {
	struct minifw_index index;
	u32 records;
	u8 levels;
	struct minifw_level level[MINIFW_BTREE_LEVELS];
	struct minifw_leaf *leaf;
	u64 *lo;
	u8 data[] __aligned(8);
};

struct minifw_index *minifw_btree_build(const struct minifw_intervals *runs);
bool minifw_btree_has(const struct minifw_btree *tree, struct minifw_addr addr);
bool minifw_btree_stretch(const struct minifw_btree *tree, struct minifw_addr addr,
			  struct minifw_addr *last);

#endif
