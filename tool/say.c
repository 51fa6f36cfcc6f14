// SPDX-License-Identifier: GPL-2.0
/* What the program says on stderr, and text that is made for it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "say.h"

static unsigned int count;

static void tell(const struct place *place, const char *format, va_list args)
{
	fprintf(stderr, "%s:", place->file ? place->file : "minifw");
	if (place->line)
		fprintf(stderr, "%u:", place->line);
	fputc(' ', stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

/**
 * fault() - say what is wrong with a line, as `FILE:LINE: why`
 * @place: where it is
 * @format: why
 *
 * Return: REFUSED.
 */
int fault(const struct place *place, const char *format, ...)
{
	va_list args;

	count++;
	va_start(args, format);
	tell(place, format, args);
	va_end(args);
	return REFUSED;
}

/**
 * remark() - say of a line what one should know, as fault() does
 * @place: where it is
 * @format: what
 */
void remark(const struct place *place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(place, format, args);
	va_end(args);
}

/**
 * faults() - how many there were
 *
 * Return: the number of calls of fault() and refuse().
 */
unsigned int faults(void)
{
	return count;
}

static int say(int status, const char *format, va_list args)
{
	fputs("minifw: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	return status;
}

/**
 * refuse() - say why it cannot be done
 * @format: why
 *
 * Return: REFUSED.
 */
int refuse(const char *format, ...)
{
	va_list args;

	count++;
	va_start(args, format);
	say(REFUSED, format, args);
	va_end(args);
	return REFUSED;
}

/**
 * usage() - say what is wrong with the command line
 * @format: what
 *
 * Return: USAGE.
 */
int usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(USAGE, format, args);
	va_end(args);
	return USAGE;
}

/**
 * format_text() - printf() into memory
 * @format: as of printf()
 *
 * Return: the text, for free().
 */
char *format_text(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return need(text);
}

/**
 * need() - memory, or the program ends
 * @memory: what was got; NULL if there is none
 *
 * Return: @memory.
 */
void *need(void *memory)
{
	if (memory)
		return memory;
	fputs("minifw: out of memory\n", stderr);
	exit(REFUSED);
}
