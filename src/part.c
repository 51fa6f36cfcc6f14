// SPDX-License-Identifier: GPL-2.0
/*
 * The permanent elements of a set, of one family: an index, which is made in one go and
 * never changed, and over it what small writes have changed since.  So a write of a few
 * lines costs the same in a set of a million as in a small one.  When there is time, or
 * when the overlay is full, the two become another index.
 *
 * Pure functions, but for memory.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "interval.h"
#include "part.h"

/**
 * minifw_part_copy() - share a part
 * @to: takes it
 * @from: the part
 *
 * Context: any.
 */
void minifw_part_copy(struct minifw_part *to, const struct minifw_part *from)
{
	*to = (struct minifw_part){
		.index = minifw_index_get(from->index),
		.overlay = minifw_overlay_get(from->overlay),
		.runs = from->runs,
	};
}

/**
 * minifw_part_put() - let go of a part
 * @part: the part; empty after
 *
 * Context: process; no packet may still see it.
 */
void minifw_part_put(struct minifw_part *part)
{
	minifw_index_put(part->index);
	minifw_overlay_put(part->overlay);
	*part = (struct minifw_part){};
}

/**
 * minifw_part_size() - the memory of a part
 * @part: the part
 *
 * Context: any.
 * Return: bytes.
 */
size_t minifw_part_size(const struct minifw_part *part)
{
	return (part->index ? part->index->size : 0) + minifw_overlay_size(part->overlay);
}

/* ---- asking ---- */

/**
 * minifw_part_has() - is a key in a part?
 * @part: the part
 * @key: the key
 *
 * Context: any; the packet path among others.
 * Return: whether it is.
 */
bool minifw_part_has(const struct minifw_part *part, const struct minifw_key *key)
{
	const struct minifw_override *over = minifw_overlay_find(part->overlay, key);

	if (over && minifw_key_cmp(&over->first, key) <= 0)
		return over->in;
	return part->index && minifw_index_has(part->index, key);
}

/**
 * minifw_part_has_overlaid() - minifw_part_has() for an address
 * @part: a part of addresses
 * @family: of the address
 * @addr: the address
 *
 * Context: any; the packet path among others.
 * Return: whether it is.
 */
bool minifw_part_has_overlaid(const struct minifw_part *part, u8 family, struct minifw_addr addr)
{
	struct minifw_key key = minifw_key_addr(family, addr);

	return minifw_part_has(part, &key);
}

/* Is a key in, and up to which one is that true?  There may be more of the same behind. */
static bool stretch(const struct minifw_part *part, const struct minifw_key *key,
		    struct minifw_key *last)
{
	const struct minifw_override *over = minifw_overlay_find(part->overlay, key);
	bool in;

	if (over && minifw_key_cmp(&over->first, key) <= 0) {
		*last = over->last;
		return over->in;
	}
	in = minifw_index_stretch(part->index, key, last);
	if (over && minifw_key_cmp(last, &over->first) >= 0) {
		*last = over->first;
		minifw_key_previous(last, part->index->len);
	}
	return in;
}

/**
 * minifw_part_overlaps() - is some key of an interval in a part?
 * @part: the part
 * @first: the interval's first key
 * @last: its last
 *
 * Context: any.
 * Return: whether one is.
 */
bool minifw_part_overlaps(const struct minifw_part *part, const struct minifw_key *first,
			  const struct minifw_key *last)
{
	struct minifw_key at = *first, end;

	if (!part->index)
		return false;
	while (!stretch(part, &at, &end)) {
		if (minifw_key_cmp(&end, last) >= 0)
			return false;
		at = end;
		minifw_key_next(&at, part->index->len);
	}
	return true;
}

/**
 * minifw_part_covers() - is each key of an interval in a part?
 * @part: the part
 * @first: the interval's first key
 * @last: its last
 *
 * Context: any.
 * Return: whether they are; by one element, where elements do not join.
 */
bool minifw_part_covers(const struct minifw_part *part, const struct minifw_key *first,
			const struct minifw_key *last)
{
	struct minifw_key at = *first, end;

	while (part->index && stretch(part, &at, &end)) {
		if (minifw_key_cmp(&end, last) >= 0)
			return true;
		if (!part->index->joins)
			return false;
		at = end;
		minifw_key_next(&at, part->index->len);
	}
	return false;
}

/* The next stretch of @walk. */
static bool step(struct minifw_part_walk *walk, struct minifw_key *last)
{
	bool in = stretch(walk->part, &walk->at, last);

	walk->at = *last;
	walk->done = !minifw_key_next(&walk->at, walk->part->index->len);
	return in;
}

/**
 * minifw_part_next() - the next run of keys that are in
 * @walk: from where on; moved past it
 * @first: takes the run's first key
 * @last: takes its last
 *
 * Context: any.
 * Return: whether there is one.
 */
bool minifw_part_next(struct minifw_part_walk *walk, struct minifw_key *first,
		      struct minifw_key *last)
{
	bool joins = walk->part->index && walk->part->index->joins;
	struct minifw_key end;

	walk->done |= !walk->part->index;
	do {
		if (walk->done)
			return false;
		*first = walk->at;
	} while (!step(walk, last));
	while (joins && !walk->done && step(walk, &end))
		*last = end;
	return true;
}

/* ---- changing ---- */

/* How many runs have a key from @first to @last, or one beside those. */
static u32 runs_at(const struct minifw_part *part, struct minifw_key first, struct minifw_key last)
{
	struct minifw_part_walk walk = { .part = part };
	u8 len = part->index->len;
	struct minifw_key begin, end;
	u32 runs = 0;

	walk.at = first;
	if (!minifw_key_previous(&walk.at, len))
		walk.at = first;
	if (!minifw_key_next(&last, len))
		minifw_key_fill(&last, len, 0);
	while (minifw_part_next(&walk, &begin, &end) && minifw_key_cmp(&begin, &last) <= 0)
		runs++;
	return runs;
}

static void change_one(struct minifw_part *part, const struct minifw_override *what)
{
	u8 len = part->index->len;

	if (what->in && minifw_part_covers(part, &what->first, &what->last))
		return;
	if (!what->in && !minifw_part_overlaps(part, &what->first, &what->last))
		return;
	part->runs -= runs_at(part, what->first, what->last);
	minifw_overlay_set(part->overlay, what, len);
	part->runs += runs_at(part, what->first, what->last);
}

/* The change as an overlay of what there is. -E2BIG if it does not fit into one. */
static int change_overlay(struct minifw_part *to, const struct minifw_part *from,
			  const struct minifw_intervals *change, bool in)
{
	u8 len = change->index.len;
	u32 i;

	if (from->runs < MINIFW_PART_SMALL || change->count > MINIFW_OVERLAY_MAX)
		return -E2BIG;
	to->overlay = minifw_overlay_copy(from->overlay, change->count);
	if (!to->overlay)
		return -ENOMEM;
	to->index = minifw_index_get(from->index);
	to->runs = from->runs;
	for (i = 0; i < change->count; i++) {
		const u8 *at = minifw_intervals_at(change, i);
		const struct minifw_override what = {
			minifw_key_bytes(at, len), minifw_key_bytes(at + len, len), in,
		};

		change_one(to, &what);
	}
	if (to->overlay->count <= MINIFW_OVERLAY_MAX)
		return 0;
	minifw_part_put(to);
	return -E2BIG;
}

/* All that is in a part, as a list. */
static struct minifw_intervals *list(const struct minifw_part *part)
{
	struct minifw_part_walk walk = { .part = part };
	struct minifw_key first, last;
	struct minifw_intervals *runs;

	runs = minifw_intervals_alloc(part->index->len, part->index->joins, part->runs);
	while (runs && runs->count < runs->capacity && minifw_part_next(&walk, &first, &last)) {
		minifw_intervals_push(runs, &first, &last);
		if (!(runs->count % 1024))
			cond_resched();
	}
	return runs;
}

/* @runs as a part; gone after, NULL where there was no memory for them. */
static int build(struct minifw_part *to, struct minifw_intervals *runs)
{
	int ret = runs ? 0 : -ENOMEM;

	*to = (struct minifw_part){};
	if (runs && runs->count) {
		to->runs = runs->count;
		to->index = minifw_index_build(runs);
		if (!to->index)
			ret = -ENOMEM;
	}
	minifw_intervals_put(runs);
	return ret;
}

static int change_all(struct minifw_part *to, const struct minifw_part *from,
		      const struct minifw_intervals *change, bool in)
{
	struct minifw_intervals *runs = list(from), *changed = NULL;

	if (runs)
		changed = in ? minifw_intervals_add(runs, change) :
			       minifw_intervals_subtract(runs, change);
	minifw_intervals_put(runs);
	return build(to, changed);
}

/**
 * minifw_part_change() - a part with elements added, or taken out
 * @to: takes it
 * @from: the part, which stays as it is
 * @change: the elements, closed
 * @in: they are added
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_part_change(struct minifw_part *to, const struct minifw_part *from,
		       struct minifw_intervals *change, bool in)
{
	int ret;

	*to = (struct minifw_part){};
	if (!change->count || (!from->index && !in)) {
		minifw_part_copy(to, from);
		return 0;
	}
	if (!from->index) {
		minifw_index_get(&change->index);
		return build(to, change);
	}
	ret = change_overlay(to, from, change, in);
	return ret == -E2BIG ? change_all(to, from, change, in) : ret;
}

/**
 * minifw_part_merge() - the same part without an overlay
 * @to: takes it
 * @from: the part
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_part_merge(struct minifw_part *to, const struct minifw_part *from)
{
	return build(to, list(from));
}

/**
 * minifw_part_rebase() - a part as it is, over what has been merged meanwhile
 * @to: takes it
 * @part: the part, with the index of @from
 * @from: as it was
 * @merged: the same without an overlay
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EAGAIN if nothing was left to put an overlay over.
 */
int minifw_part_rebase(struct minifw_part *to, const struct minifw_part *part,
		       const struct minifw_part *from, const struct minifw_part *merged)
{
	struct minifw_overlay *overlay = NULL;

	if (part->overlay != from->overlay) {
		overlay = minifw_overlay_copy(part->overlay, 0);
		if (!overlay)
			return -ENOMEM;
		minifw_overlay_drop(overlay, from->overlay);
		if (!overlay->count) {
			minifw_overlay_put(overlay);
			overlay = NULL;
		} else if (!merged->index) {
			minifw_overlay_put(overlay);
			return -EAGAIN;
		}
	}
	*to = (struct minifw_part){
		.index = minifw_index_get(merged->index), .overlay = overlay, .runs = part->runs,
	};
	return 0;
}
