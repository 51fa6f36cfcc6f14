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
		const struct minifw_node *node = &tree->level[level].node[at];
		unsigned int below = 0;

		/* what is not used in a node is the highest address */
		for (i = 1; i < MINIFW_BTREE_FAN; i++)
			below += node->hi[i] < addr.hi;
		if (below + 1 < MINIFW_BTREE_FAN && node->hi[below + 1] == addr.hi)
			for (i = 1; i < MINIFW_BTREE_FAN; i++)
				below += (node->hi[i] == addr.hi) & (node->lo[i] <= addr.lo);
		at = min(at * MINIFW_BTREE_FAN + below, tree->level[level].below - 1);
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
 * @lo: that one's lower half, if it is deep and the upper half is that of the address
 */
struct place {
	const struct minifw_leaf *leaf;
	u32 at;
	unsigned int next;
	const u64 *lo;
};

/* Of the records from @place->next on that have the address's upper half, pass those before it. */
static void pass_same(const struct minifw_btree *tree, struct minifw_addr addr,
		      struct place *place)
{
	const struct minifw_leaf *leaf = place->leaf;
	unsigned int i, same = 0, before = 0;
	const u64 *lo;

	for (i = 0; i < MINIFW_LEAF_RECORDS; i++)
		same += leaf->hi[i] == addr.hi;
	same = min(same, records_of(tree, place->at) - place->next);
	lo = tree->lo + leaf->lo + hweight16(leaf->deep & (BIT(place->next) - 1));
	/* the first may have a lower half of 0 */
	if (same && !(leaf->deep & BIT(place->next))) {
		place->next++;
		same--;
	}
	for (i = 0; i < same; i++)
		before += lo[i] <= addr.lo;
	if (before)
		place->lo = &lo[before - 1];
	place->next += before;
}

static struct place find(const struct minifw_btree *tree, struct minifw_addr addr)
{
	struct place place = { .at = find_leaf(tree, addr) };
	unsigned int i;

	place.leaf = &tree->leaf[place.at];
	/* what is not used in a leaf is the highest upper half */
	for (i = 0; i < MINIFW_LEAF_RECORDS; i++)
		place.next += place.leaf->hi[i] < addr.hi;
	if (place.next < MINIFW_LEAF_RECORDS && place.leaf->hi[place.next] == addr.hi)
		pass_same(tree, addr, &place);
	return place;
}

/* Is what follows the last record that is there or before? */
static bool in_behind(const struct place *place)
{
	return place->leaf->in & BIT(place->next ? place->next - 1 : BEFORE);
}

/* Is that record, behind which nothing is, a single address, and the one that is asked for? */
static bool is_host(const struct place *place, struct minifw_addr addr)
{
	unsigned int i = place->next - 1;

	return place->lo && *place->lo == addr.lo &&
	       !(place->leaf->in & BIT(i ? i - 1 : BEFORE));
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

	return in_behind(&place) || is_host(&place, addr);
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
	if (!in && is_host(&place, addr))
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

static struct minifw_addr first_of(const struct minifw_btree *tree, unsigned int level, u32 i)
{
	const struct minifw_node *node;

	if (level == tree->levels)
		return (struct minifw_addr){
			tree->leaf[i].hi[0], lo_of(tree, &tree->leaf[i], 0),
		};
	node = &tree->level[level].node[i];
	return (struct minifw_addr){ node->hi[0], node->lo[0] };
}

/* The first address of each leaf into the lowest level, of each node into the one above. */
static void fill_nodes(struct minifw_btree *tree)
{
	unsigned int level = tree->levels;
	struct minifw_addr addr;
	u32 i;

	while (level--) {
		u32 below = tree->level[level].below;

		for (i = 0; i < roundup(below, MINIFW_BTREE_FAN); i++) {
			struct minifw_node *node = &tree->level[level].node[i / MINIFW_BTREE_FAN];

			addr = (struct minifw_addr){ U64_MAX, U64_MAX };
			if (i < below)
				addr = first_of(tree, level + 1, i);
			node->hi[i % MINIFW_BTREE_FAN] = addr.hi;
			node->lo[i % MINIFW_BTREE_FAN] = addr.lo;
		}
	}
}

/* The levels of nodes above leaves: how much is below each, from the lowest; all their nodes. */
static unsigned int count_nodes(u32 leaves, u32 *below, u32 *nodes)
{
	unsigned int levels = 0;

	*nodes = 0;
	for (; leaves > 1; leaves = DIV_ROUND_UP(leaves, MINIFW_BTREE_FAN)) {
		below[levels++] = leaves;
		*nodes += DIV_ROUND_UP(leaves, MINIFW_BTREE_FAN);
	}
	return levels;
}

static size_t size_of(u32 leaves, u32 nodes, u32 deep)
{
	return sizeof(struct minifw_btree) + SMP_CACHE_BYTES +
	       (size_t)leaves * sizeof(struct minifw_leaf) +
	       (size_t)nodes * sizeof(struct minifw_node) + (size_t)deep * sizeof(u64);
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
	u32 records, deep, nodes, leaves, below[MINIFW_BTREE_LEVELS];
	unsigned int levels, level;
	struct minifw_btree *tree;
	struct minifw_node *node;

	count_records(runs, &records, &deep);
	leaves = leaves_of(records);
	levels = count_nodes(leaves, below, &nodes);
	tree = (struct minifw_btree *)minifw_index_alloc(MINIFW_INDEX_BTREE, runs->index.len,
							 runs->index.joins,
							 size_of(leaves, nodes, deep));
	if (!tree)
		return NULL;
	tree->records = records;
	tree->levels = levels;
	node = PTR_ALIGN((struct minifw_node *)tree->data, SMP_CACHE_BYTES);
	for (level = 0; level < levels; level++) {
		tree->level[level].below = below[levels - 1 - level];
		tree->level[level].node = node;
		node += DIV_ROUND_UP(tree->level[level].below, MINIFW_BTREE_FAN);
	}
	tree->leaf = (struct minifw_leaf *)node;
	tree->lo = (u64 *)(tree->leaf + leaves);
	fill_leaves(tree, runs);
	fill_nodes(tree);
	return &tree->index;
}
