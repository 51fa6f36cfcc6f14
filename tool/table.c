// SPDX-License-Identifier: GPL-2.0
/* Tables in aligned columns. On a terminal no line is wider than it, and the first stands out. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "say.h"
#include "table.h"

#define NARROW 20	/* columns of a terminal that says nothing sensible */

/**
 * table_add() - the next cell
 * @table: the table
 * @cell: its text; the table's from here on
 */
void table_add(struct table *table, char *cell)
{
	table->cell = need(reallocarray(table->cell, table->count + 1, sizeof(*table->cell)));
	table->cell[table->count++] = need(cell);
}

/* Columns on the screen, of which a character in UTF-8 takes one. */
static size_t width(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += (*text & 0xc0) != 0x80;
	return columns;
}

static const char *heading(const struct table *table, unsigned int column)
{
	return table->heading[column] + (*table->heading[column] == '>');
}

static void measure(const struct table *table, size_t *widest)
{
	size_t i;

	for (i = 0; i < table->columns; i++)
		widest[i] = width(heading(table, i));
	for (i = 0; i < table->count; i++)
		if (width(table->cell[i]) > widest[i % table->columns])
			widest[i % table->columns] = width(table->cell[i]);
}

/* The first bytes of a text that fit, on a screen that ends. */
static size_t fitting(const char *text, size_t columns)
{
	size_t bytes = 0;

	while (text[bytes] && columns) {
		columns--;
		bytes++;
		while ((text[bytes] & 0xc0) == 0x80)
			bytes++;
	}
	return bytes;
}

/* What is cut ends with a `>`, as less(1) has it. */
static void print_last(const char *text, size_t left, FILE *out)
{
	if (width(text) <= left)
		fputs(text, out);
	else if (left)
		fprintf(out, "%.*s>", (int)fitting(text, left - 1), text);
}

static void print_row(const struct table *table, const size_t *widest, size_t screen,
		      const char *const *row, FILE *out)
{
	size_t left = screen;
	unsigned int i;

	for (i = 0; i + 1 < table->columns; i++) {
		size_t blanks = widest[i] - width(row[i]);

		if (*table->heading[i] == '>')
			fprintf(out, "%*s%s  ", (int)blanks, "", row[i]);
		else
			fprintf(out, "%s%*s  ", row[i], (int)blanks, "");
		left -= left < widest[i] + 2 ? left : widest[i] + 2;
	}
	print_last(row[i], left, out);
	fputc('\n', out);
}

/* Where it is a file or a pipe, there is no end. */
static size_t screen_width(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size))
		return SIZE_MAX;
	return size.ws_col >= NARROW ? size.ws_col : SIZE_MAX;
}

/**
 * table_print() - print a table, and let go of its cells
 * @table: the table; empty after
 * @out: takes it
 */
void table_print(struct table *table, FILE *out)
{
	size_t widest[COLUMNS_MAX], screen = screen_width(out), i;
	const char *headings[COLUMNS_MAX];
	int bold = isatty(fileno(out));

	measure(table, widest);
	for (i = 0; i < table->columns; i++)
		headings[i] = heading(table, i);
	fputs(bold ? "\033[1m" : "", out);
	print_row(table, widest, screen, headings, out);
	fputs(bold ? "\033[0m" : "", out);
	for (i = 0; i < table->count; i += table->columns)
		print_row(table, widest, screen, (const char *const *)&table->cell[i], out);
	for (i = 0; i < table->count; i++)
		free(table->cell[i]);
	free(table->cell);
	table->cell = NULL;
	table->count = 0;
}
