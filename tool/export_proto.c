// SPDX-License-Identifier: GPL-2.0
/* Protocols and ports. */
#include <string.h>

#include "export.h"

static bool has_ports(const char *proto)
{
	static const char *const protos[] = { "tcp", "udp", "sctp", "dccp", "udplite" };
	size_t i;

	for (i = 0; i < sizeof(protos) / sizeof(*protos); i++)
		if (!strcmp(protos[i], proto))
			return true;
	return false;
}

/**
 * rule_has_ports() - have all packets ports that a rule is for?
 * @rule: the rule
 *
 * Return: whether they have, by their protocol.
 */
bool rule_has_ports(const struct export_rule *rule)
{
	const char *proto = rule_get(rule, "proto");
	struct words words;
	size_t i;

	if (rule_get(rule, "tcp_flags"))
		return true;
	if (!proto)
		return false;
	words_read(&words, proto);
	for (i = 0; i < words.count; i++)
		if (words.negated || !has_ports(words.word[i]))
			return false;
	return true;
}

/**
 * rule_transport() - the one protocol whose ports a rule asks for
 * @rule: the rule
 *
 * Return: the protocol; `th` where there are several.
 */
const char *rule_transport(const struct export_rule *rule)
{
	const char *proto = rule_get(rule, "proto");

	if (rule_get(rule, "tcp_flags"))
		return "tcp";
	return proto && has_ports(proto) ? proto : "th";
}

/* Of the other family it is no protocol. */
static void drop_other(struct words *words, enum export_family family)
{
	const char *other = family == IP ? "icmpv6" : family == IP6 ? "icmp" : "";
	size_t i, kept = 0;

	for (i = 0; i < words->count; i++)
		if (strcmp(words->word[i], other))
			words->word[kept++] = words->word[i];
	words->count = kept;
}

/* Ports, flags and types say it, too. */
static bool is_said(const struct export_rule *rule, const char *proto)
{
	const char *sport = rule_get(rule, "sport"), *dport = rule_get(rule, "dport");

	if (!strcmp(proto, "tcp") && rule_get(rule, "tcp_flags"))
		return true;
	if (!strcmp(proto, "icmp"))
		return rule_get(rule, "icmp_type");
	if (!strcmp(proto, "icmpv6"))
		return rule_get(rule, "icmpv6_type");
	return has_ports(proto) && (sport || dport);
}

static void ask_protocols(struct asking *asking, const char *proto)
{
	struct words words;

	words_read(&words, proto);
	drop_other(&words, asking->family);
	if (!words.count) {
		asking->never |= !words.negated;
		return;
	}
	if (words.negated || words.count > 1 || !is_said(asking->rule, words.word[0]))
		asking_add(asking, keep("meta l4proto %s%s", words.negated ? "!= " : "",
					words_nft(&words)));
}

static void ask_ports(struct asking *asking, const char *attribute)
{
	const char *value = rule_get(asking->rule, attribute);
	const char *field = keep("%s %s", rule_transport(asking->rule), attribute);
	struct words words;

	if (!value)
		return;
	words_read(&words, value);
	if (words.set)
		ask_set(asking, field, &words);
	else
		asking_add(asking, keep("%s %s%s", field, words.negated ? "!= " : "",
					words_nft(&words)));
}

/**
 * ask_proto() - the attributes proto, sport and dport
 * @asking: takes what they ask
 */
void ask_proto(struct asking *asking)
{
	const char *proto = rule_get(asking->rule, "proto");

	if (proto)
		ask_protocols(asking, proto);
	ask_ports(asking, "sport");
	ask_ports(asking, "dport");
}
