// SPDX-License-Identifier: GPL-2.0
/* Of which families packets are that a rule is for, and whether nft has other words for each. */
#include <string.h>

#include "export.h"

#define BIT_OF(family) (1u << (family))
#define BOTH (BIT_OF(IP) | BIT_OF(IP6))

/* What a list of addresses confines a rule to. */
static unsigned int families_of_list(const char *value)
{
	struct words words;
	unsigned int families = 0;
	size_t i;

	if (!value)
		return BOTH;
	words_read(&words, value);
	for (i = 0; i < words.count; i++)
		families |= BIT_OF(strchr(words.word[i], ':') ? IP6 : IP);
	return words.set ? BOTH : families;
}

static unsigned int confined(const struct export_rule *rule)
{
	const char *family = rule_get(rule, "family");
	unsigned int families = families_of_list(rule_get(rule, "saddr")) &
				families_of_list(rule_get(rule, "daddr")) &
				families_of_list(rule_get(rule, "ct_orig_daddr"));

	if (family)
		families &= BIT_OF(strcmp(family, "ip6") ? IP : IP6);
	if (rule_get(rule, "icmp_type") || rule_get(rule, "ipopt"))
		families &= BIT_OF(IP);
	if (rule_get(rule, "icmpv6_type") || rule_get(rule, "exthdr"))
		families &= BIT_OF(IP6);
	return families;
}

/* A protocol is icmp in one family, and nothing in the other. */
static bool names_icmp(const struct export_rule *rule)
{
	const char *proto = rule_get(rule, "proto");
	struct words words;

	if (!proto)
		return false;
	words_read(&words, proto);
	return words_have(&words, "icmp") || words_have(&words, "icmpv6");
}

static bool differs(const struct export_rule *rule)
{
	static const char *const attributes[] = {
		"saddr", "daddr", "ct_orig_daddr", "ttl", "dscp", "fragment",
	};
	const char *limit = rule_get(rule, "limit"), *conns = rule_get(rule, "conn_limit");
	size_t i;

	for (i = 0; i < sizeof(attributes) / sizeof(*attributes); i++)
		if (rule_get(rule, attributes[i]))
			return true;
	return names_icmp(rule) || (limit && strstr(limit, " per ")) ||
	       (conns && strstr(conns, " per "));
}

/**
 * rule_families() - of which packets to write rules
 * @rule: the rule
 * @families: takes them
 *
 * Return: how many.
 */
size_t rule_families(const struct export_rule *rule, enum export_family families[2])
{
	unsigned int bits = confined(rule);
	size_t count = 0;

	if (bits == BOTH && !differs(rule)) {
		families[count++] = ANY_FAMILY;
		return count;
	}
	if (bits & BIT_OF(IP))
		families[count++] = IP;
	if (bits & BIT_OF(IP6))
		families[count++] = IP6;
	return count;
}
