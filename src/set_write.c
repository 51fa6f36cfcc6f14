// SPDX-License-Identifier: GPL-2.0
/*
 * Writes to sets.  Each builds new contents aside and has them published by one pointer.  The
 * hash of what goes by itself is shared by old and new contents: its elements say from which
 * generation of the contents to which they are there, so that a write of many lines is one
 * step for them too.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "change.h"
#include "contents.h"
#include "error.h"
#include "interval.h"
#include "set.h"
#include "set_write.h"
#include "slots.h"
#include "timed.h"

/* The permanent elements of @new: those of @old, with or without those of the change. */
static int change_parts(struct minifw_contents *new, const struct minifw_contents *old,
			const struct minifw_change *change, bool in)
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

/**
 * struct inserts - what became of a change's timed elements
 * @done: those that are in the table now, for the generation to come
 * @renew: those that were there before
 */
struct inserts {
	struct minifw_timed *done;
	struct minifw_timed *renew;
};

static int insert_timed(struct minifw_contents *new, struct minifw_change *change,
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
			minifw_timed_list_remove(new->timed, inserts->done);
			minifw_timed_list_free(inserts->renew);
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
	minifw_timed_list_free(list);
}

/* What has become permanent goes from the table. */
static void drop_permanent(const struct minifw_set *set, const struct minifw_change *change)
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

/* Is there more than the set may have, when what has expired is gone? */
static bool is_overfull(struct minifw_set *set, const struct minifw_contents *contents)
{
	if (!minifw_contents_is_full(contents))
		return false;
	minifw_set_sweep(set);
	return minifw_contents_is_full(contents);
}

static int commit_add(struct minifw_set *set, struct minifw_change *change,
		      struct minifw_error *err)
{
	const struct minifw_contents *old = minifw_contents_of(set);
	struct minifw_contents *new = minifw_contents_after(old);
	struct inserts inserts = {};
	int ret;

	if (!new)
		return minifw_error_no_memory(err);
	ret = change_parts(new, old, change, true) ?: insert_timed(new, change, &inserts);
	if (ret) {
		minifw_contents_free(new);
		return minifw_error_no_memory(err);
	}
	if (is_overfull(set, new)) {
		minifw_timed_list_remove(new->timed, inserts.done);
		minifw_timed_list_free(inserts.renew);
		minifw_contents_free(new);
		return minifw_change_no_room(old, err);
	}
	minifw_contents_publish(set, new);
	renew(new, inserts.renew);
	drop_permanent(set, change);
	return 0;
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
	struct minifw_change change;
	int ret = minifw_change_read_new(&change, minifw_contents_of(set), lines, err);

	if (ret)
		return ret;
	if (minifw_change_is_empty(&change))
		ret = minifw_error_set(err, -EINVAL, "no element");
	else
		ret = commit_add(set, &change, err);
	minifw_change_free(&change);
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
	struct minifw_change change;
	int ret = minifw_change_read_new(&change, minifw_contents_of(set), lines, err);

	if (ret)
		return ret;
	new = minifw_contents_create(change.old);
	if (!new || change_parts(new, &nothing, &change, true) ||
	    insert_timed(new, &change, &inserts))
		ret = minifw_error_no_memory(err);
	else if (minifw_contents_is_full(new))
		ret = minifw_change_no_room(new, err);
	if (!ret) {
		minifw_contents_publish(set, new);
		renew(new, inserts.renew);
	} else {
		minifw_timed_list_free(inserts.renew);
		if (new)
			minifw_contents_free(new);
	}
	minifw_change_free(&change);
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
		return minifw_error_no_memory(err);
	new->type = type;
	minifw_contents_publish(set, new);
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
	struct minifw_contents *new = minifw_contents_after(old);

	if (!new)
		return minifw_error_no_memory(err);
	minifw_contents_share(new, old);
	new->timeout = timeout;
	new->max = max;
	minifw_contents_publish(set, new);
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
	const struct minifw_change *change;
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
static int leave_rest(const struct minifw_timed *timed, struct minifw_change *rest,
		      const struct minifw_change *removal, struct minifw_error *err)
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
		ret = minifw_error_no_memory(err);
	for (i = 0; !ret && i < left->count; i++) {
		const u8 *at = minifw_intervals_at(left, i);

		last = minifw_key_bytes(at + len, len);
		ret = minifw_change_add_timed(rest, family, minifw_key_bytes(at, len), &last,
					      READ_ONCE(timed->expires), err);
	}
	minifw_intervals_put(whole);
	minifw_intervals_put(left);
	return ret;
}

static int commit_del(struct minifw_set *set, const struct hits *hits, struct minifw_error *err)
{
	const struct minifw_contents *old = hits->change->old;
	struct minifw_contents *new = minifw_contents_after(old);
	struct minifw_change rest = { .old = old };
	struct inserts inserts = {};
	struct minifw_timed *timed;
	int ret = 0;

	if (!new)
		return minifw_error_no_memory(err);
	if (change_parts(new, old, hits->change, false))
		ret = minifw_error_no_memory(err);
	for (timed = hits->list; !ret && timed; timed = timed->next)
		ret = leave_rest(timed, &rest, hits->change, err);
	if (!ret && insert_timed(new, &rest, &inserts))
		ret = minifw_error_no_memory(err);
	if (!ret && minifw_contents_is_full(new)) {
		minifw_timed_list_remove(new->timed, inserts.done);
		minifw_timed_list_free(inserts.renew);
		ret = minifw_change_no_room(old, err);
	}
	minifw_timed_list_free(rest.timed);
	if (ret) {
		minifw_contents_free(new);
		return ret;
	}
	for (timed = hits->list; timed; timed = timed->next)
		WRITE_ONCE(timed->until, new->generation);
	minifw_contents_publish(set, new);
	minifw_timed_list_remove(new->timed, hits->list);
	minifw_timed_list_free(inserts.renew);	/* none: the rest of one is no part of another */
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
	struct minifw_change change;
	struct hits hits = { .change = &change };
	int ret;

	if (!copy)
		return minifw_error_no_memory(err);
	ret = minifw_change_read_gone(&change, minifw_contents_of(set), lines, err);
	if (ret)
		goto out;
	if (minifw_change_is_empty(&change)) {
		ret = minifw_error_set(err, -EINVAL, "no element");
	} else {
		find_hits(&hits, change.old);
		ret = check_lines(&hits, copy, err) ?: commit_del(set, &hits, err);
	}
	minifw_change_free(&change);
out:
	kfree(copy);
	return ret;
}
