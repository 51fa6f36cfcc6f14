/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SHARE_H
#define MINIFW_SHARE_H

#include <linux/types.h>

struct minifw_kind;
struct minifw_list;

/**
 * struct minifw_share - lists that were seen so far
 * @count: how many
 * @mask: how many places there are at @place, less 1; or 0
 * @place: a hash table; NULL before the first list
 *
 * Zeroed, it is empty.
 */
struct minifw_share {
	unsigned int count;
	unsigned int mask;
	struct minifw_share_place *place;
};

struct minifw_list *minifw_share_list(struct minifw_share *share, const struct minifw_kind *kind,
				      struct minifw_list *list);
void minifw_share_clear(struct minifw_share *share);

#endif
