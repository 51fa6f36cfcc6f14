/* SPDX-License-Identifier: GPL-2.0 */
/* What a list of addresses or ports means, told apart from the parser's own way. */
#ifndef FUZZ_MEANING_H
#define FUZZ_MEANING_H

#include "spec.h"

/*
 * @value was written to attribute @id of @spec, and @ret is what came of it.
 * Where @value is simple enough to judge, both must be right.
 */
void check_meaning(const struct minifw_spec *spec, int id, const char *value, int ret);

#endif
