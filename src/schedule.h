/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SCHEDULE_H
#define MINIFW_SCHEDULE_H

#include <linux/types.h>

#include "parse.h"

/**
 * struct minifw_schedule - a stretch of time on some days of every week, in UTC
 * @days: on which it begins: a bit a day, from Monday on; none where unset
 * @from: where it begins, in seconds since midnight
 * @to: where it is over, later than @from by a day at the most; past the midnight
 *      after it, more than a day's seconds
 */
struct minifw_schedule {
	u32 days;
	u32 from;
	u32 to;
};

extern const struct minifw_kind minifw_kind_schedule;

bool minifw_schedule_covers(const struct minifw_schedule *schedule, u64 seconds);

#endif
