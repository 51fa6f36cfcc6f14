/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_COVER_H
#define MINIFW_COVER_H

#include <linux/types.h>

struct minifw_spec;

bool minifw_spec_covers(const struct minifw_spec *a, const struct minifw_spec *b);

#endif
