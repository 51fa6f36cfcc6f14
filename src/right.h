/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_RIGHT_H
#define MINIFW_RIGHT_H

#include <linux/types.h>

struct minifw_error;

void minifw_lock(bool yes);
bool minifw_locked(void);
int minifw_check_capable(struct minifw_error *err);
int minifw_check_unlocked(struct minifw_error *err);
int minifw_check_right(struct minifw_error *err);
bool minifw_has_right(void);

#endif
