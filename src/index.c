// SPDX-License-Identifier: GPL-2.0
/*
 * An index of keys: what a set's permanent elements are in, whatever their type is.
 * Addresses have an index made for them; the others are looked for in their list.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "btree.h"
#include "dxr.h"
#include "index.h"
#include "interval.h"

/**
 * minifw_index_alloc() - room for an index
 * @kind: what it is to be
 * @len: bytes of a key
 * @joins: keys have neighbours
 * @size: bytes, that of struct minifw_index among them
 *
 * Context: may sleep.
 * Return: the index with one reference, the rest of it not filled; or NULL.
 */
struct minifw_index *minifw_index_alloc(enum minifw_index_kind kind, u8 len, bool joins,
					size_t size)
{
	/* what a file of many lines asks for may be more than there is */
	struct minifw_index *index = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);

	if (!index)
		return NULL;
	refcount_set(&index->refs, 1);
	index->kind = kind;
	index->len = len;
	index->joins = joins;
	index->size = size;
	return index;
}

/**
 * minifw_index_build() - an index of runs of keys
 * @runs: the runs, closed, at least one; may become the index
 *
 * Context: may sleep.
 * Return: the index with a reference, or NULL without memory.
 */
struct minifw_index *minifw_index_build(struct minifw_intervals *runs)
{
	const struct minifw_index *like = &runs->index;

	if (like->joins && like->len == minifw_addr_len(MINIFW_IP))
		return minifw_dxr_build(runs);
	if (like->joins && like->len == minifw_addr_len(MINIFW_IP6))
		return minifw_btree_build(runs);
	return minifw_index_get(&runs->index);
}

/**
 * minifw_index_get() - hold an index
 * @index: the index, or NULL
 *
 * Context: any.
 * Return: @index.
 */
struct minifw_index *minifw_index_get(struct minifw_index *index)
{
	if (index)
		refcount_inc(&index->refs);
	return index;
}

/**
 * minifw_index_put() - let go of an index; the last one frees it
 * @index: the index, or NULL
 *
 * Context: process; no packet may still see it.
 */
void minifw_index_put(struct minifw_index *index)
{
	if (index && refcount_dec_and_test(&index->refs))
		kvfree(index);
}

static const struct minifw_dxr *to_dxr(const struct minifw_index *index)
{
	return container_of(index, struct minifw_dxr, index);
}

static const struct minifw_btree *to_btree(const struct minifw_index *index)
{
	return container_of(index, struct minifw_btree, index);
}

static const struct minifw_intervals *to_intervals(const struct minifw_index *index)
{
	return container_of(index, struct minifw_intervals, index);
}

/**
 * minifw_index_has() - is a key in an index?
 * @index: the index
 * @key: the key
 *
 * Context: any; the packet path among others.
 * Return: whether it is.
 */
bool minifw_index_has(const struct minifw_index *index, const struct minifw_key *key)
{
	if (index->kind == MINIFW_INDEX_DXR)
		return minifw_dxr_has(to_dxr(index), minifw_key_to_addr(MINIFW_IP, key).lo);
	if (index->kind == MINIFW_INDEX_BTREE)
		return minifw_btree_has(to_btree(index), minifw_key_to_addr(MINIFW_IP6, key));
	return minifw_intervals_has(to_intervals(index), key);
}

/**
 * minifw_index_stretch() - is a key in an index, and how far does that hold?
 * @index: the index
 * @key: the key
 * @last: takes the last key behind it of which the same is true, without a gap; of
 *	those in a list, the last one of the same run
 *
 * Context: any.
 * Return: whether it is.
 */
bool minifw_index_stretch(const struct minifw_index *index, const struct minifw_key *key,
			  struct minifw_key *last)
{
	struct minifw_addr addr = {};
	u32 addr4;
	bool in;

	switch (index->kind) {
	case MINIFW_INDEX_DXR:
		in = minifw_dxr_stretch(to_dxr(index), minifw_key_to_addr(MINIFW_IP, key).lo,
					&addr4);
		addr.lo = addr4;
		*last = minifw_key_addr(MINIFW_IP, addr);
		return in;
	case MINIFW_INDEX_BTREE:
		in = minifw_btree_stretch(to_btree(index), minifw_key_to_addr(MINIFW_IP6, key),
					  &addr);
		*last = minifw_key_addr(MINIFW_IP6, addr);
		return in;
	default:
		return minifw_intervals_stretch(to_intervals(index), key, last);
	}
}
