/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_LINE_H
#define MINIFW_LINE_H

#include <linux/types.h>

struct minifw_error;
struct minifw_spec;

bool minifw_line_empty(const char *text);
int minifw_line_parse(struct minifw_spec *spec, char *text, struct minifw_error *err);

#endif
