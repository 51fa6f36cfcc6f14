// SPDX-License-Identifier: GPL-2.0
/*
 * Counters for many: a line of a chain has counters like a rule, but an
 * allocation for each of 100,000 would take longer than all else.  So they come in
 * blocks, which go when the last line does that counts in them.
 */
#include <linux/cpumask.h>
#include <linux/kref.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "pool.h"
#include "stats.h"

/* 1.5 KiB on each CPU; the percpu allocator gives 32 KiB at the most. */
#define COUNTERS 64

/**
 * struct minifw_pool_block - counters, one allocation
 * @ref: held by each line that counts in it, and by the pool that it is handed out from
 * @counters: COUNTERS of them
 */
struct minifw_pool_block {
	struct kref ref;
	struct minifw_counters __percpu *counters;
};

static struct minifw_pool_block *block_create(void)
{
	struct minifw_pool_block *block = kmalloc(sizeof(*block), GFP_KERNEL);

	if (!block)
		return NULL;
	kref_init(&block->ref);
	block->counters = __alloc_percpu(COUNTERS * sizeof(*block->counters),
					 __alignof__(*block->counters));
	if (block->counters)
		return block;
	kfree(block);
	return NULL;
}

static void block_release(struct kref *ref)
{
	struct minifw_pool_block *block = container_of(ref, struct minifw_pool_block, ref);

	free_percpu(block->counters);
	kfree(block);
}

/**
 * minifw_pool_block_get() - hold the block that counters are in
 * @block: the block
 *
 * Context: any.
 * Return: @block.
 */
struct minifw_pool_block *minifw_pool_block_get(struct minifw_pool_block *block)
{
	kref_get(&block->ref);
	return block;
}

/**
 * minifw_pool_block_put() - let go of a block; the last one frees it
 * @block: the block, or NULL; no packet may still count in it for the caller
 *
 * Context: process.
 */
void minifw_pool_block_put(struct minifw_pool_block *block)
{
	if (block)
		kref_put(&block->ref, block_release);
}

/**
 * minifw_pool_take() - counters at zero
 * @pool: hands them out; the caller holds @pool->block for them
 *
 * Context: may sleep; what guards @pool is held.
 * Return: the counters, or NULL without memory.
 */
struct minifw_counters __percpu *minifw_pool_take(struct minifw_pool *pool)
{
	struct minifw_pool_block *block;

	if (!pool->block || pool->used == COUNTERS) {
		block = block_create();
		if (!block)
			return NULL;
		minifw_pool_block_put(pool->block);
		pool->block = block;
		pool->used = 0;
	}
	return pool->block->counters + pool->used++;
}

/**
 * minifw_pool_clear() - hand out no more
 * @pool: the pool
 *
 * Context: process.
 */
void minifw_pool_clear(struct minifw_pool *pool)
{
	minifw_pool_block_put(pool->block);
	pool->block = NULL;
}

/**
 * minifw_pool_share() - what one line's counters take
 *
 * Context: any.
 * Return: bytes, on all CPUs.
 */
size_t minifw_pool_share(void)
{
	return sizeof(struct minifw_counters) * num_possible_cpus() +
	       sizeof(struct minifw_pool_block) / COUNTERS;
}
