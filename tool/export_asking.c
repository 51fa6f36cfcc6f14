// SPDX-License-Identifier: GPL-2.0
/*
 * What a rule asks, as expressions of nft. nft asks for all of them and knows no "or": where an
 * attribute has several ways to match, there is a rule for each. No packet fits two of them, for it
 * would be counted twice.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "grow.h"
#include "say.h"

#define TEXTS_MAX 256

/**
 * rule_cannot() - nft cannot say it
 * @rule: the rule
 * @attribute: what of it
 * @format: why; the first reason counts
 */
void rule_cannot(struct export_rule *rule, const char *attribute, const char *format, ...)
{
	va_list args;

	if (rule->why)
		return;
	va_start(args, format);
	rule->why = keep("%s: %s", attribute, keep_args(format, args));
	va_end(args);
}

/**
 * rule_get() - an attribute
 * @rule: the rule
 * @attribute: its name
 *
 * Return: the value, or NULL.
 */
const char *rule_get(const struct export_rule *rule, const char *attribute)
{
	return pairs_get(&rule->pairs, attribute);
}

/**
 * asking_add() - ask one thing more
 * @asking: takes it
 * @text: the expression
 */
void asking_add(struct asking *asking, const char *text)
{
	size_t i;

	for (i = 0; i < asking->count; i++)
		asking->text[i] = keep("%s%s ", asking->text[i], text);
}

static void take(struct asking *asking, const char *text)
{
	asking->text = grow(asking->text, asking->count, &asking->room, sizeof(*asking->text));
	asking->text[asking->count++] = text;
}

/* The first way that fits is taken: the others do not fit. */
static const char *way(const char *const *are, const char *const *are_not, size_t which)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < which; i++)
		text = keep("%s%s%s", text, are_not[i], *are_not[i] ? " " : "");
	return keep("%s%s ", text, are[which]);
}

/**
 * asking_one_of() - ask whether one of several things is so
 * @asking: takes it
 * @are: expressions
 * @are_not: of each, what it is not; empty where those behind it say so themselves
 * @count: how many there are, at least one
 * @negated: none of it is so
 */
void asking_one_of(struct asking *asking, const char *const *are, const char *const *are_not,
		   size_t count, bool negated)
{
	const char **before = asking->text;
	size_t befores = asking->count, i, j;

	for (i = 0; negated && i < count; i++)
		asking_add(asking, are_not[i]);
	if (negated)
		return;
	if (befores * count > TEXTS_MAX) {
		rule_cannot(asking->rule, "lists", "it would be more than %d rules", TEXTS_MAX);
		return;
	}
	asking->text = NULL;
	asking->count = 0;
	asking->room = 0;
	for (i = 0; i < befores; i++)
		for (j = 0; j < count; j++)
			take(asking, keep("%s%s", before[i], way(are, are_not, j)));
	free(before);
}
