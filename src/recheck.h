/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_RECHECK_H
#define MINIFW_RECHECK_H

struct minifw_snapshot;

void minifw_recheck(const struct minifw_snapshot *snapshot);

#endif
