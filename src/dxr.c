// SPDX-License-Identifier: GPL-2.0
/*
 * An index of IPv4 addresses: the answer in a few loads, in 4 to 9 bytes a run.
 *
 * Where runs of addresses begin, and behind where they end, are edges: at each, what
 * is in and what is out change sides.  The space from the first edge to the last is cut
 * into chunks of a power of two.  A directory says of each chunk whether its first
 * address is in, and where its other edges are; an address is in if the number of edges
 * up to it, counted from there, makes it so.  Edges are kept as they are within their
 * chunk, in two bytes unless chunks must be larger than that; those at which a chunk
 * begins take no room.  A chunk of so many edges that a bit an address takes about as
 * little is a bitmap instead.  Chunks are chosen so small that few edges are in one:
 * eight on average, if addresses are spread evenly, and never more than a binary search
 * of 11 steps (of wide edges, of what is in the set).
 *
 * It comes from DXR (Zec, Rizzo, Mikuc: DXR: Towards a Billion Routing Lookups Per
 * Second in Software, ACM CCR 42(5), 2012), with a parity in the place of next hops, and
 * bitmaps after Roaring (Chambi et al., Software: Practice and Experience 46(5), 2016).
 *
 * Pure functions, but for memory.
 */
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "compat.h"
#include "dxr.h"
#include "interval.h"

#define DXR_IN BIT(31)			/* the chunk's first address is in */
#define DXR_MAP BIT(30)			/* it is a bitmap */
#define DXR_OFFSET (DXR_MAP - 1)	/* where it is, in units of an edge */

#define MAP_UNIT 16			/* bits of a bitmap in a unit, which is not wide then */

static u32 offset_of(const struct minifw_dxr *dxr, u32 chunk)
{
	return dxr->dir[chunk] & DXR_OFFSET;
}

static const void *units_of(const struct minifw_dxr *dxr)
{
	return &dxr->dir[dxr->chunks + 2];
}

/* ---- asking ---- */

/* How many of @count ascending edges are at @at or before; without a branch on any. */
static u32 rank_narrow(const u16 *edge, u32 count, u16 at)
{
	const u16 *from = edge;

	for (; count > 1; count -= count / 2)
		from += count / 2 & -(u32)(from[count / 2 - 1] <= at);
	return from - edge + (*from <= at);
}

static u32 rank_wide(const u32 *edge, u32 count, u32 at)
{
	const u32 *from = edge;

	for (; count > 1; count -= count / 2)
		from += count / 2 & -(u32)(from[count / 2 - 1] <= at);
	return from - edge + (*from <= at);
}

static u32 rank(const struct minifw_dxr *dxr, u32 offset, u32 count, u32 at)
{
	if (dxr->wide)
		return rank_wide((const u32 *)units_of(dxr) + offset, count, at);
	return rank_narrow((const u16 *)units_of(dxr) + offset, count, at);
}

static bool map_has(const u16 *map, u32 at)
{
	return map[at / MAP_UNIT] >> at % MAP_UNIT & 1;
}

/* Of the chunk's address @at. */
static bool chunk_has(const struct minifw_dxr *dxr, u32 chunk, u32 at)
{
	u32 word = dxr->dir[chunk], offset = word & DXR_OFFSET;
	u32 count = offset_of(dxr, chunk + 1) - offset;
	bool in = word & DXR_IN;

	if (!count)
		return in;
	if (word & DXR_MAP)
		return map_has((const u16 *)units_of(dxr) + offset, at);
	return in ^ (rank(dxr, offset, count, at) & 1);
}

/* The chunk of an address that is not below the first one, and where in it the address is. */
static u32 chunk_of(const struct minifw_dxr *dxr, u32 addr, u32 *at)
{
	u32 above = addr - dxr->base;
	u64 chunk = (u64)above >> dxr->shift;

	*at = above & ((1ULL << dxr->shift) - 1);
	return min_t(u64, chunk, dxr->chunks);
}

/**
 * minifw_dxr_has() - is an address in an index?
 * @dxr: the index
 * @addr: the address
 *
 * Context: any; the packet path among others.
 * Return: whether it is.
 */
bool minifw_dxr_has(const struct minifw_dxr *dxr, u32 addr)
{
	u32 chunk, at;

	if (addr < dxr->base)
		return false;
	chunk = chunk_of(dxr, addr, &at);
	return chunk_has(dxr, chunk, at);
}

/* The first bit of @end, at @at or behind it, that is not @in; @end if there is none. */
static u64 map_change(const u16 *map, u64 end, u64 at, bool in)
{
	u16 same = in ? U16_MAX : 0;

	while (at < end && map_has(map, at) == in)
		if (!(at % MAP_UNIT) && map[at / MAP_UNIT] == same)
			at += MAP_UNIT;
		else
			at++;
	return min(at, end);
}

/* The first of the chunk's addresses, at @at or behind it, that is not @in; or how many it has. */
static u64 chunk_change(const struct minifw_dxr *dxr, u32 chunk, u32 at, bool in)
{
	u32 word = dxr->dir[chunk], offset = word & DXR_OFFSET, before;
	u32 count = offset_of(dxr, chunk + 1) - offset;
	u64 end = 1ULL << dxr->shift;

	if (word & DXR_MAP)
		return map_change((const u16 *)units_of(dxr) + offset, end, at, in);
	before = count ? rank(dxr, offset, count, at) : 0;
	if (((before & 1) ^ !!(word & DXR_IN)) != in)
		return at;
	if (before == count)
		return end;
	offset += before;
	return dxr->wide ? ((const u32 *)units_of(dxr))[offset] :
			   ((const u16 *)units_of(dxr))[offset];
}

/**
 * minifw_dxr_stretch() - is an address in an index, and how far does that hold?
 * @dxr: the index
 * @addr: the address
 * @last: takes the last address of which the same is true, without a gap
 *
 * Context: any.
 * Return: whether it is.
 */
bool minifw_dxr_stretch(const struct minifw_dxr *dxr, u32 addr, u32 *last)
{
	bool in = minifw_dxr_has(dxr, addr);
	u32 chunk = 0, at = 0;
	u64 change;

	if (addr >= dxr->base)
		chunk = chunk_of(dxr, addr, &at);
	*last = U32_MAX;
	for (; chunk < dxr->chunks; chunk++, at = 0) {
		change = chunk_change(dxr, chunk, at, in);
		if (change < 1ULL << dxr->shift) {
			*last = dxr->base + ((u64)chunk << dxr->shift) + change - 1;
			return in;
		}
	}
	/* where what is behind the chunks begins may be an edge, too */
	if (!at && !!(dxr->dir[chunk] & DXR_IN) != in)
		*last = dxr->base + ((u64)chunk << dxr->shift) - 1;
	return in;
}

/* ---- building ---- */

/**
 * struct edges - what an index is built from
 * @runs: closed
 * @count: edges; the end of the address space is none
 * @next: the first one that is not in a chunk yet
 */
struct edges {
	const struct minifw_intervals *runs;
	u32 count;
	u32 next;
};

static u32 edge_at(const struct edges *edges, u32 i)
{
	const u8 *first = minifw_intervals_at(edges->runs, i / 2);

	return i & 1 ? get_unaligned_be32(first + sizeof(u32)) + 1 : get_unaligned_be32(first);
}

static u64 chunks_for(const struct edges *edges, unsigned int shift)
{
	u64 first = edge_at(edges, 0), last = edge_at(edges, edges->count - 1);

	return (last >> shift) - (first >> shift) + 1;
}

/*
 * The smallest chunks that take half a byte of directory an edge; or two bytes, where that has
 * edges take two bytes less.
 */
static unsigned int choose_shift(const struct edges *edges)
{
	unsigned int shift = 0;

	while (chunks_for(edges, shift) > max(edges->count / (shift == 16 ? 2 : 8), 1U))
		shift++;
	return shift;
}

/* The edges of a chunk that begins at @start, but one right there, from @edges->next on. */
static u32 count_edges(const struct edges *edges, u64 start, unsigned int shift)
{
	u32 i = edges->next;

	while (i < edges->count && edge_at(edges, i) < start + (1ULL << shift))
		i++;
	return i - edges->next;
}

static bool is_map(u32 count, unsigned int shift)
{
	return shift >= 4 && shift <= 16 && count > 4 && count >= (1U << shift) / MAP_UNIT / 2;
}

/* Set the bits from @at to before @end. */
static void map_fill(u16 *map, u32 at, u32 end)
{
	for (; at < end; at++) {
		if (!(at % MAP_UNIT))
			for (; at + MAP_UNIT <= end; at += MAP_UNIT)
				map[at / MAP_UNIT] = U16_MAX;
		if (at < end)
			map[at / MAP_UNIT] |= 1 << at % MAP_UNIT;
	}
}

static void fill_map(const struct edges *edges, u16 *map, u64 start, u32 count, unsigned int shift)
{
	bool in = edges->next & 1;
	u32 i, from = 0;

	memset(map, 0, (1U << shift) / MAP_UNIT * sizeof(*map));
	for (i = edges->next; i < edges->next + count; i++, in = !in) {
		if (in)
			map_fill(map, from, edge_at(edges, i) - start);
		from = edge_at(edges, i) - start;
	}
	if (in)
		map_fill(map, from, 1U << shift);
}

static void fill_list(const struct edges *edges, struct minifw_dxr *dxr, u32 offset, u64 start,
		      u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		u32 at = edge_at(edges, edges->next + i) - start;

		if (dxr->wide)
			((u32 *)units_of(dxr))[offset + i] = at;
		else
			((u16 *)units_of(dxr))[offset + i] = at;
	}
}

/* Lay out the chunks, into @dxr unless it is NULL. Returns the units that they take. */
static u32 lay(struct edges *edges, struct minifw_dxr *dxr, u32 base, u32 chunks,
	       unsigned int shift)
{
	u32 chunk, units = 0, count;

	edges->next = 0;
	for (chunk = 0; chunk <= chunks; chunk++) {
		u64 start = base + ((u64)chunk << shift);
		bool map;

		if (edges->next < edges->count && edge_at(edges, edges->next) == start)
			edges->next++;
		count = count_edges(edges, start, shift);
		map = is_map(count, shift);
		if (dxr) {
			dxr->dir[chunk] = units | (edges->next & 1 ? DXR_IN : 0) |
					  (map ? DXR_MAP : 0);
			if (map)
				fill_map(edges, (u16 *)units_of(dxr) + units, start, count, shift);
			else
				fill_list(edges, dxr, units, start, count);
		}
		units += map ? (1U << shift) / MAP_UNIT : count;
		edges->next += count;
		if (!(chunk % 4096))
			cond_resched();
	}
	if (dxr)
		dxr->dir[chunk] = units;
	return units;
}

/**
 * minifw_dxr_build() - an index of runs of IPv4 addresses
 * @runs: the runs, closed, at least one
 *
 * Context: may sleep.
 * Return: the index with one reference, or NULL without memory.
 */
struct minifw_index *minifw_dxr_build(const struct minifw_intervals *runs)
{
	struct edges edges = { .runs = runs, .count = 2 * runs->count };
	unsigned int shift;
	struct minifw_dxr *dxr;
	u32 base, chunks;
	size_t size;

	if (!edge_at(&edges, edges.count - 1))	/* behind the last address there is none */
		edges.count--;
	shift = choose_shift(&edges);
	base = (u64)edge_at(&edges, 0) >> shift << shift;
	chunks = chunks_for(&edges, shift);
	size = lay(&edges, NULL, base, chunks, shift) * (shift > 16 ? sizeof(u32) : sizeof(u16));
	dxr = (struct minifw_dxr *)minifw_index_alloc(MINIFW_INDEX_DXR, runs->index.len,
						      runs->index.joins,
						      struct_size(dxr, dir, chunks + 2) + size);
	if (!dxr)
		return NULL;
	dxr->base = base;
	dxr->chunks = chunks;
	dxr->shift = shift;
	dxr->wide = shift > 16;
	lay(&edges, dxr, base, chunks, shift);
	return &dxr->index;
}
