/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sends packets through hooks and takes the time.
 */
#ifndef HOOKBENCH_MEASURE_H
#define HOOKBENCH_MEASURE_H

#include <linux/types.h>

#include "job.h"

/**
 * struct hookbench_result - what a job measured
 * @quartiles: picoseconds a packet: least, lower quartile, median, upper quartile, most
 * @timed: packets that were timed
 * @accepted: how many of them no hook refused
 * @checked: packets whose verdict was expected, and compared before the timing
 * @wrong: how many of these had another
 */
struct hookbench_result {
	u64 quartiles[5];
	u64 timed;
	u64 accepted;
	u32 checked;
	u32 wrong;
};

int hookbench_measure(const struct hookbench_job *job, struct hookbench_result *result);

#endif
