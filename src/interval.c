// SPDX-License-Identifier: GPL-2.0
/*
 * Intervals of keys, as a list: what a write says, and what an index is built from.
 * For ports, interfaces, and what else has no index of its own, the list is the index.
 * Pure functions, but for memory.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "compat.h"
#include "interval.h"
#include "radix.h"

static int key_cmp(const void *a, const void *b, u8 len)
{
	if (len == sizeof(u32)) {	/* IPv4, where it counts */
		u32 x = get_unaligned_be32(a), y = get_unaligned_be32(b);

		return x < y ? -1 : x > y;
	}
	return memcmp(a, b, len);
}

/* ---- making ---- */

/**
 * minifw_intervals_alloc() - room for intervals
 * @len: bytes of a key
 * @joins: what is adjacent is merged
 * @capacity: how many intervals
 *
 * Context: may sleep.
 * Return: an empty list with one reference, or NULL.
 */
struct minifw_intervals *minifw_intervals_alloc(u8 len, bool joins, u32 capacity)
{
	struct minifw_intervals *intervals;
	size_t size = struct_size(intervals, byte, (size_t)2 * len * capacity);

	intervals = (struct minifw_intervals *)minifw_index_alloc(MINIFW_INDEX_INTERVALS, len,
								  joins, size);
	if (!intervals)
		return NULL;
	intervals->count = 0;
	intervals->capacity = capacity;
	return intervals;
}

/**
 * minifw_intervals_put() - let go of a list; the last one frees it
 * @intervals: the list, or NULL
 *
 * Context: process; no packet may still see it.
 */
void minifw_intervals_put(struct minifw_intervals *intervals)
{
	if (intervals)
		minifw_index_put(&intervals->index);
}

/**
 * minifw_intervals_push() - append an interval
 * @intervals: not closed yet, and with room for it
 * @first: its first key
 * @last: its last, not below @first
 *
 * Context: any.
 */
void minifw_intervals_push(struct minifw_intervals *intervals, const struct minifw_key *first,
			   const struct minifw_key *last)
{
	u8 *to = (u8 *)minifw_intervals_at(intervals, intervals->count++);

	memcpy(to, first, intervals->index.len);
	memcpy(to + intervals->index.len, last, intervals->index.len);
}

/* Append an interval that begins nowhere before the last one; merge the two if they meet. */
static void append(struct minifw_intervals *to, const u8 *first, const u8 *last)
{
	u8 len = to->index.len;
	struct minifw_key limit;
	u8 *kept;

	if (to->count) {
		kept = (u8 *)minifw_intervals_at(to, to->count - 1) + len;
		limit = minifw_key_bytes(kept, len);
		if ((to->index.joins && !minifw_key_next(&limit, len)) ||
		    key_cmp(first, &limit, len) <= 0) {
			if (key_cmp(last, kept, len) > 0)
				memcpy(kept, last, len);
			return;
		}
	}
	kept = (u8 *)minifw_intervals_at(to, to->count++);
	memmove(kept, first, len);
	memmove(kept + len, last, len);
}

static bool is_sorted(const struct minifw_intervals *intervals)
{
	u32 i;

	for (i = 1; i < intervals->count; i++)
		if (key_cmp(minifw_intervals_at(intervals, i - 1),
			    minifw_intervals_at(intervals, i), intervals->index.len) > 0)
			return false;
	return true;
}

/* Without the room that is left over, if it is much and there is memory to move. */
static struct minifw_intervals *trim(struct minifw_intervals *intervals)
{
	struct minifw_intervals *to;

	if (intervals->capacity - intervals->count <= intervals->capacity / 8)
		return intervals;
	to = minifw_intervals_alloc(intervals->index.len, intervals->index.joins, intervals->count);
	if (!to)
		return intervals;
	memcpy(to->byte, intervals->byte, (size_t)2 * to->index.len * intervals->count);
	to->count = intervals->count;
	minifw_intervals_put(intervals);
	return to;
}

/**
 * minifw_intervals_close() - into order, and what overlaps into one
 * @intervals: the list, with one reference; gone after
 *
 * Context: may sleep.
 * Return: the list; immutable from here on.
 */
struct minifw_intervals *minifw_intervals_close(struct minifw_intervals *intervals)
{
	u32 i, count = intervals->count;

	if (!is_sorted(intervals))
		minifw_radix_sort(intervals->byte, count, 2 * intervals->index.len,
				  intervals->index.len);
	intervals->count = 0;
	for (i = 0; i < count; i++) {
		const u8 *at = minifw_intervals_at(intervals, i);

		append(intervals, at, at + intervals->index.len);
	}
	return trim(intervals);
}

/**
 * minifw_intervals_add() - what is in either of two lists
 * @from: one, closed
 * @add: the other, closed, of the same kind
 *
 * Context: may sleep.
 * Return: a closed list with one reference, or NULL without memory.
 */
struct minifw_intervals *minifw_intervals_add(const struct minifw_intervals *from,
					      const struct minifw_intervals *add)
{
	struct minifw_intervals *to;
	u8 len = from->index.len;
	u32 i = 0, j = 0;

	to = minifw_intervals_alloc(len, from->index.joins, from->count + add->count);
	if (!to)
		return NULL;
	while (i < from->count || j < add->count) {
		const u8 *a = minifw_intervals_at(from, i), *b = minifw_intervals_at(add, j);

		if (j == add->count || (i < from->count && key_cmp(a, b, len) <= 0)) {
			append(to, a, a + len);
			i++;
		} else {
			append(to, b, b + len);
			j++;
		}
	}
	return trim(to);
}

/* Append what is left of an interval without those of @remove from *@at on. */
static void append_left(struct minifw_intervals *to, const u8 *interval,
			const struct minifw_intervals *remove, u32 *at)
{
	u8 len = to->index.len;
	struct minifw_key first = minifw_key_bytes(interval, len), end;
	struct minifw_key last = minifw_key_bytes(interval + len, len);

	while (*at < remove->count) {
		const u8 *hole = minifw_intervals_at(remove, *at);

		if (key_cmp(hole + len, &first, len) < 0) {	/* it ends before us */
			++*at;
			continue;
		}
		if (key_cmp(hole, &last, len) > 0)
			break;
		if (key_cmp(&first, hole, len) < 0) {
			end = minifw_key_bytes(hole, len);
			minifw_key_previous(&end, len);
			minifw_intervals_push(to, &first, &end);
		}
		first = minifw_key_bytes(hole + len, len);
		if (!minifw_key_next(&first, len) || key_cmp(&first, &last, len) > 0)
			return;
	}
	minifw_intervals_push(to, &first, &last);
}

/**
 * minifw_intervals_subtract() - what is in one list and not in another
 * @from: the one, closed
 * @remove: the other, closed, of the same kind
 *
 * Context: may sleep.
 * Return: a closed list with one reference, or NULL without memory.
 */
struct minifw_intervals *minifw_intervals_subtract(const struct minifw_intervals *from,
						   const struct minifw_intervals *remove)
{
	struct minifw_intervals *to;
	u32 i, at = 0;

	to = minifw_intervals_alloc(from->index.len, from->index.joins,
				    from->count + remove->count);
	for (i = 0; to && i < from->count; i++)
		append_left(to, minifw_intervals_at(from, i), remove, &at);
	return to ? trim(to) : NULL;
}

/* ---- asking ---- */

/* The first interval that ends at @key or behind it; @count if none does. */
static u32 find(const struct minifw_intervals *intervals, const struct minifw_key *key)
{
	u32 low = 0, high = intervals->count;
	u8 len = intervals->index.len;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (key_cmp(minifw_intervals_at(intervals, middle) + len, key, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * minifw_intervals_overlap() - is some key of an interval in the list?
 * @intervals: the list, closed
 * @first: the interval's first key
 * @last: its last
 *
 * Context: any.
 * Return: whether one is.
 */
bool minifw_intervals_overlap(const struct minifw_intervals *intervals,
			      const struct minifw_key *first, const struct minifw_key *last)
{
	u32 i = find(intervals, first);

	return i < intervals->count &&
	       key_cmp(minifw_intervals_at(intervals, i), last, intervals->index.len) <= 0;
}

/**
 * minifw_intervals_has() - is a key in the list?
 * @intervals: the list, closed
 * @key: the key
 *
 * Context: any; the packet path among others.
 * Return: whether it is.
 */
bool minifw_intervals_has(const struct minifw_intervals *intervals,
			  const struct minifw_key *key)
{
	return minifw_intervals_overlap(intervals, key, key);
}

/**
 * minifw_intervals_stretch() - is a key in the list, and how far does that hold?
 * @intervals: the list, closed
 * @key: the key
 * @last: takes the last key of the interval that it is in, or of the gap
 *
 * Context: any.
 * Return: whether it is.
 */
bool minifw_intervals_stretch(const struct minifw_intervals *intervals,
			      const struct minifw_key *key, struct minifw_key *last)
{
	u8 len = intervals->index.len;
	u32 i = find(intervals, key);
	const u8 *at = minifw_intervals_at(intervals, i);

	if (i == intervals->count) {
		*last = *key;
		minifw_key_fill(last, len, 0);
		return false;
	}
	if (key_cmp(at, key, len) <= 0) {
		*last = minifw_key_bytes(at + len, len);
		return true;
	}
	*last = minifw_key_bytes(at, len);
	minifw_key_previous(last, len);
	return false;
}
