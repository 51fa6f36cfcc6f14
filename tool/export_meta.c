// SPDX-License-Identifier: GPL-2.0
/* What a rule asks that is in no header: IPsec, cgroups, the time. */
#include <stdlib.h>
#include <string.h>

#include "export.h"

#define DAYS 7
#define ALL_DAYS ((1u << DAYS) - 1)
#define DAY_SECONDS 86400

/**
 * ask_ipsec() - the attribute ipsec
 * @asking: takes what it asks
 * @value: its value
 */
void ask_ipsec(struct asking *asking, const char *value)
{
	const char *hook = asking->base->hook;
	bool none = !strcmp(value, "none");
	bool comes = strcmp(hook, "output") && strcmp(hook, "postrouting");
	bool goes = strcmp(hook, "prerouting") && strcmp(hook, "input");

	if (!strcmp(value, "in") || (none && comes))
		asking_add(asking, keep("meta ipsec %s", none ? "missing" : "exists"));
	if (!strcmp(value, "out") || (none && goes))
		asking_add(asking, keep("rt ipsec %s", none ? "missing" : "exists"));
}

/**
 * ask_cgroup() - the attribute cgroup
 * @asking: takes what it asks
 * @value: its value, with the slash before it
 */
void ask_cgroup(struct asking *asking, const char *value)
{
	unsigned int level = 0;
	const char *c;

	for (c = value; *c; c++)
		level += *c == '/' && c[1];
	if (strcmp(asking->base->hook, "output"))
		rule_cannot(asking->rule, "cgroup", "nft knows no sockets at %s",
			    asking->base->hook);
	else if (!level || strpbrk(value, "\"\\$"))
		rule_cannot(asking->rule, "cgroup", "nft has no such path");
	else
		asking_add(asking, keep("socket cgroupv2 level %u \"%s\"", level, value + 1));
}

/* ---- time ---- */

static const char *const days[DAYS] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
static const char *const nft_days[DAYS] = {
	"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
};

static unsigned int day_number(const char *text)
{
	unsigned int i;

	for (i = 0; i < DAYS - 1 && strncmp(days[i], text, 3); i++)
		;
	return i;
}

/* `mon-fri`, as bits. */
static unsigned int day_bits(const char *list)
{
	unsigned int bits = 0, day, last;
	struct words words;
	size_t i;

	words_read(&words, list);
	for (i = 0; i < words.count; i++) {
		day = day_number(words.word[i]);
		last = words.word[i][3] == '-' ? day_number(words.word[i] + 4) : day;
		for (; day != last; day = (day + 1) % DAYS)
			bits |= 1u << day;
		bits |= 1u << last;
	}
	return bits;
}

static const char *days_nft(unsigned int bits)
{
	struct words words = {};
	unsigned int day;

	if (bits == ALL_DAYS)
		return "";
	for (day = 0; day < DAYS; day++)
		if (bits >> day & 1)
			words.word[words.count++] = nft_days[day];
	return keep("meta day %s", words_quoted(&words));
}

static unsigned int seconds_of(const char *clock)
{
	const char *minutes = strchr(clock, ':') + 1, *seconds = strchr(minutes, ':');

	return (atoi(clock) * 60 + atoi(minutes)) * 60 + (seconds ? atoi(seconds + 1) : 0);
}

static const char *clock_nft(unsigned int seconds)
{
	return keep("\"%02u:%02u:%02u\"", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* To nft both ends are within. */
static const char *stretch(unsigned int bits, unsigned int from, unsigned int to)
{
	const char *on = days_nft(bits);

	return keep("%s%smeta hour %s-%s", on, *on ? " " : "", clock_nft(from), clock_nft(to - 1));
}

/* What goes on behind midnight is of the day before. */
static void ask_hours(struct asking *asking, unsigned int bits, const char *span)
{
	char *text = keep("%s", span), *dash = strchr(text, '-');
	const char *are[2], *are_not[2] = { "", "" };
	unsigned int from, to;
	size_t count = 0;

	*dash++ = '\0';
	from = seconds_of(text);
	to = seconds_of(dash);
	are[count++] = stretch(bits, from, to > from ? to : DAY_SECONDS);
	if (to <= from && to)
		are[count++] = stretch((bits << 1 | bits >> (DAYS - 1)) & ALL_DAYS, 0, to);
	asking->rule->script->hours = true;
	asking_one_of(asking, are, are_not, count, false);
}

/**
 * ask_time() - the attribute time
 * @asking: takes what it asks
 * @value: its value
 */
void ask_time(struct asking *asking, const char *value)
{
	const char *span = strpbrk(value, "0123456789");
	int len = (int)strcspn(value, " ");
	unsigned int bits = span == value ? ALL_DAYS : day_bits(keep("%.*s", len, value));

	if (span)
		ask_hours(asking, bits, span);
	else if (*days_nft(bits))
		asking_add(asking, days_nft(bits));
}
