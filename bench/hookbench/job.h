/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to be measured: one write to /proc/hookbench/run, parsed.
 */
#ifndef HOOKBENCH_JOB_H
#define HOOKBENCH_JOB_H

#include <linux/types.h>

/**
 * struct hookbench_field - a field of generated packets
 * @base: its value in the first
 * @step: added for each step from the first
 * @random: these bits are random
 */
struct hookbench_field {
	u32 base;
	u32 step;
	u32 random;
};

/**
 * struct hookbench_job - what to measure
 * @family: of generated packets, 4 or 6
 * @proto: of generated packets, IPPROTO_…
 * @flows: how many packets there are; they are sent in turn
 * @among: a generated packet is a random number below this of steps away from the first
 * @seed: of what is random
 * @replies: answers to each packet that are sent through the hooks before any is timed, so that
 *	conntrack has seen both directions of its connection
 * @reps: repetitions, each timed as a whole
 * @us: microseconds that a repetition should take: less than a time slice of the host
 * @hooks: bits of NF_INET_…: those that a packet passes, in order of their number
 * @expect: what should become of generated packets, enum hookbench_expect
 * @saddr: source; of IPv6 the last 32 bits, after 2001:db8::/96
 * @daddr: destination, likewise
 * @sport: source port
 * @dport: destination port
 * @trace: a file of packets, in place of generated ones; empty for none
 */
struct hookbench_job {
	u32 family;
	u32 proto;
	u32 flows;
	u32 among;
	u32 seed;
	u32 replies;
	u32 reps;
	u32 us;
	u32 hooks;
	u32 expect;
	struct hookbench_field saddr;
	struct hookbench_field daddr;
	struct hookbench_field sport;
	struct hookbench_field dport;
	char trace[256];
};

int hookbench_job_parse(struct hookbench_job *job, char *text);

#endif
