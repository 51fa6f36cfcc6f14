// SPDX-License-Identifier: GPL-2.0
/*
 * A set: its type in the first line, then an element a line; those behind a `-` are
 * taken out again, and at a `=` what has changed is merged.  What the set says of a key must
 * be what the last line that names it says.
 */
#include "kernel.h"
#include "check.h"
#include "element.h"
#include "error.h"
#include "input.h"
#include "naive.h"
#include "text.h"

#define OPERATIONS_MAX 64

struct operation {
	bool removes;
	bool merges;
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

/* What is read fast reads the same slowly. */
static void check_plain(enum minifw_set_type type, char *line)
{
	struct minifw_element plain, element;
	struct minifw_error err = {};
	char *end = minifw_element_plain(type, line, &plain);

	if (!end)
		return;
	CHECK(!*end, "'%s' ends where it does not", line);
	CHECK(!minifw_element_parse(type, strdupa(line), &element, &err), "'%s' is refused: %s",
	      line, err.text);
	CHECK(plain.family == element.family && plain.timeout == element.timeout &&
	      !memcmp(&plain.first, &element.first, sizeof(plain.first)) &&
	      !memcmp(&plain.last, &element.last, sizeof(plain.last)),
	      "'%s' reads as two things", line);
}

static void read_operations(struct history *history, char *text)
{
	struct minifw_error err = {};
	char *line;

	while (history->count < OPERATIONS_MAX && (line = strsep(&text, "\n"))) {
		struct operation *operation = &history->operation[history->count];

		operation->merges = *line == '=';
		if (operation->merges) {
			history->count++;
			continue;
		}
		operation->removes = *line == '-';
		line = strim(line + operation->removes);
		check_plain(history->type, line);
		if (!*line ||
		    minifw_element_parse(history->type, line, &operation->element, &err))
			continue;
		check_shown(history->type, &operation->element);
		history->count++;
	}
}

/**
 * struct state - what is in a set, of one family
 * @part: as packets see it
 * @from: as it was when a merge began; empty if none has
 * @runs: the same by a plain list
 */
struct state {
	struct minifw_part part;
	struct minifw_part from;
	struct minifw_intervals *runs;
};

static void apply(struct state *state, const struct operation *operation)
{
	const struct minifw_element *element = &operation->element;
	struct minifw_intervals *runs = state->runs, *one;
	struct minifw_part changed;

	one = minifw_intervals_alloc(runs->index.len, runs->index.joins, 1);
	minifw_intervals_push(one, &element->first, &element->last);
	one = minifw_intervals_close(one);
	state->runs = operation->removes ? minifw_intervals_subtract(runs, one) :
					   minifw_intervals_add(runs, one);
	CHECK(!minifw_part_change(&changed, &state->part, one, !operation->removes),
	      "no memory");
	minifw_part_put(&state->part);
	state->part = changed;
	CHECK(minifw_part_overlaps(&state->part, &element->first, &element->last) !=
	      operation->removes, "an element is there, or not, as it should not be");
	minifw_intervals_put(one);
	minifw_intervals_put(runs);
}

/* Finish the merge that has begun, if the index is still that, and begin the next one. */
static void merge(struct state *state)
{
	struct minifw_part merged = {}, rebased = {};

	if (state->from.overlay && state->from.index == state->part.index) {
		CHECK(!minifw_part_merge(&merged, &state->from), "no memory");
		if (!minifw_part_rebase(&rebased, &state->part, &state->from, &merged)) {
			minifw_part_put(&state->part);
			state->part = rebased;
		}
		minifw_part_put(&merged);
	}
	minifw_part_put(&state->from);
	minifw_part_copy(&state->from, &state->part);
}

/* Where elements do not join, the list makes one of what the part keeps apart, now and then. */
static void check_list(const struct state *state)
{
	u8 len = state->runs->index.len;
	bool joins = state->runs->index.joins;
	struct minifw_intervals *runs = naive_list(&state->part, len, joins);

	CHECK(!joins || (runs->count == state->runs->count &&
			 !memcmp(runs->byte, state->runs->byte, (size_t)2 * len * runs->count)),
	      "the list is another");
	naive_check(&state->part, joins ? state->runs : runs);
	minifw_intervals_put(runs);
}

static bool expected(const struct history *history, u8 family, const struct minifw_key *key)
{
	unsigned int i;

	for (i = history->count; i > 0; i--) {
		const struct minifw_element *element = &history->operation[i - 1].element;

		if (!history->operation[i - 1].merges && element->family == family &&
		    memcmp(&element->first, key, sizeof(*key)) <= 0 && memcmp(key, &element->last, sizeof(*key)) <= 0)
			return !history->operation[i - 1].removes;
	}
	return false;
}

static void check_key(const struct history *history, const struct state *state, u8 family,
		      const struct minifw_key *key)
{
	bool in = expected(history, family, key);

	CHECK(minifw_part_has(&state->part, key) == in &&
	      minifw_intervals_has(state->runs, key) == in,
	      "a key is there, or not, as it should not be");
}

/* The keys at which something begins or ends, and their neighbours. */
static void check_edges(const struct history *history, const struct state *state, u8 family)
{
	u8 len = state->runs->index.len;
	unsigned int i;

	for (i = 0; i < history->count; i++) {
		const struct minifw_element *element = &history->operation[i].element;
		struct minifw_key before = element->first, behind = element->last;

		if (history->operation[i].merges || element->family != family)
			continue;
		check_key(history, state, family, &element->first);
		check_key(history, state, family, &element->last);
		if (minifw_key_previous(&before, len))
			check_key(history, state, family, &before);
		if (minifw_key_next(&behind, len))
			check_key(history, state, family, &behind);
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
	struct state state = {};
	unsigned int i;

	state.runs = minifw_intervals_alloc(len, minifw_element_joins(history->type), 0);
	for (i = 0; i < history->count; i++) {
		const struct operation *operation = &history->operation[i];

		if (operation->merges) {
			merge(&state);
		} else if (operation->element.family == family) {
			apply(&state, operation);
			check_blocks(&operation->element, len);
		}
		if (operation->merges || !(i % 8))
			check_list(&state);
	}
	check_list(&state);
	check_edges(history, &state, family);
	minifw_intervals_put(state.runs);
	minifw_part_put(&state.part);
	minifw_part_put(&state.from);
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
