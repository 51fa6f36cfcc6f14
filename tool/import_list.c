// SPDX-License-Identifier: GPL-2.0
/* Lists that are too long for a rule: each is a set of its own. */
#include <stdlib.h>
#include <string.h>

#include "conf/elements.h"
#include "conf/language.h"
#include "import.h"
#include "say.h"

static bool all_taken(const char *type, const char *list, char *why)
{
	struct set_head head;
	char *rest = keep("%s", list), *one;
	struct elements *elements;
	bool taken = true;

	if (!language_set(keep("type=%s", type), &head, why))
		return false;
	elements = elements_new(&head);
	while (taken && (one = strsep(&rest, " ")))
		taken = elements_add(elements, one, why);
	elements_free(elements);
	return taken;
}

/**
 * list_set() - a set for a list
 * @imported: takes it
 * @type: of the set
 * @list: its elements, a blank between two
 * @why: at least WHY_MAX bytes; takes the reason
 *
 * Return: `@` and its name; NULL if the module would not take it.
 */
const char *list_set(struct imported *imported, const char *type, const char *list, char *why)
{
	const char *name = keep("anonymous-%zu", imported->set_count / 2 + 1);

	*why = '\0';
	if (!all_taken(type, list, why))
		return NULL;
	imported_set(imported, name,
		     keep("set %s type=%s\nelement %s %s", name, type, name, list));
	return keep("@%s", name);
}

/**
 * struct shortened - lists that are sets now
 * @names: of each the list, and what names its set
 * @count: how many of both
 */
struct shortened {
	const char **names;
	size_t count;
};

static bool is_long(const char *value)
{
	size_t count = 1;

	while ((value = strchr(value, ','))) {
		value++;
		count++;
	}
	return count > LIST_MAX;
}

/* The same list is the same set. */
static const char *set_of(struct imported *imported, struct shortened *shortened, const char *type,
			  const char *list)
{
	char *elements = keep("%s", list), why[WHY_MAX], *at;
	const char *set;
	size_t i;

	for (i = 0; i < shortened->count; i += 2)
		if (!strcmp(shortened->names[i], list))
			return shortened->names[i + 1];
	for (at = elements; (at = strchr(at, ','));)
		*at = ' ';
	set = list_set(imported, type, elements, why);
	if (!set)
		return NULL;
	shortened->names = need(reallocarray(shortened->names, shortened->count + 2,
					     sizeof(*shortened->names)));
	shortened->names[shortened->count++] = list;
	shortened->names[shortened->count++] = set;
	return set;
}

static void shorten(struct imported *imported, struct shortened *shortened, struct flat_rule *rule)
{
	static const struct {
		enum field field;
		const char *type;
	} rows[] = { { SADDR, "addr" }, { DADDR, "addr" }, { SPORT, "port" }, { DPORT, "port" } };
	const char *value, *set;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		value = rule->match.value[rows[i].field];
		if (!value || !is_long(value))
			continue;
		set = set_of(imported, shortened, rows[i].type, value + (*value == '!'));
		if (set)
			rule->match.value[rows[i].field] =
				*value == '!' ? keep("!%s", set) : set;
	}
}

/**
 * lists_shorten() - make sets of what is too long for a rule
 * @imported: all that was imported. What the module would not take stays
 */
void lists_shorten(struct imported *imported)
{
	struct shortened shortened = {};
	size_t i, j;

	for (i = 0; i < imported->count; i++)
		for (j = 0; j < imported->hooks[i].count; j++)
			if (!imported->hooks[i].rules[j].left_out)
				shorten(imported, &shortened, &imported->hooks[i].rules[j]);
	free(shortened.names);
}
