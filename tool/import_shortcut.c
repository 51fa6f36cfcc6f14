// SPDX-License-Identifier: GPL-2.0
/*
 * minifw lets packets of the loopback, of connections and of control pass before any rule, unless a
 * parameter says otherwise. It has to, where the rules that were imported do not let all of them
 * pass.
 */
#include <string.h>

#include "import.h"

/* Is a word in a list? */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at = list + (*list == '!');

	for (;;) {
		if (!strncmp(at, word, len) && (at[len] == ',' || !at[len]))
			return true;
		at = strchr(at, ',');
		if (!at)
			return false;
		at++;
	}
}

static bool fits_none_but(const struct condition *match, enum field but)
{
	enum field field;

	for (field = 0; field < FIELDS; field++)
		if (field != FAMILY && field != but && match->value[field])
			return false;
	return true;
}

/* Does a word fit a list? */
static bool takes(const char *list, const char *word)
{
	if (!word || *list == '@' || (*list == '!' && strpbrk(list, "*@")))
		return false;
	return has_word(list, word) != (*list == '!');
}

static bool has_none(const char *list, const char *const words[2])
{
	bool first = has_word(list, words[0]), second = words[1] && has_word(list, words[1]);

	if (strchr(list, '*') || strchr(list, '@'))
		return false;
	return *list == '!' ? first && (!words[1] || second) : !first && !second;
}

/**
 * struct shortcut - what passes before any rule
 * @parameter: that says so
 * @words: of the attribute that tells such packets
 */
struct shortcut {
	const char *parameter;
	const char *words[2];
};

static const struct shortcut loopback = { "accept_loopback", { "lo" } };
static const struct shortcut established = { "accept_established", { "established", "related" } };
static const struct shortcut control = { "accept_control", { "udp", "icmpv6" } };

static enum field field_of(const struct shortcut *shortcut, const struct flat_hook *hook)
{
	if (shortcut == &established)
		return CT_STATE;
	if (shortcut == &control)
		return PROTO;
	return !strcmp(hook->hook, "output") ? OIF : IIF;
}

/* Would the packets of the shortcut pass by the rules, too, and nobody see a difference? */
static bool passes(const struct shortcut *shortcut, const struct flat_hook *hook)
{
	enum field field = field_of(shortcut, hook);
	const struct flat_rule *rule;
	bool first = false, second = !shortcut->words[1], accepts;
	const char *value;
	size_t i;

	for (i = 0; i < hook->count; i++) {
		rule = &hook->rules[i];
		value = rule->match.value[field];
		accepts = rule->action && !strcmp(rule->action, "accept") && !rule->log;

		if (rule->left_out)
			return false;
		if (accepts && fits_none_but(&rule->match, field)) {
			first |= !value || takes(value, shortcut->words[0]);
			second |= !value || takes(value, shortcut->words[1]);
		}
		if (first && second)
			return true;
		if (!accepts && !(value && has_none(value, shortcut->words)))
			return false;
	}
	return !strcmp(hook->policy, "accept");
}

static bool has_shortcut(const struct flat_hook *hook, const struct shortcut *shortcut)
{
	if (!strcmp(hook->hook, "forward"))
		return shortcut == &established;
	return !strcmp(hook->hook, "input") || !strcmp(hook->hook, "output");
}

static void show(const struct imported *imported, const struct shortcut *shortcut, FILE *out)
{
	size_t i;

	for (i = 0; i < imported->count; i++)
		if (has_shortcut(&imported->hooks[i], shortcut) &&
		    !passes(shortcut, &imported->hooks[i])) {
			fprintf(out, "parameter %s=N\n", shortcut->parameter);
			return;
		}
}

/**
 * shortcuts_show() - the parameters that say so
 * @imported: what was imported
 * @out: takes them
 */
void shortcuts_show(const struct imported *imported, FILE *out)
{
	show(imported, &loopback, out);
	show(imported, &established, out);
	show(imported, &control, out);
}
