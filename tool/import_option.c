// SPDX-License-Identifier: GPL-2.0
/*
 * Options of iptables that ask one attribute each, and what becomes of their values: tables of
 * iptables-extensions(8).
 */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import_xt.h"

#define NAMES_COUNT(names) (sizeof(names) / sizeof(*(names)))

struct naming {
	const char *theirs;
	const char *ours;
};

static const char *name_in(const struct naming *names, size_t count, const char *theirs)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcasecmp(names[i].theirs, theirs))
			return names[i].ours;
	return NULL;
}

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* A name of /etc/services is a number in ours. */
static const char *port(const char *name)
{
	struct servent *service;

	if (is_number(name))
		return name;
	service = getservbyname(name, NULL);
	return service ? keep("%d", ntohs((unsigned short)service->s_port)) : name;
}

static const char *one_range(const char *text, const char *last)
{
	char *first = keep("%s", text), *colon = strchr(first, ':');

	if (!colon)
		return port(first);
	*colon++ = '\0';
	return keep("%s-%s", *first ? port(first) : "0", *colon ? port(colon) : last);
}

/* `22,80:90,1024:` */
static const char *ranges(const char *text, const char *last)
{
	char *rest = keep("%s", text), *word;
	const char *list = "";

	while ((word = strsep(&rest, ",")))
		list = keep("%s%s%s", list, *list ? "," : "", one_range(word, last));
	return list;
}

static const char *protocol(struct xt_rule *xt, const char *name)
{
	static const struct naming names[] = {
		{ "1", "icmp" }, { "6", "tcp" }, { "17", "udp" }, { "33", "dccp" }, { "47", "gre" },
		{ "50", "esp" }, { "51", "ah" }, { "58", "icmpv6" }, { "132", "sctp" },
		{ "136", "udplite" }, { "ipv6-icmp", "icmpv6" }, { "icmp6", "icmpv6" },
		{ "tcp", "tcp" }, { "udp", "udp" }, { "icmp", "icmp" }, { "icmpv6", "icmpv6" },
		{ "sctp", "sctp" }, { "dccp", "dccp" }, { "udplite", "udplite" }, { "esp", "esp" },
		{ "ah", "ah" }, { "gre", "gre" }, { "igmp", "2" }, { "ipip", "94" },
		{ "ospf", "89" },
		{ "vrrp", "112" }, { "ipencap", "4" }, { "ipv6", "41" }, { "pim", "103" },
	};
	const char *ours = name_in(names, NAMES_COUNT(names), name);
	struct protoent *entry;

	if (ours)
		return ours;
	if (is_number(name))
		return keep("%d", atoi(name));
	entry = getprotobyname(name);
	if (!entry)
		xt_cannot(xt, "-p %s: which protocol is that?", name);
	return entry ? keep("%d", entry->p_proto) : NULL;
}

static const char *interface(const char *name)
{
	size_t len = strlen(name);

	if (len && name[len - 1] == '+')
		return len == 1 ? NULL : keep("%.*s*", (int)len - 1, name);
	return name;
}

static const struct naming icmp_names[] = {
	{ "echo-reply", "0" }, { "pong", "0" }, { "destination-unreachable", "3" },
	{ "network-unreachable", "3/0" }, { "host-unreachable", "3/1" },
	{ "protocol-unreachable", "3/2" }, { "port-unreachable", "3/3" },
	{ "fragmentation-needed", "3/4" }, { "source-route-failed", "3/5" },
	{ "network-prohibited", "3/9" }, { "host-prohibited", "3/10" },
	{ "communication-prohibited", "3/13" }, { "source-quench", "4" }, { "redirect", "5" },
	{ "echo-request", "8" }, { "ping", "8" }, { "router-advertisement", "9" },
	{ "router-solicitation", "10" }, { "time-exceeded", "11" }, { "ttl-exceeded", "11" },
	{ "ttl-zero-during-transit", "11/0" }, { "ttl-zero-during-reassembly", "11/1" },
	{ "parameter-problem", "12" }, { "timestamp-request", "13" }, { "timestamp-reply", "14" },
	{ "address-mask-request", "17" }, { "address-mask-reply", "18" },
};

static const struct naming icmpv6_names[] = {
	{ "destination-unreachable", "1" }, { "no-route", "1/0" },
	{ "communication-prohibited", "1/1" }, { "address-unreachable", "1/3" },
	{ "port-unreachable", "1/4" }, { "packet-too-big", "2" }, { "time-exceeded", "3" },
	{ "ttl-exceeded", "3" }, { "ttl-zero-during-transit", "3/0" },
	{ "ttl-zero-during-reassembly", "3/1" }, { "parameter-problem", "4" },
	{ "bad-header", "4/0" },
	{ "unknown-header-type", "4/1" }, { "unknown-option", "4/2" }, { "echo-request", "128" },
	{ "ping", "128" }, { "echo-reply", "129" }, { "pong", "129" },
	{ "mld-listener-query", "130" }, { "mld-listener-report", "131" },
	{ "mld-listener-done", "132" }, { "mld-listener-reduction", "132" },
	{ "router-solicitation", "133" }, { "router-advertisement", "134" },
	{ "neighbour-solicitation", "135" }, { "neighbor-solicitation", "135" },
	{ "neighbour-advertisement", "136" }, { "neighbor-advertisement", "136" },
	{ "redirect", "137" },
};

/* take_…(): what an option's value becomes. NULL asks nothing, or was refused. */

static const char *take_address(struct xt_rule *xt, const char *value, bool *not)
{
	const char *slash = strchr(value, '/');

	if (strspn(value, "0123456789abcdefABCDEF.:/,-") != strlen(value))
		xt_cannot(xt, "'%s' is a name, not an address", value);
	if (slash && !strchr(value, ',') &&
	    (!strcmp(slash, "/0") || !strcmp(slash, "/0.0.0.0") || !strcmp(slash, "/::"))) {
		if (*not)
			xt_cannot(xt, "no address: it can never match");
		return NULL;
	}
	return value;
}

static const char *take_interface(struct xt_rule *xt, const char *value, bool *not)
{
	const char *name = interface(value);

	if (!name && *not)
		xt_cannot(xt, "no interface: it can never match");
	return name;
}

static const char *take_protocol(struct xt_rule *xt, const char *value, bool *not)
{
	const char *name;

	if (!strcasecmp(value, "all") || !strcmp(value, "0")) {
		if (*not)
			xt_cannot(xt, "no protocol: it can never match");
		return NULL;
	}
	name = protocol(xt, value);
	if (name && !strcmp(name, xt->family[2] ? "icmp" : "icmpv6")) {
		xt_cannot(xt, "-p %s is of the other family", value);
		return NULL;
	}
	return name;
}

static const char *take_ports(struct xt_rule *xt, const char *value, bool *not)
{
	return ranges(value, "65535");
}

static const char *take_ids(struct xt_rule *xt, const char *value, bool *not)
{
	if (*not)
		xt_cannot(xt, "! --uid-owner or ! --gid-owner fits what has no sender too");
	if (strspn(value, "0123456789-:") != strlen(value))
		xt_cannot(xt, "'%s' is a name, not a number", value);
	return ranges(value, "4294967295");
}

static const char *take_words(struct xt_rule *xt, const char *value, bool *not)
{
	return lower(value);
}

static const char *take_length(struct xt_rule *xt, const char *value, bool *not)
{
	return ranges(value, "65535");
}

static const char *take_ttl_less(struct xt_rule *xt, const char *value, bool *not)
{
	if (atoi(value) > 0)
		return keep("0-%d", atoi(value) - 1);
	xt_cannot(xt, "less than 0: it can never match");
	return NULL;
}

static const char *take_ttl_more(struct xt_rule *xt, const char *value, bool *not)
{
	if (atoi(value) < 255)
		return keep("%d-255", atoi(value) + 1);
	xt_cannot(xt, "more than 255: it can never match");
	return NULL;
}

static const char *take_dscp(struct xt_rule *xt, const char *value, bool *not)
{
	return keep("%lu", strtoul(value, NULL, 0));
}

static const char *take_class(struct xt_rule *xt, const char *value, bool *not)
{
	static const int precedence[] = { 0, 8, 16, 24, 32, 40, 48, 56 };

	if (!strncasecmp(value, "CS", 2) && value[2] >= '0' && value[2] <= '7' && !value[3])
		return keep("%d", precedence[value[2] - '0']);
	if (!strncasecmp(value, "AF", 2) && value[2] >= '1' && value[2] <= '4' && value[3] >= '1' &&
	    value[3] <= '3' && !value[4])
		return keep("%d", 8 * (value[2] - '0') + 2 * (value[3] - '0'));
	if (!strcasecmp(value, "EF"))
		return "46";
	if (!strcasecmp(value, "BE"))
		return "0";
	xt_cannot(xt, "'%s' is not a class", value);
	return NULL;
}

static const char *take_pkttype(struct xt_rule *xt, const char *value, bool *not)
{
	return !strcasecmp(value, "unicast") ? "host" : lower(value);
}

static const char *take_type(struct xt_rule *xt, const char *value, bool *not)
{
	char *rest = lower(value), *word, *all = keep("%s", rest);

	while ((word = strsep(&rest, ",")))
		if (strcmp(word, "local") && strcmp(word, "multicast") &&
		    (xt->family[2] || (strcmp(word, "broadcast") && strcmp(word, "unicast"))))
			xt_cannot(xt, "addrtype '%s' of %s", word,
				  xt->family[2] ? "IPv6" : "IPv4");
	return all;
}

static const char *take_mark(struct xt_rule *xt, const char *value, bool *not)
{
	unsigned long bits, mask = 0xffffffffUL;
	char *end;

	bits = strtoul(value, &end, 0);
	if (*end == '/')
		mask = strtoul(end + 1, &end, 0);
	if (*end || bits & ~mask) {
		xt_cannot(xt, "mark '%s'", value);
		return NULL;
	}
	if (*not && mask & (mask - 1))
		xt_cannot(xt, "! --mark of several bits");
	else if (*not)
		bits = ~bits & mask;
	*not = false;
	return mask ? keep("0x%lx/0x%lx", bits, mask) : NULL;
}

static const char *take_mac(struct xt_rule *xt, const char *value, bool *not)
{
	return lower(value);
}

/* What is asked of one type; nothing where any will do. */
static const char *icmp_type(struct xt_rule *xt, const char *type, const char *value, bool *not)
{
	if (!strcasecmp(value, "any")) {
		if (*not)
			xt_cannot(xt, "no type of ICMP: it can never match");
		return NULL;
	}
	if (type)
		return type;
	if (strspn(value, "0123456789/") == strlen(value))
		return value;
	xt_cannot(xt, "'%s' is a range of types, or a name that is not known", value);
	return NULL;
}

static const char *take_icmp(struct xt_rule *xt, const char *value, bool *not)
{
	return icmp_type(xt, name_in(icmp_names, NAMES_COUNT(icmp_names), value),
			 strcmp(value, "255") ? value : "any", not);
}

static const char *take_icmpv6(struct xt_rule *xt, const char *value, bool *not)
{
	return icmp_type(xt, name_in(icmpv6_names, NAMES_COUNT(icmpv6_names), value), value, not);
}

static const char *take_status(struct xt_rule *xt, const char *value, bool *not)
{
	const char *status = !strcasecmp(value, "SEEN_REPLY") ? "seen-reply" :
		!strcasecmp(value, "ASSURED") ? "assured" : NULL;

	if (status && !*not)
		return status;
	xt_cannot(xt, "%s--ctstatus %s", *not ? "! " : "", value);
	return NULL;
}

static const char *take_header(struct xt_rule *xt, const char *value, bool *not)
{
	static const struct naming names[] = {
		{ "hop", "hbh" }, { "hop-by-hop", "hbh" }, { "route", "rt" },
		{ "ipv6-route", "rt" },
		{ "dst", "dst" }, { "ipv6-opts", "dst" }, { "frag", "frag" },
		{ "ipv6-frag", "frag" },
	};
	const char *name = name_in(names, NAMES_COUNT(names), value);
	size_t i;
	bool soft = false;

	for (i = 0; i < xt->count; i++)
		soft |= !strcmp(xt->word[i], "--soft");
	if (name && soft)
		return name;
	xt_cannot(xt, "--header %s: only one of hop, dst, route, frag, with --soft", value);
	return NULL;
}

/**
 * struct option_row - an option that asks one attribute
 * @name: the option
 * @match: the module that it is of; NULL where its name is like no other
 * @field: the attribute
 * @take: what its value becomes
 */
struct option_row {
	const char *name;
	const char *match;
	enum field field;
	const char *(*take)(struct xt_rule *xt, const char *value, bool *not);
};

static const struct option_row rows[] = {
	{ "-s", NULL, SADDR, take_address }, { "--source", NULL, SADDR, take_address },
	{ "--src", NULL, SADDR, take_address }, { "-d", NULL, DADDR, take_address },
	{ "--destination", NULL, DADDR, take_address }, { "--dst", NULL, DADDR, take_address },
	{ "--src-range", NULL, SADDR, take_address }, { "--dst-range", NULL, DADDR, take_address },
	{ "-i", NULL, IIF, take_interface }, { "--in-interface", NULL, IIF, take_interface },
	{ "-o", NULL, OIF, take_interface }, { "--out-interface", NULL, OIF, take_interface },
	{ "-p", NULL, PROTO, take_protocol }, { "--protocol", NULL, PROTO, take_protocol },
	{ "--proto", NULL, PROTO, take_protocol },
	{ "--sport", NULL, SPORT, take_ports }, { "--source-port", NULL, SPORT, take_ports },
	{ "--dport", NULL, DPORT, take_ports }, { "--destination-port", NULL, DPORT, take_ports },
	{ "--sports", NULL, SPORT, take_ports }, { "--source-ports", NULL, SPORT, take_ports },
	{ "--dports", NULL, DPORT, take_ports }, { "--destination-ports", NULL, DPORT, take_ports },
	{ "--uid-owner", NULL, UID, take_ids }, { "--gid-owner", NULL, GID, take_ids },
	{ "--length", NULL, LENGTH, take_length }, { "--state", NULL, CT_STATE, take_words },
	{ "--ttl-eq", NULL, TTL, take_words }, { "--ttl-lt", NULL, TTL, take_ttl_less },
	{ "--ttl-gt", NULL, TTL, take_ttl_more }, { "--hl-eq", NULL, TTL, take_words },
	{ "--hl-lt", NULL, TTL, take_ttl_less }, { "--hl-gt", NULL, TTL, take_ttl_more },
	{ "--dscp", NULL, DSCP, take_dscp }, { "--dscp-class", NULL, DSCP, take_class },
	{ "--pkt-type", NULL, PKTTYPE, take_pkttype },
	{ "--src-type", NULL, SADDR_TYPE, take_type },
	{ "--dst-type", NULL, DADDR_TYPE, take_type }, { "--mark", "mark", MARK, take_mark },
	{ "--mark", "connmark", CT_MARK, take_mark }, { "--mac-source", NULL, SADDR_MAC, take_mac },
	{ "--ctorigdst", NULL, CT_ORIG_DADDR, take_address },
	{ "--ctorigdstport", NULL, CT_ORIG_DPORT, take_ports },
	{ "--ctstatus", NULL, CT_STATUS, take_status }, { "--header", NULL, EXTHDR, take_header },
	{ "--icmp-type", NULL, ICMP_TYPE, take_icmp },
	{ "--icmpv6-type", NULL, ICMPV6_TYPE, take_icmpv6 },
};

/**
 * xt_option() - an option that asks one attribute
 * @xt: the rule, at the word after it
 * @option: the option
 * @not: behind `!`
 *
 * Return: whether it is one.
 */
bool xt_option(struct xt_rule *xt, const char *option, bool not)
{
	const struct option_row *row;
	const char *value;

	for (row = rows; row < rows + NAMES_COUNT(rows); row++) {
		if (strcmp(row->name, option) ||
		    (row->match && (!xt->match || strcmp(row->match, xt->match))))
			continue;
		value = xt_value(xt, option);
		if (value)
			xt_ask(xt, row->field, row->take(xt, value, &not), not);
		return true;
	}
	return false;
}
