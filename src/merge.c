// SPDX-License-Identifier: GPL-2.0
/*
 * Merging behind the writers' backs: what small writes have put over the index of a large
 * set becomes part of another index, built while packets and writers go on.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "contents.h"
#include "merge.h"
#include "ruleset.h"
#include "set.h"
#include "slots.h"
#include "timed.h"

/* An overlay costs packets little, but what a merge takes may be much for the set's size. */
#define DELAY (10 * HZ)

/**
 * struct merge - a set whose overlays are being merged
 * @set: held
 * @timed: its elements with a time-out; held
 * @from: its parts as they were
 * @merged: the same without overlays
 */
struct merge {
	struct minifw_set *set;
	struct minifw_timed_table *timed;
	struct minifw_part from[MINIFW_NR_FAMILIES];
	struct minifw_part merged[MINIFW_NR_FAMILIES];
};

static bool merge_begin(struct merge *merge)
{
	const struct minifw_contents *contents;
	unsigned int family;

	*merge = (struct merge){};
	mutex_lock(&minifw_ruleset_mutex);
	merge->set = minifw_set_most_overlaid();
	if (merge->set) {
		minifw_set_get(merge->set);
		contents = minifw_contents_of(merge->set);
		merge->timed = minifw_timed_table_get(contents->timed);
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			minifw_part_copy(&merge->from[family], &contents->part[family]);
	}
	mutex_unlock(&minifw_ruleset_mutex);
	return merge->set;
}

/* What takes its time. Nobody is waiting for it. */
static int merge_build(struct merge *merge)
{
	unsigned int family;
	int ret = 0;

	for (family = 0; !ret && family < MINIFW_NR_FAMILIES; family++)
		if (merge->from[family].overlay)
			ret = minifw_part_merge(&merge->merged[family], &merge->from[family]);
	return ret;
}

static int merge_publish(struct merge *merge)
{
	int ret;

	mutex_lock(&minifw_ruleset_mutex);
	ret = minifw_contents_rebase(merge->set, merge->timed, merge->from, merge->merged);
	mutex_unlock(&minifw_ruleset_mutex);
	return ret;
}

static void merge_end(struct merge *merge)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		minifw_part_put(&merge->from[family]);
		minifw_part_put(&merge->merged[family]);
	}
	minifw_timed_table_put(merge->timed);
	minifw_set_put(merge->set);
}

static void merge_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(merging, merge_work);

static void merge_work(struct work_struct *work)
{
	struct merge merge;
	int ret;

	if (!merge_begin(&merge))
		return;
	ret = merge_build(&merge) ?: merge_publish(&merge);
	merge_end(&merge);
	/* the next one; without memory, or overtaken, there is another time for this one */
	schedule_delayed_work(&merging, ret ? DELAY : 1);
}

/**
 * minifw_merge_later() - packets see an overlay
 * @overlay: the overlay
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_merge_later(const struct minifw_overlay *overlay)
{
	bool soon = overlay->count > MINIFW_OVERLAY_MAX / 2;

	if (soon)
		cancel_delayed_work(&merging);
	schedule_delayed_work(&merging, soon ? 0 : DELAY);
}

/**
 * minifw_merge_exit() - stop merging
 *
 * Context: may sleep; there is no set.
 */
void minifw_merge_exit(void)
{
	cancel_delayed_work_sync(&merging);
}
