// SPDX-License-Identifier: GPL-2.0
/*
 * Matches of iptables that several options say together: what they ask is known at a rule's end.
 * limit, hashlimit, connlimit, time, policy, comment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import_xt.h"
#include "say.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Options whose value is kept until the rule's end. */
static bool take_kept(struct xt_rule *xt, const char *option, bool not)
{
	struct {
		const char *option;
		const char **to;
	} keepers[] = {
		{ "--limit", &xt->limit }, { "--limit-burst", &xt->burst },
		{ "--hashlimit-upto", &xt->hash.rate }, { "--hashlimit", &xt->hash.rate },
		{ "--hashlimit-above", &xt->hash.rate }, { "--hashlimit-burst", &xt->hash.burst },
		{ "--hashlimit-mode", &xt->hash.mode },
		{ "--hashlimit-srcmask", &xt->hash.src_mask },
		{ "--hashlimit-dstmask", &xt->hash.dst_mask }, { "--timestart", &xt->time.start },
		{ "--timestop", &xt->time.stop }, { "--weekdays", &xt->time.days },
		{ "--connlimit-above", &xt->connlimit.above },
		{ "--connlimit-mask", &xt->connlimit.mask }, { "--dir", &xt->policy.direction },
		{ "--pol", &xt->policy.policy }, { "--comment", &xt->rule.comment },
	};
	size_t i;

	for (i = 0; i < COUNT(keepers); i++) {
		if (strcmp(keepers[i].option, option))
			continue;
		if (not)
			xt_cannot(xt, "! %s", option);
		*keepers[i].to = xt_value(xt, option);
		xt->hash.over |= !strcmp(option, "--hashlimit-above");
		return true;
	}
	return false;
}

/* Rules with one name share what it counts. */
static void take_hash(struct xt_rule *xt, const char *name)
{
	struct imported *imported = xt->imported;
	char *full = keep("%s %s", xt->family, name);
	size_t i;

	for (i = 0; i < imported->hash_count; i++)
		if (!strcmp(imported->hashes[i], full))
			xt_cannot(xt, "--hashlimit-name %s is of another rule too", name);
	imported->hashes = need(reallocarray(imported->hashes, imported->hash_count + 1,
					     sizeof(char *)));
	imported->hashes[imported->hash_count++] = full;
}

/* Options without a value, and such as change nothing of what matches. */
static bool take_plain(struct xt_rule *xt, const char *option, bool not)
{
	static const char *const ignored[] = {
		"--hashlimit-htable-size", "--hashlimit-htable-max", "--hashlimit-htable-expire",
		"--hashlimit-htable-gcinterval",
	};
	size_t i;

	for (i = 0; i < COUNT(ignored); i++)
		if (!strcmp(ignored[i], option)) {
			xt_value(xt, option);
			return true;
		}
	if (!strcmp(option, "--hashlimit-name")) {
		const char *name = xt_value(xt, option);

		if (name)
			take_hash(xt, name);
		return true;
	}
	if (not)
		return false;
	if (!strcmp(option, "--contiguous"))
		xt->time.contiguous = true;
	else if (!strcmp(option, "--connlimit-daddr"))
		xt->connlimit.daddr = true;
	else
		return !strcmp(option, "--utc") || !strcmp(option, "--connlimit-saddr") ||
		       !strcmp(option, "--soft");
	return true;
}

/**
 * xt_several() - an option of these
 * @xt: the rule, at the word after it
 * @option: the option
 * @not: behind `!`
 *
 * Return: whether it is one.
 */
bool xt_several(struct xt_rule *xt, const char *option, bool not)
{
	return take_kept(xt, option, not) || take_plain(xt, option, not);
}

/* `3/min` as `3/minute` */
static const char *rate_text(struct xt_rule *xt, const char *rate)
{
	static const char *const units[] = { "second", "minute", "hour", "day" };
	char *slash = strchr(rate, '/');
	size_t i;

	if (!slash)
		return keep("%s/second", rate);
	for (i = 0; i < 4 && slash[1]; i++)
		if (!strncasecmp(units[i], slash + 1, strlen(slash + 1)) &&
		    strspn(rate, "0123456789") == (size_t)(slash - rate))
			return keep("%.*s/%s", (int)(slash - rate), rate, units[i]);
	xt_cannot(xt, "limit %s", rate);
	return NULL;
}

static void end_limit(struct xt_rule *xt)
{
	const char *rate;

	if (!xt->limit)
		return;
	if (xt->late) {
		xt_cannot(xt, "a limit that counts packets which a later match does not fit");
		return;
	}
	rate = rate_text(xt, xt->limit);
	if (rate)
		xt->rule.match.value[LIMIT] = keep("%s burst %s", rate, xt->burst ? xt->burst : "5");
}

static const char *hash_key(struct xt_rule *xt)
{
	if (!xt->hash.mode)
		return "";
	if (!strcmp(xt->hash.mode, "srcip"))
		return keep(" per saddr%s%s", xt->hash.src_mask ? "/" : "",
			    xt->hash.src_mask ? xt->hash.src_mask : "");
	if (!strcmp(xt->hash.mode, "dstip"))
		return keep(" per daddr%s%s", xt->hash.dst_mask ? "/" : "",
			    xt->hash.dst_mask ? xt->hash.dst_mask : "");
	if (!strcmp(xt->hash.mode, "srcip,dstport") && !xt->hash.src_mask)
		return " per saddr,dport";
	xt_cannot(xt, "--hashlimit-mode %s", xt->hash.mode);
	return "";
}

static void end_hashlimit(struct xt_rule *xt)
{
	const char *rate;

	if (!xt->hash.rate)
		return;
	if (xt->rule.match.value[LIMIT])
		xt_cannot(xt, "two limits");
	rate = rate_text(xt, xt->hash.rate);
	if (rate)
		xt->rule.match.value[LIMIT] = keep("%s%s%s burst %s", xt->hash.over ? "over " : "",
						   rate, hash_key(xt),
						   xt->hash.burst ? xt->hash.burst : "5");
}

static void end_connlimit(struct xt_rule *xt)
{
	if (!xt->connlimit.above)
		return;
	xt->rule.match.value[CONN_LIMIT] =
		keep("over %s per %s/%s", xt->connlimit.above, xt->connlimit.daddr ? "daddr" : "saddr",
		     xt->connlimit.mask ? xt->connlimit.mask : xt->family[2] ? "128" : "32");
	if (xt->connlimit.mask && !strcmp(xt->connlimit.mask, "0"))
		xt->rule.match.value[CONN_LIMIT] = keep("over %s", xt->connlimit.above);
}

/* The last second is still of the time in iptables. */
static const char *time_after(struct xt_rule *xt, const char *text)
{
	unsigned int hour = 0, minute = 0, second = 0, all;

	if (sscanf(text, "%u:%u:%u", &hour, &minute, &second) < 2 || hour > 23 || minute > 59 ||
	    second > 59)
		xt_cannot(xt, "--timestop %s", text);
	all = 3600 * hour + 60 * minute + second + 1;
	if (all >= 86400)
		return "24:00";
	return keep("%02u:%02u:%02u", all / 3600, all / 60 % 60, all % 60);
}

static void end_time(struct xt_rule *xt)
{
	const char *from = xt->time.start ? xt->time.start : "00:00", *to, *days = "";

	if (!xt->time.start && !xt->time.stop && !xt->time.days)
		return;
	if (xt->time.days) {
		days = lower(xt->time.days);
		if (strpbrk(days, "0123456789"))
			xt_cannot(xt, "--weekdays by number");
	}
	to = xt->time.stop ? time_after(xt, xt->time.stop) : "24:00";
	if (*days && strcmp(to, "24:00") && strcmp(to, from) <= 0 && !xt->time.contiguous)
		xt_cannot(xt, "--weekdays past midnight without --contiguous");
	if (!xt->time.start && !xt->time.stop)
		xt->rule.match.value[TIME] = days;
	else
		xt->rule.match.value[TIME] = keep("%s%s%s-%s", days, *days ? " " : "", from, to);
}

static void end_policy(struct xt_rule *xt)
{
	const char *direction = xt->policy.direction, *policy = xt->policy.policy;

	if (!direction && !policy)
		return;
	if (!direction || !policy || (strcmp(direction, "in") && strcmp(direction, "out")))
		xt_cannot(xt, "-m policy without --dir or --pol");
	else if (!strcmp(policy, "ipsec"))
		xt->rule.match.value[IPSEC] = direction;
	else if (!strcmp(policy, "none") && strcmp(xt->chain, "FORWARD"))
		xt->rule.match.value[IPSEC] = "none";
	else
		xt_cannot(xt, "-m policy --pol %s", policy);
}

/**
 * xt_several_end() - all options were read
 * @xt: the rule
 */
void xt_several_end(struct xt_rule *xt)
{
	end_limit(xt);
	end_hashlimit(xt);
	end_connlimit(xt);
	end_time(xt);
	end_policy(xt);
}
