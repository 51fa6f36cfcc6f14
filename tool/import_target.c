// SPDX-License-Identifier: GPL-2.0
/* What rules of iptables do, in the words of iptables-extensions(8). */
#include <stdlib.h>
#include <string.h>

#include "import_xt.h"

#define ROWS(rows) (sizeof(rows) / sizeof(*(rows)))

/**
 * xt_target() - an option of a target
 * @xt: the rule, at the word after it
 * @option: the option
 *
 * Return: whether it is one.
 */
bool xt_target(struct xt_rule *xt, const char *option)
{
	struct {
		const char *option;
		const char **to;
	} keepers[] = {
		{ "--reject-with", &xt->target.with }, { "--log-prefix", &xt->target.prefix },
		{ "--log-level", &xt->target.level }, { "--nflog-group", &xt->target.group },
		{ "--nflog-prefix", &xt->target.prefix }, { "--queue-num", &xt->target.queue },
		{ "--queue-balance", &xt->target.queue },
	};
	struct {
		const char *option;
		bool *to;
	} flags[] = {
		{ "--queue-bypass", &xt->target.bypass }, { "--notrack", &xt->target.notrack },
	};
	size_t i;

	for (i = 0; i < ROWS(keepers); i++)
		if (!strcmp(keepers[i].option, option)) {
			*keepers[i].to = xt_value(xt, option);
			return true;
		}
	for (i = 0; i < ROWS(flags); i++)
		if (!strcmp(flags[i].option, option))
			return *flags[i].to = true;
	return !strncmp(option, "--log-tcp-", 10) || !strcmp(option, "--log-ip-options") ||
	       !strcmp(option, "--log-uid") || !strcmp(option, "--log-macdecode");
}

static void reject(struct xt_rule *xt)
{
	static const char *const names[][2] = {
		{ "icmp-port-unreachable", "port-unreachable" },
		{ "port-unreach", "port-unreachable" },
		{ "icmp6-port-unreachable", "port-unreachable" }, { "tcp-reset", "tcp-reset" },
		{ "icmp-host-unreachable", "host-unreachable" },
		{ "host-unreach", "host-unreachable" },
		{ "icmp6-addr-unreachable", "host-unreachable" },
		{ "addr-unreach", "host-unreachable" },
		{ "icmp-net-unreachable", "net-unreachable" }, { "net-unreach", "net-unreachable" },
		{ "icmp6-no-route", "net-unreachable" }, { "no-route", "net-unreachable" },
		{ "icmp-admin-prohibited", "admin-prohibited" },
		{ "admin-prohib", "admin-prohibited" },
		{ "icmp6-adm-prohibited", "admin-prohibited" },
		{ "adm-prohibited", "admin-prohibited" },
	};
	const char *with = xt->target.with ? xt->target.with : "port-unreach";
	size_t i;

	for (i = 0; i < ROWS(names); i++)
		if (!strcmp(names[i][0], with))
			xt->rule.action = keep("reject with %s", names[i][1]);
	if (xt->rule.action)
		return;
	xt_differs(xt, keep("--reject-with %s: there is no such answer", with));
	xt->rule.action = "reject with admin-prohibited";
}

static const char *log_level(struct xt_rule *xt, const char *level)
{
	static const char *const levels[] = {
		"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
	};

	if (strlen(level) == 1 && *level >= '0' && *level <= '7')
		return levels[*level - '0'];
	if (!strcmp(level, "panic"))
		return "emerg";
	if (!strcmp(level, "error"))
		return "err";
	return lower(level);
}

/* How often it is logged is said in `log`, which has a limit of its own anyway. */
static const char *log_limit(struct xt_rule *xt)
{
	const char *limit = xt->rule.match.value[LIMIT];

	if (!limit)
		return " limit 1000000/second burst 65535";
	if (!strncmp(limit, "over ", 5) || strstr(limit, " per "))
		return " limit 1000000/second burst 65535";
	xt->rule.match.value[LIMIT] = NULL;
	return keep(" limit %s", limit);
}

static const char *log_prefix(struct xt_rule *xt)
{
	if (!xt->target.prefix)
		return "";
	if (strpbrk(xt->target.prefix, "\"\\"))
		xt_cannot(xt, "a quote in the prefix of a log");
	return keep(" prefix \"%s\"", xt->target.prefix);
}

static void log_it(struct xt_rule *xt)
{
	xt->rule.outcome = GOES_ON;
	xt->rule.action = "continue";
	xt->rule.log = keep("on%s level %s%s", log_prefix(xt),
			    log_level(xt, xt->target.level ? xt->target.level : "warning"),
			    log_limit(xt));
}

static void nflog(struct xt_rule *xt)
{
	xt->rule.outcome = GOES_ON;
	xt->rule.action = "continue";
	xt->rule.log = keep("nflog %s%s%s", xt->target.group ? xt->target.group : "0",
			    log_prefix(xt), log_limit(xt));
}

static void queue(struct xt_rule *xt)
{
	char *range = keep("%s", xt->target.queue ? xt->target.queue : "0");
	char *colon = strchr(range, ':');

	if (colon)
		*colon = '-';
	xt->rule.action = keep("queue %s%s", range, xt->target.bypass ? " bypass" : "");
}

static void accept_it(struct xt_rule *xt)
{
	xt->rule.action = "accept";
}

static void drop_it(struct xt_rule *xt)
{
	xt->rule.action = "drop";
}

static void return_it(struct xt_rule *xt)
{
	xt->rule.outcome = RETURNS;
}

static void notrack(struct xt_rule *xt)
{
	xt->rule.outcome = GOES_ON;
	xt->rule.action = "notrack";
	if (strcmp(xt->table, "raw"))
		xt_cannot(xt, "-j %s outside of the table raw", xt->target.name);
}

static void ct(struct xt_rule *xt)
{
	notrack(xt);
	if (!xt->target.notrack)
		xt_cannot(xt, "-j CT without --notrack");
}

static const struct {
	const char *name;
	void (*take)(struct xt_rule *xt);
} targets[] = {
	{ "ACCEPT", accept_it }, { "DROP", drop_it }, { "RETURN", return_it }, { "REJECT", reject },
	{ "LOG", log_it }, { "NFLOG", nflog }, { "NFQUEUE", queue }, { "QUEUE", queue },
	{ "NOTRACK", notrack }, { "CT", ct },
};

/* Of targets, and not of chains, the names are these. */
static const char *const unknown[] = {
	"AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "DNAT", "DSCP", "ECN", "HL",
	"HMARK", "IDLETIMER", "LED", "MARK", "MASQUERADE", "NETMAP", "RATEEST", "REDIRECT",
	"SECMARK", "SET", "SNAT", "SYNPROXY", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TPROXY",
	"TRACE", "TTL", "ULOG",
};

static bool is_unknown(const char *name)
{
	size_t i;

	for (i = 0; i < ROWS(unknown); i++)
		if (!strcmp(unknown[i], name))
			return true;
	return false;
}

/**
 * xt_target_end() - all options were read
 * @xt: the rule
 */
void xt_target_end(struct xt_rule *xt)
{
	size_t i;

	if (!xt->target.name) {
		xt->rule.outcome = GOES_ON;
		xt->rule.action = "continue";
		return;
	}
	xt->rule.target = xt->target.name;
	if (xt->rule.outcome == GOES_TO)
		return;
	xt->rule.outcome = DECIDED;
	for (i = 0; i < ROWS(targets); i++)
		if (!strcmp(targets[i].name, xt->target.name)) {
			targets[i].take(xt);
			return;
		}
	xt->rule.outcome = JUMPS;
	if (is_unknown(xt->target.name)) {
		xt->rule.outcome = GOES_ON;
		xt_cannot(xt, "-j %s: there is no such action", xt->target.name);
	}
}
