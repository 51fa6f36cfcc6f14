// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a set, and how writes change it.
 *
 * Packets follow one pointer to the contents: permanent elements, which are never
 * changed, and a hash of those that go by themselves.  A write
 * builds new contents aside and swaps the pointer.  The hash is shared by old and
 * new contents: its elements say from which generation of the contents to which
 * they are there, so that a write of many lines is one step for them too.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "contents.h"
#include "error.h"
#include "interval.h"
#include "merge.h"
#include "publish.h"
#include "ruleset.h"
#include "set.h"
#include "slots.h"
#include "timed.h"
#include "watch.h"

/* ---- contents ---- */

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

/* Those that come after @old: without permanent elements yet, and with the others. */
static struct minifw_contents *contents_after(const struct minifw_contents *old)
{
	struct minifw_contents *new = contents_alloc(old);

	if (!new)
		return NULL;
	new->generation = old->generation + 1;
	new->timed = minifw_timed_table_get(old->timed);
	return new;
}

static void copy_parts(struct minifw_contents *to, const struct minifw_contents *from)
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
	copy_parts(new, old);
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

static void publish(struct minifw_set *set, struct minifw_contents *new)
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
	new = contents_after(old);
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

static bool is_full(const struct minifw_contents *contents)
{
	return minifw_contents_count(contents) > contents->max;
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

/* Is there more than the set may have, when what has expired is gone? */
static bool is_overfull(struct minifw_set *set, const struct minifw_contents *contents)
{
	if (!is_full(contents))
		return false;
	minifw_set_sweep(set);
	return is_full(contents);
}

/* ---- a change that is being made ---- */

/**
 * struct change - what a write says, read into the forms of contents
 * @old: what it changes
 * @part: what is permanent
 * @timed: what is not, a list
 * @timed_count: how many of those
 * @now: get_jiffies_64() of the write
 */
struct change {
	const struct minifw_contents *old;
	struct minifw_intervals *part[MINIFW_NR_FAMILIES];
	struct minifw_timed *timed;
	u32 timed_count;
	u64 now;
};

static void timed_list_free(struct minifw_timed *timed)
{
	while (timed) {
		struct minifw_timed *next = timed->next;

		kfree(timed);
		timed = next;
	}
}

static void change_free(struct change *change)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		minifw_intervals_put(change->part[family]);
	timed_list_free(change->timed);
}

static int no_memory(struct minifw_error *err)
{
	return minifw_error_set(err, -ENOMEM, "out of memory");
}

static int no_room(const struct minifw_contents *contents, struct minifw_error *err)
{
	return minifw_error_set(err, -ENOSPC, "more than max allows: %u", contents->max);
}

/* Room for as many intervals of each family as @lines may name. */
static int change_begin(struct change *change, const struct minifw_contents *old, const char *lines,
			struct minifw_error *err)
{
	u32 count[MINIFW_NR_FAMILIES] = {};
	bool colon = false;
	unsigned int family;
	const char *c;

	*change = (struct change){ .old = old, .now = get_jiffies_64() };
	for (c = lines; ; c++) {
		colon |= *c == ':';
		if (*c && *c != '\n')
			continue;
		count[colon && minifw_element_len(old->type, MINIFW_IP6)]++;
		colon = false;
		if (!*c)
			break;
	}
	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		change->part[family] =
			minifw_intervals_alloc(minifw_element_len(old->type, family),
					       minifw_element_joins(old->type), count[family]);
		if (!change->part[family]) {
			change_free(change);
			return no_memory(err);
		}
	}
	return 0;
}

static void change_close(struct change *change)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		change->part[family] = minifw_intervals_close(change->part[family]);
}

/* The prefixes that an interval consists of, each as an element that goes at @expires. */
static int change_add_timed(struct change *change, u8 family, struct minifw_key first,
			    const struct minifw_key *last, u64 expires, struct minifw_error *err)
{
	u8 len = minifw_element_len(change->old->type, family);
	struct minifw_key end;

	do {
		struct minifw_timed_key key = { .family = family, .key = first };
		struct minifw_timed *timed;

		if (change->timed_count >= change->old->max)
			return no_room(change->old, err);
		key.bits = minifw_key_block(&first, last, len);
		timed = minifw_timed_create(&key, GFP_KERNEL);
		if (!timed)
			return no_memory(err);
		timed->expires = expires;
		timed->next = change->timed;
		change->timed = timed;
		change->timed_count++;
		end = first;
		minifw_key_fill(&end, len, key.bits);
		first = end;
	} while (memcmp(&end, last, len) && minifw_key_next(&first, len));
	return 0;
}

static int change_add(struct change *change, const struct minifw_element *element,
		      struct minifw_error *err)
{
	u32 timeout = element->timeout;

	if (timeout == MINIFW_TIMEOUT_UNSET)
		timeout = change->old->timeout;
	if (timeout)
		return change_add_timed(change, element->family, element->first, &element->last,
					change->now + (u64)timeout * HZ, err);
	minifw_intervals_push(change->part[element->family], &element->first, &element->last);
	return 0;
}

static int change_remove(struct change *change, const struct minifw_element *element,
			 struct minifw_error *err)
{
	if (element->timeout != MINIFW_TIMEOUT_UNSET)
		return minifw_error_set(err, -EINVAL, "'timeout' says nothing of what goes");
	minifw_intervals_push(change->part[element->family], &element->first, &element->last);
	return 0;
}

typedef int (*taker)(struct change *change, const struct minifw_element *element,
		     struct minifw_error *err);

/* Of more lines than one, say which it was. */
static int line_error(struct minifw_error *err, int code, unsigned int number, bool only)
{
	char line[24];

	if (only)
		return code;
	snprintf(line, sizeof(line), "line %u", number);
	return minifw_error_prefix(err, code, line);
}

/* What the next of @lines says; 1 if it says nothing. */
static int read_line(const struct change *change, char **lines, struct minifw_element *element,
		     struct minifw_error *err)
{
	enum minifw_set_type type = change->old->type;
	char *line = minifw_element_plain(type, *lines, element);

	if (line) {
		*lines = *line ? line + 1 : NULL;
		return 0;
	}
	line = strim(strsep(lines, "\n"));
	if (!*line || *line == '#')
		return 1;
	return minifw_element_parse(type, line, element, err);
}

static int read_lines(struct change *change, char *lines, taker take, struct minifw_error *err)
{
	struct minifw_element element;
	unsigned int number = 0;
	int ret;

	while (lines) {
		ret = read_line(change, &lines, &element, err);
		number++;
		if (!ret)
			ret = take(change, &element, err);
		if (ret < 0)
			return line_error(err, ret, number, number == 1 && !lines);
		if (!(number % 1024))
			cond_resched();
	}
	return 0;
}

static int change_read(struct change *change, const struct minifw_set *set, char *lines,
		       taker take, struct minifw_error *err)
{
	int ret = change_begin(change, minifw_contents_of(set), lines, err);

	if (ret)
		return ret;
	ret = read_lines(change, lines, take, err);
	if (ret)
		change_free(change);
	else
		change_close(change);
	return ret;
}

/* ---- adding ---- */

/* The permanent elements of @new: those of @old, with or without those of the change. */
static int change_parts(struct minifw_contents *new, const struct minifw_contents *old,
			const struct change *change, bool in)
{
	unsigned int family;
	int ret = 0;

	for (family = 0; !ret && family < MINIFW_NR_FAMILIES; family++)
		ret = minifw_part_change(&new->part[family], &old->part[family],
					 change->part[family], in);
	return ret;
}

static struct minifw_key last_of(u8 type, const struct minifw_timed_key *key)
{
	struct minifw_key last = key->key;

	minifw_key_fill(&last, minifw_element_len(type, key->family), key->bits);
	return last;
}

static bool is_permanent(const struct minifw_contents *contents,
			 const struct minifw_timed_key *key)
{
	struct minifw_key last = last_of(contents->type, key);

	return minifw_part_covers(&contents->part[key->family], &key->key, &last);
}

#define INSERT_TRIES 1000	/* while the table grows, an insertion may be refused */

/* Returns 1 where the element is there already. */
static int insert(struct minifw_timed_table *table, struct minifw_timed *timed)
{
	struct minifw_timed *there;
	unsigned int tries = 0;

	do {
		rcu_read_lock();
		there = minifw_timed_insert(table, timed);
		rcu_read_unlock();
		cond_resched();
	} while (there == ERR_PTR(-EBUSY) && ++tries < INSERT_TRIES);
	return IS_ERR(there) ? -ENOMEM : !!there;
}

/* Take the elements of @list, which no contents have, out of the table. */
static void remove_list(struct minifw_timed_table *table, struct minifw_timed *list)
{
	while (list) {
		struct minifw_timed *next = list->next;

		minifw_timed_remove(table, list);
		list = next;
	}
}

/**
 * struct inserts - what became of a change's timed elements
 * @done: those that are in the table now, for the generation to come
 * @renew: those that were there before
 */
struct inserts {
	struct minifw_timed *done;
	struct minifw_timed *renew;
};

static int insert_timed(struct minifw_contents *new, struct change *change,
			struct inserts *inserts)
{
	while (change->timed) {
		struct minifw_timed *timed = change->timed;
		int ret = 0;

		timed->from = new->generation;
		if (!is_permanent(new, &timed->key))
			ret = insert(new->timed, timed);
		else
			ret = 1;	/* renewing finds nothing then */
		if (ret < 0) {
			remove_list(new->timed, inserts->done);
			timed_list_free(inserts->renew);
			*inserts = (struct inserts){};
			return ret;
		}
		change->timed = timed->next;
		timed->next = ret ? inserts->renew : inserts->done;
		if (ret)
			inserts->renew = timed;
		else
			inserts->done = timed;
	}
	return 0;
}

static void renew(struct minifw_contents *contents, struct minifw_timed *list)
{
	const struct minifw_timed *new;
	struct minifw_timed *timed;

	rcu_read_lock();
	for (new = list; new; new = new->next) {
		timed = minifw_timed_find(contents->timed, &new->key);
		if (timed)
			WRITE_ONCE(timed->expires, new->expires);
	}
	rcu_read_unlock();
	timed_list_free(list);
}

/* What has become permanent goes from the table. */
static void drop_permanent(const struct minifw_set *set, const struct change *change)
{
	const struct minifw_contents *contents = minifw_contents_of(set);
	struct minifw_timed_table *table = contents->timed;
	unsigned int family;
	u32 i;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		const struct minifw_intervals *part = change->part[family];

		for (i = 0; i < part->count && atomic_read(&table->count); i++) {
			const u8 *at = minifw_intervals_at(part, i);
			u8 len = part->index.len;
			struct minifw_key last = minifw_key_bytes(at + len, len);
			struct minifw_timed_key key = {
				.family = family, .key = minifw_key_bytes(at, len),
			};
			struct minifw_timed *timed;

			key.bits = minifw_key_block(&key.key, &last, len);
			rcu_read_lock();
			timed = minifw_timed_find(table, &key);
			if (timed && is_permanent(contents, &key))
				minifw_timed_remove(table, timed);
			rcu_read_unlock();
		}
	}
}

static int commit_add(struct minifw_set *set, struct change *change, struct minifw_error *err)
{
	const struct minifw_contents *old = minifw_contents_of(set);
	struct minifw_contents *new = contents_after(old);
	struct inserts inserts = {};
	int ret;

	if (!new)
		return no_memory(err);
	ret = change_parts(new, old, change, true) ?: insert_timed(new, change, &inserts);
	if (ret) {
		minifw_contents_free(new);
		return no_memory(err);
	}
	if (is_overfull(set, new)) {
		remove_list(new->timed, inserts.done);
		timed_list_free(inserts.renew);
		minifw_contents_free(new);
		return no_room(old, err);
	}
	publish(set, new);
	renew(new, inserts.renew);
	drop_permanent(set, change);
	return 0;
}

static bool is_empty(const struct change *change)
{
	return !change->timed && !change->part[MINIFW_IP]->count &&
	       !change->part[MINIFW_IP6]->count;
}

/**
 * minifw_set_add() - write to a set's file `add`
 * @set: the set
 * @lines: elements; destroyed
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; with nothing changed -EINVAL, -ERANGE, -ENOSPC or -ENOMEM.
 */
int minifw_set_add(struct minifw_set *set, char *lines, struct minifw_error *err)
{
	struct change change;
	int ret = change_read(&change, set, lines, change_add, err);

	if (ret)
		return ret;
	if (is_empty(&change))
		ret = minifw_error_set(err, -EINVAL, "no element");
	else
		ret = commit_add(set, &change, err);
	change_free(&change);
	return ret;
}

/**
 * minifw_set_load() - write to a set's file `load`, or `flush`
 * @set: the set
 * @lines: all of its elements from here on; destroyed
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; with nothing changed -EINVAL, -ERANGE, -ENOSPC or -ENOMEM.
 */
int minifw_set_load(struct minifw_set *set, char *lines, struct minifw_error *err)
{
	static const struct minifw_contents nothing;
	struct minifw_contents *new;
	struct inserts inserts = {};
	struct change change;
	int ret = change_read(&change, set, lines, change_add, err);

	if (ret)
		return ret;
	new = minifw_contents_create(change.old);
	if (!new || change_parts(new, &nothing, &change, true) ||
	    insert_timed(new, &change, &inserts))
		ret = no_memory(err);
	else if (is_full(new))
		ret = no_room(new, err);
	if (!ret) {
		publish(set, new);
		renew(new, inserts.renew);
	} else {
		timed_list_free(inserts.renew);
		if (new)
			minifw_contents_free(new);
	}
	change_free(&change);
	return ret;
}

/* ---- other properties ---- */

/**
 * minifw_set_retype() - write to a set's file `type`
 * @set: the set, without elements but such as have expired
 * @type: from here on
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_set_retype(struct minifw_set *set, enum minifw_set_type type, struct minifw_error *err)
{
	struct minifw_contents *new = minifw_contents_create(minifw_contents_of(set));

	if (!new)
		return no_memory(err);
	new->type = type;
	publish(set, new);
	return 0;
}

/**
 * minifw_set_limit() - write to a set's file `timeout` or `max`
 * @set: the set
 * @timeout: seconds that new elements live
 * @max: elements that there may be
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_set_limit(struct minifw_set *set, u32 timeout, u32 max, struct minifw_error *err)
{
	const struct minifw_contents *old = minifw_contents_of(set);
	struct minifw_contents *new = contents_after(old);

	if (!new)
		return no_memory(err);
	copy_parts(new, old);
	new->timeout = timeout;
	new->max = max;
	publish(set, new);
	return 0;
}

/* ---- taking out ---- */

/**
 * struct hits - timed elements that a removal concerns
 * @change: the removal
 * @generation: of the contents
 * @list: the elements
 */
struct hits {
	const struct change *change;
	u64 generation;
	struct minifw_timed *list;
};

static void hit(struct minifw_timed *timed, void *ctx)
{
	struct hits *hits = ctx;
	struct minifw_key last = last_of(hits->change->old->type, &timed->key);

	if (!minifw_timed_there(timed, hits->generation, hits->change->now) ||
	    !minifw_intervals_overlap(hits->change->part[timed->key.family], &timed->key.key,
				      &last))
		return;
	timed->next = hits->list;
	hits->list = timed;
}

/* Nobody else takes elements out of the table, so that they stay good under the mutex. */
static void find_hits(struct hits *hits, const struct minifw_contents *contents)
{
	hits->generation = contents->generation;
	if (atomic_read(&contents->timed->count))
		minifw_timed_walk(contents->timed, hit, hits);
}

static bool is_hit(const struct hits *hits, const struct minifw_element *element)
{
	const struct minifw_timed *timed;

	for (timed = hits->list; timed; timed = timed->next) {
		const struct minifw_timed_key *key = &timed->key;
		struct minifw_key last = last_of(hits->change->old->type, key);

		if (key->family == element->family &&
		    memcmp(&key->key, &element->last, sizeof(last)) <= 0 &&
		    memcmp(&element->first, &last, sizeof(last)) <= 0)
			return true;
	}
	return false;
}

/* Is some of each line there? */
static int check_lines(const struct hits *hits, char *lines, struct minifw_error *err)
{
	const struct minifw_contents *contents = hits->change->old;
	struct minifw_element element;
	char *line;
	int ret;

	while ((line = strsep(&lines, "\n"))) {
		char shown[64];

		line = strim(line);
		if (!*line || *line == '#')
			continue;
		strscpy(shown, line, sizeof(shown));
		ret = minifw_element_parse(contents->type, line, &element, err);
		if (ret)
			return ret;
		if (!minifw_part_overlaps(&contents->part[element.family], &element.first,
					  &element.last) && !is_hit(hits, &element))
			return minifw_error_set(err, -ENOENT, "'%s' is not there", shown);
	}
	return 0;
}

/* What is left of a timed element, as new ones. */
static int leave_rest(const struct minifw_timed *timed, struct change *rest,
		      const struct change *removal, struct minifw_error *err)
{
	struct minifw_key last = last_of(removal->old->type, &timed->key);
	struct minifw_intervals *whole, *left = NULL;
	u8 family = timed->key.family, len = minifw_element_len(removal->old->type, family);
	int ret = 0;
	u32 i;

	whole = minifw_intervals_alloc(len, false, 1);
	if (whole) {
		minifw_intervals_push(whole, &timed->key.key, &last);
		left = minifw_intervals_subtract(whole, removal->part[family]);
	}
	if (!left)
		ret = no_memory(err);
	for (i = 0; !ret && i < left->count; i++) {
		const u8 *at = minifw_intervals_at(left, i);

		last = minifw_key_bytes(at + len, len);
		ret = change_add_timed(rest, family, minifw_key_bytes(at, len), &last,
				       READ_ONCE(timed->expires), err);
	}
	minifw_intervals_put(whole);
	minifw_intervals_put(left);
	return ret;
}

static int commit_del(struct minifw_set *set, const struct hits *hits, struct minifw_error *err)
{
	const struct minifw_contents *old = hits->change->old;
	struct minifw_contents *new = contents_after(old);
	struct change rest = { .old = old };
	struct inserts inserts = {};
	struct minifw_timed *timed;
	int ret = 0;

	if (!new)
		return no_memory(err);
	if (change_parts(new, old, hits->change, false))
		ret = no_memory(err);
	for (timed = hits->list; !ret && timed; timed = timed->next)
		ret = leave_rest(timed, &rest, hits->change, err);
	if (!ret && insert_timed(new, &rest, &inserts))
		ret = no_memory(err);
	if (!ret && is_full(new)) {
		remove_list(new->timed, inserts.done);
		timed_list_free(inserts.renew);
		ret = no_room(old, err);
	}
	timed_list_free(rest.timed);
	if (ret) {
		minifw_contents_free(new);
		return ret;
	}
	for (timed = hits->list; timed; timed = timed->next)
		WRITE_ONCE(timed->until, new->generation);
	publish(set, new);
	remove_list(new->timed, hits->list);
	timed_list_free(inserts.renew);	/* none: the rest of one is no part of another */
	return 0;
}

/**
 * minifw_set_del() - write to a set's file `del`
 * @set: the set
 * @lines: elements; destroyed
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; with nothing changed -EINVAL, -ERANGE, -ENOENT if none of a line is
 * there, -ENOSPC or -ENOMEM.
 */
int minifw_set_del(struct minifw_set *set, char *lines, struct minifw_error *err)
{
	char *copy = kstrdup(lines, GFP_KERNEL);
	struct change change;
	struct hits hits = { .change = &change };
	int ret;

	if (!copy)
		return no_memory(err);
	ret = change_read(&change, set, lines, change_remove, err);
	if (ret)
		goto out;
	if (is_empty(&change)) {
		ret = minifw_error_set(err, -EINVAL, "no element");
	} else {
		find_hits(&hits, change.old);
		ret = check_lines(&hits, copy, err) ?: commit_del(set, &hits, err);
	}
	change_free(&change);
out:
	kfree(copy);
	return ret;
}
