/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_POOL_H
#define MINIFW_POOL_H

#include <linux/types.h>

struct minifw_counters;
struct minifw_pool_block;

/**
 * struct minifw_pool - where the counters of a chain's next lines come from
 * @block: held; NULL before the first
 * @used: counters of it that are handed out
 */
struct minifw_pool {
	struct minifw_pool_block *block;
	unsigned int used;
};

struct minifw_counters __percpu *minifw_pool_take(struct minifw_pool *pool);
void minifw_pool_clear(struct minifw_pool *pool);

struct minifw_pool_block *minifw_pool_block_get(struct minifw_pool_block *block);
void minifw_pool_block_put(struct minifw_pool_block *block);
size_t minifw_pool_share(void);

#endif
