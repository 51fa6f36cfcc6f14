/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ELEMENTS_H
#define ELEMENTS_H

#include <stdbool.h>
#include <stdio.h>

struct elements;
struct set_head;

struct elements *elements_new(const struct set_head *head);
void elements_free(struct elements *elements);
bool elements_add(struct elements *elements, const char *line, char *why);
void elements_close(struct elements *elements);
bool elements_cover(struct elements *now, struct elements *wanted);
void elements_keep_timed(struct elements *wanted, struct elements *now);
bool elements_nest(const struct elements *elements);
void elements_show(struct elements *elements, const char *before, FILE *out);

#endif
