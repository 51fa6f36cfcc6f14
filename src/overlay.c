// SPDX-License-Identifier: GPL-2.0
/*
 * An overlay: what small writes to a large set say, as a short list over an index that
 * stays as it is.  Pure functions, but for memory.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "overlay.h"

/**
 * minifw_overlay_copy() - an overlay that can be changed
 * @from: what is to be in it, or NULL
 * @more: how many intervals will be set
 *
 * Context: may sleep.
 * Return: the copy with one reference, or NULL.
 */
struct minifw_overlay *minifw_overlay_copy(const struct minifw_overlay *from, u32 more)
{
	u32 count = from ? from->count : 0, capacity = count + 2 * more;
	struct minifw_overlay *overlay;

	overlay = kvmalloc(struct_size(overlay, item, capacity), GFP_KERNEL | __GFP_NOWARN);
	if (!overlay)
		return NULL;
	refcount_set(&overlay->refs, 1);
	overlay->count = count;
	overlay->capacity = capacity;
	if (from)
		memcpy(overlay->item, from->item, count * sizeof(*from->item));
	return overlay;
}

/**
 * minifw_overlay_get() - hold an overlay
 * @overlay: the overlay, or NULL
 *
 * Context: any.
 * Return: @overlay.
 */
struct minifw_overlay *minifw_overlay_get(struct minifw_overlay *overlay)
{
	if (overlay)
		refcount_inc(&overlay->refs);
	return overlay;
}

/**
 * minifw_overlay_put() - let go of an overlay; the last one frees it
 * @overlay: the overlay, or NULL
 *
 * Context: process; no packet may still see it.
 */
void minifw_overlay_put(struct minifw_overlay *overlay)
{
	if (overlay && refcount_dec_and_test(&overlay->refs))
		kvfree(overlay);
}

/**
 * minifw_overlay_size() - the memory of an overlay
 * @overlay: the overlay, or NULL
 *
 * Context: any.
 * Return: bytes.
 */
size_t minifw_overlay_size(const struct minifw_overlay *overlay)
{
	return overlay ? struct_size(overlay, item, overlay->capacity) : 0;
}

/* The first override that ends at @key or behind it. */
static u32 find(const struct minifw_overlay *overlay, const struct minifw_key *key)
{
	u32 low = 0, high = overlay->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (minifw_key_cmp(&overlay->item[middle].last, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * minifw_overlay_find() - what an overlay says of a key, or of those behind it
 * @overlay: the overlay, or NULL
 * @key: the key
 *
 * Context: any; the packet path among others.
 * Return: the first override that ends at @key or behind it, or NULL.
 */
const struct minifw_override *minifw_overlay_find(const struct minifw_overlay *overlay,
						  const struct minifw_key *key)
{
	u32 i;

	if (!overlay)
		return NULL;
	i = find(overlay, key);
	return i < overlay->count ? &overlay->item[i] : NULL;
}

/* Put @new in the place of the overrides from @from to before @to. */
static void replace(struct minifw_overlay *overlay, u32 from, u32 to,
		    const struct minifw_override *new, u32 count)
{
	memmove(&overlay->item[from + count], &overlay->item[to],
		(overlay->count - to) * sizeof(*new));
	memcpy(&overlay->item[from], new, count * sizeof(*new));
	overlay->count = overlay->count - (to - from) + count;
}

/**
 * minifw_overlay_set() - say of an interval of keys whether they are in
 * @overlay: nobody else's, with room for two more
 * @what: the interval; whatever was said of its keys is forgotten
 * @len: bytes of a key
 *
 * Context: any.
 */
void minifw_overlay_set(struct minifw_overlay *overlay, const struct minifw_override *what, u8 len)
{
	u32 from = find(overlay, &what->first), to = from, count = 0;
	struct minifw_override new[3];

	while (to < overlay->count &&
	       minifw_key_cmp(&overlay->item[to].first, &what->last) <= 0)
		to++;
	if (to > from && minifw_key_cmp(&overlay->item[from].first, &what->first) < 0) {
		new[count] = overlay->item[from];
		new[count].last = what->first;
		minifw_key_previous(&new[count++].last, len);
	}
	new[count++] = *what;
	if (to > from && minifw_key_cmp(&overlay->item[to - 1].last, &what->last) > 0) {
		new[count] = overlay->item[to - 1];
		new[count].first = what->last;
		minifw_key_next(&new[count++].first, len);
	}
	replace(overlay, from, to, new, count);
}

/**
 * minifw_overlay_drop() - forget what has been merged into the index below
 * @overlay: nobody else's
 * @done: what has; an earlier state of @overlay
 *
 * Context: any.
 */
void minifw_overlay_drop(struct minifw_overlay *overlay, const struct minifw_overlay *done)
{
	u32 i, j = 0, kept = 0;

	for (i = 0; i < overlay->count; i++) {
		const struct minifw_override *item = &overlay->item[i];

		while (j < done->count &&
		       minifw_key_cmp(&done->item[j].last, &item->last) < 0)
			j++;
		if (j < done->count && !memcmp(&done->item[j], item, sizeof(*item)))
			continue;
		overlay->item[kept++] = *item;
	}
	overlay->count = kept;
}
