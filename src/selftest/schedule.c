// SPDX-License-Identifier: GPL-2.0
/* Times: what a `time` covers to the second, by clocks that nobody has to set. */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "cases.h"
#include "error.h"
#include "schedule.h"

#define AT(day, hour, minute, second) \
	((((day) * 24ULL + (hour)) * 60 + (minute)) * 60 + (second))
#define MONDAY 4		/* 5 January 1970, in days since the first */
#define SUNDAY (MONDAY + 6)

/**
 * struct schedule_case - a time, and whether a schedule covers it
 * @text: of the schedule
 * @seconds: since 1970
 * @covered: whether it does
 */
struct schedule_case {
	const char *text;
	u64 seconds;
	bool covered;
};

static const struct schedule_case cases[] __initconst = {
	{ "thu", 0, true },
	{ "thu", AT(0, 23, 59, 59), true },
	{ "thu", AT(1, 0, 0, 0), false },
	{ "mon-wed,fri-sun", 0, false },
	/* 29 February 2000, a Tuesday; 1 January 2100, a Friday; and far behind 32 bits */
	{ "tue", 951782400ULL, true },
	{ "mon,wed", 951782400ULL, false },
	{ "fri", 4102444800ULL, true },
	{ "fri", 4102444799ULL, false },
	{ "fri", 4102444800ULL + 7 * 86400ULL * 1000000, true },
	{ "mon-fri", AT(MONDAY, 0, 0, 0) - 1, false },
	{ "mon-fri", AT(MONDAY, 0, 0, 0), true },
	{ "mon-fri", AT(MONDAY + 4, 23, 59, 59), true },
	{ "mon-fri", AT(MONDAY + 5, 0, 0, 0), false },
	{ "mon-sun", AT(SUNDAY, 12, 0, 0), true },
	{ "08:00-18:00", AT(SUNDAY, 7, 59, 59), false },
	{ "08:00-18:00", AT(SUNDAY, 8, 0, 0), true },
	{ "08:00-18:00", AT(SUNDAY, 17, 59, 59), true },
	{ "08:00-18:00", AT(SUNDAY, 18, 0, 0), false },
	{ "08:00:01-08:00:02", AT(MONDAY, 8, 0, 0), false },
	{ "08:00:01-08:00:02", AT(MONDAY, 8, 0, 1), true },
	{ "08:00:01-08:00:02", AT(MONDAY, 8, 0, 2), false },
	{ "mon 22:00-24:00", AT(MONDAY, 23, 59, 59), true },
	{ "mon 22:00-24:00", AT(MONDAY + 1, 0, 0, 0), false },
	{ "mon 00:00-01:00", AT(MONDAY, 0, 0, 0), true },
	{ "mon 00:00-01:00", AT(MONDAY - 1, 23, 59, 59), false },
	{ "mon 22:00-06:00", AT(MONDAY, 5, 59, 59), false },
	{ "mon 22:00-06:00", AT(MONDAY, 21, 59, 59), false },
	{ "mon 22:00-06:00", AT(MONDAY, 22, 0, 0), true },
	{ "mon 22:00-06:00", AT(MONDAY + 1, 0, 0, 0), true },
	{ "mon 22:00-06:00", AT(MONDAY + 1, 5, 59, 59), true },
	{ "mon 22:00-06:00", AT(MONDAY + 1, 6, 0, 0), false },
	{ "mon 22:00-06:00", AT(MONDAY + 1, 22, 0, 0), false },
	{ "sun 22:00-06:00", AT(SUNDAY, 5, 0, 0), false },
	{ "sun 22:00-06:00", AT(SUNDAY + 1, 5, 59, 59), true },
	{ "22:00-06:00", AT(MONDAY, 0, 0, 0), true },
	{ "22:00-06:00", AT(MONDAY, 6, 0, 0), false },
	{ "18:00-17:59:59", AT(MONDAY, 17, 59, 58), true },
	{ "18:00-17:59:59", AT(MONDAY, 17, 59, 59), false },
	{ "18:00-17:59:59", AT(MONDAY, 18, 0, 0), true },
};

static int __init run_case(const struct schedule_case *c)
{
	struct minifw_schedule schedule = {};
	struct minifw_error err = {};
	char text[32];
	int ret;

	strscpy(text, c->text, sizeof(text));
	ret = minifw_kind_schedule.parse(NULL, text, &schedule, &err);
	if (ret) {
		pr_err("minifw: selftest: time '%s': %d, %s\n", c->text, ret, err.text);
		return ret;
	}
	if (minifw_schedule_covers(&schedule, c->seconds) == c->covered)
		return 0;
	pr_err("minifw: selftest: time '%s' at %llu: not %d\n", c->text, c->seconds, c->covered);
	return -EINVAL;
}

/**
 * minifw_selftest_schedule() - test what times cover
 * @passed: grows by the number of cases
 *
 * Context: process.
 * Return: 0, or -EINVAL if a case failed.
 */
int __init minifw_selftest_schedule(unsigned int *passed)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(cases); i++)
		ret = run_case(&cases[i]);
	*passed += i;
	return ret;
}
