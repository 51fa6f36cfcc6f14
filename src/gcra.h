/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_GCRA_H
#define MINIFW_GCRA_H

#include <linux/atomic.h>
#include <linux/minmax.h>
#include <linux/types.h>

/**
 * struct minifw_gcra - a rate that all CPUs share without a lock
 * @tat: theoretical arrival time: when the next event would be due if all came at
 *       the rate; nanoseconds
 *
 * The generic cell rate algorithm, ITU-T I.371, Annex A. Zeroed, it is unused.
 */
struct minifw_gcra {
	atomic64_t tat;
};

/**
 * minifw_gcra_pass() - take an event, if the rate allows one more
 * @gcra: the state; written only where the event is taken
 * @now: nanoseconds that never go back
 * @interval: nanoseconds from one event to the next
 * @burst: nanoseconds that events may be early: @interval times how many may come at once
 *
 * What lies farther ahead than @burst was put there under another rate: it is forgotten.
 *
 * Context: any.
 * Return: whether it is taken.
 */
static inline bool minifw_gcra_pass(struct minifw_gcra *gcra, s64 now, s64 interval, s64 burst)
{
	s64 old = atomic64_read(&gcra->tat), new;

	do {
		new = (old - now > burst ? now : max(old, now)) + interval;
		if (new - now > burst)
			return false;
	} while (!atomic64_try_cmpxchg_relaxed(&gcra->tat, &old, new));
	return true;
}

#endif
