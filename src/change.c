// SPDX-License-Identifier: GPL-2.0
/*
 * What a write to a set says: lines, read into the forms that contents have.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "change.h"
#include "contents.h"
#include "error.h"
#include "interval.h"
#include "timed.h"

/**
 * minifw_change_free() - let go of what a write said
 * @change: the change
 *
 * Context: process.
 */
void minifw_change_free(struct minifw_change *change)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		minifw_intervals_put(change->part[family]);
	minifw_timed_list_free(change->timed);
}

/**
 * minifw_change_no_room() - refuse a write that would fill a set beyond its `max`
 * @contents: of the set
 * @err: takes the reason
 *
 * Context: any.
 * Return: -ENOSPC.
 */
int minifw_change_no_room(const struct minifw_contents *contents, struct minifw_error *err)
{
	return minifw_error_set(err, -ENOSPC, "more than max allows: %u", contents->max);
}

/**
 * minifw_change_is_empty() - does a write name no element?
 * @change: what it says
 *
 * Context: any.
 * Return: whether it does not.
 */
bool minifw_change_is_empty(const struct minifw_change *change)
{
	return !change->timed && !change->part[MINIFW_IP]->count &&
	       !change->part[MINIFW_IP6]->count;
}

/* Room for as many intervals of each family as @lines may name. */
static int change_begin(struct minifw_change *change, const struct minifw_contents *old,
			const char *lines, struct minifw_error *err)
{
	u32 count[MINIFW_NR_FAMILIES] = {};
	bool colon = false;
	unsigned int family;
	const char *c;

	*change = (struct minifw_change){ .old = old, .now = get_jiffies_64() };
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
			minifw_change_free(change);
			return minifw_error_no_memory(err);
		}
	}
	return 0;
}

static void change_close(struct minifw_change *change)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		change->part[family] = minifw_intervals_close(change->part[family]);
}

/**
 * minifw_change_add_timed() - one more element that goes by itself
 * @change: the change
 * @family: of the interval
 * @first: its first key
 * @last: its last
 * @expires: get_jiffies_64() when it goes
 * @err: takes the reason
 *
 * Each prefix that the interval consists of is an element.
 *
 * Context: may sleep.
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int minifw_change_add_timed(struct minifw_change *change, u8 family, struct minifw_key first,
			    const struct minifw_key *last, u64 expires, struct minifw_error *err)
{
	u8 len = minifw_element_len(change->old->type, family);
	struct minifw_key end;

	do {
		struct minifw_timed_key key = { .family = family, .key = first };
		struct minifw_timed *timed;

		if (change->timed_count >= change->old->max)
			return minifw_change_no_room(change->old, err);
		key.bits = minifw_key_block(&first, last, len);
		timed = minifw_timed_create(&key, GFP_KERNEL);
		if (!timed)
			return minifw_error_no_memory(err);
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

static int change_add(struct minifw_change *change, const struct minifw_element *element,
		      struct minifw_error *err)
{
	u32 timeout = element->timeout;

	if (timeout == MINIFW_TIMEOUT_UNSET)
		timeout = change->old->timeout;
	if (timeout)
		return minifw_change_add_timed(change, element->family, element->first,
					       &element->last, change->now + (u64)timeout * HZ,
					       err);
	minifw_intervals_push(change->part[element->family], &element->first, &element->last);
	return 0;
}

static int change_remove(struct minifw_change *change, const struct minifw_element *element,
			 struct minifw_error *err)
{
	if (element->timeout != MINIFW_TIMEOUT_UNSET)
		return minifw_error_set(err, -EINVAL, "'timeout' says nothing of what goes");
	minifw_intervals_push(change->part[element->family], &element->first, &element->last);
	return 0;
}

typedef int (*taker)(struct minifw_change *change, const struct minifw_element *element,
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
static int read_line(const struct minifw_change *change, char **lines,
		     struct minifw_element *element, struct minifw_error *err)
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

static int read_lines(struct minifw_change *change, char *lines, taker take,
		      struct minifw_error *err)
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

static int change_read(struct minifw_change *change, const struct minifw_contents *old,
		       char *lines, taker take, struct minifw_error *err)
{
	int ret = change_begin(change, old, lines, err);

	if (ret)
		return ret;
	ret = read_lines(change, lines, take, err);
	if (ret)
		minifw_change_free(change);
	else
		change_close(change);
	return ret;
}

/**
 * minifw_change_read_new() - read elements that come
 * @change: takes them; for minifw_change_free()
 * @old: the contents that they come into
 * @lines: the elements; destroyed
 * @err: takes the reason
 *
 * Context: may sleep.
 * Return: 0; with nothing to free -EINVAL, -ERANGE, -ENOSPC or -ENOMEM.
 */
int minifw_change_read_new(struct minifw_change *change, const struct minifw_contents *old,
			   char *lines, struct minifw_error *err)
{
	return change_read(change, old, lines, change_add, err);
}

/**
 * minifw_change_read_gone() - read elements that go
 * @change: takes them, as if all were permanent; for minifw_change_free()
 * @old: the contents that they go from
 * @lines: the elements; destroyed
 * @err: takes the reason
 *
 * Context: may sleep.
 * Return: 0; with nothing to free -EINVAL, -ERANGE or -ENOMEM.
 */
int minifw_change_read_gone(struct minifw_change *change, const struct minifw_contents *old,
			    char *lines, struct minifw_error *err)
{
	return change_read(change, old, lines, change_remove, err);
}
