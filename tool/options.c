// SPDX-License-Identifier: GPL-2.0
/* The options of a command, by getopt_long(). */
#include <getopt.h>
#include <stdio.h>

#include "options.h"
#include "say.h"

#define ROWS_MAX 8

/**
 * options_read() - read the options of a command
 * @rows: what it takes, up to one without a name
 * @argc: how many words there are, the command among them; how many are left after
 * @argv: the words; those that are left after, without the command
 *
 * Return: DONE; or USAGE, which is told.
 */
int options_read(const struct option_row *rows, int *argc, char ***argv)
{
	struct option options[ROWS_MAX + 1] = {};
	int i, c;

	for (i = 0; i < ROWS_MAX && rows[i].name; i++)
		options[i] = (struct option){ rows[i].name, rows[i].value ? required_argument :
					      no_argument, NULL, i + 1 };
	while ((c = getopt_long(*argc, *argv, "", options, NULL)) > 0) {
		if (c == '?')
			return USAGE;
		if (rows[c - 1].flag)
			*rows[c - 1].flag = true;
		else
			*rows[c - 1].value = optarg;
	}
	*argc -= optind;
	*argv += optind;
	return DONE;
}
