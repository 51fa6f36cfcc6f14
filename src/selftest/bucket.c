// SPDX-License-Identifier: GPL-2.0
/*
 * Rates, to the packet: the time that buckets are told is made up here, so that days
 * pass at once, and the moment at which the next packet is due can be met from
 * both sides.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "bucket.h"
#include "cases.h"
#include "error.h"
#include "spec.h"

#define DAY	(24 * 60 * 60 * (u64)NSEC_PER_SEC)
#define KEYS	10000	/* that are served at once */
#define CROWD	100000	/* more than there is room for */
#define ROOM	65536
#define SERVED	55000	/* of a crowd at the least */

/**
 * struct rate_case - a rate that is used as it comes, packet by packet
 * @text: the rate
 * @amount: packets or bytes at a time; a divisor of the burst
 * @times: how often, after the burst
 */
struct rate_case {
	const char *text;
	u32 amount;
	u32 times;
};

static const struct rate_case cases[] __initconst = {
	{ "10/second", 1, 1000 },
	{ "10/second burst 20", 1, 1000 },
	{ "7/second", 1, 100000 },
	{ "11/minute burst 1", 1, 10000 },
	{ "3/hour burst 1000000", 1, 1000 },
	{ "1/day burst 1", 1, 100 },
	{ "100000000/second burst 7", 1, 10000 },
	{ "10 mbytes/second", 1024, 10000 },
	{ "10 gbytes/second burst 3000 bytes", 1500, 10000 },
	{ "1 kbytes/minute burst 1 gbytes", 1024, 100 },
	{ "1 bytes/day burst 2 kbytes", 64, 10 },
};

static struct minifw_buckets *__init buckets_for(const char *text, struct minifw_limit *limit)
{
	struct minifw_error err = {};
	struct minifw_spec spec = {};
	char copy[64];

	strscpy(copy, text, sizeof(copy));
	if (minifw_spec_set(&spec, MINIFW_ATTR_limit, copy, &err))
		return NULL;
	*limit = spec.rare->limit;
	minifw_spec_clear(&spec);
	return minifw_buckets_create(limit);
}

static const struct minifw_key_value nobody __initconst;

/* What passes at once. */
static u64 __init drain(struct minifw_buckets *buckets, u32 amount, u64 time)
{
	u64 passed = 0;

	while (minifw_buckets_take(buckets, nobody, amount, time))
		passed++;
	return passed;
}

/* Of the packets behind the burst each passes when it is due, and not before. */
static bool __init paced(struct minifw_buckets *buckets, const struct rate_case *c,
			 const struct minifw_limit *limit, u64 start)
{
	u64 period = (u64)limit->seconds * NSEC_PER_SEC, due;
	u64 slack = max_t(u64, div64_u64(c->amount * period, limit->rate) >> 12, 2);
	unsigned int n;

	for (n = 1; n <= c->times; n++) {
		due = start + div64_u64((u64)n * c->amount * period, limit->rate);
		if (minifw_buckets_take(buckets, nobody, c->amount, due - slack) ||
		    !minifw_buckets_take(buckets, nobody, c->amount, due + slack))
			return false;
	}
	return true;
}

static int __init run_rate(const struct rate_case *c)
{
	struct minifw_limit limit;
	struct minifw_buckets *buckets = buckets_for(c->text, &limit);
	u64 start = ktime_get_ns();
	bool right;

	if (!buckets)
		return -ENOMEM;
	right = drain(buckets, c->amount, start) == div_u64(limit.burst, c->amount) &&
		paced(buckets, c, &limit, start);
	minifw_buckets_put(buckets);
	if (right)
		return 0;
	pr_err("minifw: selftest: limit '%s' passes too few or too many\n", c->text);
	return -EINVAL;
}

/* Keys from @first on that pass two packets, and no third. */
static unsigned int __init served(struct minifw_buckets *buckets, unsigned int first,
				  unsigned int count, u64 time)
{
	unsigned int n, right = 0;

	for (n = 0; n < count; n++) {
		struct minifw_key_value key = { .addr.lo = first + n };
		unsigned int i, passed = 0;

		for (i = 0; i < 3; i++)
			passed += minifw_buckets_take(buckets, key, 1, time);
		right += passed == 2;
	}
	return right;
}

/* Many keys, too many, other ones when those are gone, and the same after a reset. */
static bool __init keys_are_right(struct minifw_buckets *buckets, u64 start)
{
	unsigned int crowd;

	if (served(buckets, 0, KEYS, start) != KEYS)
		return false;
	crowd = served(buckets, KEYS, CROWD, start);
	if (crowd + KEYS < SERVED || crowd + KEYS > ROOM)
		return false;
	if (served(buckets, CROWD * 2, KEYS, start + NSEC_PER_SEC) > ROOM - crowd - KEYS)
		return false;
	if (served(buckets, CROWD * 3, KEYS, start + 3 * DAY) != KEYS)
		return false;
	if (served(buckets, CROWD * 3, KEYS, start + 3 * DAY))
		return false;
	minifw_buckets_reset(buckets);
	return served(buckets, CROWD * 3, KEYS, start + 3 * DAY) == KEYS;
}

static int __init run_keys(void)
{
	struct minifw_limit limit;
	struct minifw_buckets *buckets = buckets_for("1/day burst 2 per saddr", &limit);
	bool right;

	if (!buckets)
		return -ENOMEM;
	right = keys_are_right(buckets, ktime_get_ns());
	minifw_buckets_put(buckets);
	if (right)
		return 0;
	pr_err("minifw: selftest: keys of a limit do not have their share each\n");
	return -EINVAL;
}

/**
 * minifw_selftest_bucket() - test rates
 * @passed: grows by the number of cases
 *
 * Context: process.
 * Return: 0, -EINVAL if a case failed, -ENOMEM.
 */
int __init minifw_selftest_bucket(unsigned int *passed)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(cases); i++)
		ret = run_rate(&cases[i]);
	if (!ret)
		ret = run_keys();
	*passed += i + 1;
	return ret;
}
