// SPDX-License-Identifier: GPL-2.0
/*
 * The plan: which tuples the tables of a classifier are about.  Greedy: the next
 * table takes the tuple that places the most of the rules that are left, few of
 * them in one bucket.  Each table costs every packet a look, so a table for a
 * handful of rules is not worth it.
 *
 * How many rules a tuple covers is counted for all tuples in one pass; how well a
 * tuple spreads them only for those that cover the most.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "block.h"
#include "plan.h"
#include "rule.h"
#include "table.h"

#define WORK_A_RULE	200	/* keys hashed while a classifier is made */
#define CELLS_A_RULE	16
#define MAX_LENGTHS	12	/* of prefixes, that tuples are tried with */
#define MAX_TRIES	256	/* tuples that are looked at closely for a table */
#define FULL_SCORE	1000	/* of a rule that has its bucket to itself */
#define SCORE_A_NEIGHBOUR 66	/* that it loses for each other: packets look at all */
#define SCORE_A_BIT	1	/* that it gains for each bit of the tuple: fewer look */

/* The bits of source and destination port that tuples are tried with. */
static const struct {
	u8 sport;
	u8 dport;
} port_bits[] = {
	{ 0, 0 }, { 0, 16 }, { 16, 0 }, { 0, 10 }, { 16, 16 }, { 10, 0 }, { 0, 6 },
};

/**
 * struct lengths - prefix lengths that tuples are tried with
 * @count: how many
 * @len: the lengths, ascending; the first is 0
 * @index: by length, which of them is the longest that is no longer
 */
struct lengths {
	unsigned int count;
	u8 len[MAX_LENGTHS];
	u8 index[129];
};

/**
 * struct minifw_coverage - how many rules each tuple covers
 * @saddr: lengths of source prefixes
 * @daddr: lengths of destination prefixes
 * @rules: how many, by enum minifw_extra, port_bits, @saddr and @daddr
 */
struct minifw_coverage {
	struct lengths saddr;
	struct lengths daddr;
	u32 rules[MINIFW_NR_EXTRAS][ARRAY_SIZE(port_bits)][MAX_LENGTHS][MAX_LENGTHS];
};

/* ---- the rules ---- */

static bool belongs(const struct minifw_live *rule, enum minifw_stage stage,
		    enum minifw_family family)
{
	return (rule->spec.stages & BIT(stage)) && (rule->spec.families & BIT(family));
}

static int plan_alloc(struct minifw_plan *plan, u32 count)
{
	plan->cells = roundup_pow_of_two(max_t(u32, count * CELLS_A_RULE, 4 * 64));
	plan->work = (s64)count * WORK_A_RULE;
	plan->bounds = kvmalloc_array(count, sizeof(*plan->bounds), GFP_KERNEL);
	plan->rest = kvmalloc_array(count, sizeof(*plan->rest), GFP_KERNEL);
	plan->hash = kvmalloc_array(max_t(u32, count, 2 * 129), sizeof(*plan->hash), GFP_KERNEL);
	plan->cell = kvmalloc(plan->cells, GFP_KERNEL);
	plan->coverage = kvmalloc(sizeof(*plan->coverage), GFP_KERNEL);
	return plan->bounds && plan->rest && plan->hash && plan->cell && plan->coverage ?
	       0 : -ENOMEM;
}

/**
 * minifw_plan_init() - begin with rules
 * @plan: takes those that belong
 * @rules: in evaluation order
 * @count: how many
 * @stage: where they stand
 * @family: IPv4 or IPv6
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; minifw_plan_clear() is due in either case.
 */
int minifw_plan_init(struct minifw_plan *plan, struct minifw_live *const *rules,
		     unsigned int count, enum minifw_stage stage, enum minifw_family family)
{
	unsigned int i, n = 0;

	*plan = (struct minifw_plan){ .family = family, .rules = rules };
	for (i = 0; i < count; i++)
		if (belongs(rules[i], stage, family))
			n += minifw_bounds_count(rules[i], family);
	if (!n)
		return 0;
	if (plan_alloc(plan, n))
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (belongs(rules[i], stage, family))
			plan->count += minifw_bounds_make(rules[i], i, family,
							  &plan->bounds[plan->count]);
		if (!(i % 1024))
			cond_resched();
	}
	for (i = 0; i < plan->count; i++)
		plan->rest[i] = i;
	return 0;
}

/**
 * minifw_plan_clear() - done with a plan
 * @plan: the plan
 *
 * Context: process.
 */
void minifw_plan_clear(struct minifw_plan *plan)
{
	kvfree(plan->bounds);
	kvfree(plan->rest);
	kvfree(plan->hash);
	kvfree(plan->cell);
	kvfree(plan->coverage);
}

/* ---- which tuples cover how many ---- */

/* The lengths that take a share of the rules each, and two that are always worth a try. */
static void lengths_choose(struct lengths *lengths, const u32 *rules, u32 count,
			   unsigned int width)
{
	u32 share = count / 8 + 1, since = 0;
	unsigned int len;

	lengths->count = 0;
	for (len = 0; len <= width; len++) {
		bool fixed = !len || len == width / 2 || len == width / 4 * 3;

		since += rules[len];
		if (lengths->count < MAX_LENGTHS &&
		    (fixed || (rules[len] && (lengths->count == 1 || since >= share ||
					      rules[len] >= share / 2)))) {
			lengths->len[lengths->count++] = len;
			since = 0;
		}
		lengths->index[len] = lengths->count - 1;
	}
}

static void lengths_find(struct minifw_plan *plan)
{
	unsigned int width = plan->family == MINIFW_IP ? 32 : 128;
	struct minifw_coverage *coverage = plan->coverage;
	u32 *saddr = plan->hash, *daddr = saddr + 129, i;	/* plan_alloc() */

	memset(saddr, 0, 2 * 129 * sizeof(u32));
	for (i = 0; i < plan->count; i++) {
		saddr[plan->bounds[plan->rest[i]].saddr_len]++;
		daddr[plan->bounds[plan->rest[i]].daddr_len]++;
	}
	lengths_choose(&coverage->saddr, saddr, plan->count, width);
	lengths_choose(&coverage->daddr, daddr, plan->count, width);
}

static void count_rule(struct minifw_coverage *coverage, const struct minifw_bounds *b)
{
	unsigned int s = coverage->saddr.index[b->saddr_len];
	unsigned int d = coverage->daddr.index[b->daddr_len];
	unsigned int extra, ports;

	for (extra = 0; extra < MINIFW_NR_EXTRAS; extra++)
		for (ports = 0; ports < ARRAY_SIZE(port_bits); ports++)
			if ((b->extras & BIT(extra)) && b->sport_len >= port_bits[ports].sport &&
			    b->dport_len >= port_bits[ports].dport)
				coverage->rules[extra][ports][s][d]++;
}

/* What is covered by longer prefixes is by shorter ones, too. */
static void sum_up(u32 (*rules)[MAX_LENGTHS], unsigned int saddrs, unsigned int daddrs)
{
	unsigned int s, d;

	for (s = saddrs; s-- > 0; )
		for (d = daddrs; d-- > 0; ) {
			if (s + 1 < saddrs)
				rules[s][d] += rules[s + 1][d];
			if (d + 1 < daddrs)
				rules[s][d] += rules[s][d + 1];
			if (s + 1 < saddrs && d + 1 < daddrs)
				rules[s][d] -= rules[s + 1][d + 1];
		}
}

static void coverage_count(struct minifw_plan *plan)
{
	struct minifw_coverage *coverage = plan->coverage;
	unsigned int extra, ports;
	u32 i;

	lengths_find(plan);
	memset(coverage->rules, 0, sizeof(coverage->rules));
	for (i = 0; i < plan->count; i++)
		count_rule(coverage, &plan->bounds[plan->rest[i]]);
	for (extra = 0; extra < MINIFW_NR_EXTRAS; extra++)
		for (ports = 0; ports < ARRAY_SIZE(port_bits); ports++)
			sum_up(coverage->rules[extra][ports], coverage->saddr.count,
			       coverage->daddr.count);
}

/* The tuple that covers the most, which is not to be tried again; returns how many. */
static u32 coverage_take(struct minifw_coverage *coverage, struct minifw_tuple *tuple)
{
	unsigned int extra, ports, s, d;
	u32 *most = NULL;

	for (extra = 0; extra < MINIFW_NR_EXTRAS; extra++)
		for (ports = 0; ports < ARRAY_SIZE(port_bits); ports++)
			for (s = 0; s < coverage->saddr.count; s++)
				for (d = 0; d < coverage->daddr.count; d++) {
					u32 *rules = &coverage->rules[extra][ports][s][d];

					/* of equals the longer: it spreads better */
					if (most && *rules < *most)
						continue;
					most = rules;
					*tuple = (struct minifw_tuple){
						coverage->saddr.len[s], coverage->daddr.len[d],
						port_bits[ports].sport, port_bits[ports].dport,
						extra,
					};
				}
	s = *most;
	*most = 0;
	return s;
}

/* ---- how well a tuple spreads them ---- */

/**
 * struct merit - what a tuple is good for
 * @score: FULL_SCORE for each rule that it places, less what crowding costs
 * @keys: different keys, about
 */
struct merit {
	u64 score;
	u32 keys;
};

static u64 score_of(unsigned int neighbours)
{
	if (neighbours > MINIFW_BUCKET_MAX)
		return 0;
	return FULL_SCORE - SCORE_A_NEIGHBOUR * (neighbours - 1);
}

static struct merit tuple_try(struct minifw_plan *plan, const struct minifw_tuple *tuple)
{
	u32 cells = min_t(u32, plan->cells, roundup_pow_of_two(4 * plan->count)), i, n = 0;
	struct minifw_mask mask = minifw_tuple_mask(tuple, plan->family);
	struct merit merit = {};

	memset(plan->cell, 0, cells);
	for (i = 0; i < plan->count; i++) {
		const struct minifw_bounds *b = &plan->bounds[plan->rest[i]];
		u32 cell;

		if (!minifw_tuple_covers(tuple, b))
			continue;
		cell = minifw_tuple_hash_bounds(tuple, &mask, b, plan->family) >> 32 & (cells - 1);
		plan->hash[n++] = cell;
		merit.keys += !plan->cell[cell];
		plan->cell[cell] += plan->cell[cell] < U8_MAX;
	}
	plan->work -= n;
	for (i = 0; i < n; i++)
		merit.score += score_of(plan->cell[plan->hash[i]]);
	merit.score += merit.score / FULL_SCORE * SCORE_A_BIT *
		       (tuple->saddr_len + tuple->daddr_len + tuple->dport_len);
	return merit;
}

/**
 * minifw_plan_next() - which tuple the next table is about
 * @plan: the rules that are left
 * @tuple: takes it
 *
 * Context: may sleep.
 * Return: how many different keys it makes of them, about; 0 where no table is
 * worth it.
 */
u32 minifw_plan_next(struct minifw_plan *plan, struct minifw_tuple *tuple)
{
	struct merit best = {};
	struct minifw_tuple next;
	unsigned int tries;

	if (plan->count <= MINIFW_SCAN_MAX)
		return 0;
	coverage_count(plan);
	for (tries = 0; tries < MAX_TRIES && plan->work > 0; tries++) {
		u64 covered = coverage_take(plan->coverage, &next);
		struct merit merit;

		if (covered * FULL_SCORE <= best.score)
			break;
		merit = tuple_try(plan, &next);
		if (merit.score > best.score) {
			best = merit;
			*tuple = next;
		}
		cond_resched();
	}
	return best.score < MINIFW_SCAN_MAX * FULL_SCORE ? 0 : best.keys;
}
