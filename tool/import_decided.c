// SPDX-License-Identifier: GPL-2.0
/* What earlier rules of a hook decided: of that nothing comes to the later ones. */
#include <stdlib.h>
#include <string.h>

#include "import.h"
#include "say.h"

/**
 * decided_add() - a rule decides all that matches
 * @decided: takes what that is; beyond DECIDED_MAX it forgets
 * @match: what it asks
 */
void decided_add(struct decided *decided, const struct condition *match)
{
	if (decided->count < DECIDED_MAX)
		decided->one[decided->count++] = *match;
}

static bool within(const struct condition *match, const struct condition *all)
{
	enum field field;

	for (field = 0; field < FIELDS; field++)
		if (!value_within(field, match->value[field], all->value[field]))
			return false;
	return true;
}

/**
 * decided_all() - was all decided that matches?
 * @decided: what was
 * @match: what is asked
 *
 * Return: whether it is plain that one rule before decided it all.
 */
bool decided_all(const struct decided *decided, const struct condition *match)
{
	size_t i;

	for (i = 0; i < decided->count; i++)
		if (within(match, &decided->one[i]))
			return true;
	return false;
}
