// SPDX-License-Identifier: GPL-2.0
/*
 * Bit vectors: for rules that no hash tells apart.  Each field is cut into pieces
 * where a rule begins or ends; each piece has a bit for each rule that takes it.
 * A packet is in one piece of each field: the rules that take all of these are
 * found by AND, 64 at a time.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "block.h"
#include "compat.h"
#include "joint.h"
#include "match.h"
#include "reference.h"
#include "rule.h"
#include "spec.h"

/* Rules of a block are halved while it takes more than this for each of them. */
#define BYTES_A_RULE 256

/* ---- making ---- */

static u64 top_of(struct minifw_addr addr, enum minifw_family family)
{
	return family == MINIFW_IP ? addr.lo : addr.hi;
}

static u64 host_bits(unsigned int len, enum minifw_family family)
{
	u64 bits = ~top_of(minifw_addr_mask(family, len), family);

	return family == MINIFW_IP ? (u32)bits : bits;
}

/* The lowest and the highest number of a field that a rule takes. */
static void bounds_on(const struct minifw_bounds *b, enum minifw_axis_id axis,
		      enum minifw_family family, u64 *first, u64 *last)
{
	switch (axis) {
	case MINIFW_AXIS_SADDR:
		*first = top_of(b->saddr, family);
		*last = *first | host_bits(b->saddr_len, family);
		break;
	case MINIFW_AXIS_DADDR:
		*first = top_of(b->daddr, family);
		*last = *first | host_bits(b->daddr_len, family);
		break;
	case MINIFW_AXIS_SPORT:
		*first = b->sport;
		*last = *first + b->sport_span;
		break;
	case MINIFW_AXIS_DPORT:
		*first = b->dport;
		*last = *first + b->dport_span;
		break;
	default:
		*first = b->proto;
		*last = b->any_proto ? U8_MAX : b->proto;
		break;
	}
}

/* The piece that a number is in. Without a branch that depends on it. */
static __always_inline u32 piece_of(const struct minifw_axis *axis, u64 number)
{
	const u64 *edge = axis->edge;
	u32 count = axis->count;

	while (count > 1) {
		u32 half = count / 2;

		edge += edge[half] <= number ? half : 0;
		count -= half;
	}
	return edge - axis->edge;
}

static int edge_cmp(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/**
 * struct making - a block that is being made
 * @rules: by rank
 * @bounds: of all rules
 * @index: which of them are in it
 * @count: how many
 * @edge: room for the edges of an axis
 * @ref: room for the sets that rules name for a field
 * @family: IPv4 or IPv6
 */
struct making {
	struct minifw_live *const *rules;
	const struct minifw_bounds *bounds;
	const u32 *index;
	u32 count;
	u64 *edge;
	const struct minifw_set_ref **ref;
	enum minifw_family family;
};

#define MOST_EDGES (2 * MINIFW_BLOCK_MAX + 1)

/* Of TCP flags and states, each number is a piece, where rules ask for them at all. */
static u32 pieces_of(enum minifw_axis_id id, const struct making *m)
{
	u32 i;

	for (i = 0; i < m->count; i++) {
		const struct minifw_bounds *b = &m->bounds[m->index[i]];

		if (id == MINIFW_AXIS_TCP_FLAGS && b->flags_mask)
			return U8_MAX + 1;
		if (id == MINIFW_AXIS_CT_STATE &&
		    b->ct_states != BIT(MINIFW_NR_CT_STATES) - 1)
			return MINIFW_NR_CT_STATES;
	}
	return 1;
}

static bool takes(const struct minifw_bounds *b, enum minifw_axis_id id, u32 number)
{
	if (id == MINIFW_AXIS_TCP_FLAGS)
		return (number & b->flags_mask) == b->flags;
	return b->ct_states & BIT(number);
}

static bool is_plain(enum minifw_axis_id id)
{
	return id == MINIFW_AXIS_TCP_FLAGS || id == MINIFW_AXIS_CT_STATE;
}

static void cut_plain(struct minifw_axis *axis, enum minifw_axis_id id, const struct making *m)
{
	u32 pieces = pieces_of(id, m);

	for (axis->count = 0; axis->count < pieces; axis->count++)
		axis->edge[axis->count] = axis->count;
}

static void cut_ranges(struct minifw_axis *axis, enum minifw_axis_id id, const struct making *m)
{
	u32 i, kept = 0;
	u64 last;

	axis->edge[axis->count++] = 0;
	for (i = 0; i < m->count; i++) {
		bounds_on(&m->bounds[m->index[i]], id, m->family, &axis->edge[axis->count++],
			  &last);
		if (last != U64_MAX)
			axis->edge[axis->count++] = last + 1;
	}
	sort(axis->edge, axis->count, sizeof(u64), edge_cmp, NULL);
	for (i = 0; i < axis->count; i++)
		if (!kept || axis->edge[kept - 1] != axis->edge[i])
			axis->edge[kept++] = axis->edge[i];
	axis->count = kept;
}

static int axis_cut(struct minifw_axis *axis, enum minifw_axis_id id, const struct making *m)
{
	axis->edge = m->edge;
	if (is_plain(id))
		cut_plain(axis, id, m);
	else
		cut_ranges(axis, id, m);
	axis->edge = kvmalloc_array(axis->count, sizeof(u64), GFP_KERNEL);
	if (!axis->edge)
		return -ENOMEM;
	memcpy(axis->edge, m->edge, axis->count * sizeof(u64));
	return 0;
}

static void fill_plain(struct minifw_axis *axis, enum minifw_axis_id id, const struct making *m,
		       u32 words)
{
	u32 piece, i;

	for (piece = 0; piece < axis->count; piece++)
		for (i = 0; i < m->count; i++)
			if (axis->count == 1 || takes(&m->bounds[m->index[i]], id, piece))
				axis->row[piece * words + i / 64] |= BIT_ULL(i % 64);
}

/* Where a rule begins and where it has ended its bit flips; each row is the one before, flipped. */
static void fill_ranges(struct minifw_axis *axis, enum minifw_axis_id id, const struct making *m,
			u32 words)
{
	u64 first, last;
	u32 i;

	for (i = 0; i < m->count; i++) {
		bounds_on(&m->bounds[m->index[i]], id, m->family, &first, &last);
		axis->row[piece_of(axis, first) * words + i / 64] ^= BIT_ULL(i % 64);
		if (last != U64_MAX && axis->edge[axis->count - 1] > last)
			axis->row[piece_of(axis, last + 1) * words + i / 64] ^= BIT_ULL(i % 64);
	}
	for (i = words; i < axis->count * words; i++)
		axis->row[i] ^= axis->row[i - words];
}

static int axis_fill(struct minifw_axis *axis, enum minifw_axis_id id, const struct making *m,
		     u32 words)
{
	axis->row = kvcalloc((size_t)axis->count * words, sizeof(u64), GFP_KERNEL);
	if (!axis->row)
		return -ENOMEM;
	if (is_plain(id))
		fill_plain(axis, id, m, words);
	else
		fill_ranges(axis, id, m, words);
	return 0;
}

static int block_cut(struct minifw_block *block, const struct making *m)
{
	unsigned int id;
	int ret = 0;

	block->words = DIV_ROUND_UP(m->count, 64);
	block->size = sizeof(*block);
	for (id = 0; !ret && id < MINIFW_NR_AXES; id++) {
		ret = axis_cut(&block->axis[id], id, m);
		block->size += (size_t)block->axis[id].count * (block->words + 1) * sizeof(u64);
		if (block->axis[id].count > 1 || id == MINIFW_AXIS_PROTO)
			block->id[block->count++] = id;
	}
	return ret;
}

/* Fields for which rules may name a set. */
static const struct {
	u8 id;
	u8 attr;
} joint_fields[MINIFW_JOINTS_MAX] = {
	{ MINIFW_AXIS_SADDR, MINIFW_ATTR_saddr }, { MINIFW_AXIS_DADDR, MINIFW_ATTR_daddr },
	{ MINIFW_AXIS_SPORT, MINIFW_ATTR_sport }, { MINIFW_AXIS_DPORT, MINIFW_ATTR_dport },
};

static int add_joint(struct minifw_block *block, unsigned int field, const struct making *m)
{
	enum minifw_axis_id id = joint_fields[field].id;
	bool addr = id == MINIFW_AXIS_SADDR || id == MINIFW_AXIS_DADDR;
	struct minifw_joint *joint;
	u32 i;

	for (i = 0; i < m->count; i++)
		m->ref[i] = minifw_spec_ref(&m->rules[m->bounds[m->index[i]].rank]->spec,
					    joint_fields[field].attr);
	joint = minifw_joint_create(m->ref, m->count, addr ? m->family : 0,
				    addr ? minifw_addr_len(m->family) : sizeof(u16),
				    m->count > MINIFW_BLOCK_MIN);
	if (IS_ERR_OR_NULL(joint))
		return PTR_ERR_OR_ZERO(joint);
	block->joint_id[block->joints] = id;
	block->joint[block->joints++] = joint;
	return 0;
}

static struct minifw_block *block_create(const struct making *m)
{
	struct minifw_block *block = kzalloc(sizeof(*block), GFP_KERNEL);
	unsigned int i;
	int ret;

	if (!block)
		return ERR_PTR(-ENOMEM);
	ret = block_cut(block, m);
	if (!ret && m->count > MINIFW_BLOCK_MIN && block->size > BYTES_A_RULE * m->count)
		ret = -E2BIG;
	for (i = 0; !ret && i < MINIFW_NR_AXES; i++)
		ret = axis_fill(&block->axis[i], i, m, block->words);
	for (i = 0; !ret && i < MINIFW_JOINTS_MAX; i++)
		ret = add_joint(block, i, m);
	if (!ret)
		return block;
	minifw_block_free(block);
	return ERR_PTR(ret);
}

/**
 * minifw_block_create() - bit vectors of rules
 * @rules: by rank
 * @bounds: of all rules
 * @index: which of them, in order
 * @count: how many there are; takes how many of the first of them fit
 * @family: IPv4 or IPv6
 *
 * Context: may sleep.
 * Return: the block, or NULL without memory.
 */
struct minifw_block *minifw_block_create(struct minifw_live *const *rules,
					 const struct minifw_bounds *bounds, const u32 *index,
					 u32 *count, enum minifw_family family)
{
	struct making m = { .rules = rules, .bounds = bounds, .index = index, .family = family };
	struct minifw_block *block = ERR_PTR(-ENOMEM);

	m.edge = kvmalloc_array(MOST_EDGES, sizeof(u64), GFP_KERNEL);
	m.ref = kvmalloc_array(MINIFW_BLOCK_MAX, sizeof(*m.ref), GFP_KERNEL);
	m.count = min_t(u32, *count, MINIFW_BLOCK_MAX);
	if (m.edge && m.ref)
		block = block_create(&m);
	while (PTR_ERR_OR_ZERO(block) == -E2BIG) {
		m.count = max_t(u32, m.count / 2, MINIFW_BLOCK_MIN);
		block = block_create(&m);
	}
	*count = m.count;
	kvfree(m.edge);
	kvfree(m.ref);
	return IS_ERR(block) ? NULL : block;
}

/**
 * minifw_block_free() - undo minifw_block_create()
 * @block: what it returned, or NULL
 *
 * Context: process; no packet may see it.
 */
void minifw_block_free(struct minifw_block *block)
{
	unsigned int i;

	for (i = 0; block && i < MINIFW_NR_AXES; i++) {
		kvfree(block->axis[i].edge);
		kvfree(block->axis[i].row);
	}
	for (i = 0; block && i < block->joints; i++)
		minifw_joint_free(block->joint[i]);
	kfree(block);
}

/**
 * minifw_block_stale() - how many sets have changed since a block was made
 * @block: the block
 *
 * Context: any.
 * Return: how many; one that is named for two fields counts twice.
 */
unsigned int minifw_block_stale(const struct minifw_block *block)
{
	unsigned int i, stale = 0;

	for (i = 0; i < block->joints; i++)
		stale += minifw_joint_stale(block->joint[i]);
	return stale;
}

/* ---- asking ---- */

static __always_inline u64 number_of(const struct minifw_query *q, enum minifw_axis_id id,
				     enum minifw_family family)
{
	const struct minifw_packet *packet = q->packet;

	switch (id) {
	case MINIFW_AXIS_SADDR:
		return top_of(packet->saddr, family);
	case MINIFW_AXIS_DADDR:
		return top_of(packet->daddr, family);
	case MINIFW_AXIS_SPORT:
		return packet->sport;
	case MINIFW_AXIS_DPORT:
		return q->dport;
	case MINIFW_AXIS_PROTO:
		return packet->proto;
	case MINIFW_AXIS_TCP_FLAGS:
		return packet->tcp_flags;
	default:
		return minifw_ct_state_of(packet->skb);
	}
}

static __always_inline u64 bits_of(const u64 *const *row, unsigned int count, u32 word)
{
	u64 bits = row[0][word];
	unsigned int i;

	for (i = 1; i < count; i++)
		bits &= row[i][word];
	return bits;
}

/* The first of 64 rules that matches; @best where an earlier one is it, NULL where none does. */
static __always_inline const struct minifw_leaf *
first_of(u64 bits, u32 word, const void *leaves, const struct minifw_query *q,
	 const struct minifw_leaf *best, enum minifw_family family)
{
	for (; bits; bits &= bits - 1) {
		const struct minifw_leaf *leaf =
			minifw_leaf_at(leaves, word * 64 + __ffs64(bits), family);

		if (leaf->rank >= best->rank)
			return best;
		if (minifw_leaf_matches(leaf, q, family))
			return leaf;
	}
	return NULL;
}

static const u64 *joint_row(const struct minifw_block *block, unsigned int i,
			    const struct minifw_query *q)
{
	switch (block->joint_id[i]) {
	case MINIFW_AXIS_SADDR:
		return minifw_joint_row(block->joint[i], q->packet->saddr);
	case MINIFW_AXIS_DADDR:
		return minifw_joint_row(block->joint[i], q->packet->daddr);
	case MINIFW_AXIS_SPORT:
		return minifw_joint_row(block->joint[i],
					(struct minifw_addr){ .lo = q->packet->sport });
	default:
		return minifw_joint_row(block->joint[i], (struct minifw_addr){ .lo = q->dport });
	}
}

/* Where rules name sets: the rest of minifw_block_lookup(), with their joint indexes. */
static noinline const struct minifw_leaf *
lookup_joints(const struct minifw_block *block, const void *leaves, const struct minifw_query *q,
	      const struct minifw_leaf *best, const u64 *const *row, enum minifw_family family)
{
	const u64 *joint[MINIFW_JOINTS_MAX] __uninitialized;
	u64 left = GENMASK_ULL(block->words - 1, 0);
	unsigned int i;

	for (i = 0; i < block->joints; i++) {
		joint[i] = joint_row(block, i, q);
		left &= minifw_joint_words(block->joint[i], joint[i]);
	}
	for (; left; left &= left - 1) {
		u32 word = __ffs64(left);
		u64 bits = bits_of(row, block->count, word);
		const struct minifw_leaf *leaf;

		for (i = 0; i < block->joints; i++)
			bits &= minifw_joint_bits(block->joint[i], joint[i], word);
		leaf = first_of(bits, word, leaves, q, best, family);
		if (leaf)
			return leaf;
	}
	return best;
}

/**
 * minifw_block_lookup() - the first rule of a block that matches
 * @block: the block
 * @leaves: its rules, in order
 * @q: the packet
 * @best: the rule before which it must be
 * @family: IPv4 or IPv6
 *
 * Context: the packet path.
 * Return: its leaf, or @best.
 */
const struct minifw_leaf *minifw_block_lookup(const struct minifw_block *block,
					      const void *leaves, const struct minifw_query *q,
					      const struct minifw_leaf *best,
					      enum minifw_family family)
{
	const u64 *row[MINIFW_NR_AXES] __uninitialized;
	u32 i;

	for (i = 0; i < block->count; i++) {
		const struct minifw_axis *axis = &block->axis[block->id[i]];
		u32 piece = piece_of(axis, number_of(q, block->id[i], family));

		row[i] = &axis->row[(size_t)piece * block->words];
	}
	if (unlikely(block->joints))
		return lookup_joints(block, leaves, q, best, row, family);
	for (i = 0; i < block->words; i++) {
		const struct minifw_leaf *leaf = first_of(bits_of(row, block->count, i), i, leaves,
							  q, best, family);

		if (leaf)
			return leaf;
	}
	return best;
}
