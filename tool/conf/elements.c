// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a set, as the module would have it: permanent elements merged into runs, then those
 * that go by themselves.
 */
#include "element.h"
#include "elements.h"
#include "error.h"
#include "interval.h"
#include "language.h"
#include "text.h"

#define FAMILIES 2

/**
 * struct elements - what is in a set
 * @type: of the set
 * @timeout: of elements that say nothing of it; 0 is for ever
 * @read: what was read so far; the timed ones alone, once it is closed
 * @count: how many
 * @room: for how many there is room at @read
 * @runs: of each family, permanent elements; NULL before it is closed
 */
struct elements {
	int type;
	u32 timeout;
	struct minifw_element *read;
	size_t count;
	size_t room;
	struct minifw_intervals *runs[FAMILIES];
};

/**
 * elements_new() - a set without elements
 * @head: what the set is like
 *
 * Return: the set, for elements_free().
 */
struct elements *elements_new(const struct set_head *head)
{
	struct elements *elements = kzalloc(sizeof(*elements), GFP_KERNEL);

	elements->type = head->type;
	elements->timeout = head->timeout;
	return elements;
}

/**
 * elements_free() - let go of a set
 * @elements: the set, or NULL
 */
void elements_free(struct elements *elements)
{
	unsigned int family;

	for (family = 0; elements && family < FAMILIES; family++)
		minifw_intervals_put(elements->runs[family]);
	if (elements)
		free(elements->read);
	free(elements);
}

static struct minifw_element *push(struct elements *elements)
{
	if (elements->count == elements->room) {
		elements->room = elements->room ? 2 * elements->room : 16;
		elements->read = reallocarray(elements->read, elements->room,
					      sizeof(*elements->read));
		if (!elements->read)
			kzalloc(SIZE_MAX, GFP_KERNEL);
	}
	return &elements->read[elements->count++];
}

/**
 * elements_add() - read an element
 * @elements: not closed yet
 * @line: the element, with its time-out
 * @why: takes the reason
 *
 * Return: whether the module would take it.
 */
bool elements_add(struct elements *elements, const char *line, char *why)
{
	struct minifw_element *element = push(elements);
	struct minifw_error err = {};
	char *copy = kmemdup(line, strlen(line) + 1, GFP_KERNEL);
	int ret = minifw_element_parse(elements->type, strim(copy), element, &err);

	free(copy);
	if (!ret && element->timeout == MINIFW_TIMEOUT_UNSET)
		element->timeout = elements->timeout;
	if (!ret)
		return true;
	elements->count--;
	strscpy(why, err.text, sizeof(err.text));
	return false;
}

static int element_cmp(const void *a, const void *b)
{
	const struct minifw_element *x = a, *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return minifw_key_cmp(&x->first, &y->first) ?: minifw_key_cmp(&x->last, &y->last);
}

static void close_family(struct elements *elements, unsigned int family)
{
	u8 len = minifw_element_len(elements->type, family);
	struct minifw_intervals *runs;
	size_t i;

	if (!len)
		return;
	runs = minifw_intervals_alloc(len, minifw_element_joins(elements->type), elements->count);
	for (i = 0; i < elements->count; i++) {
		const struct minifw_element *element = &elements->read[i];

		if (element->family == family && !element->timeout)
			minifw_intervals_push(runs, &element->first, &element->last);
	}
	elements->runs[family] = minifw_intervals_close(runs);
}

/**
 * elements_close() - nothing more is read
 * @elements: the set; in normal form after
 */
void elements_close(struct elements *elements)
{
	size_t i, timed = 0;
	unsigned int family;

	for (family = 0; family < FAMILIES; family++)
		close_family(elements, family);
	for (i = 0; i < elements->count; i++)
		if (elements->read[i].timeout)
			elements->read[timed++] = elements->read[i];
	elements->count = timed;
	if (timed)
		qsort(elements->read, timed, sizeof(*elements->read), element_cmp);
}

static bool runs_equal(const struct minifw_intervals *a, const struct minifw_intervals *b)
{
	if (!a || !b)
		return a == b;
	return a->count == b->count &&
	       !memcmp(a->byte, b->byte, (size_t)2 * a->index.len * a->count);
}

static bool has_timed(const struct elements *elements, const struct minifw_element *element)
{
	return elements->count &&
	       bsearch(element, elements->read, elements->count, sizeof(*element), element_cmp);
}

/**
 * elements_cover() - is a set as it should be?
 * @now: what is in it, closed
 * @wanted: what should be, closed
 *
 * Of elements that go by themselves there may be more.
 *
 * Return: whether it is.
 */
bool elements_cover(struct elements *now, struct elements *wanted)
{
	unsigned int family;
	size_t i;

	for (family = 0; family < FAMILIES; family++)
		if (!runs_equal(now->runs[family], wanted->runs[family]))
			return false;
	for (i = 0; i < wanted->count; i++)
		if (!has_timed(now, &wanted->read[i]))
			return false;
	return true;
}

/**
 * elements_keep_timed() - want what is there and goes by itself, too
 * @wanted: what should be in a set, closed
 * @now: what is in it, closed
 */
void elements_keep_timed(struct elements *wanted, struct elements *now)
{
	size_t i, count = wanted->count;

	for (i = 0; i < now->count; i++) {
		const struct minifw_element *element = &now->read[i];

		if (!count || !bsearch(element, wanted->read, count, sizeof(*element), element_cmp))
			*push(wanted) = *element;
	}
	if (wanted->count)
		qsort(wanted->read, wanted->count, sizeof(*wanted->read), element_cmp);
}

/**
 * elements_nest() - do ranges that go by themselves have elements in common?
 * @elements: closed
 *
 * Return: whether two of them do.
 */
bool elements_nest(const struct elements *elements)
{
	const struct minifw_element *before = NULL;
	size_t i;

	for (i = 0; i < elements->count; i++) {
		const struct minifw_element *element = &elements->read[i];

		if (!minifw_key_cmp(&element->first, &element->last))
			continue;
		if (before && before->family == element->family &&
		    minifw_key_cmp(&element->first, &before->last) <= 0)
			return true;
		before = element;
	}
	return false;
}

static void show(int type, u8 family, const struct minifw_key *first,
		 const struct minifw_key *last, FILE *out)
{
	char text[128];
	struct minifw_text shown = { .buf = text, .size = sizeof(text) };

	minifw_element_show(type, family, first, last, &shown);
	fputs(text, out);
}

static void show_runs(const struct elements *elements, u8 family, const char *before, FILE *out)
{
	const struct minifw_intervals *runs = elements->runs[family];
	u32 i;

	for (i = 0; runs && i < runs->count; i++) {
		const u8 *at = minifw_intervals_at(runs, i);
		struct minifw_key first = minifw_key_bytes(at, runs->index.len);
		struct minifw_key last = minifw_key_bytes(at + runs->index.len, runs->index.len);

		fputs(before, out);
		show(elements->type, family, &first, &last, out);
		fprintf(out, "%s\n", elements->timeout ? " timeout 0" : "");
	}
}

/**
 * elements_show() - all elements, a line each
 * @elements: closed
 * @before: stands before each
 * @out: takes the lines
 */
void elements_show(struct elements *elements, const char *before, FILE *out)
{
	unsigned int family;
	size_t i;

	for (family = 0; family < FAMILIES; family++)
		show_runs(elements, family, before, out);
	for (i = 0; i < elements->count; i++) {
		const struct minifw_element *element = &elements->read[i];

		fputs(before, out);
		show(elements->type, element->family, &element->first, &element->last, out);
		fprintf(out, " timeout %u\n", element->timeout);
	}
}
