// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a set: permanent elements, which are never changed, and a hash of those that
 * go by themselves.  Packets follow one pointer to it; who changes it publishes another.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "contents.h"
#include "merge.h"
#include "publish.h"
#include "ruleset.h"
#include "set.h"
#include "slots.h"
#include "timed.h"
#include "watch.h"

/**
 * minifw_contents_free() - let go of contents
 * @contents: the contents; no packet may see them
 *
 * Context: process.
 */
void minifw_contents_free(struct minifw_contents *contents)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		minifw_part_put(&contents->part[family]);
	minifw_timed_table_put(contents->timed);
	kfree(contents);
}

static void contents_free_work(struct work_struct *work)
{
	minifw_contents_free(container_of(to_rcu_work(work), struct minifw_contents, work));
}

/**
 * minifw_contents_retire() - let go of contents that packets may still look into
 * @contents: the contents; nobody finds them any more
 *
 * Context: any.
 */
void minifw_contents_retire(struct minifw_contents *contents)
{
	INIT_RCU_WORK(&contents->work, contents_free_work);
	minifw_publish_defer(&contents->work);
}

static struct minifw_contents *contents_alloc(const struct minifw_contents *like)
{
	struct minifw_contents *new = kzalloc(sizeof(*new), GFP_KERNEL);

	if (!new)
		return NULL;
	new->type = like->type;
	new->timeout = like->timeout;
	new->max = like->max;
	return new;
}

/**
 * minifw_contents_create() - a set without elements
 * @like: contents whose type, time-out and maximum it has; NULL for the defaults
 *
 * Context: may sleep.
 * Return: the contents, or NULL.
 */
struct minifw_contents *minifw_contents_create(const struct minifw_contents *like)
{
	static const struct minifw_contents defaults = { .max = MINIFW_SET_MAX };
	struct minifw_contents *new = contents_alloc(like ?: &defaults);

	if (!new)
		return NULL;
	new->timed = minifw_timed_table_create();
	if (new->timed)
		return new;
	kfree(new);
	return NULL;
}

/**
 * minifw_contents_after() - the next contents of a set
 * @old: those before
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: contents without permanent elements yet, and with the others; or NULL.
 */
struct minifw_contents *minifw_contents_after(const struct minifw_contents *old)
{
	struct minifw_contents *new = contents_alloc(old);

	if (!new)
		return NULL;
	new->generation = old->generation + 1;
	new->timed = minifw_timed_table_get(old->timed);
	return new;
}

/**
 * minifw_contents_share() - give contents the permanent elements of others
 * @to: has none
 * @from: the others
 *
 * Context: any.
 */
void minifw_contents_share(struct minifw_contents *to, const struct minifw_contents *from)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		minifw_part_copy(&to->part[family], &from->part[family]);
}

/**
 * minifw_contents_clone() - the same once more, to go another way from here on
 * @old: contents of a set
 *
 * What packets add to @old meanwhile may be missed.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: the contents, or NULL.
 */
struct minifw_contents *minifw_contents_clone(const struct minifw_contents *old)
{
	struct minifw_contents *new = minifw_contents_create(old);

	if (!new)
		return NULL;
	new->generation = old->generation;
	minifw_contents_share(new, old);
	if (!minifw_timed_copy(new->timed, old->timed, old->generation))
		return new;
	minifw_contents_free(new);
	return NULL;
}

static void swap_contents(struct minifw_set *set, struct minifw_contents *new)
{
	unsigned int family;

	minifw_contents_retire(minifw_slots_replace(set, new));
	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		if (new->part[family].overlay)
			minifw_merge_later(new->part[family].overlay);
}

/**
 * minifw_contents_publish() - let packets, or a transaction, see what was written
 * @set: the set
 * @new: its contents from here on
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_contents_publish(struct minifw_set *set, struct minifw_contents *new)
{
	minifw_set_changed(set);
	swap_contents(set, new);
	minifw_set_changed(set);
}

/**
 * minifw_contents_overlaid() - how much is there to merge?
 * @set: the set
 *
 * Context: minifw_ruleset_mutex held.
 * Return: intervals in its overlays.
 */
u32 minifw_contents_overlaid(const struct minifw_set *set)
{
	const struct minifw_contents *contents = minifw_contents_of(set);
	unsigned int family;
	u32 count = 0;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		if (contents->part[family].overlay)
			count += contents->part[family].overlay->count;
	return count;
}

/**
 * minifw_contents_rebase() - put what is in a set over what has been merged meanwhile
 * @set: the set
 * @timed: what else was in it: while that is the same, so is the line of its contents
 * @from: its parts, by family, as they were
 * @merged: the same without an overlay; empty where there was none
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; with nothing changed -ENOMEM, or -EAGAIN if the set is another by now.
 */
int minifw_contents_rebase(struct minifw_set *set, const struct minifw_timed_table *timed,
			   const struct minifw_part *from, const struct minifw_part *merged)
{
	const struct minifw_contents *old = minifw_contents_of(set);
	struct minifw_contents *new;
	unsigned int family;
	int ret;

	if (old->timed != timed || list_empty(&set->node))
		return -EAGAIN;
	new = minifw_contents_after(old);
	ret = new ? 0 : -ENOMEM;

	for (family = 0; !ret && family < MINIFW_NR_FAMILIES; family++) {
		const struct minifw_part *part = &old->part[family];

		if (part->index != from[family].index)
			ret = -EAGAIN;
		else if (from[family].overlay)
			ret = minifw_part_rebase(&new->part[family], part, &from[family],
						 &merged[family]);
		else
			minifw_part_copy(&new->part[family], part);
	}
	if (!ret)
		swap_contents(set, new);	/* which has the same elements */
	else if (new)
		minifw_contents_free(new);
	return ret;
}

/**
 * minifw_contents_runs() - how many permanent elements there are
 * @contents: of which contents
 *
 * Context: any.
 * Return: the intervals that they make.
 */
u32 minifw_contents_runs(const struct minifw_contents *contents)
{
	unsigned int family;
	u32 runs = 0;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		runs += contents->part[family].runs;
	return runs;
}

/**
 * minifw_contents_count() - the elements that count against a set's `max`
 * @contents: of which contents
 *
 * Context: any.
 * Return: how many; those included that have expired and are not swept yet.
 */
u64 minifw_contents_count(const struct minifw_contents *contents)
{
	return (u64)minifw_contents_runs(contents) + atomic_read(&contents->timed->count);
}

/* What belongs to contents that are still being made is not ours to free. */
static void sweep_one(struct minifw_timed *timed, void *ctx)
{
	const struct minifw_contents *contents = ctx;
	u64 now = get_jiffies_64();	/* MINIFW_NEVER is after it, and does not wrap */

	if (timed->from <= contents->generation && READ_ONCE(timed->expires) <= now)
		minifw_timed_remove(contents->timed, timed);
}

/* Returns whether there is something left that may expire. */
static bool contents_sweep(struct minifw_contents *contents)
{
	if (atomic_read(&contents->timed->count))
		minifw_timed_walk(contents->timed, sweep_one, contents);
	return atomic_read(&contents->timed->count);
}

/**
 * minifw_set_sweep() - free what has expired
 * @set: the set
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: whether there is something left that may expire.
 */
bool minifw_set_sweep(struct minifw_set *set)
{
	struct minifw_contents *aside = minifw_contents_aside(set);
	bool left = contents_sweep(minifw_contents_seen(set));

	if (aside)
		left |= contents_sweep(aside);
	return left;
}
