/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_STATS_H
#define MINIFW_STATS_H

#include <linux/build_bug.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/types.h>

/**
 * struct minifw_counters - what one CPU saw a rule, or a line of a chain, match
 * @packets: how many
 * @bytes: from the network header on
 */
struct minifw_counters {
	u64 packets;
	u64 bytes;
};

/**
 * struct minifw_hits - what one CPU saw a rule match; of a line, nobody asks for more than
 *                      its counters
 * @counters: how often
 * @last: get_jiffies_64() at the last
 * @would_drop: packets that it would have dropped
 */
struct minifw_hits {
	struct minifw_counters counters;
	u64 last;
	u64 would_drop;
};

/**
 * struct minifw_totals - what one CPU decided, shortcuts and policies included
 * @accepted: packets let on
 * @dropped: packets dropped or rejected
 * @would_drop: packets let on although the rules say drop
 */
struct minifw_totals {
	u64 accepted;
	u64 dropped;
	u64 would_drop;
};

DECLARE_PER_CPU(struct minifw_totals, minifw_totals);

/*
 * Add to a counter of this CPU, with softirqs off: then nothing comes in between,
 * and an addition need not be atomic. But on PREEMPT_RT softirqs are preempted.
 */
#define minifw_cpu_add(counter, number) \
	do { \
		if (IS_ENABLED(CONFIG_PREEMPT_RT)) \
			this_cpu_add(counter, number); \
		else \
			__this_cpu_add(counter, number); \
	} while (0)

/* Count a match. Context: softirqs are off. */
static inline void minifw_count(struct minifw_counters __percpu *counters, unsigned int bytes)
{
	minifw_cpu_add(counters->packets, 1);
	minifw_cpu_add(counters->bytes, bytes);
}

/* Beside minifw_count(), of counters that are in a struct minifw_hits: when it was. */
static inline void minifw_count_time(struct minifw_counters __percpu *counters)
{
	struct minifw_hits __percpu *hits = (struct minifw_hits __percpu *)counters;

	BUILD_BUG_ON(offsetof(struct minifw_hits, counters));
	__this_cpu_write(hits->last, get_jiffies_64());
}

void minifw_counters_sum(struct minifw_counters __percpu *counters, struct minifw_counters *sum);
u64 minifw_count_sum(u64 __percpu *count);
void minifw_hits_sum(struct minifw_hits __percpu *hits, struct minifw_hits *sum);
u64 minifw_totals_sum(size_t offset);

#endif
