// SPDX-License-Identifier: GPL-2.0
/*
 * The delta: what has changed since a base was made.  A few rules, which packets ask
 * beside the base, each before the rule of the base that it stands before; and the ranks
 * of those that are not in force any more.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "base.h"
#include "classifier.h"
#include "entry.h"
#include "delta.h"
#include "rule.h"

/**
 * struct comparison - a base and the entries that are to be in force, side by side
 * @delta: takes the differences
 * @rank: of the rule of the base that comes next
 */
struct comparison {
	struct minifw_delta *delta;
	u32 rank;
};

static int note_new(struct comparison *c, const struct minifw_entry *entry)
{
	struct minifw_delta *delta = c->delta;

	if (entry->chain || delta->count == MINIFW_DELTA_MAX)
		return -E2BIG;
	delta->rule[delta->count] = entry->rule;
	delta->before[delta->count++] = c->rank;
	return 0;
}

static int note_gone(struct comparison *c, const struct minifw_entry *entry)
{
	struct minifw_delta *delta = c->delta;

	if (entry->chain || delta->gone == MINIFW_DELTA_MAX)
		return -E2BIG;
	delta->rank[delta->gone++] = c->rank++;
	return 0;
}

/* Both are in the same order, and an entry that is edited is another. */
static int compare(struct comparison *c, const struct minifw_base *base,
		   const struct minifw_entry *entry, unsigned int count)
{
	unsigned int i = 0, j = 0;
	int ret = 0;

	while (!ret && (i < base->count || j < count)) {
		const struct minifw_entry *old = &base->entry[i], *new = &entry[j];

		if (i < base->count && j < count && old->rule == new->rule &&
		    old->chain == new->chain) {
			c->rank += minifw_entry_rules(old, NULL);
			i++;
			j++;
		} else if (j == count ||
			   (i < base->count && minifw_entry_cmp(old, new) <= 0)) {
			ret = note_gone(c, old);
			i++;
		} else {
			ret = note_new(c, new);
			j++;
		}
	}
	return ret;
}

/**
 * minifw_delta_create() - how what is to be in force differs from a base
 * @base: the base
 * @entry: what is to be in force, in order
 * @count: how many
 *
 * Context: may sleep.
 * Return: the delta, or an ERR_PTR: -E2BIG where it differs by a chain or by too
 * much, -ENOMEM.
 */
struct minifw_delta *minifw_delta_create(const struct minifw_base *base,
					 const struct minifw_entry *entry, unsigned int count)
{
	struct comparison c = { .delta = kzalloc(sizeof(*c.delta), GFP_KERNEL) };
	int ret;

	if (!c.delta)
		return ERR_PTR(-ENOMEM);
	ret = compare(&c, base, entry, count);
	if (!ret)
		ret = minifw_classifiers_build(c.delta->classifier, c.delta->rule, c.delta->count,
					       BIT(MINIFW_NR_STAGES) - 1);
	if (!ret)
		return c.delta;
	minifw_delta_free(c.delta);
	return ERR_PTR(ret);
}

/**
 * minifw_delta_free() - undo minifw_delta_create()
 * @delta: the delta, or NULL; no packet may see it
 *
 * Context: process.
 */
void minifw_delta_free(struct minifw_delta *delta)
{
	if (delta)
		minifw_classifiers_free(delta->classifier);
	kfree(delta);
}

/**
 * minifw_delta_hides() - is a rule of the base not in force any more?
 * @delta: the delta
 * @rank: of the rule
 *
 * Context: the packet path.
 * Return: whether it is not.
 */
bool minifw_delta_hides(const struct minifw_delta *delta, u32 rank)
{
	unsigned int i;

	for (i = 0; i < delta->gone && delta->rank[i] <= rank; i++)
		if (delta->rank[i] == rank)
			return true;
	return false;
}
