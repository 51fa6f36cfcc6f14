// SPDX-License-Identifier: GPL-2.0
/*
 * Elements of sets that go by themselves, or that packets put there: in a hash
 * that changes while packets look into it.  A range with a time-out is kept as the
 * prefixes that it consists of, and looked for by each length of prefix that there is.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "timed.h"

static const struct rhashtable_params params = {
	.key_len = sizeof(struct minifw_timed_key),
	.key_offset = offsetof(struct minifw_timed, key),
	.head_offset = offsetof(struct minifw_timed, node),
	.automatic_shrinking = true,
};

/**
 * minifw_timed_table_create() - an empty table
 *
 * Context: may sleep.
 * Return: the table with one reference, or NULL.
 */
struct minifw_timed_table *minifw_timed_table_create(void)
{
	struct minifw_timed_table *table = kzalloc(sizeof(*table), GFP_KERNEL);

	if (!table)
		return NULL;
	if (rhashtable_init(&table->hash, &params)) {
		kfree(table);
		return NULL;
	}
	refcount_set(&table->refs, 1);
	return table;
}

/**
 * minifw_timed_table_get() - hold a table, as contents do
 * @table: the table
 *
 * Context: any.
 * Return: @table.
 */
struct minifw_timed_table *minifw_timed_table_get(struct minifw_timed_table *table)
{
	refcount_inc(&table->refs);
	return table;
}

static void free_element(void *timed, void *ctx)
{
	kfree(timed);
}

/**
 * minifw_timed_table_put() - let go of a table; the last one frees it and its elements
 * @table: the table, or NULL
 *
 * Context: process; no packet may see it by way of the caller's reference.
 */
void minifw_timed_table_put(struct minifw_timed_table *table)
{
	if (!table || !refcount_dec_and_test(&table->refs))
		return;
	rhashtable_free_and_destroy(&table->hash, free_element, NULL);
	kfree(table);
}

/**
 * minifw_timed_table_size() - the memory of a table
 * @table: the table
 *
 * Context: process.
 * Return: bytes, its elements included.
 */
size_t minifw_timed_table_size(struct minifw_timed_table *table)
{
	size_t buckets;

	rcu_read_lock();
	buckets = rht_dereference_rcu(table->hash.tbl, &table->hash)->size;
	rcu_read_unlock();
	return sizeof(*table) + buckets * sizeof(void *) +
	       atomic_read(&table->count) * sizeof(struct minifw_timed);
}

/**
 * minifw_timed_find() - the element of a prefix
 * @table: the table
 * @key: the prefix
 *
 * Context: RCU read side.
 * Return: the element, expired or not, or NULL.
 */
struct minifw_timed *minifw_timed_find(struct minifw_timed_table *table,
				       const struct minifw_timed_key *key)
{
	return rhashtable_lookup(&table->hash, key, params);
}

/**
 * minifw_timed_has() - is a key there?
 * @table: the table
 * @family: the key's
 * @len: its bytes
 * @key: the key
 * @generation: of the contents that it is looked for in
 *
 * Context: RCU read side; the packet path.
 * Return: whether a prefix that holds it is there.
 */
bool minifw_timed_has(struct minifw_timed_table *table, u8 family, u8 len,
		      const struct minifw_key *key, u64 generation)
{
	struct minifw_timed_key prefix = { .family = family, .key = *key };
	const struct minifw_timed *timed;
	int bits = len * 8;

	/* from the longest to the shortest, so that masking goes on where it was */
	for (; bits >= 0; bits--) {
		if (!test_bit(bits, table->bits[family]))
			continue;
		minifw_key_mask(&prefix.key, len, bits);
		prefix.bits = bits;
		timed = minifw_timed_find(table, &prefix);
		if (timed && minifw_timed_there(timed, generation, get_jiffies_64()))
			return true;
	}
	return false;
}

/**
 * minifw_timed_create() - an element that is in no table yet
 * @key: what it is
 * @gfp: how to allocate it
 *
 * Context: as @gfp says.
 * Return: the element, in all generations and never to go; or NULL.
 */
struct minifw_timed *minifw_timed_create(const struct minifw_timed_key *key, gfp_t gfp)
{
	struct minifw_timed *timed = kmalloc(sizeof(*timed), gfp);

	if (timed)
		*timed = (struct minifw_timed){
			.key = *key, .until = MINIFW_NEVER, .expires = MINIFW_NEVER,
		};
	return timed;
}

/**
 * minifw_timed_insert() - put an element into a table
 * @table: the table
 * @timed: the element
 *
 * Context: RCU read side or the set's writers; any, packets among them.
 * Return: NULL, the element that is there already, or an ERR_PTR.
 */
struct minifw_timed *minifw_timed_insert(struct minifw_timed_table *table,
					 struct minifw_timed *timed)
{
	struct minifw_timed *there;

	if (!test_bit(timed->key.bits, table->bits[timed->key.family]))
		set_bit(timed->key.bits, table->bits[timed->key.family]);
	there = rhashtable_lookup_get_insert_fast(&table->hash, &timed->node, params);
	if (!there)
		atomic_inc(&table->count);
	return there;
}

/**
 * minifw_timed_remove() - take an element out of a table, and free it
 * @table: the table
 * @timed: the element
 *
 * Context: the set's writers; may be within an RCU read side.
 */
void minifw_timed_remove(struct minifw_timed_table *table, struct minifw_timed *timed)
{
	if (rhashtable_remove_fast(&table->hash, &timed->node, params))
		return;
	atomic_dec(&table->count);
	kfree_rcu(timed, rcu);
}

/**
 * minifw_timed_list_free() - free elements that are in no table
 * @list: they, by their next
 *
 * Context: process.
 */
void minifw_timed_list_free(struct minifw_timed *list)
{
	while (list) {
		struct minifw_timed *next = list->next;

		kfree(list);
		list = next;
	}
}

/**
 * minifw_timed_list_remove() - take elements out of a table, and free them
 * @table: the table
 * @list: they, by their next
 *
 * Context: the set's writers.
 */
void minifw_timed_list_remove(struct minifw_timed_table *table, struct minifw_timed *list)
{
	while (list) {
		struct minifw_timed *next = list->next;

		minifw_timed_remove(table, list);
		list = next;
	}
}

/* See up to @most elements from where walk number @walk is: whether there may be more. */
static bool walk_on(struct rhashtable_iter *iter, u32 walk, unsigned int most,
		    minifw_timed_visit visit, void *ctx)
{
	struct minifw_timed *timed = NULL;

	rhashtable_walk_start(iter);
	for (; most; most--) {
		timed = rhashtable_walk_next(iter);
		if (IS_ERR_OR_NULL(timed))	/* an error: the table got another size */
			break;
		if (timed->walk == walk)	/* which has met it before the table grew */
			continue;
		timed->walk = walk;
		visit(timed, ctx);
	}
	rhashtable_walk_stop(iter);
	return timed;
}

#define WALK_BATCH 1024	/* elements between two moments in which others may run */

/**
 * minifw_timed_walk() - see all elements, each once
 * @table: the table
 * @visit: is called with each, within an RCU read side; may remove it
 * @ctx: handed to @visit
 *
 * What packets put there meanwhile may be missed.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_timed_walk(struct minifw_timed_table *table, minifw_timed_visit visit, void *ctx)
{
	struct rhashtable_iter iter;

	if (!++table->walks)
		table->walks++;
	rhashtable_walk_enter(&table->hash, &iter);
	while (walk_on(&iter, table->walks, WALK_BATCH, visit, ctx))
		cond_resched();
	rhashtable_walk_exit(&iter);
}

/**
 * struct copying - elements on their way into another table
 * @to: the table
 * @generation: of the contents, of which those are copied that are there
 * @now: get_jiffies_64()
 * @ret: 0 or -ENOMEM
 */
struct copying {
	struct minifw_timed_table *to;
	u64 generation;
	u64 now;
	int ret;
};

/* A growing table may refuse an element for a moment, and in the walk nobody can wait. */
#define COPY_TRIES 1000

static void copy_one(struct minifw_timed *timed, void *ctx)
{
	struct copying *copying = ctx;
	struct minifw_timed *copy, *there;
	unsigned int tries = 0;

	if (copying->ret || !minifw_timed_there(timed, copying->generation, copying->now))
		return;
	copy = minifw_timed_create(&timed->key, GFP_ATOMIC);
	if (!copy) {
		copying->ret = -ENOMEM;
		return;
	}
	copy->expires = READ_ONCE(timed->expires);
	do {
		there = minifw_timed_insert(copying->to, copy);
	} while (there == ERR_PTR(-EBUSY) && ++tries < COPY_TRIES);
	if (there) {
		kfree(copy);
		copying->ret = -ENOMEM;
	}
}

/**
 * minifw_timed_copy() - put what is in one table into another
 * @to: a table that nobody else knows
 * @from: the other
 * @generation: of the contents, of which those are copied that are there
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_timed_copy(struct minifw_timed_table *to, struct minifw_timed_table *from,
		      u64 generation)
{
	struct copying copying = { to, generation, get_jiffies_64() };

	if (atomic_read(&from->count))
		minifw_timed_walk(from, copy_one, &copying);
	return copying.ret;
}
