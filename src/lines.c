// SPDX-License-Identifier: GPL-2.0
/*
 * Rules in order, a line each: what a chain is made of.  A line never changes;
 * an array of them is its only holder's to change, and is copied by all others.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "config.h"
#include "error.h"
#include "line.h"
#include "lines.h"
#include "pool.h"
#include "rule.h"
#include "set_ref.h"
#include "share.h"
#include "text.h"

/**
 * minifw_lines_create() - an array without lines
 * @capacity: lines that there will be room for
 *
 * Context: may sleep.
 * Return: the array with one reference, or NULL.
 */
struct minifw_lines *minifw_lines_create(unsigned int capacity)
{
	struct minifw_lines *lines;

	lines = kvmalloc(struct_size(lines, line, capacity), GFP_KERNEL);
	if (!lines)
		return NULL;
	refcount_set(&lines->refs, 1);
	lines->count = 0;
	lines->capacity = capacity;
	return lines;
}

/**
 * minifw_lines_get() - hold an array
 * @lines: the array
 *
 * Context: any.
 * Return: @lines.
 */
struct minifw_lines *minifw_lines_get(struct minifw_lines *lines)
{
	refcount_inc(&lines->refs);
	return lines;
}

/**
 * minifw_lines_put() - let go of an array; the last one frees it, with its lines
 * @lines: the array, or NULL; no packet may see it by way of the caller's reference
 *
 * Context: may sleep.
 */
void minifw_lines_put(struct minifw_lines *lines)
{
	unsigned int i;

	if (!lines || !refcount_dec_and_test(&lines->refs))
		return;
	for (i = 0; i < lines->count; i++) {
		minifw_live_put(lines->line[i]);
		cond_resched();
	}
	kvfree(lines);
}

/**
 * minifw_lines_add() - append a line
 * @lines: the caller's alone, with room
 * @line: its reference goes over to @lines
 *
 * Context: any.
 */
void minifw_lines_add(struct minifw_lines *lines, struct minifw_live *line)
{
	lines->line[lines->count++] = line;
}

/* Moves lines, the caller's alone, into an array of another size. */
static int lines_resize(struct minifw_lines **lines, unsigned int capacity)
{
	struct minifw_lines *old = *lines, *new = minifw_lines_create(capacity);

	if (!new)
		return -ENOMEM;
	memcpy(new->line, old->line, old->count * sizeof(*old->line));
	new->count = old->count;
	kvfree(old);
	*lines = new;
	return 0;
}

/* Gives lines an array of their own. */
static int lines_copy(struct minifw_lines **lines, unsigned int capacity)
{
	struct minifw_lines *old = *lines, *new = minifw_lines_create(capacity);
	unsigned int i;

	if (!new)
		return -ENOMEM;
	for (i = 0; i < old->count; i++) {
		minifw_live_get(old->line[i]);
		minifw_lines_add(new, old->line[i]);
	}
	minifw_lines_put(old);
	*lines = new;
	return 0;
}

/**
 * minifw_lines_reserve() - make an array the caller's alone, with room
 * @lines: the array; another one with the same lines after, where it has to be
 * @room: lines that are going to be added
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int minifw_lines_reserve(struct minifw_lines **lines, unsigned int room)
{
	const struct minifw_lines *old = *lines;

	if (refcount_read(&old->refs) > 1)
		return lines_copy(lines, old->count + room);
	if (old->capacity - old->count >= room)
		return 0;
	return lines_resize(lines, old->count + max(room, old->count / 4));
}

/* Appends the rule that @text says, if it says one. */
static int line_take(struct minifw_lines **lines, char *text, struct minifw_share *share,
		     struct minifw_error *err)
{
	struct minifw_live *line;
	int ret;

	if (minifw_line_empty(text))
		return 0;
	if ((*lines)->count == MINIFW_RULES_MAX)
		return minifw_error_set(err, -ENOSPC, "more than %u rules", MINIFW_RULES_MAX);
	if (minifw_lines_reserve(lines, 1))
		return minifw_error_no_memory(err);
	line = minifw_live_alloc(true);
	if (!line)
		return minifw_error_no_memory(err);
	ret = minifw_pairs_parse(&line->spec, text, MINIFW_LINE_ATTRS, err);
	if (ret) {
		minifw_live_put(line);
		return ret;
	}
	minifw_spec_share(&line->spec, share);
	minifw_lines_add(*lines, line);
	return 0;
}

/* Takes a line off *@text, which is NULL after the last. */
static char *next_line(char **text)
{
	char *line = *text;

	*text = strchr(line, '\n');
	if (*text)
		*(*text)++ = '\0';
	return line;
}

/**
 * minifw_lines_parse() - rules from text
 * @text: a rule a line, blank lines and comments between; destroyed
 * @err: takes the reason, with the number of the line in @text
 *
 * Context: may sleep.
 * Return: the rules, or an ERR_PTR: -ENOMEM, -ENOSPC past MINIFW_RULES_MAX, or as
 * minifw_pairs_parse().
 */
struct minifw_lines *minifw_lines_parse(char *text, struct minifw_error *err)
{
	struct minifw_lines *lines = minifw_lines_create(0);
	struct minifw_share share = {};
	unsigned int number = 0;
	char where[24];
	int ret = 0;

	if (!lines)
		return ERR_PTR(minifw_error_no_memory(err));
	while (!ret && text) {
		number++;
		ret = line_take(&lines, next_line(&text), &share, err);
		cond_resched();
	}
	minifw_share_clear(&share);
	if (!ret && lines->capacity > lines->count)
		lines_resize(&lines, lines->count);	/* or they stay as they are */
	if (!ret)
		return lines;
	minifw_lines_put(lines);
	snprintf(where, sizeof(where), "line %u", number);
	return ERR_PTR(minifw_error_prefix(err, ret, where));
}

/**
 * minifw_lines_common() - how many lines do two arrays begin with that say the same?
 * @a: one
 * @b: the other
 *
 * Context: may sleep.
 * Return: the number.
 */
unsigned int minifw_lines_common(const struct minifw_lines *a, const struct minifw_lines *b)
{
	unsigned int most = min(a->count, b->count), i;

	for (i = 0; i < most; i++) {
		if (a->line[i] != b->line[i] &&
		    !minifw_spec_equal(&a->line[i]->spec, &b->line[i]->spec))
			break;
		cond_resched();
	}
	return i;
}

static void lines_mark(const struct minifw_lines *lines, unsigned int from, bool marked)
{
	unsigned int i;

	for (i = from; i < lines->count; i++)
		lines->line[i]->marked = marked;
}

/* Marks the lines that are not among others, which may be NULL. */
static void lines_mark_but(const struct minifw_lines *lines, const struct minifw_lines *but,
			   unsigned int from)
{
	lines_mark(lines, from, true);
	if (but)
		lines_mark(but, from, false);
}

/**
 * minifw_lines_sum() - what lines counted
 * @lines: the lines
 * @but: lines not to count even if they are in @lines; or NULL
 * @from: where to begin: the lines before it are the same in both
 * @sum: grows by it
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_lines_sum(const struct minifw_lines *lines, const struct minifw_lines *but,
		      unsigned int from, struct minifw_counters *sum)
{
	struct minifw_counters counters;
	unsigned int i;

	lines_mark_but(lines, but, from);
	for (i = from; i < lines->count; i++) {
		if (!lines->line[i]->marked || !lines->line[i]->counters)
			continue;
		minifw_counters_sum(lines->line[i]->counters, &counters);
		sum->packets += counters.packets;
		sum->bytes += counters.bytes;
		cond_resched();
	}
}

/**
 * minifw_lines_release() - lines leave force: the sets that they name may be removed
 * @lines: the lines
 * @but: lines that stay in force even if they are in @lines; or NULL
 * @from: where to begin: the lines before it are the same in both
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_lines_release(const struct minifw_lines *lines, const struct minifw_lines *but,
			  unsigned int from)
{
	unsigned int i;

	lines_mark_but(lines, but, from);
	for (i = from; i < lines->count; i++) {
		if (lines->line[i]->marked)
			minifw_sets_release(&lines->line[i]->spec);
		cond_resched();
	}
}

static size_t line_memory(const struct minifw_live *line)
{
	return sizeof(*line) + minifw_spec_memory(&line->spec) +
	       (line->counters ? minifw_pool_share() : 0);
}

/**
 * minifw_lines_memory() - what lines take
 * @lines: the lines
 *
 * Context: minifw_ruleset_mutex held.
 * Return: bytes, with their lists and counters.
 */
size_t minifw_lines_memory(const struct minifw_lines *lines)
{
	size_t bytes = struct_size(lines, line, lines->capacity);
	unsigned int i;

	for (i = 0; i < lines->count; i++)
		bytes += line_memory(lines->line[i]);
	return bytes;
}

static int line_show(const struct minifw_live *line, struct minifw_text *out)
{
	struct minifw_counters sum;
	size_t start = out->len;
	int ret = minifw_spec_pairs(&line->spec, out);

	if (out->len == start) {	/* it says nothing, but it is a line */
		minifw_text_add(out, "hook=");
		minifw_spec_show(&line->spec, MINIFW_ATTR_hook, out);
	}
	if (line->marked && !minifw_live_retired(line)) {
		minifw_counters_sum(line->counters, &sum);
		minifw_text_add(out, " packets=%llu bytes=%llu", sum.packets, sum.bytes);
	}
	minifw_text_add(out, "\n");
	return ret;
}

/**
 * minifw_lines_show() - rules as text, a line each
 * @lines: the rules
 * @counted: lines to be shown with what they counted; or NULL
 * @out: takes them
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_lines_show(const struct minifw_lines *lines, const struct minifw_lines *counted,
		      struct minifw_text *out)
{
	unsigned int i;
	int ret = 0;

	lines_mark(lines, 0, false);
	if (counted)
		lines_mark(counted, 0, true);
	for (i = 0; !ret && i < lines->count; i++) {
		ret = line_show(lines->line[i], out);
		cond_resched();
	}
	return ret;
}
