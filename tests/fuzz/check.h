/* SPDX-License-Identifier: GPL-2.0 */
/* What must hold of the parsers, whatever they are given. What does not hold aborts. */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include "spec.h"

#define CHECK(condition, ...) \
	do { \
		if (!(condition)) \
			check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__); \
	} while (0)

_Noreturn __printf(4, 5)
void check_failed(const char *file, int line, const char *condition, const char *format, ...);

/* Sets the attribute that @line, `name=value`, names; false where it names none. */
bool check_set(struct minifw_spec *spec, const char *line);

/* Seals @spec, writes its line, reads that back. */
void check_rule(struct minifw_spec *spec);

/* Reads a rule from a line of a chain; what was taken, it writes and reads back. */
void check_line(const char *line);

#endif
