// SPDX-License-Identifier: GPL-2.0
/*
 * The base: rules and chains in order, and a classifier of them for each stage and
 * family.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "base.h"
#include "classifier.h"

/* Puts all rules into one array; returns where they stand. */
static u8 rules_collect(struct minifw_base *base)
{
	struct minifw_live **next = base->rule;
	unsigned int i;
	u8 stages = 0;

	for (i = 0; i < base->count; i++) {
		next += minifw_entry_rules(&base->entry[i], next);
		stages |= minifw_entry_stages(&base->entry[i]);
	}
	return stages;
}

static struct minifw_base *base_alloc(const struct minifw_entry *entry, unsigned int count)
{
	struct minifw_base *base = kvzalloc(struct_size(base, entry, count), GFP_KERNEL);
	unsigned int i;

	if (!base)
		return NULL;
	refcount_set(&base->refs, 1);
	base->count = count;
	for (i = 0; i < count; i++) {
		base->entry[i] = entry[i];
		minifw_entry_get(&entry[i]);
		base->rules += minifw_entry_rules(&entry[i], NULL);
	}
	return base;
}

/**
 * minifw_base_create() - prepare rules and chains for packets
 * @entry: in order; the base takes references of its own
 * @count: how many
 *
 * Context: may sleep.
 * Return: the base with one reference, or an ERR_PTR as minifw_classifier_build().
 */
struct minifw_base *minifw_base_create(const struct minifw_entry *entry, unsigned int count)
{
	struct minifw_base *base = base_alloc(entry, count);
	int ret = -ENOMEM;

	if (!base)
		return ERR_PTR(-ENOMEM);
	base->rule = kvmalloc_array(base->rules + 1, sizeof(*base->rule), GFP_KERNEL);
	if (base->rule)
		ret = minifw_classifiers_build(base->classifier, base->rule, base->rules,
					       rules_collect(base));
	if (!ret)
		return base;
	minifw_base_put(base);
	return ERR_PTR(ret);
}

/**
 * minifw_base_get() - hold a base, as a snapshot does
 * @base: the base
 *
 * Context: any.
 * Return: @base.
 */
struct minifw_base *minifw_base_get(struct minifw_base *base)
{
	refcount_inc(&base->refs);
	return base;
}

/**
 * minifw_base_stale() - how many sets have changed since a base was made
 * @base: the base
 *
 * Context: any.
 * Return: as minifw_classifiers_stale().
 */
unsigned int minifw_base_stale(const struct minifw_base *base)
{
	return minifw_classifiers_stale(base->classifier);
}

/**
 * minifw_base_put() - let go of a base; the last one frees it
 * @base: the base, whole or half made, or NULL; no packet may see it by way of the
 *        caller's reference
 *
 * Context: may sleep.
 */
void minifw_base_put(struct minifw_base *base)
{
	unsigned int i;

	if (!base || !refcount_dec_and_test(&base->refs))
		return;
	minifw_classifiers_free(base->classifier);
	for (i = 0; i < base->count; i++)
		minifw_entry_put(&base->entry[i]);
	kvfree(base->rule);
	kvfree(base);
}
