// SPDX-License-Identifier: GPL-2.0
/* Text that goes all at once: pieces of it are in many rules. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "keep.h"
#include "say.h"

static char **kept;
static size_t kept_count, kept_room;

/**
 * keep_args() - make text, of what another function was given
 * @format: of it
 * @args: what it says
 *
 * Return: the text, until keep_nothing().
 */
char *keep_args(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	kept = grow(kept, kept_count, &kept_room, sizeof(*kept));
	return kept[kept_count++] = need(text);
}

/**
 * keep() - make text
 * @format: of it
 *
 * Return: the text, until keep_nothing().
 */
char *keep(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = keep_args(format, args);
	va_end(args);
	return text;
}

/** keep_nothing() - free what keep() made */
void keep_nothing(void)
{
	while (kept_count)
		free(kept[--kept_count]);
	free(kept);
	kept = NULL;
	kept_room = 0;
}

/**
 * lower() - text in small letters
 * @text: the text
 *
 * Return: the same as keep() does.
 */
char *lower(const char *text)
{
	char *copy = keep("%s", text), *c;

	for (c = copy; *c; c++)
		*c = tolower((unsigned char)*c);
	return copy;
}

/**
 * place_text() - where something is
 * @place: where
 *
 * Return: it as `FILE:LINE`, as keep() does.
 */
const char *place_text(const struct place *place)
{
	return place->line ? keep("%s:%u", place->file, place->line) : keep("%s", place->file);
}
