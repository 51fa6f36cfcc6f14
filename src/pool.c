// SPDX-License-Identifier: GPL-2.0
/*
 * Counters for many: a line of a chain has counters like a rule, but an
 * allocation for each of 100,000 would take longer than all else.  So they come in
 * blocks, which go when the last line does that counts in them.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/refcount.h>
#include <linux/sizes.h>

#include "pool.h"
#include "stats.h"

/* 1 KiB on each CPU; the percpu allocator gives 32 KiB at the most. */
#define BLOCK_BYTES	SZ_1K

/**
 * union block - counters, one allocation, at a multiple of BLOCK_BYTES
 * @refs: of the block that the first CPU has: held by each line that counts in it, and by the
 *       pool that it is handed out from
 * @counters: but the first, whose place @refs is in
 *
 * So the block of some counters is found by their address alone.
 */
union block {
	refcount_t refs;
	struct minifw_counters counters[BLOCK_BYTES / sizeof(struct minifw_counters)];
};

static union block __percpu *block_of(struct minifw_counters __percpu *counters)
{
	unsigned long at = (__force unsigned long)counters;

	return (void __percpu __force *)round_down(at, BLOCK_BYTES);
}

static refcount_t *refs_of(union block __percpu *block)
{
	return &per_cpu_ptr(block, cpumask_first(cpu_possible_mask))->refs;
}

/**
 * minifw_pool_get() - hold the block that counters are in
 * @counters: from minifw_pool_take()
 *
 * Context: any.
 * Return: @counters.
 */
struct minifw_counters __percpu *minifw_pool_get(struct minifw_counters __percpu *counters)
{
	refcount_inc(refs_of(block_of(counters)));
	return counters;
}

/**
 * minifw_pool_put() - let go of a block; the last one frees it
 * @counters: that are in it, or NULL; no packet may still count in them for the caller
 *
 * Context: process.
 */
void minifw_pool_put(struct minifw_counters __percpu *counters)
{
	if (counters && refcount_dec_and_test(refs_of(block_of(counters))))
		free_percpu(block_of(counters));
}

static int block_create(struct minifw_pool *pool)
{
	union block __percpu *block = __alloc_percpu(sizeof(*block), BLOCK_BYTES);

	if (!block)
		return -ENOMEM;
	refcount_set(refs_of(block), 1);
	minifw_pool_clear(pool);
	pool->block = block->counters;
	pool->left = ARRAY_SIZE(block->counters) - 1;
	return 0;
}

/**
 * minifw_pool_take() - counters at zero
 * @pool: hands them out
 *
 * Context: may sleep; what guards @pool is held.
 * Return: the counters, to be let go of by minifw_pool_put(); or NULL without memory.
 */
struct minifw_counters __percpu *minifw_pool_take(struct minifw_pool *pool)
{
	if (!pool->left && block_create(pool))
		return NULL;
	return minifw_pool_get(pool->block + pool->left--);
}

/**
 * minifw_pool_clear() - hand out no more
 * @pool: the pool
 *
 * Context: process.
 */
void minifw_pool_clear(struct minifw_pool *pool)
{
	minifw_pool_put(pool->block);
	*pool = (struct minifw_pool){};
}

/**
 * minifw_pool_share() - what one line's counters take
 *
 * Context: any.
 * Return: bytes, on all CPUs.
 */
size_t minifw_pool_share(void)
{
	return sizeof(struct minifw_counters) * num_possible_cpus();
}
