/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_LINE_H
#define MINIFW_LINE_H

#include <linux/types.h>

#include "spec.h"

struct minifw_error;

/* What a line of a chain may say: where it stands is the chain's. */
#define MINIFW_LINE_ATTRS (~BIT_ULL(MINIFW_ATTR_priority))

bool minifw_line_empty(const char *text);
int minifw_pair_take(char **text, char **name, char **value, struct minifw_error *err);
int minifw_pairs_parse(struct minifw_spec *spec, char *text, u64 allowed, struct minifw_error *err);

#endif
