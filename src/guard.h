/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_GUARD_H
#define MINIFW_GUARD_H

struct minifw_error;
struct minifw_snapshot;

int minifw_guard_check(const struct minifw_snapshot *new, struct minifw_error *err,
		       const char *where);
void minifw_guard_warn(const struct minifw_snapshot *new);

#endif
