/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SET_WRITE_H
#define MINIFW_SET_WRITE_H

#include <linux/types.h>

#include "element.h"

struct minifw_error;
struct minifw_set;

int minifw_set_add(struct minifw_set *set, char *lines, struct minifw_error *err);
int minifw_set_del(struct minifw_set *set, char *lines, struct minifw_error *err);
int minifw_set_load(struct minifw_set *set, char *lines, struct minifw_error *err);
int minifw_set_retype(struct minifw_set *set, enum minifw_set_type type, struct minifw_error *err);
int minifw_set_limit(struct minifw_set *set, u32 timeout, u32 max, struct minifw_error *err);

#endif
