// SPDX-License-Identifier: GPL-2.0
/* What a rule asks of packets, attribute by attribute. */
#include <string.h>

#include "export.h"
#include "grow.h"

/**
 * struct way - how nft asks an attribute
 * @attribute: its name
 * @expression: of nft
 * @ask: asks it, unless it is `EXPRESSION LIST`
 */
struct way {
	const char *attribute;
	const char *expression;
	void (*ask)(struct asking *asking, const struct way *way, const char *value);
};

static void ask_plain(struct asking *asking, const char *expression, const struct words *words)
{
	if (words->set)
		ask_set(asking, expression, words);
	else
		asking_add(asking, keep("%s %s%s", expression, words->negated ? "!= " : "",
					words_nft(words)));
}

/* ---- interfaces ---- */

static bool is_covered(const struct words *words, size_t which)
{
	const char *name = words->word[which];
	size_t i, len;

	for (i = 0; i < words->count; i++) {
		len = strlen(words->word[i]);
		if (i != which && words->word[i][len - 1] == '*' &&
		    !strncmp(words->word[i], name, len - 1))
			return true;
	}
	return false;
}

/* nft wants ranges apart. */
static void drop_covered(struct words *words)
{
	struct words kept = { .negated = words->negated };
	size_t i;

	for (i = 0; i < words->count; i++)
		if (!is_covered(words, i))
			kept.word[kept.count++] = words->word[i];
	*words = kept;
}

static void ask_interface(struct asking *asking, const struct way *way, const char *value)
{
	struct words words;

	if (asking->base->device)	/* it is there that the chain stands */
		return;
	words_read(&words, value);
	if (words.set) {
		ask_set(asking, way->expression, &words);
		return;
	}
	drop_covered(&words);
	if (strpbrk(value, "\"\\$"))
		rule_cannot(asking->rule, way->attribute, "nft has no such name");
	asking_add(asking, keep("%s %s%s", way->expression, words.negated ? "!= " : "",
				words_quoted(&words)));
}

/* ---- others ---- */

static void ask_saddr(struct asking *asking, const struct way *way, const char *value)
{
	ask_addresses(asking, way->attribute, way->expression);
}

/* Anycast addresses of this host are its own. */
static void ask_type(struct asking *asking, const struct way *way, const char *value)
{
	struct words words;

	words_read(&words, value);
	if (words_have(&words, "local"))
		words.word[words.count++] = "anycast";
	ask_plain(asking, way->expression, &words);
}

static void ask_protocol(struct asking *asking, const struct way *way, const char *value)
{
	ask_proto(asking);
}

static void ask_types_of_icmp(struct asking *asking, const struct way *way, const char *value)
{
	ask_icmp(asking, way->expression, value);
}

static void ask_flags(struct asking *asking, const struct way *way, const char *value)
{
	ask_tcp_flags(asking, value);
}

static void ask_status(struct asking *asking, const struct way *way, const char *value)
{
	const char *bits = NULL;
	struct words words;
	size_t i;

	words_read(&words, value);
	for (i = 0; i < words.count; i++)
		bits = bits ? keep("%s|%s", bits, words.word[i]) : words.word[i];
	asking_add(asking, keep(words.count > 1 ? "ct status & (%s) %s 0" : "ct status & %s %s 0",
				bits, words.negated ? "==" : "!="));
}

static void ask_mark(struct asking *asking, const struct way *way, const char *value)
{
	const char *slash = strchr(value, '/');

	if (slash)
		asking_add(asking, keep("%s & %s == %.*s", way->expression, slash + 1,
					(int)(slash - value), value));
	else
		asking_add(asking, keep("%s %s", way->expression, value));
}

/* nft knows what it is by the protocol alone, and asks that of the packet. */
static void ask_orig_port(struct asking *asking, const struct way *way, const char *value)
{
	struct words words;

	if (!rule_has_ports(asking->rule))
		rule_cannot(asking->rule, way->attribute,
			    "nft asks it of packets with ports alone: name them in proto");
	words_read(&words, value);
	ask_plain(asking, way->expression, &words);
}

static void ask_pieces(struct asking *asking, const struct way *way, const char *value)
{
	ask_fragment(asking, value);
}

static void ask_headers(struct asking *asking, const struct way *way, const char *value)
{
	ask_exthdr(asking, value);
}

static void ask_options(struct asking *asking, const struct way *way, const char *value)
{
	ask_ipopt(asking, value);
}

/* Of each family another field of its header. */
static void ask_field(struct asking *asking, const struct way *way, const char *value)
{
	bool ttl = !strcmp(way->attribute, "ttl");
	const char *ip = ttl ? "ip ttl" : "ip dscp", *ip6 = ttl ? "ip6 hoplimit" : "ip6 dscp";
	struct words words;

	words_read(&words, value);
	asking->told = true;
	ask_plain(asking, asking->family == IP ? ip : ip6, &words);
}

static void ask_reverse(struct asking *asking, const struct way *way, const char *value)
{
	asking_add(asking, strcmp(value, "fail") ? "fib saddr . iif oif exists" :
						   "fib saddr . iif oif missing");
}

static void ask_xfrm(struct asking *asking, const struct way *way, const char *value)
{
	ask_ipsec(asking, value);
}

static void ask_group(struct asking *asking, const struct way *way, const char *value)
{
	ask_cgroup(asking, value);
}

static void ask_schedule(struct asking *asking, const struct way *way, const char *value)
{
	ask_time(asking, value);
}

static void refuse_expiry(struct asking *asking, const struct way *way, const char *value)
{
	rule_cannot(asking->rule, way->attribute, "rules of nft stay");
}

/* What nft asks first it also asks of the fewest packets. */
static const struct way ways[] = {
	{ "iif", "iifname", ask_interface }, { "oif", "oifname", ask_interface },
	{ "saddr", "", ask_saddr }, { "daddr", "", ask_saddr },
	{ "saddr_type", "fib saddr type", ask_type }, { "daddr_type", "fib daddr type", ask_type },
	{ "proto", NULL, ask_protocol },
	{ "icmp_type", "icmp", ask_types_of_icmp }, { "icmpv6_type", "icmpv6", ask_types_of_icmp },
	{ "tcp_flags", NULL, ask_flags }, { "ct_state", "ct state", NULL },
	{ "ct_status", NULL, ask_status }, { "ct_mark", "ct mark", ask_mark },
	{ "ct_orig_daddr", "ct original ", ask_saddr },
	{ "ct_orig_dport", "ct original proto-dst", ask_orig_port },
	{ "fragment", NULL, ask_pieces }, { "exthdr", NULL, ask_headers },
	{ "ipopt", NULL, ask_options }, { "saddr_mac", "ether saddr", NULL },
	{ "length", "meta length", NULL }, { "ttl", NULL, ask_field }, { "dscp", NULL, ask_field },
	{ "pkttype", "meta pkttype", NULL }, { "mark", "meta mark", ask_mark },
	{ "uid", "meta skuid", NULL }, { "gid", "meta skgid", NULL }, { "cgroup", NULL, ask_group },
	{ "rpf", NULL, ask_reverse }, { "ipsec", NULL, ask_xfrm }, { "time", NULL, ask_schedule },
	{ "expires", NULL, refuse_expiry },
};

static void tell_family(struct asking *asking)
{
	size_t i;

	if (asking->told || asking->family == ANY_FAMILY)
		return;
	for (i = 0; i < asking->count; i++)
		asking->text[i] = keep("meta nfproto %s %s",
				       asking->family == IP ? "ipv4" : "ipv6", asking->text[i]);
}

/**
 * rule_ask() - all that a rule asks
 * @asking: says of which packets, and where; takes it
 */
void rule_ask(struct asking *asking)
{
	const char *value;
	size_t i;

	asking->text = grow(NULL, 0, &asking->room, sizeof(*asking->text));
	asking->text[asking->count++] = "";
	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct words words;

		/* ports need proto, or flags */
		value = rule_get(asking->rule, ways[i].attribute);
		if (!value && !strcmp(ways[i].attribute, "proto"))
			value = "";
		if (value && ways[i].ask) {
			ways[i].ask(asking, &ways[i], value);
		} else if (value) {
			words_read(&words, value);
			ask_plain(asking, ways[i].expression, &words);
		}
	}
	tell_family(asking);
}
