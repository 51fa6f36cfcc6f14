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
 * little is a bitmap instead; where all edges of a chunk are multiples of 16 or of 256, as
 * those of networks are, a bit stands for so many addresses.  Chunks are chosen so small
 * that few edges are in one: eight on average, if addresses are spread evenly, and never more
 * than a binary search of 11 steps (of wide edges, of what is in the set).
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
#define DXR_MAP GENMASK(30, 29)		/* it is a bitmap: of what grain, from 1 on; or 0 */
#define DXR_MAP_SHIFT 29
#define DXR_OFFSET (BIT(29) - 1)	/* where it is, in units of an edge */

#define MAP_UNIT 16			/* bits of a bitmap in a unit, which is not wide then */
#define GRAIN_BITS 4			/* a bit is one address, 16 or 256 */
#define GRAINS 3

#define WIDE 16				/* chunks of more than 2^16 addresses have wide edges */

static u32 offset_of(const struct minifw_dxr *dxr, u32 chunk)
{
	return dxr->dir[chunk] & DXR_OFFSET;
}

/* 0 for a list of edges, else a bit of the bitmap is 2^(4 * (grain - 1)) addresses. */
static unsigned int grain_of(u32 word)
{
	return (word & DXR_MAP) >> DXR_MAP_SHIFT;
}

static const void *units_of(const struct minifw_dxr *dxr)
{
	return &dxr->dir[dxr->chunks + 2];
}

/* ---- asking ---- */

/* How many of @count ascending edges are at @at or before; without a branch on any. */
static __always_inline u32 rank_narrow(const u16 *edge, u32 count, u16 at)
{
	const u16 *from = edge;

	for (; count > 1; count -= count / 2)
		from += count / 2 & -(u32)(from[count / 2 - 1] <= at);
	return from - edge + (*from <= at);
}

static __always_inline u32 rank_wide(const u32 *edge, u32 count, u32 at)
{
	const u32 *from = edge;

	for (; count > 1; count -= count / 2)
		from += count / 2 & -(u32)(from[count / 2 - 1] <= at);
	return from - edge + (*from <= at);
}

static __always_inline u32 rank(const struct minifw_dxr *dxr, u32 offset, u32 count, u32 at)
{
	if (dxr->wide)
		return rank_wide((const u32 *)units_of(dxr) + offset, count, at);
	return rank_narrow((const u16 *)units_of(dxr) + offset, count, at);
}

static bool map_has(const u16 *map, u32 bit)
{
	return map[bit / MAP_UNIT] >> bit % MAP_UNIT & 1;
}

static unsigned int grain_shift(unsigned int grain)
{
	return (grain - 1) * GRAIN_BITS;
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
		return map_has((const u16 *)units_of(dxr) + offset,
			       at >> grain_shift(grain_of(word)));
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

/* The first bit of @end, at @bit or behind it, that is not @in; @end if there is none. */
static u32 map_change(const u16 *map, u32 end, u32 bit, bool in)
{
	u16 same = in ? U16_MAX : 0;

	while (bit < end && map_has(map, bit) == in)
		bit += !(bit % MAP_UNIT) && map[bit / MAP_UNIT] == same ? MAP_UNIT : 1;
	return min(bit, end);
}

/* The first of the chunk's addresses, at @at or behind it, that is not @in; or how many it has. */
static u64 chunk_change(const struct minifw_dxr *dxr, u32 chunk, u32 at, bool in)
{
	u32 word = dxr->dir[chunk], offset = word & DXR_OFFSET, before;
	u32 count = offset_of(dxr, chunk + 1) - offset;
	u64 end = 1ULL << dxr->shift;
	unsigned int shift;

	if (word & DXR_MAP) {
		shift = grain_shift(grain_of(word));
		at = max(at, map_change((const u16 *)units_of(dxr) + offset, end >> shift,
					at >> shift, in) << shift);
		return at;
	}
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

static size_t unit_size(unsigned int shift)
{
	return shift > WIDE ? sizeof(u32) : sizeof(u16);
}

/*
 * The smallest chunks that take half a byte of directory an edge; or two bytes, where that has
 * edges take two bytes less.
 */
static unsigned int choose_shift(const struct edges *edges)
{
	unsigned int shift = 0;

	while (chunks_for(edges, shift) > max(edges->count / (shift == WIDE ? 2 : 8), 1U))
		shift++;
	return shift;
}

/**
 * struct chunk - what is to be in a chunk
 * @start: its first address
 * @shift: it has 2^@shift
 * @edges: how many there are, but one right at @start
 * @grain: of its bitmap; 0 for a list
 * @units: what either takes
 */
struct chunk {
	u64 start;
	unsigned int shift;
	u32 edges;
	unsigned int grain;
	u32 units;
};

static u32 map_units(unsigned int shift, unsigned int grain)
{
	return DIV_ROUND_UP(1U << shift >> grain_shift(grain), MAP_UNIT);
}

/* The coarsest grain that a bitmap of edges can have of which @bits are set in some. */
static unsigned int choose_grain(u32 bits, unsigned int shift)
{
	unsigned int grain = GRAINS;

	while (grain > 1 && (bits & ((1U << grain_shift(grain)) - 1) || grain_shift(grain) > shift))
		grain--;
	return grain;
}

/* The chunk whose edges are those from @edges->next on. */
static struct chunk chunk_plan(const struct edges *edges, u64 start, unsigned int shift)
{
	struct chunk chunk = { .start = start, .shift = shift };
	u32 i = edges->next, bits = 0, units;

	for (; i < edges->count && edge_at(edges, i) < start + (1ULL << shift); i++)
		bits |= edge_at(edges, i) - start;
	chunk.edges = i - edges->next;
	chunk.units = chunk.edges;
	if (!chunk.edges || shift > WIDE)
		return chunk;
	units = map_units(shift, choose_grain(bits, shift));
	if (units <= 2 * chunk.edges) {
		chunk.grain = choose_grain(bits, shift);
		chunk.units = units;
	}
	return chunk;
}

/* Set the bits from @bit to before @end. */
static void map_fill(u16 *map, u32 bit, u32 end)
{
	while (bit < end) {
		if (!(bit % MAP_UNIT) && bit + MAP_UNIT <= end) {
			map[bit / MAP_UNIT] = U16_MAX;
			bit += MAP_UNIT;
		} else {
			map[bit / MAP_UNIT] |= 1 << bit % MAP_UNIT;
			bit++;
		}
	}
}

static void fill_map(const struct edges *edges, u16 *map, const struct chunk *chunk)
{
	unsigned int shift = grain_shift(chunk->grain);
	bool in = edges->next & 1;
	u32 i, bit = 0, from = 0;

	memset(map, 0, chunk->units * sizeof(*map));
	for (i = 0; i < chunk->edges; i++, in = !in, from = bit) {
		bit = (edge_at(edges, edges->next + i) - chunk->start) >> shift;
		if (in)
			map_fill(map, from, bit);
	}
	if (in)
		map_fill(map, from, 1U << chunk->shift >> shift);
}

static void fill_list(const struct edges *edges, void *units, const struct chunk *chunk)
{
	u32 i;

	for (i = 0; i < chunk->edges; i++) {
		u32 at = edge_at(edges, edges->next + i) - chunk->start;

		if (chunk->shift > WIDE)
			((u32 *)units)[i] = at;
		else
			((u16 *)units)[i] = at;
	}
}

static void fill(struct minifw_dxr *dxr, const struct edges *edges, const struct chunk *chunk,
		 u32 offset)
{
	u8 *units = (u8 *)units_of(dxr) + (size_t)offset * unit_size(chunk->shift);

	if (chunk->grain)
		fill_map(edges, (u16 *)units, chunk);
	else
		fill_list(edges, units, chunk);
}

/* Lay out the chunks, into @dxr unless it is NULL. Returns the units that they take. */
static u32 lay(struct edges *edges, struct minifw_dxr *dxr, u32 base, u32 chunks,
	       unsigned int shift)
{
	struct chunk chunk;
	u32 i, units = 0;

	edges->next = 0;
	for (i = 0; i <= chunks; i++) {
		u64 start = base + ((u64)i << shift);

		if (edges->next < edges->count && edge_at(edges, edges->next) == start)
			edges->next++;
		chunk = chunk_plan(edges, start, shift);
		if (dxr) {
			dxr->dir[i] = units | (edges->next & 1 ? DXR_IN : 0) |
				      chunk.grain << DXR_MAP_SHIFT;
			fill(dxr, edges, &chunk, units);
		}
		units += chunk.units;
		edges->next += chunk.edges;
		if (!(i % 4096))
			cond_resched();
	}
	if (dxr)
		dxr->dir[i] = units;
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
	size = lay(&edges, NULL, base, chunks, shift) * unit_size(shift);
	dxr = (struct minifw_dxr *)minifw_index_alloc(MINIFW_INDEX_DXR, runs->index.len,
						      runs->index.joins,
						      struct_size(dxr, dir, chunks + 2) + size);
	if (!dxr)
		return NULL;
	dxr->base = base;
	dxr->chunks = chunks;
	dxr->shift = shift;
	dxr->wide = shift > WIDE;
	lay(&edges, dxr, base, chunks, shift);
	return &dxr->index;
}
