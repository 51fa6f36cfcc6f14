// SPDX-License-Identifier: GPL-2.0
/*
 * When a rule matches: days of the week and a time of day, in UTC, as text and
 * against a clock.  Pure functions, as in parse.c.
 *
 * A stretch of time has its beginning and not its end, so that 08:00-12:00 and
 * 12:00-18:00 have no second in common.  What runs past midnight belongs to the
 * day on which it began.
 */
#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "error.h"
#include "schedule.h"
#include "text.h"

#define DAY (24 * 60 * 60)
#define WEEK 7
#define ALL_DAYS (BIT(WEEK) - 1)
#define THURSDAY 3		/* 1 January 1970 was one */

/* ISO 8601 begins a week with Monday. */
static const struct minifw_word days_table[WEEK] = {
	{ "mon", 0 }, { "tue", 1 }, { "wed", 2 }, { "thu", 3 }, { "fri", 4 }, { "sat", 5 },
	{ "sun", 6 },
};

static const struct minifw_words days = {
	.what = "a day", .word = days_table, .count = WEEK,
};

/* ---- days ---- */

/* A day, or days in a row, which may go on behind the week's end. */
static int day_element(const struct minifw_words *words, char *token, void *ctx,
		       struct minifw_error *err)
{
	char *dash = strchr(token, '-');
	u32 *bits = ctx;
	int day, last;

	if (dash)
		*dash++ = '\0';
	day = minifw_parse_word(words, strim(token), err);
	if (day < 0)
		return day;
	last = dash ? minifw_parse_word(words, strim(dash), err) : day;
	if (last < 0)
		return last;
	for (; day != last; day = (day + 1) % WEEK)
		*bits |= BIT(day);
	*bits |= BIT(last);
	return 0;
}

/* Three in a row or more are shown as a range. */
static void days_show(struct minifw_text *out, u32 bits)
{
	const char *before = "";
	unsigned int day, last;

	for (day = 0; day < WEEK; day = last + 1) {
		last = day;
		if (!(bits & BIT(day)))
			continue;
		while (last + 1 < WEEK && (bits & BIT(last + 1)))
			last++;
		if (last < day + 2)
			last = day;
		minifw_text_add(out, "%s%s", before, days_table[day].word);
		if (last > day)
			minifw_text_add(out, "-%s", days_table[last].word);
		before = ",";
	}
}

/* ---- times of day ---- */

/* Reads up to two digits, @least at the least. Returns what follows them, or NULL. */
static const char *digits_parse(const char *c, unsigned int least, u32 *number)
{
	unsigned int n;

	*number = 0;
	for (n = 0; n < 2 && isdigit(*c); n++)
		*number = *number * 10 + (*c++ - '0');
	return n < least ? NULL : c;
}

/* Hours, minutes and, if they are there, seconds. */
static bool clock_split(const char *c, u32 *field)
{
	unsigned int i;

	c = digits_parse(c, 1, &field[0]);
	for (i = 1; c && *c == ':' && i < 3; i++)
		c = digits_parse(c + 1, 2, &field[i]);
	return c && !*c && i > 1;
}

static int clock_parse(const char *token, u32 *seconds, struct minifw_error *err)
{
	u32 field[3] = {};

	if (!clock_split(token, field))
		return minifw_error_set(err, -EINVAL, "'%.40s' is not a time HH:MM or HH:MM:SS",
					token);
	*seconds = (field[0] * 60 + field[1]) * 60 + field[2];
	if (field[1] > 59 || field[2] > 59 || *seconds > DAY)
		return minifw_error_set(err, -ERANGE,
					"'%.40s' is out of range: a time is 00:00 to 24:00", token);
	return 0;
}

static void clock_show(struct minifw_text *out, u32 seconds)
{
	minifw_text_add(out, "%02u:%02u", seconds / 3600, seconds / 60 % 60);
	if (seconds % 60)
		minifw_text_add(out, ":%02u", seconds % 60);
}

static int span_parse(char *text, struct minifw_schedule *schedule, struct minifw_error *err)
{
	char *dash = strchr(text, '-');
	int ret;

	if (!dash)
		return minifw_error_set(err, -EINVAL, "'%.40s' is not FROM-TO, as in 08:00-18:00",
					text);
	*dash++ = '\0';
	text = strim(text);
	dash = strim(dash);
	ret = clock_parse(text, &schedule->from, err);
	if (!ret)
		ret = clock_parse(dash, &schedule->to, err);
	if (ret)
		return ret;
	if (schedule->from == schedule->to || schedule->from == DAY)
		return minifw_error_set(err, -EINVAL, "'%s-%s' has no beginning before its end",
					text, dash);
	if (schedule->to < schedule->from)
		schedule->to += DAY;
	return 0;
}

/* ---- both ---- */

static int schedule_parse(const struct minifw_words *words, char *text, void *value,
			  struct minifw_error *err)
{
	struct minifw_schedule *schedule = value;
	char *span = strpbrk(text, "0123456789");
	int ret;

	schedule->days = ALL_DAYS;
	schedule->to = DAY;
	if (span == text)
		return span_parse(span, schedule, err);
	if (span && !isspace(span[-1]))
		return minifw_error_set(err, -EINVAL, "'%.40s' is not DAYS FROM-TO", text);
	if (span)
		span[-1] = '\0';
	schedule->days = 0;
	ret = minifw_parse_list(&days, text, day_element, &schedule->days, NULL, err);
	if (!ret && span)
		ret = span_parse(span, schedule, err);
	return ret;
}

static void schedule_show(const struct minifw_words *words, struct minifw_text *out,
			  const void *value)
{
	const struct minifw_schedule *schedule = value;
	bool whole_day = !schedule->from && schedule->to == DAY;
	bool every_day = schedule->days == ALL_DAYS;

	if (!every_day || whole_day)
		days_show(out, schedule->days);
	if (whole_day)
		return;
	minifw_text_add(out, "%s", every_day ? "" : " ");
	clock_show(out, schedule->from);
	minifw_text_add(out, "-");
	clock_show(out, schedule->to > DAY ? schedule->to - DAY : schedule->to);
}

const struct minifw_kind minifw_kind_schedule = {
	.parse = schedule_parse, .show = schedule_show, .size = sizeof(struct minifw_schedule),
};

/**
 * minifw_schedule_covers() - is it time?
 * @schedule: a schedule that is set
 * @seconds: the time, in seconds since 1970 in UTC
 *
 * Context: any.
 * Return: whether the time is within one of the schedule's stretches.
 */
bool minifw_schedule_covers(const struct minifw_schedule *schedule, u64 seconds)
{
	u32 second, weekday;

	div_u64_rem(div_u64_rem(seconds, DAY, &second) + THURSDAY, WEEK, &weekday);
	if (second >= schedule->from && second < schedule->to)
		return schedule->days & BIT(weekday);
	if (second + DAY < schedule->to)	/* it began yesterday */
		return schedule->days & BIT((weekday + WEEK - 1) % WEEK);
	return false;
}
