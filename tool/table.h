/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdio.h>

#define COLUMNS_MAX 8

/**
 * struct table - rows of words
 * @columns: how many
 * @heading: of each column; one that begins with `>` has numbers, which stand to the right
 * @cell: row by row
 * @count: how many cells
 */
struct table {
	unsigned int columns;
	const char *heading[COLUMNS_MAX];
	char **cell;
	size_t count;
};

void table_add(struct table *table, char *cell);
void table_print(struct table *table, FILE *out);

#endif
