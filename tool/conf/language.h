/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LANGUAGE_H
#define LANGUAGE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct reference - a set, as a rule names it
 * @attribute: where
 * @set: its name
 * @types: a bit for each type of set that may be there
 */
struct reference {
	const char *attribute;
	const char *set;
	unsigned int types;
};

/**
 * struct reader - who hears of what is read
 * @refers: told of each set that a rule names; NULL if nobody asks
 * @context: handed to it
 * @why: at least WHY_MAX bytes; takes the reason of a refusal
 */
struct reader {
	void (*refers)(void *context, const struct reference *reference);
	void *context;
	char *why;
};

/* What a set is like, beside its elements. */
struct set_head {
	int type;
	uint32_t timeout;
	uint32_t max;
};

bool language_blank(const char *text);
bool language_pair(char **text, char **name, char **value, char *why);
char *language_quoted(const char *name, const char *value);
bool language_name(const char *name);
char *language_rule(char *pairs, const struct reader *reader);
char *language_line(char *pairs, const struct reader *reader);
char *language_chain(char *pairs, const struct reader *reader);
char *language_parameter(const char *name, const char *value, char *why);
char *language_default(const char *parameter);
bool language_set(char *pairs, struct set_head *head, char *why);
char *language_set_head(const struct set_head *head);
const char *language_type(int type);
const char *language_attribute(unsigned int index);
const char *language_parameter_name(unsigned int index);

#endif
