// SPDX-License-Identifier: GPL-2.0
/*
 * Intervals of keys: the permanent elements of a set.  A key is a string of bytes
 * that sorts as its value does, so that one code serves addresses of both
 * families, ports, and names.  Pure functions, but for memory.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "compat.h"
#include "interval.h"

/* ---- keys ---- */

static int key_cmp(const void *a, const void *b, u8 len)
{
	if (len == sizeof(u32)) {	/* IPv4, where it counts */
		u32 x = get_unaligned_be32(a), y = get_unaligned_be32(b);

		return x < y ? -1 : x > y;
	}
	return memcmp(a, b, len);
}

/**
 * minifw_key_next() - the key after a key
 * @key: changed to it
 * @len: its bytes
 *
 * Context: any.
 * Return: whether there is one; else @key is the lowest.
 */
bool minifw_key_next(struct minifw_key *key, u8 len)
{
	while (len--)
		if (++key->byte[len])
			return true;
	return false;
}

/**
 * minifw_key_previous() - the key before a key
 * @key: changed to it
 * @len: its bytes
 *
 * Context: any.
 * Return: whether there is one; else @key is the highest.
 */
bool minifw_key_previous(struct minifw_key *key, u8 len)
{
	while (len--)
		if (key->byte[len]--)
			return true;
	return false;
}

/**
 * minifw_key_fill() - the last key of a prefix
 * @key: any key of the prefix; changed to it
 * @len: its bytes
 * @bits: of the prefix
 *
 * Context: any.
 */
void minifw_key_fill(struct minifw_key *key, u8 len, unsigned int bits)
{
	unsigned int i = bits / 8;

	if (i < len)
		key->byte[i++] |= 0xff >> (bits % 8);
	for (; i < len; i++)
		key->byte[i] = 0xff;
}

/**
 * minifw_key_mask() - the first key of a prefix
 * @key: any key of the prefix; changed to it
 * @len: its bytes
 * @bits: of the prefix
 *
 * Context: any.
 */
void minifw_key_mask(struct minifw_key *key, u8 len, unsigned int bits)
{
	unsigned int i = bits / 8;

	if (i < len)
		key->byte[i++] &= ~(0xff >> (bits % 8));
	for (; i < len; i++)
		key->byte[i] = 0;
}

/**
 * minifw_key_block() - the largest prefix that begins an interval
 * @first: the interval's first key
 * @last: its last
 * @len: bytes of a key
 *
 * Context: any.
 * Return: the bits of the prefix that begins at @first and ends at @last or before.
 */
unsigned int minifw_key_block(const struct minifw_key *first, const struct minifw_key *last,
			      u8 len)
{
	unsigned int bits = len * 8;
	struct minifw_key begin, end;

	while (bits) {
		begin = *first;
		end = *first;
		minifw_key_mask(&begin, len, bits - 1);
		minifw_key_fill(&end, len, bits - 1);
		if (key_cmp(&begin, first, len) || key_cmp(&end, last, len) > 0)
			break;
		bits--;
	}
	return bits;
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

	/* what a file of many lines asks for may be more than there is */
	intervals = kvmalloc(struct_size(intervals, byte, (size_t)2 * len * capacity),
			     GFP_KERNEL | __GFP_NOWARN);
	if (!intervals)
		return NULL;
	refcount_set(&intervals->refs, 1);
	intervals->count = 0;
	intervals->capacity = capacity;
	intervals->len = len;
	intervals->joins = joins;
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
	if (intervals && refcount_dec_and_test(&intervals->refs))
		kvfree(intervals);
}

/**
 * minifw_intervals_size() - the memory of a list
 * @intervals: the list
 *
 * Context: any.
 * Return: bytes.
 */
size_t minifw_intervals_size(const struct minifw_intervals *intervals)
{
	return struct_size(intervals, byte, (size_t)2 * intervals->len * intervals->capacity);
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

	memcpy(to, first, intervals->len);
	memcpy(to + intervals->len, last, intervals->len);
}

static struct minifw_key key_of(const u8 *byte, u8 len)
{
	struct minifw_key key = {};

	memcpy(key.byte, byte, len);
	return key;
}

/* Append an interval that begins nowhere before the last one; merge the two if they meet. */
static void append(struct minifw_intervals *to, const u8 *first, const u8 *last)
{
	u8 len = to->len;
	struct minifw_key limit;
	u8 *kept;

	if (to->count) {
		kept = (u8 *)minifw_intervals_at(to, to->count - 1) + len;
		limit = key_of(kept, len);
		if ((to->joins && !minifw_key_next(&limit, len)) ||
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

static int interval_cmp(const void *a, const void *b, const void *len)
{
	return key_cmp(a, b, *(const u8 *)len);
}

static bool is_sorted(const struct minifw_intervals *intervals)
{
	u32 i;

	for (i = 1; i < intervals->count; i++)
		if (key_cmp(minifw_intervals_at(intervals, i - 1),
			    minifw_intervals_at(intervals, i), intervals->len) > 0)
			return false;
	return true;
}

/* Without the room that is left over, if it is much and there is memory to move. */
static struct minifw_intervals *trim(struct minifw_intervals *intervals)
{
	struct minifw_intervals *to;

	if (intervals->capacity - intervals->count <= intervals->capacity / 8)
		return intervals;
	to = minifw_intervals_alloc(intervals->len, intervals->joins, intervals->count);
	if (!to)
		return intervals;
	memcpy(to->byte, intervals->byte, (size_t)2 * to->len * intervals->count);
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
		sort_r(intervals->byte, count, 2 * intervals->len, interval_cmp, NULL,
		       &intervals->len);
	intervals->count = 0;
	for (i = 0; i < count; i++) {
		const u8 *at = minifw_intervals_at(intervals, i);

		append(intervals, at, at + intervals->len);
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
	u8 len = from->len;
	u32 i = 0, j = 0;

	to = minifw_intervals_alloc(len, from->joins, from->count + add->count);
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
	u8 len = to->len;
	struct minifw_key first = key_of(interval, len), last = key_of(interval + len, len), end;

	while (*at < remove->count) {
		const u8 *hole = minifw_intervals_at(remove, *at);

		if (key_cmp(hole + len, &first, len) < 0) {	/* it ends before us */
			++*at;
			continue;
		}
		if (key_cmp(hole, &last, len) > 0)
			break;
		if (key_cmp(&first, hole, len) < 0) {
			end = key_of(hole, len);
			minifw_key_previous(&end, len);
			minifw_intervals_push(to, &first, &end);
		}
		first = key_of(hole + len, len);
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

	to = minifw_intervals_alloc(from->len, from->joins, from->count + remove->count);
	for (i = 0; to && i < from->count; i++)
		append_left(to, minifw_intervals_at(from, i), remove, &at);
	return to ? trim(to) : NULL;
}

/* ---- asking ---- */

/* The first interval that ends at @key or behind it; @count if none does. */
static u32 find(const struct minifw_intervals *intervals, const struct minifw_key *key)
{
	u32 low = 0, high = intervals->count;
	u8 len = intervals->len;

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
	       key_cmp(minifw_intervals_at(intervals, i), last, intervals->len) <= 0;
}

/**
 * minifw_intervals_covers() - is each key of an interval in the list?
 * @intervals: the list, closed, of keys that join or of single ones
 * @first: the interval's first key
 * @last: its last
 *
 * Context: any.
 * Return: whether they are, by one interval of the list.
 */
bool minifw_intervals_covers(const struct minifw_intervals *intervals,
			     const struct minifw_key *first, const struct minifw_key *last)
{
	u32 i = find(intervals, first);
	const u8 *at = minifw_intervals_at(intervals, i);

	return i < intervals->count && key_cmp(at, first, intervals->len) <= 0 &&
	       key_cmp(last, at + intervals->len, intervals->len) <= 0;
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
