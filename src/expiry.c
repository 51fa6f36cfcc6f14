// SPDX-License-Identifier: GPL-2.0
/*
 * Rules that are in force for a time: each has a deadline, and one timer for all
 * waits for the first.  Time stands still while the machine sleeps.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/workqueue.h>

#include "chain.h"
#include "entry.h"
#include "expiry.h"
#include "lines.h"
#include "rule.h"
#include "ruleset.h"
#include "snapshot.h"

static void expire(struct work_struct *work)
{
	mutex_lock(&minifw_ruleset_mutex);
	minifw_ruleset_expire();
	mutex_unlock(&minifw_ruleset_mutex);
}

static DECLARE_DELAYED_WORK(expire_work, expire);

/* Set the timer anew; an unsigned long of jiffies may be less than the time left. */
static void wait_for(u64 deadline, u64 now)
{
	u64 left = deadline > now ? deadline - now : 0;

	cancel_delayed_work(&expire_work);
	if (deadline != U64_MAX)
		schedule_delayed_work(&expire_work, min_t(u64, left, MAX_JIFFY_OFFSET));
}

/* Sets the deadline of a rule that has just gone live, if it expires; returns it, or U64_MAX. */
static u64 deadline_start(struct minifw_live *live, u64 now)
{
	struct minifw_rare *rare = live->spec.rare;

	if (live->retired || !minifw_spec_asks(&live->spec, MINIFW_ATTR_expires))
		return U64_MAX;
	if (!rare->live.deadline)
		rare->live.deadline = now + (u64)rare->expires * HZ;
	return rare->live.deadline;
}

/**
 * minifw_expiry_start() - count from now for what goes live, and wait for the first to expire
 * @snapshot: what packets see from now on
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_expiry_start(const struct minifw_snapshot *snapshot)
{
	u64 now = get_jiffies_64(), first = U64_MAX;
	struct minifw_walk walk = {};
	struct minifw_live *live;

	while ((live = minifw_snapshot_walk(snapshot, &walk, BIT_ULL(MINIFW_ATTR_expires), 0)))
		first = min(first, deadline_start(live, now));
	wait_for(first, now);
}

/**
 * minifw_expiry_deadline() - when does a rule expire?
 * @live: the rule
 *
 * Context: minifw_ruleset_mutex held.
 * Return: get_jiffies_64() from which on it has; 0 if it does not, or was not published yet.
 */
u64 minifw_expiry_deadline(const struct minifw_live *live)
{
	return live->spec.rare ? live->spec.rare->live.deadline : 0;
}

/**
 * minifw_expiry_is_due() - is a live rule's time over?
 * @live: the rule
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether it is, and the rule still in force.
 */
bool minifw_expiry_is_due(const struct minifw_live *live)
{
	u64 deadline = minifw_expiry_deadline(live);

	return !live->retired && deadline && time_after_eq64(get_jiffies_64(), deadline);
}

/**
 * minifw_expiry_left() - how long a live rule stays in force
 * @live: the rule, with a deadline
 *
 * Context: minifw_ruleset_mutex held.
 * Return: seconds, rounded up; 0 if it goes any moment.
 */
u32 minifw_expiry_left(const struct minifw_live *live)
{
	u64 now = get_jiffies_64(), deadline = minifw_expiry_deadline(live);

	return deadline > now ? div_u64(deadline - now + HZ - 1, HZ) : 0;
}

/**
 * minifw_expiry_exit() - stop the timer
 *
 * Context: may sleep; nothing is published any more.
 */
void minifw_expiry_exit(void)
{
	cancel_delayed_work_sync(&expire_work);
}
