/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAIRS_H
#define PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#define PAIRS_MAX 64	/* attributes of an object, at the most */

/**
 * struct pairs - `name=value …`, taken apart
 * @text: what names and values point into
 * @count: how many
 * @name: of each
 * @value: of each, without quotes
 */
struct pairs {
	char *text;
	size_t count;
	const char *name[PAIRS_MAX];
	const char *value[PAIRS_MAX];
};

bool pairs_read(struct pairs *pairs, const char *text, char *why);
void pairs_free(struct pairs *pairs);
const char *pairs_get(const struct pairs *pairs, const char *name);

#endif
