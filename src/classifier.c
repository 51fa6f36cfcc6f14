// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Theory of Operation
 *
 * Problem: among the rules of one stage and family, in order, find the first
 * that matches a packet; and if that one does not decide, the next.
 *
 * Contract:
 *
 * - build(rules in order) makes an object, or fails, without side effects.
 * - lookup(object, packet, rank) finds the first matching rule at or after the
 *   rank: 0 for the first of all; from one more than the rank of what was found
 *   the search goes on.
 * - The object is immutable, and holds no reference on rules: who owns it does,
 *   and keeps the array that it was built from.
 *
 * Inside: rules stand in tables by what tells them apart (plan.c): most of them in
 * hash tables by a tuple of prefixes (table.c), the others in blocks of bit vectors
 * (block.c); the few of a small rule set, or that are left over, are scanned.  A packet
 * asks the tables from the one on that has the first rule of all, and stops where no table
 * can have an earlier rule than the one that it has found. Of hash tables it asks several at
 * once, so that their answers come while others are still waited for.
 *
 * A rule's rank is its place in the array: the less, the earlier it is tried.  What a
 * table finds is held against the bounds of the rule (bounds.c, leaf.h) and, where these
 * do not say all of it, against the rule itself (match.c).
 *
 * Each rule stands in one table, once, or once for each element of a short list. So memory
 * is linear. What no tuple tells apart is bounded: see MAX_APART.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "classifier.h"
#include "compat.h"
#include "leaf.h"
#include "plan.h"
#include "table.h"

#define MAX_HASHES	48	/* tables by a tuple */

/*
 * Rules that no tuple tells apart, which each packet may have to be held against.
 * A set of more is refused: it would let packets wait for tens of microseconds.
 */
#define MAX_APART	16384

#define MAX_TABLES	(MAX_HASHES + MAX_APART / MINIFW_BLOCK_MIN + 1)

/**
 * struct minifw_classifier - the rules of one stage and family
 * @family: IPv4 or IPv6
 * @rules: by rank
 * @count: tables
 * @hashes: how many of them, the first ones, are hash tables
 * @table: of each kind by their first rank, and then one that no packet can want
 */
struct minifw_classifier {
	enum minifw_family family;
	struct minifw_live *const *rules;
	unsigned int count;
	unsigned int hashes;
	struct minifw_table table[];
};

/* ---- building ---- */

static int add_hashes(struct minifw_classifier *c, struct minifw_plan *plan)
{
	struct minifw_tuple tuple;
	u32 keys;

	while (c->count < MAX_HASHES && (keys = minifw_plan_next(plan, &tuple))) {
		u32 before = plan->count;

		if (minifw_table_hash(&c->table[c->count++], plan, &tuple, keys))
			return -ENOMEM;
		if (plan->count == before)	/* crowds, all of them */
			break;
		cond_resched();
	}
	c->hashes = c->count;
	return 0;
}

static int add_rest(struct minifw_classifier *c, struct minifw_plan *plan)
{
	if (plan->count > MAX_APART)
		return -E2BIG;
	while (plan->count) {
		if (minifw_table_rest(&c->table[c->count++], plan))
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static int table_cmp(const void *a, const void *b)
{
	const struct minifw_table *x = a, *y = b;

	return x->best < y->best ? -1 : x->best > y->best;
}

/* The same in as much memory as it takes. */
static struct minifw_classifier *settle(struct minifw_classifier *c)
{
	struct minifw_classifier *settled;
	size_t size = struct_size(c, table, c->count + 1);

	sort(c->table, c->hashes, sizeof(c->table[0]), table_cmp, NULL);
	c->table[c->count].best = MINIFW_NO_RANK;
	settled = kvmalloc(size, GFP_KERNEL);
	if (!settled)
		return NULL;
	memcpy(settled, c, size);
	return settled;
}

/**
 * minifw_classifier_build() - prepare rules for look-ups
 * @rules: in evaluation order; those of other stages and families are passed over.
 *         The array has to stay
 * @count: how many
 * @stage: where they stand
 * @family: IPv4 or IPv6
 *
 * Context: may sleep.
 * Return: the object, or an ERR_PTR: -ENOMEM; -E2BIG where too many of the rules
 * cannot be told apart.
 */
struct minifw_classifier *minifw_classifier_build(struct minifw_live *const *rules,
						  unsigned int count, enum minifw_stage stage,
						  enum minifw_family family)
{
	struct minifw_classifier *c, *settled = NULL;
	struct minifw_plan plan;
	int ret;

	c = kvzalloc(struct_size(c, table, MAX_TABLES + 1), GFP_KERNEL);
	if (!c)
		return ERR_PTR(-ENOMEM);
	c->family = family;
	c->rules = rules;
	ret = minifw_plan_init(&plan, rules, count, stage, family) ?:
	      add_hashes(c, &plan) ?: add_rest(c, &plan);
	minifw_plan_clear(&plan);
	if (!ret)
		settled = settle(c);
	if (settled)
		kvfree(c);
	else
		minifw_classifier_free(c);
	return settled ?: ERR_PTR(ret ?: -ENOMEM);
}

/**
 * minifw_classifier_free() - undo minifw_classifier_build()
 * @classifier: the object, or NULL; no packet may still see it
 *
 * Context: process.
 */
void minifw_classifier_free(struct minifw_classifier *classifier)
{
	unsigned int i;

	for (i = 0; classifier && i < classifier->count; i++)
		minifw_table_clear(&classifier->table[i]);
	kvfree(classifier);
}

/**
 * minifw_classifiers_build() - one for each stage and family
 * @classifier: takes them, by enum minifw_stage and enum minifw_family; zeroed
 * @rules: as minifw_classifier_build()
 * @count: likewise
 * @stages: a bit for each enum minifw_stage that gets one
 *
 * Context: may sleep.
 * Return: 0, or as minifw_classifier_build(); minifw_classifiers_free() is due in either case.
 */
int minifw_classifiers_build(struct minifw_classifier *classifier[][MINIFW_NR_FAMILIES],
			     struct minifw_live *const *rules, unsigned int count, u8 stages)
{
	unsigned int stage, family;

	for (stage = 0; stage < MINIFW_NR_STAGES; stage++) {
		for (family = 0; (stages & BIT(stage)) && family < MINIFW_NR_FAMILIES; family++) {
			struct minifw_classifier *c =
				minifw_classifier_build(rules, count, stage, family);

			if (IS_ERR(c))
				return PTR_ERR(c);
			classifier[stage][family] = c;
		}
	}
	return 0;
}

/**
 * minifw_classifiers_free() - undo minifw_classifiers_build()
 * @classifier: what it made; no packet may still see them
 *
 * Context: process.
 */
void minifw_classifiers_free(struct minifw_classifier *classifier[][MINIFW_NR_FAMILIES])
{
	unsigned int stage, family;

	for (stage = 0; stage < MINIFW_NR_STAGES; stage++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			minifw_classifier_free(classifier[stage][family]);
}

static unsigned int classifier_stale(const struct minifw_classifier *c)
{
	unsigned int i, stale = 0;

	for (i = c->hashes; i < c->count; i++)
		if (c->table[i].block)
			stale += minifw_block_stale(c->table[i].block);
	return stale;
}

/**
 * minifw_classifiers_stale() - how many sets have changed since they were made
 * @classifier: what minifw_classifiers_build() made
 *
 * Packets ask each rule that names one of these.
 *
 * Context: any.
 * Return: how many; one that is named at several places counts for each.
 */
unsigned int minifw_classifiers_stale(struct minifw_classifier *const
				      classifier[][MINIFW_NR_FAMILIES])
{
	unsigned int stage, family, stale = 0;

	for (stage = 0; stage < MINIFW_NR_STAGES; stage++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			if (classifier[stage][family])
				stale += classifier_stale(classifier[stage][family]);
	return stale;
}

/**
 * minifw_classifier_empty() - has it no rules at all?
 * @classifier: the object
 *
 * Context: any.
 * Return: whether no look-up can find a rule.
 */
bool minifw_classifier_empty(const struct minifw_classifier *classifier)
{
	return !classifier->count;
}

/* ---- looking up ---- */

#define AT_ONCE 4	/* tables that are probed before the first answer is looked at */

/* All tables at @table, @count of them: those of a bucket with rules, as bits. */
static __always_inline unsigned int probe_tables(const struct minifw_table *table,
						 unsigned int count, const struct minifw_query *q,
						 enum minifw_family family,
						 struct minifw_probe *probe)
{
	unsigned int i, hits = 0;

	for (i = 0; i < count; i++)
		hits |= (unsigned int)minifw_table_probe(&table[i], q, family, &probe[i]) << i;
	return hits;
}

/*
 * Most of the time goes by waiting for leaves: they are asked for before the first is looked at.
 * Not inline, so that a scan of a few rules need not save the registers that this takes.
 */
static noinline const struct minifw_leaf *
lookup_hashes(const struct minifw_classifier *c, const struct minifw_query *q,
	      const struct minifw_leaf *best, enum minifw_family family)
{
	const struct minifw_table *table = c->table, *end = c->table + c->hashes;
	struct minifw_probe probe[AT_ONCE] __uninitialized;
	const struct minifw_leaf *leaf[AT_ONCE] __uninitialized;

	for (; table < end && table->best < best->rank; table += AT_ONCE) {
		unsigned int hits = probe_tables(table, min_t(size_t, end - table, AT_ONCE), q,
						 family, probe);
		unsigned int left;

		for (left = hits; left; left &= left - 1) {
			unsigned int i = __ffs(left);

			leaf[i] = minifw_table_leaf(&table[i], probe[i], family);
			minifw_leaf_prefetch(leaf[i], family);
		}
		for (; hits; hits &= hits - 1) {
			unsigned int i = __ffs(hits);

			if (probe[i].word->best < best->rank)
				best = minifw_table_bucket(&table[i], leaf[i], q, best, family);
		}
	}
	return best;
}

static __always_inline const struct minifw_leaf *
lookup(const struct minifw_classifier *c, const struct minifw_query *q, enum minifw_family family)
{
	static const struct minifw_leaf none = { .rank = MINIFW_NO_RANK };
	const struct minifw_leaf *best = &none;
	const struct minifw_table *table;

	if (c->hashes)
		best = lookup_hashes(c, q, best, family);
	for (table = c->table + c->hashes; table->best < best->rank; table++) {
		if (likely(table->kind == MINIFW_TABLE_SCAN))
			best = minifw_table_scan(table, q, best, family);
		else
			best = minifw_block_lookup(table->block, table->leaves, q, best, family);
	}
	return best == &none ? NULL : best;
}

/**
 * minifw_classifier_lookup() - the first matching rule from a rank on
 * @classifier: the object
 * @packet: the packet, parsed
 * @after: the first rank that counts
 *
 * Context: the packet path, under RCU; does not sleep.
 * Return: the rule's leaf, or NULL. The rule may be retired by now.
 */
const struct minifw_leaf *minifw_classifier_lookup(const struct minifw_classifier *classifier,
						   const struct minifw_packet *packet,
						   u32 after)
{
	struct minifw_query q = {
		.packet = packet,
		.rules = classifier->rules,
		.after = after,
		.dport = packet->has & MINIFW_HAS_ICMP ? packet->icmp : packet->dport,
	};

	return classifier->family == MINIFW_IP ? lookup(classifier, &q, MINIFW_IP) :
						 lookup(classifier, &q, MINIFW_IP6);
}

/**
 * minifw_classifier_rule() - the rule of a leaf
 * @classifier: the object
 * @leaf: what a look-up found
 *
 * Context: the packet path, under RCU.
 * Return: the rule.
 */
const struct minifw_live *minifw_classifier_rule(const struct minifw_classifier *classifier,
						 const struct minifw_leaf *leaf)
{
	return classifier->rules[leaf->rank];
}
