// SPDX-License-Identifier: GPL-2.0
/*
 * Values beside each other: does one take all that another takes?  A function for each
 * kind of value but addresses, whose own is in addr.c.  Pure functions, as the parsers are.
 *
 * A value takes what its elements have, or negated all else.  So of two lists A and B
 * that are the values a and b:
 *
 *	a	b	a covers b where
 *	A	B	B is within A
 *	!A	!B	A is within B
 *	!A	B	A and B are apart
 *	A	!B	A fills what B leaves
 *	A	unset	A is all there is
 *
 * What is not certain is false.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "extent.h"
#include "parse.h"

/* ---- numbers ---- */

/* Is one of the ranges of a list at least @first to @last? */
static bool ranges_have(const struct minifw_ranges *ranges, u32 first, u32 last)
{
	unsigned int i;

	for (i = 0; i < ranges->list.count; i++)
		if (ranges->range[i].first <= first && last <= ranges->range[i].last)
			return true;
	return false;
}

static bool ranges_within(const struct minifw_ranges *x, const struct minifw_ranges *y)
{
	unsigned int i;

	for (i = 0; i < x->list.count; i++)
		if (!ranges_have(y, x->range[i].first, x->range[i].last))
			return false;
	return true;
}

static bool ranges_apart(const struct minifw_ranges *x, const struct minifw_ranges *y)
{
	unsigned int i, j;

	for (i = 0; i < x->list.count; i++)
		for (j = 0; j < y->list.count; j++)
			if (x->range[i].first <= y->range[j].last &&
			    y->range[j].first <= x->range[i].last)
				return false;
	return true;
}

/* Is each number up to @max that @y leaves in @x? */
static bool ranges_fill(const struct minifw_ranges *x, const struct minifw_ranges *y, u32 max)
{
	unsigned int i;
	u64 next = 0;

	for (i = 0; i < y->list.count; i++) {
		const struct minifw_range *range = &y->range[i];

		if (next < range->first && !ranges_have(x, next, range->first - 1))
			return false;
		next = (u64)range->last + 1;
	}
	return next > max || ranges_have(x, next, max);
}

static bool ranges_cover(const void *a, const void *b, u32 max)
{
	union minifw_ranges_room x_room, y_room;
	const struct minifw_ranges *x, *y;

	x = minifw_ranges_of(*(const struct minifw_slot *)a, &x_room);
	if (!b)
		return !x->list.negated && ranges_have(x, 0, max);
	y = minifw_ranges_of(*(const struct minifw_slot *)b, &y_room);
	if (x->list.negated)
		return y->list.negated ? ranges_within(x, y) : ranges_apart(x, y);
	return y->list.negated ? ranges_fill(x, y, max) : ranges_within(y, x);
}

/**
 * minifw_ranges_cover() - does a list of numbers take all that another takes?
 * @words: the attribute's; the highest number among them
 * @a: the one, a struct minifw_slot
 * @b: the other, or NULL: all numbers
 * @families: not used
 *
 * Context: any; as the functions of all kinds here.
 * Return: whether it does for certain.
 */
bool minifw_ranges_cover(const struct minifw_words *words, const void *a, const void *b,
			 u8 families)
{
	return ranges_cover(a, b, words->max);
}

/**
 * minifw_icmp_covers() - the same of ICMP types and codes
 * @words: not used
 * @a: the one, a struct minifw_slot
 * @b: the other, or NULL
 * @families: not used
 *
 * Context: any.
 * Return: as minifw_ranges_cover().
 */
bool minifw_icmp_covers(const struct minifw_words *words, const void *a, const void *b,
			u8 families)
{
	return ranges_cover(a, b, U16_MAX);	/* type << 8 | code */
}

/* ---- names of interfaces ---- */

/* A whole name ends in a NUL within its @len, so it is within no other whole name. */
static bool iface_within(const struct minifw_iface *x, const struct minifw_iface *y)
{
	return y->len <= x->len && !memcmp(x->name, y->name, y->len);
}

static bool ifaces_within(const struct minifw_ifaces *x, const struct minifw_ifaces *y)
{
	unsigned int i, j;

	for (i = 0; i < x->list.count; i++) {
		for (j = 0; j < y->list.count; j++)
			if (iface_within(&x->iface[i], &y->iface[j]))
				break;
		if (j == y->list.count)
			return false;
	}
	return true;
}

/* Of two names or beginnings, one is within the other or they have nothing in common. */
static bool ifaces_apart(const struct minifw_ifaces *x, const struct minifw_ifaces *y)
{
	unsigned int i, j;

	for (i = 0; i < x->list.count; i++)
		for (j = 0; j < y->list.count; j++)
			if (iface_within(&x->iface[i], &y->iface[j]) ||
			    iface_within(&y->iface[j], &x->iface[i]))
				return false;
	return true;
}

/**
 * minifw_ifaces_cover() - does a list of interfaces take all that another takes?
 * @words: not used
 * @a: the one, a pointer to a struct minifw_ifaces
 * @b: the other, or NULL
 * @families: not used
 *
 * Context: any.
 * Return: as minifw_ranges_cover().
 */
bool minifw_ifaces_cover(const struct minifw_words *words, const void *a, const void *b,
			 u8 families)
{
	const struct minifw_ifaces *x = *(struct minifw_ifaces *const *)a, *y;

	if (!b)
		return false;
	y = *(struct minifw_ifaces *const *)b;
	if (x->list.negated)
		return y->list.negated ? ifaces_within(x, y) : ifaces_apart(x, y);
	return y->list.negated ? !x->iface[0].len : ifaces_within(y, x);	/* `*`, or not */
}

/* ---- Ethernet addresses ---- */

static bool macs_have(const struct minifw_macs *macs, const struct minifw_mac *mac)
{
	unsigned int i;

	for (i = 0; i < macs->list.count; i++)
		if (!memcmp(&macs->mac[i], mac, sizeof(*mac)))
			return true;
	return false;
}

/* How many of @x are in @y? */
static unsigned int macs_common(const struct minifw_macs *x, const struct minifw_macs *y)
{
	unsigned int i, common = 0;

	for (i = 0; i < x->list.count; i++)
		common += macs_have(y, &x->mac[i]);
	return common;
}

/**
 * minifw_macs_cover() - does a list of Ethernet addresses take all that another takes?
 * @words: not used
 * @a: the one, a pointer to a struct minifw_macs
 * @b: the other, or NULL
 * @families: not used
 *
 * Context: any.
 * Return: as minifw_ranges_cover().
 */
bool minifw_macs_cover(const struct minifw_words *words, const void *a, const void *b,
		       u8 families)
{
	const struct minifw_macs *x = *(struct minifw_macs *const *)a, *y;
	unsigned int common;

	if (!b)
		return false;
	y = *(struct minifw_macs *const *)b;
	common = macs_common(x, y);
	if (x->list.negated)
		return common == (y->list.negated ? x->list.count : 0);
	return !y->list.negated && common == y->list.count;
}

/* ---- codes ---- */

/* All that codes take: those beyond the highest are nobody's. */
static void codes_taken(const void *value, unsigned long *taken)
{
	struct minifw_codes room;
	const struct minifw_codes *codes =
		minifw_codes_of(*(const struct minifw_slot *)value, &room);

	if (codes->list.negated)
		bitmap_complement(taken, codes->bits, 256);
	else
		bitmap_copy(taken, codes->bits, 256);
}

/**
 * minifw_codes_cover() - do codes take all that others take?
 * @words: the attribute's; the highest code among them
 * @a: the ones, a struct minifw_slot
 * @b: the others, or NULL: all codes
 * @families: not used
 *
 * Context: any.
 * Return: as minifw_ranges_cover().
 */
bool minifw_codes_cover(const struct minifw_words *words, const void *a, const void *b,
			u8 families)
{
	DECLARE_BITMAP(x, 256);
	DECLARE_BITMAP(y, 256);

	codes_taken(a, x);
	if (b)
		codes_taken(b, y);
	else
		bitmap_fill(y, 256);
	return bitmap_subset(y, x, words->max + 1);
}

/* ---- bits ---- */

/**
 * minifw_flags_cover() - do words take all that others take?
 * @words: the attribute's, and whether a packet has one of them, one at the most or several
 * @a: the ones, a struct minifw_flags
 * @b: the others, or NULL
 * @families: not used
 *
 * Context: any.
 * Return: as minifw_ranges_cover().
 */
bool minifw_flags_cover(const struct minifw_words *words, const void *a, const void *b,
			u8 families)
{
	const struct minifw_flags *x = a, *y = b;

	if (!y)
		return false;
	if (x->negated && y->negated)
		return !(x->bits & ~y->bits);
	if (x->negated)
		return !words->any_number && !(x->bits & y->bits);
	if (y->negated)
		return words->always_one && (x->bits | y->bits) == minifw_words_all(words);
	return !(y->bits & ~x->bits);
}

/**
 * minifw_tcp_flags_cover() - do TCP flags take all that others take?
 * @words: not used
 * @a: the ones, a struct minifw_tcp_flags
 * @b: the others, or NULL
 * @families: not used
 *
 * Context: any.
 * Return: as minifw_ranges_cover().
 */
bool minifw_tcp_flags_cover(const struct minifw_words *words, const void *a, const void *b,
			    u8 families)
{
	const struct minifw_tcp_flags *x = a, *y = b;

	return y && !(x->mask & ~y->mask) && (y->value & x->mask) == x->value;
}

/**
 * minifw_mark_covers() - does a mark take all that another takes?
 * @words: not used
 * @a: the one, a struct minifw_mark
 * @b: the other, or NULL
 * @families: not used
 *
 * Context: any.
 * Return: as minifw_ranges_cover().
 */
bool minifw_mark_covers(const struct minifw_words *words, const void *a, const void *b,
			u8 families)
{
	const struct minifw_mark *x = a, *y = b;

	return y && !(x->mask & ~y->mask) && (y->value & x->mask) == x->value;
}
