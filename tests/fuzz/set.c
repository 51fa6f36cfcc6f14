// SPDX-License-Identifier: GPL-2.0
/*
 * A set: its type in the first line, then an element a line; those behind a `-` are
 * taken out again.  What the intervals say of a key must be what the last line that
 * names it says.
 */
#include "kernel.h"
#include "check.h"
#include "element.h"
#include "error.h"
#include "input.h"
#include "text.h"

#define OPERATIONS_MAX 64

struct operation {
	bool removes;
	struct minifw_element element;
};

struct history {
	enum minifw_set_type type;
	unsigned int count;
	struct operation operation[OPERATIONS_MAX];
};

/* What is shown is taken, and is the same. */
static void check_shown(enum minifw_set_type type, const struct minifw_element *element)
{
	char shown[128];
	struct minifw_text out = { .buf = shown, .size = sizeof(shown) };
	struct minifw_element again;
	struct minifw_error err = {};
	int ret;

	minifw_element_show(type, element->family, &element->first, &element->last, &out);
	CHECK(out.len < sizeof(shown), "an element of %zu bytes", out.len);
	ret = minifw_element_parse(type, strdupa(shown), &again, &err);
	CHECK(!ret, "'%s' is refused: %s", shown, err.text);
	CHECK(again.family == element->family &&
	      !memcmp(&again.first, &element->first, sizeof(again.first)) &&
	      !memcmp(&again.last, &element->last, sizeof(again.last)),
	      "'%s' reads as something else", shown);
}

static void read_operations(struct history *history, char *text)
{
	struct minifw_error err = {};
	char *line;

	while (history->count < OPERATIONS_MAX && (line = strsep(&text, "\n"))) {
		struct operation *operation = &history->operation[history->count];

		operation->removes = *line == '-';
		line = strim(line + operation->removes);
		if (!*line ||
		    minifw_element_parse(history->type, line, &operation->element, &err))
			continue;
		check_shown(history->type, &operation->element);
		history->count++;
	}
}

static struct minifw_intervals *apply(struct minifw_intervals *from,
				      const struct operation *operation)
{
	const struct minifw_element *element = &operation->element;
	struct minifw_intervals *one = minifw_intervals_alloc(from->len, from->joins, 1), *to;

	minifw_intervals_push(one, &element->first, &element->last);
	one = minifw_intervals_close(one);
	CHECK(operation->removes || minifw_intervals_covers(one, &element->first, &element->last),
	      "an element does not cover itself");
	to = operation->removes ? minifw_intervals_subtract(from, one) :
				  minifw_intervals_add(from, one);
	CHECK(minifw_intervals_overlap(to, &element->first, &element->last) != operation->removes,
	      "an element is there, or not, as it should not be");
	minifw_intervals_put(one);
	minifw_intervals_put(from);
	return to;
}

/* In order, disjoint, and none that could be one with the next. */
static void check_order(const struct minifw_intervals *intervals)
{
	u8 len = intervals->len;
	u32 i;

	for (i = 0; i < intervals->count; i++) {
		const u8 *at = minifw_intervals_at(intervals, i);
		struct minifw_key last = {};

		CHECK(memcmp(at, at + len, len) <= 0, "interval %u is upside down", i);
		if (!i)
			continue;
		memcpy(&last, at - len, len);
		CHECK(minifw_key_next(&last, len), "interval %u ends behind all keys", i - 1);
		CHECK(memcmp(&last, at, len) < (intervals->joins ? 0 : 1), "%u and %u meet", i - 1,
		      i);
	}
}

static bool expected(const struct history *history, u8 family, const struct minifw_key *key)
{
	unsigned int i;

	for (i = history->count; i > 0; i--) {
		const struct minifw_element *element = &history->operation[i - 1].element;

		if (element->family == family && memcmp(&element->first, key, sizeof(*key)) <= 0 &&
		    memcmp(key, &element->last, sizeof(*key)) <= 0)
			return !history->operation[i - 1].removes;
	}
	return false;
}

static void check_key(const struct history *history, const struct minifw_intervals *intervals,
		      u8 family, const struct minifw_key *key)
{
	CHECK(minifw_intervals_has(intervals, key) == expected(history, family, key),
	      "a key is there, or not, as it should not be");
}

/* The keys at which something begins or ends, and their neighbours. */
static void check_edges(const struct history *history, const struct minifw_intervals *intervals,
			u8 family)
{
	unsigned int i;

	for (i = 0; i < history->count; i++) {
		const struct minifw_element *element = &history->operation[i].element;
		struct minifw_key before = element->first, behind = element->last;

		if (element->family != family)
			continue;
		check_key(history, intervals, family, &element->first);
		check_key(history, intervals, family, &element->last);
		if (minifw_key_previous(&before, intervals->len))
			check_key(history, intervals, family, &before);
		if (minifw_key_next(&behind, intervals->len))
			check_key(history, intervals, family, &behind);
	}
}

/* Taken apart into prefixes, an element is whole. */
static void check_blocks(const struct minifw_element *element, u8 len)
{
	struct minifw_key first = element->first, end;
	unsigned int blocks = 0;

	do {
		end = first;
		minifw_key_fill(&end, len, minifw_key_block(&first, &element->last, len));
		CHECK(memcmp(&end, &element->last, len) <= 0, "a prefix ends behind the element");
		CHECK(++blocks <= 16U * len, "%u prefixes", blocks);
		first = end;
	} while (memcmp(&end, &element->last, len) && minifw_key_next(&first, len));
}

static void check_family(const struct history *history, u8 family, u8 len)
{
	struct minifw_intervals *intervals;
	unsigned int i;

	intervals = minifw_intervals_alloc(len, minifw_element_joins(history->type), 0);
	for (i = 0; i < history->count; i++) {
		if (history->operation[i].element.family != family)
			continue;
		intervals = apply(intervals, &history->operation[i]);
		check_order(intervals);
		check_blocks(&history->operation[i].element, len);
	}
	check_edges(history, intervals, family);
	minifw_intervals_put(intervals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = input_text(data, size), *rest = text;
	struct history history = {};
	struct minifw_error err = {};
	int type = minifw_parse_word(&minifw_set_types, strsep(&rest, "\n"), &err);
	u8 family;

	if (type >= 0 && rest) {
		history.type = type;
		read_operations(&history, rest);
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			if (minifw_element_len(type, family))
				check_family(&history, family, minifw_element_len(type, family));
	}
	free(text);
	return 0;
}
