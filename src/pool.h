/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_POOL_H
#define MINIFW_POOL_H

#include <linux/types.h>

struct minifw_counters;

/**
 * struct minifw_pool - where the counters of a chain's next lines come from
 * @block: a block of counters, held; NULL before the first
 * @left: counters of it that are not handed out yet: those from 1 to this
 */
struct minifw_pool {
	struct minifw_counters __percpu *block;
	unsigned int left;
};

struct minifw_counters __percpu *minifw_pool_take(struct minifw_pool *pool);
void minifw_pool_clear(struct minifw_pool *pool);

struct minifw_counters __percpu *minifw_pool_get(struct minifw_counters __percpu *counters);
void minifw_pool_put(struct minifw_counters __percpu *counters);
size_t minifw_pool_share(void);

#endif
