// SPDX-License-Identifier: GPL-2.0
/*
 * What a rule does. What has to be done whatever comes of it, and all but a single statement, is in
 * a chain of its own: a set that is full, or a log beyond its limit, ends a rule of nft.
 */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "say.h"

#define PREFIX_MAX 127	/* of nft */

/* ---- logs ---- */

/* A quoted text, with what follows it at @rest. */
static const char *unquote(const char *text, const char **rest)
{
	char *to = keep("%s", text), *plain = to;

	for (text++; *text && *text != '"'; text++)
		*to++ = *text == '\\' && text[1] ? *++text : *text;
	*to = '\0';
	*rest = text + !!*text;
	return plain;
}

static const char *word_behind(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? keep("%.*s", (int)strcspn(at + strlen(name), " "), at + strlen(name)) : NULL;
}

/* `on prefix "ssh " level info limit 5/minute burst 5` */
static const char *log_nft(struct export_rule *rule, const char *value)
{
	const char *quote = strchr(value, '"'), *rest = value;
	const char *prefix = quote ? unquote(quote, &rest) : "";
	const char *level = word_behind(rest, " level "), *rate = word_behind(rest, " limit ");
	const char *burst = word_behind(rest, " burst "), *group;

	prefix = keep("minifw: %s: %s", rule->name, prefix);
	group = strncmp(value, "nflog ", 6) ? NULL : word_behind(value, "nflog ");
	if (strpbrk(prefix, "\"\\$") || strlen(prefix) > PREFIX_MAX)
		rule_cannot(rule, "log", "nft has no such prefix");
	return keep("limit rate %s burst %s packets log prefix \"%s\"%s%s", rate ? rate : "10/minute",
		    burst ? burst : "5", prefix,
		    group ? keep(" group %s", group) : "",
		    level ? keep(" level %s", level) : "");
}

/* ---- sets ---- */

static const struct {
	const char *key;
	const char *ip;
	const char *ip6;
} keys[] = {
	{ "saddr", "ip saddr", "ip6 saddr" },
	{ "daddr", "ip daddr", "ip6 daddr" },
	{ "sport", "th sport", NULL },
	{ "dport", "th dport", NULL },
	{ "iif", "meta iifname", NULL },
	{ "oif", "meta oifname", NULL },
	{ "saddr_mac", "ether saddr", NULL },
	{ "saddr,sport", "ip saddr . th sport", "ip6 saddr . th sport" },
	{ "daddr,dport", "ip daddr . th dport", "ip6 daddr . th dport" },
	{ "saddr,dport", "ip saddr . th dport", "ip6 saddr . th dport" },
};

static void show_add(struct export_rule *rule, const char *set, enum export_family family,
		     const char *expression, const char *timeout, FILE *out)
{
	const char *own, *name = set_added(rule->script, set, family, &own);

	if (timeout)
		own = strcmp(timeout, "0") ? timeout : NULL;
	fprintf(out, "\t\t%supdate @%s { %s%s }\n",
		strstr(expression, "th ") ? "meta l4proto " PROTOS_WITH_PORTS " " : "", name,
		expression, own ? keep(" timeout %ss", own) : "");
}

/* `@banned key saddr timeout 600` */
static void show_adds(struct export_rule *rule, const char *value, FILE *out)
{
	const char *set = keep("%.*s", (int)strcspn(value + 1, " "), value + 1);
	const char *key = word_behind(value, " key "), *timeout = word_behind(value, " timeout ");
	size_t i;

	for (i = 0; strcmp(keys[i].key, key); i++)
		;
	show_add(rule, set, IP, keys[i].ip, timeout, out);
	if (keys[i].ip6)
		show_add(rule, set, IP6, keys[i].ip6, timeout, out);
}

/* ---- verdicts ---- */

static bool is_tcp_alone(const struct export_rule *rule)
{
	const char *proto = rule_get(rule, "proto");

	return rule_get(rule, "tcp_flags") || (proto && !strcmp(proto, "tcp"));
}

static bool may_be_tcp(const struct export_rule *rule)
{
	const char *proto = rule_get(rule, "proto");
	struct words words;

	if (rule_get(rule, "icmp_type") || rule_get(rule, "icmpv6_type"))
		return false;
	words_read(&words, proto ? proto : "!");
	return words_have(&words, "tcp") != words.negated;
}

static const char *reject_nft(const struct export_rule *rule, const char *action)
{
	static const char *const answers[][2] = {
		{ "port-unreachable", "port-unreachable" },
		{ "host-unreachable", "host-unreachable" },
		{ "net-unreachable", "no-route" }, { "admin-prohibited", "admin-prohibited" },
	};
	size_t i;

	if (strstr(action, "tcp-reset") || (!strcmp(action, "reject") && is_tcp_alone(rule)))
		return "reject with tcp reset";
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (strstr(action, answers[i][0]))
			return keep("reject with icmpx %s", answers[i][1]);
	return "reject with icmpx port-unreachable";
}

/* Where an answer depends on the protocol there are two. */
static bool rejects_by_protocol(const struct export_rule *rule, const char *action)
{
	return !strcmp(action, "reject") && may_be_tcp(rule) && !is_tcp_alone(rule);
}

static const char *verdict_nft(const struct export_rule *rule, const char *action)
{
	if (!strncmp(action, "reject", 6))
		return reject_nft(rule, action);
	if (!strncmp(action, "queue ", 6))
		return keep("queue num %s", action + 6);
	return strcmp(action, "continue") ? action : "";
}

/**
 * rule_action() - what a rule does
 * @rule: the rule
 *
 * If it needs a chain, that is put into the script: so this is asked once.
 *
 * Return: the verdict for nft, or a jump; empty where there is nothing to do.
 */
const char *rule_action(struct export_rule *rule)
{
	const char *action = rule_get(rule, "action"), *log = rule_get(rule, "log");
	const char *add_to = rule_get(rule, "add_to"), *verdict = verdict_nft(rule, action);
	FILE *out = rule->script->chains;

	if (!log && !add_to && !rejects_by_protocol(rule, action))
		return verdict;
	log = log ? log_nft(rule, log) : NULL;
	if (rule->why)
		return "";
	fprintf(out, "\tchain %s {\n", rule->id);
	if (log)
		fprintf(out, "\t\t%s\n", log);
	if (add_to)
		show_adds(rule, add_to, out);
	if (rejects_by_protocol(rule, action))
		fprintf(out, "\t\tmeta l4proto tcp reject with tcp reset\n");
	if (*verdict)
		fprintf(out, "\t\t%s\n", verdict);
	fprintf(out, "\t}\n\n");
	return keep("jump %s", rule->id);
}
