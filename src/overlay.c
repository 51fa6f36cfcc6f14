// SPDX-License-Identifier: GPL-2.0
/*
 * The overlay: what has changed since a base was made.  A few rules, which packets ask
 * beside the base, each before the rule of the base that it stands before; and the ranks
 * of those that are not in force any more.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "base.h"
#include "classifier.h"
#include "entry.h"
#include "overlay.h"
#include "rule.h"

/**
 * struct comparison - a base and the entries that are to be in force, side by side
 * @overlay: takes the differences
 * @rank: of the rule of the base that comes next
 */
struct comparison {
	struct minifw_overlay *overlay;
	u32 rank;
};

static int note_new(struct comparison *c, const struct minifw_entry *entry)
{
	struct minifw_overlay *overlay = c->overlay;

	if (entry->chain || overlay->count == MINIFW_OVERLAY_MAX)
		return -E2BIG;
	overlay->rule[overlay->count] = entry->rule;
	overlay->before[overlay->count++] = c->rank;
	return 0;
}

static int note_gone(struct comparison *c, const struct minifw_entry *entry)
{
	struct minifw_overlay *overlay = c->overlay;

	if (entry->chain || overlay->gone == MINIFW_OVERLAY_MAX)
		return -E2BIG;
	overlay->rank[overlay->gone++] = c->rank++;
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

static int classifiers_build(struct minifw_overlay *overlay)
{
	unsigned int stage, family;

	for (stage = 0; stage < MINIFW_NR_STAGES; stage++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
			struct minifw_classifier *classifier =
				minifw_classifier_build(overlay->rule, overlay->count, stage,
							family);

			if (IS_ERR(classifier))
				return PTR_ERR(classifier);
			overlay->classifier[stage][family] = classifier;
		}
	return 0;
}

/**
 * minifw_overlay_create() - how what is to be in force differs from a base
 * @base: the base
 * @entry: what is to be in force, in order
 * @count: how many
 *
 * Context: may sleep.
 * Return: the overlay, or an ERR_PTR: -E2BIG where it differs by a chain or by too
 * much, -ENOMEM.
 */
struct minifw_overlay *minifw_overlay_create(const struct minifw_base *base,
					     const struct minifw_entry *entry,
					     unsigned int count)
{
	struct comparison c = { .overlay = kzalloc(sizeof(*c.overlay), GFP_KERNEL) };
	int ret;

	if (!c.overlay)
		return ERR_PTR(-ENOMEM);
	ret = compare(&c, base, entry, count) ?: classifiers_build(c.overlay);
	if (!ret)
		return c.overlay;
	minifw_overlay_free(c.overlay);
	return ERR_PTR(ret);
}

/**
 * minifw_overlay_free() - undo minifw_overlay_create()
 * @overlay: the overlay, or NULL; no packet may see it
 *
 * Context: process.
 */
void minifw_overlay_free(struct minifw_overlay *overlay)
{
	unsigned int i, family;

	for (i = 0; overlay && i < MINIFW_NR_STAGES; i++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			minifw_classifier_free(overlay->classifier[i][family]);
	kfree(overlay);
}

/**
 * minifw_overlay_hides() - is a rule of the base not in force any more?
 * @overlay: the overlay
 * @rank: of the rule
 *
 * Context: the packet path.
 * Return: whether it is not.
 */
bool minifw_overlay_hides(const struct minifw_overlay *overlay, u32 rank)
{
	unsigned int i;

	for (i = 0; i < overlay->gone && overlay->rank[i] <= rank; i++)
		if (overlay->rank[i] == rank)
			return true;
	return false;
}
