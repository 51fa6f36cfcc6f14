/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_DIFF_H
#define MINIFW_DIFF_H

struct minifw_diff;
struct minifw_lines;
struct minifw_live;

struct minifw_diff *minifw_diff_create(const struct minifw_lines *old, unsigned int from);
bool minifw_diff_usable(const struct minifw_live *old);
void minifw_diff_free(struct minifw_diff *diff);
struct minifw_live *minifw_diff_take(struct minifw_diff *diff, const struct minifw_live *line);

#endif
