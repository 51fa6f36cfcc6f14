// SPDX-License-Identifier: GPL-2.0
/*
 * Sets: the object, who holds it, and what it shows.  What is in it is contents.c's.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "configfs.h"
#include "contents.h"
#include "merge.h"
#include "ruleset.h"
#include "set.h"
#include "slots.h"
#include "text.h"
#include "timed.h"

/* All sets that have a directory, by name. Guarded by minifw_ruleset_mutex. */
static LIST_HEAD(sets);

/* ---- the object ---- */

static void list_insert(struct minifw_set *set)
{
	struct minifw_set *other;

	list_for_each_entry(other, &sets, node)
		if (strcmp(set->name, other->name) < 0)
			break;
	list_add_tail(&set->node, &other->node);
}

/**
 * minifw_set_create() - an empty set
 * @name: a valid name
 * @item: its directory
 *
 * Context: may sleep; takes minifw_ruleset_mutex.
 * Return: the set with one reference, in the list of sets; or NULL.
 */
struct minifw_set *minifw_set_create(const char *name, struct config_item *item)
{
	struct minifw_set *set = kzalloc(sizeof(*set), GFP_KERNEL);
	struct minifw_contents *contents;

	if (!set)
		return NULL;
	contents = minifw_contents_create(NULL);
	if (!contents) {
		kfree(set);
		return NULL;
	}
	minifw_slots_init(set, contents);
	kref_init(&set->ref);
	set->item = item;
	INIT_LIST_HEAD(&set->watches);
	strscpy(set->name, name, sizeof(set->name));
	mutex_lock(&minifw_ruleset_mutex);
	list_insert(set);
	mutex_unlock(&minifw_ruleset_mutex);
	return set;
}

/**
 * minifw_set_remove() - a set has no directory any more: no rule can name it
 * @set: the set
 *
 * Context: may sleep; takes minifw_ruleset_mutex.
 */
void minifw_set_remove(struct minifw_set *set)
{
	mutex_lock(&minifw_ruleset_mutex);
	list_del_init(&set->node);
	minifw_slots_end(set);
	mutex_unlock(&minifw_ruleset_mutex);
}

static void set_free(struct kref *ref)
{
	struct minifw_set *set = container_of(ref, struct minifw_set, ref);

	minifw_slots_free(set);
	kfree(set);
}

/**
 * minifw_set_get() - hold a set
 * @set: the set
 *
 * Context: any.
 */
void minifw_set_get(struct minifw_set *set)
{
	kref_get(&set->ref);
}

/**
 * minifw_set_put() - let go of a set; the last one frees it
 * @set: the set; no packet may see it by way of the caller's reference
 *
 * Context: process.
 */
void minifw_set_put(struct minifw_set *set)
{
	kref_put(&set->ref, set_free);
}

/**
 * minifw_set_find() - the set of a name
 * @name: the name
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the set, or NULL.
 */
struct minifw_set *minifw_set_find(const char *name)
{
	struct minifw_set *set;

	list_for_each_entry(set, &sets, node)
		if (!strcmp(set->name, name))
			return set;
	return NULL;
}

/**
 * minifw_set_next() - go through all sets that have a directory
 * @set: the one before; NULL to begin
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the next by name, or NULL.
 */
struct minifw_set *minifw_set_next(const struct minifw_set *set)
{
	const struct list_head *next = set ? set->node.next : sets.next;

	return next == &sets ? NULL : list_entry(next, struct minifw_set, node);
}

/**
 * minifw_set_most_overlaid() - the set with most to merge
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the set, or NULL if none has anything.
 */
struct minifw_set *minifw_set_most_overlaid(void)
{
	struct minifw_set *set, *found = NULL;
	u32 most = 0;

	list_for_each_entry(set, &sets, node) {
		u32 count = minifw_contents_overlaid(set);

		if (count > most) {
			most = count;
			found = set;
		}
	}
	return found;
}

/**
 * minifw_set_hold() - a rule that names it comes into force: its directory must stay
 * @set: the set
 *
 * Context: minifw_ruleset_mutex held.
 * Return: 0, or -ENOENT if the directory is on its way out.
 */
int minifw_set_hold(struct minifw_set *set)
{
	if (!set->users && minifw_configfs_pin(set->item))
		return -ENOENT;
	set->users++;
	return 0;
}

/**
 * minifw_set_release() - undo minifw_set_hold()
 * @set: the set
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_set_release(struct minifw_set *set)
{
	if (!--set->users)
		minifw_configfs_unpin(set->item);
}

/* ---- sweeping: what has expired takes room until then ---- */

static void sweep_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(sweep, sweep_work);

static void sweep_work(struct work_struct *work)
{
	struct minifw_set *set;
	bool again = false;

	mutex_lock(&minifw_ruleset_mutex);
	list_for_each_entry(set, &sets, node)
		again |= minifw_set_sweep(set);
	mutex_unlock(&minifw_ruleset_mutex);
	if (again)
		minifw_sets_sweep(HZ);
}

/**
 * minifw_sets_sweep() - free what expires, from now on until nothing can
 * @delay: jiffies until the first time
 *
 * Context: any; the packet path among others.
 */
void minifw_sets_sweep(unsigned long delay)
{
	schedule_delayed_work(&sweep, delay);
}

/**
 * minifw_sets_exit() - stop sweeping, and merging
 *
 * Context: may sleep; there is no set and no packet in a hook.
 */
void minifw_sets_exit(void)
{
	cancel_delayed_work_sync(&sweep);
	minifw_merge_exit();
}

/* ---- showing ---- */

/**
 * struct shown - a timed element as it is shown
 * @key: what it is
 * @expires: get_jiffies_64() when it goes
 */
struct shown {
	struct minifw_timed_key key;
	u64 expires;
};

/**
 * struct gathering - timed elements on their way to be shown
 * @generation: of the contents
 * @now: get_jiffies_64()
 * @shown: takes them
 * @count: how many
 * @capacity: room for them
 */
struct gathering {
	u64 generation;
	u64 now;
	struct shown *shown;
	u32 count;
	u32 capacity;
};

static void gather_one(struct minifw_timed *timed, void *ctx)
{
	struct gathering *g = ctx;

	if (minifw_timed_there(timed, g->generation, g->now) && g->count < g->capacity)
		g->shown[g->count++] = (struct shown){ timed->key, READ_ONCE(timed->expires) };
}

static int shown_cmp(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;

	if (x->key.family != y->key.family)
		return x->key.family - y->key.family;
	return memcmp(&x->key.key, &y->key.key, sizeof(x->key.key)) ?:
	       x->key.bits - y->key.bits;
}

/* The timed elements in order; @g->shown is for kvfree(). */
static int gather(const struct minifw_contents *contents, struct gathering *g)
{
	u32 count = atomic_read(&contents->timed->count);

	*g = (struct gathering){ .generation = contents->generation, .now = get_jiffies_64() };
	if (!count)
		return 0;
	g->capacity = count + count / 8 + 16;	/* packets put more there meanwhile */
	g->shown = kvcalloc(g->capacity, sizeof(*g->shown), GFP_KERNEL);
	if (!g->shown)
		return -ENOMEM;
	minifw_timed_walk(contents->timed, gather_one, g);
	sort(g->shown, g->count, sizeof(*g->shown), shown_cmp, NULL);
	return 0;
}

static void show_timed(const struct minifw_contents *contents, const struct gathering *g,
		       const char *before, struct minifw_text *out)
{
	const struct shown *shown;

	for (shown = g->shown; shown < g->shown + g->count; shown++) {
		const struct minifw_timed_key *key = &shown->key;
		struct minifw_key last = key->key;

		minifw_key_fill(&last, minifw_element_len(contents->type, key->family), key->bits);
		minifw_text_add(out, "%s", before);
		minifw_element_show(contents->type, key->family, &key->key, &last, out);
		if (shown->expires != MINIFW_NEVER)
			minifw_text_add(out, " timeout %llu",
					div_u64(shown->expires - g->now + HZ - 1, HZ));
		minifw_text_add(out, "\n");
	}
}

static void show_part(const struct minifw_contents *contents, u8 family, const char *before,
		      struct minifw_text *out)
{
	struct minifw_part_walk walk = { .part = &contents->part[family] };
	/* Who adds what is shown should get what is there. */
	const char *for_ever = contents->timeout ? " timeout 0" : "";
	struct minifw_key first, last;

	while (minifw_part_next(&walk, &first, &last)) {
		minifw_text_add(out, "%s", before);
		minifw_element_show(contents->type, family, &first, &last, out);
		minifw_text_add(out, "%s\n", for_ever);
	}
}

/* All elements, a line each. */
static int show_elements(const struct minifw_contents *contents, const char *before,
			 struct minifw_text *out)
{
	struct gathering g;
	int ret = gather(contents, &g);

	if (ret)
		return ret;
	show_part(contents, MINIFW_IP, before, out);
	show_part(contents, MINIFW_IP6, before, out);
	show_timed(contents, &g, before, out);
	kvfree(g.shown);
	return 0;
}

/**
 * minifw_set_elements() - what the file `elements` shows
 * @set: the set
 * @out: takes all elements, a line each
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_set_elements(const struct minifw_set *set, struct minifw_text *out)
{
	return show_elements(minifw_contents_of(set), "", out);
}

static void count_one(struct minifw_timed *timed, void *ctx)
{
	struct gathering *g = ctx;

	g->count += minifw_timed_there(timed, g->generation, g->now);
}

/**
 * minifw_set_count() - how many lines minifw_set_elements() makes
 * @set: the set
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: the number.
 */
u32 minifw_set_count(const struct minifw_set *set)
{
	const struct minifw_contents *contents = minifw_contents_of(set);
	struct gathering g = { .generation = contents->generation, .now = get_jiffies_64() };

	if (atomic_read(&contents->timed->count))
		minifw_timed_walk(contents->timed, count_one, &g);
	return minifw_contents_runs(contents) + g.count;
}

/**
 * minifw_set_memory() - what a set takes
 * @set: the set
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: bytes.
 */
size_t minifw_set_memory(const struct minifw_set *set)
{
	const struct minifw_contents *contents = minifw_contents_of(set);
	size_t size = sizeof(*set) + sizeof(*contents) + minifw_timed_table_size(contents->timed);
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		size += minifw_part_size(&contents->part[family]);
	return size;
}

static int set_show(const struct minifw_set *set, struct minifw_text *out)
{
	const struct minifw_contents *contents = minifw_contents_seen(set);
	char before[sizeof("element  ") + MINIFW_NAME_MAX];

	minifw_text_add(out, "set %s type=", set->name);
	minifw_word_show(&minifw_set_types, contents->type, out);
	if (contents->timeout)
		minifw_text_add(out, " timeout=%u", contents->timeout);
	if (contents->max != MINIFW_SET_MAX)
		minifw_text_add(out, " max=%u", contents->max);
	minifw_text_add(out, "\n");
	snprintf(before, sizeof(before), "element %s ", set->name);
	return show_elements(contents, before, out);
}

/**
 * minifw_sets_show() - all sets, as packets see them, as lines of minifw.conf(5)
 * @out: takes them
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_sets_show(struct minifw_text *out)
{
	struct minifw_set *set;
	int ret = 0;

	list_for_each_entry(set, &sets, node)
		if (!ret)
			ret = set_show(set, out);
	return ret;
}
