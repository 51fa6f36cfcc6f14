/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_MERGE_H
#define MINIFW_MERGE_H

struct minifw_overlay;

void minifw_merge_later(const struct minifw_overlay *overlay);
void minifw_merge_exit(void);

#endif
