/* SPDX-License-Identifier: GPL-2.0 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

/**
 * struct option_row - an option of a command
 * @name: as it is written, without `--`
 * @flag: becomes true; NULL where it takes a value
 * @value: takes the value
 */
struct option_row {
	const char *name;
	bool *flag;
	const char **value;
};

int options_read(const struct option_row *rows, int *argc, char ***argv);

#endif
