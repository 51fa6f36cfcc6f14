/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_BUCKET_H
#define MINIFW_BUCKET_H

#include <linux/types.h>

#include "addr.h"

struct minifw_buckets;
struct minifw_limit;

/**
 * struct minifw_key_value - which of those that a key tells apart
 * @addr: the address, without the bits that do not count
 * @rest: family in the upper half, destination port in the lower
 *
 * All zero without a key.
 */
struct minifw_key_value {
	struct minifw_addr addr;
	u32 rest;
};

struct minifw_buckets *minifw_buckets_create(const struct minifw_limit *limit);
struct minifw_buckets *minifw_buckets_get(struct minifw_buckets *buckets);
void minifw_buckets_put(struct minifw_buckets *buckets);
void minifw_buckets_reset(struct minifw_buckets *buckets);
bool minifw_buckets_take(struct minifw_buckets *buckets, struct minifw_key_value key, u32 amount,
			 u64 time);

#endif
