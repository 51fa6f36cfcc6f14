// SPDX-License-Identifier: GPL-2.0
/* A line of attributes, taken apart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/language.h"
#include "pairs.h"
#include "say.h"

/**
 * pairs_read() - take a line apart
 * @pairs: takes it, for pairs_free()
 * @text: the line
 * @why: takes the reason
 *
 * Return: whether it is such a line.
 */
bool pairs_read(struct pairs *pairs, const char *text, char *why)
{
	char *rest, *name, *value;

	*pairs = (struct pairs){ .text = need(strdup(text)) };
	rest = pairs->text;
	while (language_pair(&rest, &name, &value, why)) {
		if (pairs->count == PAIRS_MAX) {
			snprintf(why, WHY_MAX, "more than %d attributes", PAIRS_MAX);
			return false;
		}
		pairs->name[pairs->count] = name;
		pairs->value[pairs->count++] = value;
	}
	return !*why;
}

/**
 * pairs_free() - let go of a line
 * @pairs: the line
 */
void pairs_free(struct pairs *pairs)
{
	free(pairs->text);
}

/**
 * pairs_get() - the value of an attribute
 * @pairs: the line
 * @name: the attribute
 *
 * Return: its value, or NULL if it has none.
 */
const char *pairs_get(const struct pairs *pairs, const char *name)
{
	size_t i;

	for (i = 0; i < pairs->count; i++)
		if (!strcmp(pairs->name[i], name))
			return pairs->value[i];
	return NULL;
}
