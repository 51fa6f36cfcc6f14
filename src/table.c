// SPDX-License-Identifier: GPL-2.0
/*
 * Tables: the rules of one tuple in a hash table that is made once.
 *
 * A bucket is a bit in a word of 64, which says with one look that nothing is there.
 * If something is, the bits below count how many buckets come before, and so where the
 * bucket's first leaf is: words are small, and leaves stand without gaps.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "plan.h"
#include "table.h"

#define BUCKETS_A_KEY	16
#define MIN_BUCKETS	(4 * 64)	/* then leaves begin where a cache line does */

/* ---- what the rules of a plan come to ---- */

/**
 * struct filling - a table that is being made
 * @table: the table
 * @plan: the rules that are left
 * @tuple: which of them it takes
 * @buckets: how many it has
 * @first: leaves that are the first of their bucket
 * @others: leaves that are not
 */
struct filling {
	struct minifw_table *table;
	struct minifw_plan *plan;
	const struct minifw_tuple *tuple;
	u32 buckets;
	u32 first;
	u32 others;
};

/* The bucket of each rule that the tuple covers, and how many are in each. */
static void count_buckets(struct filling *f)
{
	struct minifw_plan *plan = f->plan;
	u32 i;

	memset(plan->cell, 0, f->buckets);
	for (i = 0; i < plan->count; i++) {
		const struct minifw_bounds *b = &plan->bounds[plan->rest[i]];
		u32 bucket;

		if (!minifw_tuple_covers(f->tuple, b))
			continue;
		bucket = minifw_tuple_hash_bounds(f->tuple, &f->table->mask, b, plan->family) >>
			 f->table->shift;
		plan->hash[i] = bucket;
		plan->cell[bucket] += plan->cell[bucket] < U8_MAX;
	}
	plan->work -= plan->count;
}

/* Where too many meet, none is taken: another tuple may tell them apart. */
static void drop_crowds(struct filling *f)
{
	u8 *cell = f->plan->cell;
	u32 i;

	for (i = 0; i < f->buckets; i++) {
		if (cell[i] > MINIFW_BUCKET_MAX)
			cell[i] = 0;
		f->first += !!cell[i];
		f->others += cell[i] - !!cell[i];
	}
}

static int make_room(struct filling *f)
{
	size_t words = f->buckets / 64 * sizeof(struct minifw_buckets);
	size_t leaves = (f->first + f->others) * minifw_leaf_size(f->plan->family);

	f->table->words = kvmalloc(words + leaves, GFP_KERNEL);
	if (!f->table->words)
		return -ENOMEM;
	f->table->leaves = (void *)f->table->words + words;
	f->table->count = f->first + f->others;
	return 0;
}

static void fill_words(struct filling *f)
{
	struct minifw_buckets *word = f->table->words;
	u32 i, base = 0;

	for (i = 0; i < f->buckets; i++) {
		if (!(i % 64))
			word[i / 64] = (struct minifw_buckets){
				.base = base, .best = MINIFW_NO_RANK,
			};
		if (!f->plan->cell[i])
			continue;
		word[i / 64].bits |= BIT_ULL(i % 64);
		base++;
	}
}

static struct minifw_leaf *leaf_at(const struct minifw_table *table, u32 index,
				   enum minifw_family family)
{
	return (struct minifw_leaf *)minifw_leaf_at(table->leaves, index, family);
}

static void bounds_leaf(const struct minifw_plan *plan, const struct minifw_bounds *b,
			struct minifw_leaf *leaf)
{
	minifw_bounds_leaf(b, plan->rules[b->rank], plan->family, leaf);
}

/*
 * Rules come in order. A bucket's cell says how many are still to come; its first leaf
 * has no rank before the first came.
 */
static void place(struct filling *f, const struct minifw_bounds *b, u32 bucket, u32 *others)
{
	struct minifw_buckets *word = &f->table->words[bucket / 64];
	u64 below = BIT_ULL(bucket % 64) - 1;
	enum minifw_family family = f->plan->family;
	struct minifw_leaf *first = leaf_at(f->table, word->base + hweight64(word->bits & below),
					    family);
	u8 *cell = &f->plan->cell[bucket];

	if (first->rank == MINIFW_NO_RANK) {
		bounds_leaf(f->plan, b, first);
		first->others = *cell - 1;
		first->more = *others;
		*others += first->others;
		word->best = min(word->best, b->rank);
		return;
	}
	bounds_leaf(f->plan, b, leaf_at(f->table, first->more + first->others - --*cell, family));
}

static void fill_leaves(struct filling *f)
{
	struct minifw_plan *plan = f->plan;
	u32 i, kept = 0, others = f->first;

	for (i = 0; i < f->first; i++)
		leaf_at(f->table, i, plan->family)->rank = MINIFW_NO_RANK;
	for (i = 0; i < plan->count; i++) {
		const struct minifw_bounds *b = &plan->bounds[plan->rest[i]];

		if (!minifw_tuple_covers(f->tuple, b) || !plan->cell[plan->hash[i]]) {
			plan->rest[kept++] = plan->rest[i];
			continue;
		}
		f->table->best = min(f->table->best, b->rank);
		place(f, b, plan->hash[i], &others);
	}
	plan->count = kept;
}

/**
 * minifw_table_hash() - a table of a tuple
 * @table: takes it
 * @plan: the rules that are left; those that find room are taken out
 * @tuple: which bits tell them apart
 * @keys: how many different ones there are, about
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM with an empty table.
 */
int minifw_table_hash(struct minifw_table *table, struct minifw_plan *plan,
		      const struct minifw_tuple *tuple, u32 keys)
{
	struct filling f = { .table = table, .plan = plan, .tuple = tuple };

	f.buckets = clamp_t(u32, roundup_pow_of_two(keys * BUCKETS_A_KEY), MIN_BUCKETS,
			    plan->cells);
	*table = (struct minifw_table){
		.best = MINIFW_NO_RANK,
		.kind = MINIFW_TABLE_HASH,
		.extra = tuple->extra,
		.shift = 64 - ilog2(f.buckets),
		.mask = minifw_tuple_mask(tuple, plan->family),
	};
	count_buckets(&f);
	drop_crowds(&f);
	if (make_room(&f))
		return -ENOMEM;
	fill_words(&f);
	fill_leaves(&f);
	return 0;
}

/**
 * minifw_table_rest() - a table of what no tuple tells apart
 * @table: takes it
 * @plan: the rules that are left; the first of them are taken out
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM with an empty table.
 */
int minifw_table_rest(struct minifw_table *table, struct minifw_plan *plan)
{
	u32 i, count = plan->count;

	*table = (struct minifw_table){
		.best = plan->bounds[plan->rest[0]].rank,
		.kind = MINIFW_TABLE_SCAN,
	};
	if (count > MINIFW_SCAN_MAX) {
		table->kind = MINIFW_TABLE_BLOCK;
		table->block = minifw_block_create(plan->rules, plan->bounds, plan->rest,
						   &count, plan->family);
		if (!table->block)
			return -ENOMEM;
	}
	table->leaves = kvmalloc_array(count, minifw_leaf_size(plan->family), GFP_KERNEL);
	if (!table->leaves) {
		minifw_table_clear(table);
		return -ENOMEM;
	}
	for (i = 0; i < count; i++)
		bounds_leaf(plan, &plan->bounds[plan->rest[i]], leaf_at(table, i, plan->family));
	table->count = count;
	plan->count -= count;
	memmove(plan->rest, plan->rest + count, plan->count * sizeof(*plan->rest));
	return 0;
}

/**
 * minifw_table_clear() - let go of what is in a table
 * @table: the table
 *
 * Context: process; no packet may see it.
 */
void minifw_table_clear(struct minifw_table *table)
{
	if (table->words)
		kvfree(table->words);	/* the leaves are behind them */
	else
		kvfree(table->leaves);
	minifw_block_free(table->block);
	*table = (struct minifw_table){};
}
