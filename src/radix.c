// SPDX-License-Identifier: GPL-2.0
/*
 * Sorting many records by keys of bytes: a radix sort from the last byte to the first,
 * which passes over bytes that are the same in all keys.  Pure functions, but for memory.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "radix.h"

#define DIGITS 256

/* What is short is sorted in place. */
#define COUNT_MIN 256

static int record_cmp(const void *a, const void *b, const void *len)
{
	return memcmp(a, b, *(const u8 *)len);
}

/* How many records have which byte at @at; false if all have the same. */
static bool count_bytes(const u8 *record, u32 count, u8 size, u8 at, u32 *counts)
{
	u32 i;

	memset(counts, 0, DIGITS * sizeof(*counts));
	for (i = 0; i < count; i++)
		counts[record[(size_t)i * size + at]]++;
	return counts[record[at]] != count;
}

/* Where the records of each byte begin. */
static void sum_up(u32 *counts)
{
	u32 digit, sum = 0;

	for (digit = 0; digit < DIGITS; digit++) {
		u32 count = counts[digit];

		counts[digit] = sum;
		sum += count;
	}
}

static void distribute(u8 *to, const u8 *from, u32 count, u8 size, u8 at, u32 *places)
{
	const u8 *end = from + (size_t)count * size;

	if (size == sizeof(u64)) {	/* of IPv4, where it counts */
		for (; from < end; from += sizeof(u64))
			memcpy(to + (size_t)places[from[at]]++ * sizeof(u64), from, sizeof(u64));
		return;
	}
	for (; from < end; from += size)
		memcpy(to + (size_t)places[from[at]]++ * size, from, size);
}

/**
 * minifw_radix_sort() - sort records by the bytes that they begin with
 * @base: the records
 * @count: how many
 * @size: bytes of a record
 * @len: bytes of a key
 *
 * Without memory, it takes longer.
 *
 * Context: may sleep.
 */
void minifw_radix_sort(void *base, u32 count, u8 size, u8 len)
{
	u8 *room = NULL, *from = base, *to;
	u32 *counts = NULL;

	if (count >= COUNT_MIN) {
		room = kvmalloc_array(count, size, GFP_KERNEL | __GFP_NOWARN);
		counts = kvmalloc_array(DIGITS, sizeof(*counts), GFP_KERNEL);
	}
	if (room && counts) {
		to = room;
		while (len--) {
			cond_resched();
			if (!count_bytes(from, count, size, len, counts))
				continue;
			sum_up(counts);
			distribute(to, from, count, size, len, counts);
			swap(from, to);
		}
		if (from != base)
			memcpy(base, from, (size_t)count * size);
	} else {
		sort_r(base, count, size, record_cmp, NULL, &len);
	}
	kvfree(counts);
	kvfree(room);
}
