// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: one a CPU, so that packets share no cache line, summed when
 * somebody reads.
 */
#include <linux/cpumask.h>
#include <linux/kernel.h>

#include "stats.h"

DEFINE_PER_CPU(struct minifw_totals, minifw_totals);

/* A 32-bit CPU writes a counter in two steps: read until two readings agree. */
static u64 read_whole(const u64 *counter)
{
	u64 value;

	do {
		value = READ_ONCE(*counter);
	} while (value != READ_ONCE(*counter));
	return value;
}

/**
 * minifw_counters_sum() - what all CPUs saw a rule or a line match
 * @counters: its own
 * @sum: takes the sums
 *
 * Context: any.
 */
void minifw_counters_sum(struct minifw_counters __percpu *counters, struct minifw_counters *sum)
{
	int cpu;

	*sum = (struct minifw_counters){};
	for_each_possible_cpu(cpu) {
		const struct minifw_counters *c = per_cpu_ptr(counters, cpu);

		sum->packets += read_whole(&c->packets);
		sum->bytes += read_whole(&c->bytes);
	}
}

/**
 * minifw_count_sum() - what all CPUs counted
 * @count: a counter on each
 *
 * Context: any.
 * Return: its sum.
 */
u64 minifw_count_sum(u64 __percpu *count)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += read_whole(per_cpu_ptr(count, cpu));
	return sum;
}

/**
 * minifw_hits_sum() - what all CPUs saw a rule match, the last time, and what it let on
 * @hits: the rule's
 * @sum: takes the sums, and the latest hit
 *
 * Context: any.
 */
void minifw_hits_sum(struct minifw_hits __percpu *hits, struct minifw_hits *sum)
{
	int cpu;

	minifw_counters_sum(&hits->counters, &sum->counters);
	sum->would_drop = minifw_count_sum(&hits->would_drop);
	sum->last = 0;
	for_each_possible_cpu(cpu)
		sum->last = max(sum->last, read_whole(&per_cpu_ptr(hits, cpu)->last));
}

/**
 * minifw_totals_sum() - what all CPUs decided
 * @offset: of the member of struct minifw_totals
 *
 * Context: any.
 * Return: its sum.
 */
u64 minifw_totals_sum(size_t offset)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += read_whole((void *)per_cpu_ptr(&minifw_totals, cpu) + offset);
	return sum;
}
