/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_EXPIRY_H
#define MINIFW_EXPIRY_H

#include <linux/types.h>

struct minifw_live;
struct minifw_snapshot;

void minifw_expiry_start(const struct minifw_snapshot *snapshot);
u64 minifw_expiry_deadline(const struct minifw_live *live);
bool minifw_expiry_is_due(const struct minifw_live *live);
u32 minifw_expiry_left(const struct minifw_live *live);
void minifw_expiry_exit(void);

#endif
