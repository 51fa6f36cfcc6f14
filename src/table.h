/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_TABLE_H
#define MINIFW_TABLE_H

#include <linux/bitops.h>
#include <linux/skbuff.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/types.h>

#include "block.h"
#include "leaf.h"
#include "tuple.h"

#define MINIFW_BUCKET_MAX	16	/* rules of a bucket */
#define MINIFW_SCAN_MAX		16	/* rules that are scanned one by one */
#define MINIFW_NO_RANK		U32_MAX

/* How a table finds its rules. */
enum minifw_table_kind {
	MINIFW_TABLE_HASH,	/* by a tuple */
	MINIFW_TABLE_BLOCK,	/* by bit vectors */
	MINIFW_TABLE_SCAN,	/* one by one */
};

/**
 * struct minifw_buckets - 64 buckets
 * @bits: those that have a rule
 * @base: the leaf of the first of them; the others' follow
 * @best: the first rank in any
 */
struct minifw_buckets {
	u64 bits;
	u32 base;
	u32 best;
};

/**
 * struct minifw_table - some of the rules of a classifier
 * @best: the first rank in it
 * @kind: enum minifw_table_kind
 * @extra: what @words tell rules apart by: enum minifw_extra
 * @shift: a hash's bits above are a bucket
 * @count: leaves
 * @mask: what is hashed
 * @words: the buckets; or NULL
 * @block: the bit vectors; or NULL
 * @leaves: struct minifw_leaf_ip or struct minifw_leaf_ip6: the first of each
 *          bucket, then the others. In order where there are no buckets
 */
struct minifw_table {
	u32 best;
	u8 kind;
	u8 extra;
	u8 shift;
	u32 count;
	struct minifw_mask mask;
	struct minifw_buckets *words;
	struct minifw_block *block;
	void *leaves;
};

struct minifw_plan;

int minifw_table_hash(struct minifw_table *table, struct minifw_plan *plan,
		      const struct minifw_tuple *tuple, u32 keys);
int minifw_table_rest(struct minifw_table *table, struct minifw_plan *plan);
void minifw_table_clear(struct minifw_table *table);

static __always_inline u32 minifw_extra_iface(const struct net_device *dev)
{
	return dev ? minifw_extra_name(dev->name) : 0;
}

/* As minifw_bounds_make() has it of rules. What a packet does not have may be any number. */
static __always_inline u32 minifw_extra_of(const struct minifw_packet *packet, u8 extra)
{
	switch (extra) {
	case MINIFW_EXTRA_IIF:
		return minifw_extra_iface(packet->state->in);
	case MINIFW_EXTRA_OIF:
		return minifw_extra_iface(packet->state->out);
	case MINIFW_EXTRA_MARK:
		return packet->skb->mark;
	default:
		return 0;
	}
}

/**
 * struct minifw_probe - where a table would have a packet's rules
 * @word: the packet's bucket and others
 * @bit: the bucket
 */
struct minifw_probe {
	const struct minifw_buckets *word;
	unsigned int bit;
};

/* Has the bucket rules?  Without a branch, so that a packet can probe several tables at once. */
static __always_inline bool minifw_table_probe(const struct minifw_table *table,
					       const struct minifw_query *q,
					       enum minifw_family family,
					       struct minifw_probe *probe)
{
	const struct minifw_packet *packet = q->packet;
	u32 ports = (u32)packet->sport << 16 | q->dport;
	u32 extra = unlikely(table->extra) ? minifw_extra_of(packet, table->extra) : 0;
	u64 bucket = minifw_tuple_hash(&table->mask, packet->saddr, packet->daddr, ports, extra,
				       family) >> table->shift;

	probe->word = &table->words[bucket / 64];
	probe->bit = bucket % 64;
	return probe->word->bits >> probe->bit & 1;
}

static __always_inline const struct minifw_leaf *
minifw_table_leaf(const struct minifw_table *table, struct minifw_probe probe,
		  enum minifw_family family)
{
	u64 below = BIT_ULL(probe.bit) - 1;

	return minifw_leaf_at(table->leaves,
			      probe.word->base + hweight64(probe.word->bits & below), family);
}

/* These look for a rule before @best, and return its leaf, or @best. */

static __always_inline const struct minifw_leaf *
minifw_table_bucket(const struct minifw_table *table, const struct minifw_leaf *leaf,
		    const struct minifw_query *q, const struct minifw_leaf *best,
		    enum minifw_family family)
{
	unsigned int others = leaf->others;

	if (leaf->rank >= best->rank)
		return best;
	if (minifw_leaf_matches(leaf, q, family))
		return leaf;
	leaf = minifw_leaf_at(table->leaves, leaf->more, family);
	for (; others-- && leaf->rank < best->rank; leaf = minifw_leaf_at(leaf, 1, family))
		if (minifw_leaf_matches(leaf, q, family))
			return leaf;
	return best;
}

static __always_inline const struct minifw_leaf *
minifw_table_scan(const struct minifw_table *table, const struct minifw_query *q,
		  const struct minifw_leaf *best, enum minifw_family family)
{
	const struct minifw_leaf *leaf = table->leaves;
	u32 i;

	for (i = 0; i < table->count && leaf->rank < best->rank; i++) {
		if (minifw_leaf_matches(leaf, q, family))
			return leaf;
		leaf = minifw_leaf_at(leaf, 1, family);
	}
	return best;
}

#endif
