/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_LINES_H
#define MINIFW_LINES_H

#include <linux/refcount.h>
#include <linux/types.h>

struct minifw_counters;
struct minifw_error;
struct minifw_live;
struct minifw_text;

/**
 * struct minifw_lines - rules in order
 * @refs: held by a chain's draft and by its frozen forms; of more than one, it is immutable
 * @count: how many
 * @capacity: how many there is room for
 * @line: the rules, one reference each
 */
struct minifw_lines {
	refcount_t refs;
	unsigned int count;
	unsigned int capacity;
	struct minifw_live *line[];
};

struct minifw_lines *minifw_lines_create(unsigned int capacity);
struct minifw_lines *minifw_lines_get(struct minifw_lines *lines);
void minifw_lines_put(struct minifw_lines *lines);
int minifw_lines_reserve(struct minifw_lines **lines, unsigned int room);
unsigned int minifw_lines_common(const struct minifw_lines *a, const struct minifw_lines *b);
void minifw_lines_add(struct minifw_lines *lines, struct minifw_live *line);
struct minifw_lines *minifw_lines_parse(char *text, struct minifw_error *err);
void minifw_lines_sum(const struct minifw_lines *lines, const struct minifw_lines *but,
		      unsigned int from, struct minifw_counters *sum);
void minifw_lines_release(const struct minifw_lines *lines, const struct minifw_lines *but,
			  unsigned int from);
size_t minifw_lines_memory(const struct minifw_lines *lines);
int minifw_lines_show(const struct minifw_lines *lines, const struct minifw_lines *counted,
		      struct minifw_text *out);

#endif
