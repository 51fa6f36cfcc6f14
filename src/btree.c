// SPDX-License-Identifier: GPL-2.0
/*
 * An index of IPv6 addresses: a static B-tree of 64 bits a key, where that is enough.
 *
 * Records are edges, at which what is in and what is out change sides, and hosts: single
 * addresses that are in. They stand in leaves, in order, as the upper halves of their
 * addresses alone; most prefixes have a lower half of 0. The others are deep: their lower
 * halves are in an array beside, and are looked at only where the upper half of what is
 * asked for is the same. So a prefix of up to 64 bits takes 19 bytes, a host 18, other
 * ranges 35. Above the leaves are nodes of whole addresses, found by arithmetic, without
 * pointers (Khuong, Morin: Array Layouts for Comparison-Based Searching, ACM JEA 22,
 * 2017, on B-trees as arrays).
 *
 * Pure functions, but for memory.
 */
#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "btree.h"
#include "compat.h"
#include "interval.h"

#define BEFORE 15	/* the bit of struct minifw_leaf.in of what is before it */

/* ---- asking ---- */

static u32 leaves_of(u32 records)
{
	return DIV_ROUND_UP(records, MINIFW_LEAF_RECORDS);
}

static u32 records_of(const struct minifw_btree *tree, u32 leaf)
{
	return min_t(u32, tree->records - leaf * MINIFW_LEAF_RECORDS, MINIFW_LEAF_RECORDS);
}

/* The leaf with the last record that is at @addr or before; the first one if none is. */
static u32 find_leaf(const struct minifw_btree *tree, struct minifw_addr addr)
{
	unsigned int level, i;
	u32 at = 0;

	for (level = 0; level < tree->levels; level++) {
		const struct minifw_addr *node = tree->nodes[level] + at * MINIFW_BTREE_FAN;
		unsigned int below = 0;

		/* what is not used in a node is the highest address */
		for (i = 1; i < MINIFW_BTREE_FAN; i++)
			below += node[i].hi < addr.hi;
		while (below + 1 < MINIFW_BTREE_FAN && node[below + 1].hi == addr.hi &&
		       node[below + 1].lo <= addr.lo)
			below++;
		at = at * MINIFW_BTREE_FAN + below;
		if (unlikely(at >= tree->length[level]))
			at = tree->length[level] - 1;
	}
	return at;
}

static u64 lo_of(const struct minifw_btree *tree, const struct minifw_leaf *leaf, unsigned int i)
{
	if (!(leaf->deep & BIT(i)))
		return 0;
	return tree->lo[leaf->lo + hweight16(leaf->deep & (BIT(i) - 1))];
}

/**
 * struct place - where an address is
 * @leaf: the leaf with the last record that is there or before; the first one if none is
 * @at: which leaf that is
 * @next: in the leaf, the record after that one
 */
struct place {
	const struct minifw_leaf *leaf;
	u32 at;
	unsigned int next;
};

static struct place find(const struct minifw_btree *tree, struct minifw_addr addr)
{
	u32 at = find_leaf(tree, addr);
	const struct minifw_leaf *leaf = &tree->leaf[at];
	unsigned int i, records, below = 0;

	/* what is not used in a leaf is the highest upper half */
	for (i = 0; i < MINIFW_LEAF_RECORDS; i++)
		below += leaf->hi[i] < addr.hi;
	if (unlikely(below < MINIFW_LEAF_RECORDS && leaf->hi[below] == addr.hi)) {
		records = records_of(tree, at);
		while (below < records && leaf->hi[below] == addr.hi &&
		       lo_of(tree, leaf, below) <= addr.lo)
			below++;
	}
	return (struct place){ leaf, at, below };
}

/* Is what follows the last record that is there or before? */
static bool in_behind(const struct place *place)
{
	return place->leaf->in & BIT(place->next ? place->next - 1 : BEFORE);
}

/* Is that record, behind which nothing is, a single address, and the one that is asked for? */
static bool is_host(const struct minifw_btree *tree, const struct place *place,
		    struct minifw_addr addr)
{
	const struct minifw_leaf *leaf = place->leaf;
	unsigned int i = place->next - 1;

	if (!place->next || !(leaf->deep & BIT(i)) || leaf->in & BIT(i ? i - 1 : BEFORE))
		return false;
	return leaf->hi[i] == addr.hi && lo_of(tree, leaf, i) == addr.lo;
}

/**
 * minifw_btree_has() - is an address in an index?
 * @tree: the index
 * @addr: the address
 *
 * Context: any; the packet path among others.
 * Return: whether it is.
 */
bool minifw_btree_has(const struct minifw_btree *tree, struct minifw_addr addr)
{
	struct place place = find(tree, addr);

	return in_behind(&place) || is_host(tree, &place, addr);
}

static struct minifw_addr addr_before(struct minifw_addr addr)
{
	addr.hi -= !addr.lo;
	addr.lo--;
	return addr;
}

/**
 * minifw_btree_stretch() - is an address in an index, and how far does that hold?
 * @tree: the index
 * @addr: the address
 * @last: takes the last address of which the same is true, without a gap
 *
 * Context: any.
 * Return: whether it is.
 */
bool minifw_btree_stretch(const struct minifw_btree *tree, struct minifw_addr addr,
			  struct minifw_addr *last)
{
	struct place place = find(tree, addr);
	const struct minifw_leaf *leaf = place.leaf;
	unsigned int i = place.next;
	bool in = in_behind(&place);

	*last = addr;
	if (!in && is_host(tree, &place, addr))
		return true;
	if (i == records_of(tree, place.at)) {
		*last = (struct minifw_addr){ .hi = U64_MAX, .lo = U64_MAX };
		if (place.at + 1 == leaves_of(tree->records))
			return in;
		leaf++;
		i = 0;
	}
	*last = addr_before((struct minifw_addr){ leaf->hi[i], lo_of(tree, leaf, i) });
	return in;
}

/* ---- building ---- */

static bool is_single(const u8 *run)
{
	return !memcmp(run, run + sizeof(struct in6_addr), sizeof(struct in6_addr));
}

/* The run's first address, and the one behind its last; false if there is none. */
static bool edges_of(const u8 *run, struct minifw_addr *first, struct minifw_addr *end)
{
	*first = (struct minifw_addr){ get_unaligned_be64(run), get_unaligned_be64(run + 8) };
	*end = (struct minifw_addr){ get_unaligned_be64(run + 16), get_unaligned_be64(run + 24) };
	end->lo++;
	end->hi += !end->lo;
	return end->hi | end->lo;
}

/* How many records, and lower halves, runs make. */
static void count_records(const struct minifw_intervals *runs, u32 *records, u32 *deep)
{
	struct minifw_addr first, end;
	u32 i;

	*records = 0;
	*deep = 0;
	for (i = 0; i < runs->count; i++) {
		const u8 *run = minifw_intervals_at(runs, i);
		bool ends = edges_of(run, &first, &end);

		if (is_single(run)) {
			++*records;
			++*deep;
			continue;
		}
		*records += 1 + ends;
		*deep += !!first.lo + (ends && end.lo);
	}
}

/**
 * struct filling - a tree that is being filled
 * @tree: the tree
 * @records: that are in it
 * @deep: lower halves that are
 * @in: what follows is
 */
struct filling {
	struct minifw_btree *tree;
	u32 records;
	u32 deep;
	bool in;
};

static void put_record(struct filling *filling, struct minifw_addr addr, bool host)
{
	struct minifw_leaf *leaf = &filling->tree->leaf[filling->records / MINIFW_LEAF_RECORDS];
	unsigned int i = filling->records++ % MINIFW_LEAF_RECORDS;

	if (!i) {
		memset(leaf->hi, 0xff, sizeof(leaf->hi));
		leaf->deep = 0;
		leaf->in = filling->in ? BIT(BEFORE) : 0;
		leaf->lo = filling->deep;
	}
	leaf->hi[i] = addr.hi;
	if (host || addr.lo) {
		leaf->deep |= BIT(i);
		filling->tree->lo[filling->deep++] = addr.lo;
	}
	if (!host)
		filling->in = !filling->in;
	if (filling->in)
		leaf->in |= BIT(i);
}

static void fill_leaves(struct minifw_btree *tree, const struct minifw_intervals *runs)
{
	struct filling filling = { .tree = tree };
	struct minifw_addr first, end;
	u32 i;

	for (i = 0; i < runs->count; i++) {
		const u8 *run = minifw_intervals_at(runs, i);
		bool ends = edges_of(run, &first, &end);

		put_record(&filling, first, is_single(run));
		if (ends && !is_single(run))
			put_record(&filling, end, false);
		if (!(i % 4096))
			cond_resched();
	}
}

/* The first address of each leaf into the lowest level, of each node into the one above. */
static void fill_nodes(struct minifw_btree *tree)
{
	unsigned int level = tree->levels;
	u32 i;

	while (level--) {
		struct minifw_addr *nodes = tree->nodes[level];
		u32 room = roundup(tree->length[level], MINIFW_BTREE_FAN);

		for (i = 0; i < tree->length[level]; i++)
			if (level + 1 == tree->levels)
				nodes[i] = (struct minifw_addr){
					tree->leaf[i].hi[0], lo_of(tree, &tree->leaf[i], 0),
				};
			else
				nodes[i] = tree->nodes[level + 1][i * MINIFW_BTREE_FAN];
		for (; i < room; i++)
			nodes[i] = (struct minifw_addr){ U64_MAX, U64_MAX };
	}
}

/* How many levels of nodes there are above leaves, and how long each is, from the lowest. */
static unsigned int count_nodes(u32 leaves, u32 *length, u32 *nodes)
{
	unsigned int levels = 0;

	*nodes = 0;
	for (; leaves > 1; leaves = DIV_ROUND_UP(leaves, MINIFW_BTREE_FAN)) {
		length[levels++] = leaves;
		*nodes += roundup(leaves, MINIFW_BTREE_FAN);
	}
	return levels;
}

/**
 * minifw_btree_build() - an index of runs of IPv6 addresses
 * @runs: the runs, closed, at least one
 *
 * Context: may sleep.
 * Return: the index with one reference, or NULL without memory.
 */
struct minifw_index *minifw_btree_build(const struct minifw_intervals *runs)
{
	u32 records, deep, nodes, length[MINIFW_BTREE_LEVELS];
	unsigned int levels, level;
	struct minifw_btree *tree;
	struct minifw_addr *node;
	size_t leaves;

	count_records(runs, &records, &deep);
	levels = count_nodes(leaves_of(records), length, &nodes);
	leaves = leaves_of(records) * sizeof(struct minifw_leaf) + SMP_CACHE_BYTES;
	tree = (struct minifw_btree *)minifw_index_alloc(MINIFW_INDEX_BTREE, runs->index.len,
							 runs->index.joins,
							 sizeof(*tree) + leaves +
							 nodes * sizeof(*node) +
							 (size_t)deep * sizeof(*tree->lo));
	if (!tree)
		return NULL;
	tree->records = records;
	tree->levels = levels;
	tree->leaf = PTR_ALIGN((struct minifw_leaf *)tree->data, SMP_CACHE_BYTES);
	node = (struct minifw_addr *)(tree->leaf + leaves_of(records));
	for (level = 0; level < levels; level++) {
		tree->length[level] = length[levels - 1 - level];
		tree->nodes[level] = node;
		node += roundup(tree->length[level], MINIFW_BTREE_FAN);
	}
	tree->lo = (u64 *)node;
	fill_leaves(tree, runs);
	fill_nodes(tree);
	return &tree->index;
}
