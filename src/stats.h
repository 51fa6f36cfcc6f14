/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_STATS_H
#define MINIFW_STATS_H

#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/types.h>

/**
 * struct minifw_counters - what one CPU saw a rule match
 * @packets: how many
 * @bytes: from the network header on
 * @last_hit: ktime_get_seconds() of the last
 */
struct minifw_counters {
	u64 packets;
	u64 bytes;
	u64 last_hit;
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

/* Count a match. Context: any; this_cpu operations need no lock against softirqs. */
static inline void minifw_count(struct minifw_counters __percpu *counters, unsigned int bytes)
{
	this_cpu_inc(counters->packets);
	this_cpu_add(counters->bytes, bytes);
	this_cpu_write(counters->last_hit, ktime_get_seconds());
}

void minifw_counters_sum(struct minifw_counters __percpu *counters, struct minifw_counters *sum);
u64 minifw_totals_sum(size_t offset);

#endif
