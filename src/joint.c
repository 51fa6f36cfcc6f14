// SPDX-License-Identifier: GPL-2.0
/*
 * Joint indexes: of all the sets that the rules of a block name for one field.  The field
 * is cut into pieces where an element of a set begins or has ended; each piece has a row of
 * bits, one for each rule that a number of it may be for.  So of a thousand rules with a set each
 * packets ask those alone whose set has their address.
 *
 * It says where to look, and minifw_match() what is true: a row may have too many rules, never too
 * few.  What a set gets later is not in it (watch.c).
 *
 * Memory is linear: a piece takes 8 bytes (20 of IPv6), of which an element makes two at the
 * most; rows are shared by pieces with the same rules, and take less than ROW_BYTES an element.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "compat.h"
#include "joint.h"
#include "key.h"
#include "part.h"
#include "radix.h"
#include "reference.h"
#include "tuple.h"

#define FEW_RULES	8	/* that name sets are asked one by one */
#define SET_MAX		65536	/* elements of a set that is not left out */
#define ELEMENTS_MAX	262144	/* of all sets together */

/* Two rows of 256 rules: so a block of no more has room in any case. */
#define ROW_BYTES	64
#define SPARE_ROWS	64

/**
 * struct naming - a rule names a set
 * @set: the set
 * @rule: which of the block
 * @negated: it wants what is not in the set
 */
struct naming {
	struct minifw_set *set;
	u16 rule;
	bool negated;
};

/**
 * struct making - a joint index that is being made
 * @joint: takes it
 * @naming: of all rules, by set
 * @namings: how many
 * @part: of each watch, the elements of its set
 * @elements: how many those are
 * @family: whose elements
 * @key_len: bytes of their keys
 * @len: bytes of a number in @event
 * @event: where elements begin and have ended: a number, and the watch
 * @events: how many
 * @row: the bits of a row
 * @slot: a hash of rows: their number and one more, or 0
 * @print: of each slot, the row's fingerprint
 * @slots: how many, a power of two
 * @rows: how many rows there are
 */
struct making {
	struct minifw_joint *joint;
	struct naming *naming;
	u32 namings;
	struct minifw_part *part;
	u32 elements;
	u8 family;
	u8 key_len;
	u8 len;
	u8 *event;
	u32 events;
	u64 *row;
	u32 *slot;
	u64 *print;
	u32 slots;
	u32 rows;
};

/* ---- which sets ---- */

static int naming_cmp(const void *a, const void *b)
{
	const struct naming *x = a, *y = b;

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	return x->rule - y->rule;
}

static int find_namings(struct making *m, const struct minifw_set_ref *const *ref, u32 count)
{
	u32 i;

	m->naming = kvmalloc_array(count, sizeof(*m->naming), GFP_KERNEL);
	if (!m->naming)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		if (ref[i] && ref[i]->set)
			m->naming[m->namings++] = (struct naming){
				.set = ref[i]->set, .rule = i, .negated = ref[i]->list.negated,
			};
	sort(m->naming, m->namings, sizeof(*m->naming), naming_cmp, NULL);
	return 0;
}

static bool begins_set(const struct making *m, u32 i)
{
	return !i || m->naming[i].set != m->naming[i - 1].set;
}

static int joint_alloc(struct making *m, u32 count)
{
	u32 i, sets = 0;
	struct minifw_joint *joint;

	for (i = 0; i < m->namings; i++)
		sets += begins_set(m, i);
	m->part = kvcalloc(sets, sizeof(*m->part), GFP_KERNEL);
	joint = kvzalloc(struct_size(joint, watch, sets), GFP_KERNEL);
	m->joint = joint;
	if (!m->part || !joint)
		return -ENOMEM;
	joint->wide = m->len > sizeof(u32);
	joint->words = DIV_ROUND_UP(count, 64);
	joint->dirty = kcalloc(joint->words + 1, sizeof(u64), GFP_KERNEL);
	joint->rule = kvmalloc_array(m->namings, sizeof(*joint->rule), GFP_KERNEL);
	m->row = kcalloc(joint->words, sizeof(u64), GFP_KERNEL);
	return joint->dirty && joint->rule && m->row ? 0 : -ENOMEM;
}

/* Its rules are in each row but those of its own; or in each, where the reference is negated. */
static void clear_rules(struct making *m, u32 first, u32 count)
{
	u32 i;

	for (i = first; i < first + count; i++)
		if (!m->naming[i].negated)
			m->row[m->naming[i].rule / 64] &= ~BIT_ULL(m->naming[i].rule % 64);
}

/* A set that changes by itself, or has very many elements, is asked in any case. */
static void take_set(struct making *m, u32 first, u32 count)
{
	struct minifw_joint *joint = m->joint;
	struct minifw_watch *watch = &joint->watch[joint->watches];
	struct minifw_part *part = &m->part[joint->watches];

	*watch = (struct minifw_watch){
		.set = m->naming[first].set, .dirty = joint->dirty,
		.rule = &joint->rule[first], .count = count,
	};
	minifw_watch_start(watch);
	if (minifw_watch_read(watch, m->family, m->key_len, part)) {
		if (part->runs <= SET_MAX && m->elements + part->runs <= ELEMENTS_MAX) {
			m->elements += part->runs;
			joint->watches++;
			clear_rules(m, first, count);
			return;
		}
		minifw_part_put(part);
	}
	minifw_watch_stop(watch);
}

static u32 take_sets(struct making *m)
{
	u32 i, first = 0, taken = 0;

	memset(m->row, 0xff, m->joint->words * sizeof(u64));
	for (i = 0; i < m->namings; i++)
		m->joint->rule[i] = m->naming[i].rule;
	for (i = 1; i <= m->namings; i++) {
		if (i < m->namings && !begins_set(m, i))
			continue;
		take_set(m, first, i - first);
		first = i;
	}
	for (i = 0; i < m->joint->watches; i++)
		taken += m->joint->watch[i].count;
	return taken;
}

/* ---- where their elements begin and have ended ---- */

static void push(struct making *m, const struct minifw_key *key, u32 watch)
{
	u8 *event = m->event + (size_t)m->events++ * (m->len + sizeof(watch));

	memset(event, 0, m->len - m->key_len);
	memcpy(event + m->len - m->key_len, key->byte, m->key_len);
	memcpy(event + m->len, &watch, sizeof(watch));
}

static void push_part(struct making *m, u32 watch)
{
	struct minifw_part_walk walk = { .part = &m->part[watch] };
	struct minifw_key first, last;
	u32 left = m->part[watch].runs;

	while (left && minifw_part_next(&walk, &first, &last)) {
		push(m, &first, watch);
		if (minifw_key_next(&last, m->key_len))
			push(m, &last, watch);
		if (!(--left % 1024))
			cond_resched();
	}
}

static int find_events(struct making *m)
{
	u8 size = m->len + sizeof(u32);
	u32 i;

	m->event = kvmalloc_array(2 * m->elements + 1, size, GFP_KERNEL);
	if (!m->event)
		return -ENOMEM;
	for (i = 0; i < m->joint->watches; i++)
		push_part(m, i);
	minifw_radix_sort(m->event, m->events, size, m->len);
	return 0;
}

static const u8 *event_at(const struct making *m, u32 i)
{
	return m->event + (size_t)i * (m->len + sizeof(u32));
}

static u32 watch_at(const struct making *m, u32 i)
{
	u32 watch;

	memcpy(&watch, event_at(m, i) + m->len, sizeof(watch));
	return watch;
}

static bool begins_piece(const struct making *m, u32 i)
{
	return !i || memcmp(event_at(m, i), event_at(m, i - 1), m->len);
}

/* ---- pieces, and which of them have the same row ---- */

static u32 rows_max(const struct making *m)
{
	return (u64)m->elements * ROW_BYTES / (m->joint->words * sizeof(u64)) + SPARE_ROWS;
}

static int make_slots(struct making *m, u32 pieces)
{
	m->slots = 64;
	while (m->slots < 2 * min(pieces, rows_max(m)) + 2)
		m->slots *= 2;
	m->slot = kvcalloc(m->slots, sizeof(*m->slot), GFP_KERNEL);
	m->print = kvmalloc_array(m->slots, sizeof(*m->print), GFP_KERNEL);
	return m->slot && m->print ? 0 : -ENOMEM;
}

/* What a set adds to the fingerprint of a row. */
static u64 print_of(u32 watch)
{
	u64 print = (watch + 1) * MINIFW_HASH_1;

	print = (print ^ print >> 32) * MINIFW_HASH_2;
	return print ^ print >> 29;
}

/*
 * The row of a fingerprint. Rows are not compared: were two of one fingerprint, they would be
 * one row with the rules of both.
 */
static u32 row_of(struct making *m, u64 print)
{
	u32 at = print & (m->slots - 1);

	while (m->slot[at] && m->print[at] != print)
		at = (at + 1) & (m->slots - 1);
	if (!m->slot[at]) {
		m->print[at] = print;
		m->slot[at] = ++m->rows;
	}
	return m->slot[at] - 1;
}

static void set_edge(struct minifw_joint *joint, const u8 *number)
{
	if (joint->wide)
		joint->wide_edge[joint->count] = (struct minifw_addr){
			.hi = get_unaligned_be64(number), .lo = get_unaligned_be64(number + 8),
		};
	else
		joint->narrow_edge[joint->count] = get_unaligned_be32(number);
}

static void add_piece(struct making *m, const u8 *number, u64 print)
{
	struct minifw_joint *joint = m->joint;
	u32 row = row_of(m, print) * (joint->words + 1);

	if (joint->count && joint->row_of[joint->count - 1] == row)
		return;
	set_edge(joint, number);
	joint->row_of[joint->count++] = row;
}

static int make_pieces(struct making *m, u32 pieces)
{
	struct minifw_joint *joint = m->joint;

	joint->row_of = kvmalloc_array(pieces, sizeof(*joint->row_of), GFP_KERNEL);
	joint->narrow_edge = kvmalloc_array(pieces, m->len, GFP_KERNEL);
	return joint->row_of && joint->narrow_edge ? make_slots(m, pieces) : -ENOMEM;
}

static int cut(struct making *m, bool fit)
{
	static const u8 lowest[MINIFW_KEY_MAX];
	u32 i, pieces = 1, most = rows_max(m);
	u64 print = 0;
	int ret;

	for (i = 0; i < m->events; i++)
		pieces += begins_piece(m, i);
	ret = make_pieces(m, pieces);
	if (ret)
		return ret;
	add_piece(m, lowest, 0);
	for (i = 0; i < m->events; i++) {
		print ^= print_of(watch_at(m, i));
		if (i + 1 < m->events && !begins_piece(m, i + 1))
			continue;
		if (m->rows > most && fit)
			return -E2BIG;
		add_piece(m, event_at(m, i), print);
		if (!(i % 1024))
			cond_resched();
	}
	return 0;
}

/* ---- rows ---- */

static void flip_rules(struct making *m, const struct minifw_watch *watch)
{
	u32 i;

	for (i = 0; i < watch->count; i++)
		m->row[watch->rule[i] / 64] ^= BIT_ULL(watch->rule[i] % 64);
}

static void fill_row(struct making *m, u32 piece)
{
	struct minifw_joint *joint = m->joint;
	u64 *row = joint->row + joint->row_of[piece];
	u32 word;

	for (word = 0; word < joint->words; word++) {
		row[1 + word] |= m->row[word];
		if (m->row[word])
			row[0] |= BIT_ULL(word);
	}
}

/* Does a piece begin at event @i?  Those that would be like the one before them are none. */
static bool is_edge(const struct making *m, u32 i, u32 piece)
{
	struct minifw_joint *joint = m->joint;
	const u8 *number = event_at(m, i);

	if (piece == joint->count)
		return false;
	if (!joint->wide)
		return joint->narrow_edge[piece] == get_unaligned_be32(number);
	return joint->wide_edge[piece].hi == get_unaligned_be64(number) &&
	       joint->wide_edge[piece].lo == get_unaligned_be64(number + 8);
}

static int fill(struct making *m)
{
	struct minifw_joint *joint = m->joint;
	u32 i, piece = 0;

	joint->row = kvcalloc((size_t)m->rows * (joint->words + 1), sizeof(u64), GFP_KERNEL);
	if (!joint->row)
		return -ENOMEM;
	fill_row(m, 0);
	for (i = 0; i < m->events; i++) {
		flip_rules(m, &joint->watch[watch_at(m, i)]);
		if (i + 1 < m->events && !begins_piece(m, i + 1))
			continue;
		piece += is_edge(m, i, piece + 1);
		fill_row(m, piece);
		if (!(i % 1024))
			cond_resched();
	}
	return 0;
}

/* ---- all of it ---- */

static int make(struct making *m, const struct minifw_set_ref *const *ref, u32 count, bool fit)
{
	int ret = find_namings(m, ref, count);

	if (ret || m->namings <= FEW_RULES)
		return ret;
	ret = joint_alloc(m, count);
	if (ret || take_sets(m) <= FEW_RULES)
		return ret;
	return find_events(m) ?: cut(m, fit) ?: fill(m);
}

static void making_clear(struct making *m)
{
	u32 i;

	for (i = 0; m->part && m->joint && i < m->joint->watches; i++)
		minifw_part_put(&m->part[i]);
	kvfree(m->part);
	kvfree(m->naming);
	kvfree(m->event);
	kvfree(m->slot);
	kvfree(m->print);
	kfree(m->row);
}

/**
 * minifw_joint_create() - index the sets that rules name for a field
 * @ref: for each rule of a block, the set that it names, bound; or NULL
 * @count: how many rules: 64 times 64 at the most
 * @family: of addresses; 0 of ports
 * @len: bytes of the field: 4, 16, or of ports 2
 * @fit: give up where rows take too much; else there are 256 rules at the most
 *
 * The sets are watched. They stay as long as the index, for the rules do.
 *
 * Context: may sleep; minifw_ruleset_mutex may be held.
 * Return: the index; NULL where it would be of no use; -ENOMEM, -E2BIG.
 */
struct minifw_joint *minifw_joint_create(const struct minifw_set_ref *const *ref, u32 count,
					 u8 family, u8 len, bool fit)
{
	struct making m = {
		.family = family, .key_len = len, .len = max_t(u8, len, sizeof(u32)),
	};
	int ret = make(&m, ref, count, fit);

	making_clear(&m);
	if (!ret && m.joint && m.joint->row)
		return m.joint;
	minifw_joint_free(m.joint);
	return ret ? ERR_PTR(ret) : NULL;
}

/**
 * minifw_joint_free() - undo minifw_joint_create()
 * @joint: what it returned, or NULL; no packet may see it
 *
 * Context: may sleep.
 */
void minifw_joint_free(struct minifw_joint *joint)
{
	if (!joint)
		return;
	while (joint->watches)
		minifw_watch_stop(&joint->watch[--joint->watches]);
	kvfree(joint->narrow_edge);
	kvfree(joint->row_of);
	kvfree(joint->row);
	kvfree(joint->rule);
	kfree(joint->dirty);
	kvfree(joint);
}

/**
 * minifw_joint_stale() - how many sets have changed since the index was made
 * @joint: the index
 *
 * Context: any.
 * Return: how many.
 */
unsigned int minifw_joint_stale(const struct minifw_joint *joint)
{
	unsigned int stale = 0;
	u32 i;

	for (i = 0; i < joint->watches; i++)
		stale += READ_ONCE(joint->watch[i].stale);
	return stale;
}

/* ---- asking, without a branch that depends on the number ---- */

static u32 narrow_piece(const struct minifw_joint *joint, u32 number)
{
	const u32 *edge = joint->narrow_edge;
	u32 count = joint->count;

	while (count > 1) {
		u32 half = count / 2;

		edge += edge[half] <= number ? half : 0;
		count -= half;
	}
	return edge - joint->narrow_edge;
}

static u32 wide_piece(const struct minifw_joint *joint, struct minifw_addr number)
{
	const struct minifw_addr *edge = joint->wide_edge;
	u32 count = joint->count;

	while (count > 1) {
		u32 half = count / 2;
		bool before = edge[half].hi < number.hi;

		before |= edge[half].hi == number.hi && edge[half].lo <= number.lo;
		edge += before ? half : 0;
		count -= half;
	}
	return edge - joint->wide_edge;
}

/**
 * minifw_joint_row() - which rules a number may be for
 * @joint: the index
 * @number: an address, or a port in its lower half
 *
 * Context: the packet path.
 * Return: the row; for minifw_joint_words() and minifw_joint_bits().
 */
const u64 *minifw_joint_row(const struct minifw_joint *joint, struct minifw_addr number)
{
	u32 piece = joint->wide ? wide_piece(joint, number) : narrow_piece(joint, number.lo);

	return joint->row + joint->row_of[piece];
}
