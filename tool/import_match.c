// SPDX-License-Identifier: GPL-2.0
/* What rules of iptables ask of packets, in the words of iptables-extensions(8). */
#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/language.h"
#include "import_xt.h"
#include "say.h"

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

static void add(struct xt_rule *xt, enum field field, const char *value, bool not)
{
	enum joined ret;

	if (!value)
		return;
	if (not)
		value = *value == '!' ? value + 1 : keep("!%s", value);
	ret = condition_add(&xt->rule.match, field, value);
	if (ret == UNSAYABLE)
		xt_cannot(xt, "%s: both cannot be said in one rule", field_names[field]);
	else if (ret == NEVER)
		xt_cannot(xt, "%s: it can never match", field_names[field]);
	xt->late |= !!xt->limit;
}

/* ---- values ---- */

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

static void take_icmp(struct xt_rule *xt, enum field field, const char *value, bool not)
{
	const char *type = field == ICMP_TYPE ?
		name_in(icmp_names, NAMES_COUNT(icmp_names), value) :
		name_in(icmpv6_names, NAMES_COUNT(icmpv6_names), value);

	if (!strcasecmp(value, "any") || (field == ICMP_TYPE && !strcmp(value, "255"))) {
		if (not)
			xt_cannot(xt, "no type of ICMP: it can never match");
		return;
	}
	if (!type && strspn(value, "0123456789/") != strlen(value)) {
		xt_cannot(xt, "'%s' is a range of types, or a name that is not known", value);
		return;
	}
	add(xt, field, type ? type : value, not);
}

static const char *flags_of(struct xt_rule *xt, const char *text)
{
	if (!strcasecmp(text, "ALL"))
		return "fin,syn,rst,psh,ack,urg";
	if (!strcasecmp(text, "NONE"))
		return "none";
	if (strpbrk(text, "0123456789"))
		xt_cannot(xt, "TCP flags '%s'", text);
	return lower(text);
}

static void take_flags(struct xt_rule *xt, const char *value, bool not)
{
	if (not && xt->not_flags)
		xt_cannot(xt, "two lists of TCP flags that are not so");
	else if (not)
		xt->not_flags = value;
	else
		add(xt, TCP_FLAGS, value, false);
}

/* ---- options ---- */

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

static void take_states(struct xt_rule *xt, const char *value, bool not)
{
	char *list = lower(value), *rest = keep("%s", list), *word;
	size_t statuses = 0, states = 0;

	while ((word = strsep(&rest, ",")))
		if (!strcmp(word, "dnat") || !strcmp(word, "snat"))
			statuses++;
		else
			states++;
	if (statuses && states)
		xt_cannot(xt, "--ctstate with a state, or DNAT or SNAT");
	else if (statuses && not)
		xt_cannot(xt, "! --ctstate %s fits what has no connection too", value);
	else
		add(xt, statuses ? CT_STATUS : CT_STATE, list, not);
}

static void take_status(struct xt_rule *xt, const char *value, bool not)
{
	const char *status = !strcasecmp(value, "SEEN_REPLY") ? "seen-reply" :
		!strcasecmp(value, "ASSURED") ? "assured" : NULL;

	if (!status || not)
		xt_cannot(xt, "%s--ctstatus %s", not ? "! " : "", value);
	else
		add(xt, CT_STATUS, status, false);
}

static void take_set(struct xt_rule *xt, const char *name, bool not)
{
	const char *way = xt_value(xt, "--match-set");
	bool source = way && !strcmp(way, "src");

	if (!way || (!source && strcmp(way, "dst"))) {
		xt_cannot(xt, "--match-set %s %s: a set of more than addresses", name, way ? way : "");
		return;
	}
	if (!language_name(name)) {
		xt_cannot(xt, "--match-set: no set can be called '%s'", name);
		return;
	}
	imported_set(xt->imported, name,
		     keep("# the set %s is to be filled: ipset list %s\nset %s type=addr", name,
			  name, name));
	add(xt, source ? SADDR : DADDR, keep("@%s", name), not);
}

static void take_header(struct xt_rule *xt, const char *value, bool not)
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
	if (!name || !soft)
		xt_cannot(xt, "--header %s: only one of hop, dst, route, frag, with --soft", value);
	else
		add(xt, EXTHDR, name, not);
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
};

static bool take_row(struct xt_rule *xt, const char *option, bool not)
{
	const struct option_row *row;
	const char *value;

	for (row = rows; row < rows + NAMES_COUNT(rows); row++) {
		if (strcmp(row->name, option) ||
		    (row->match && (!xt->match || strcmp(row->match, xt->match))))
			continue;
		value = xt_value(xt, option);
		if (value)
			add(xt, row->field, row->take(xt, value, &not), not);
		return true;
	}
	return false;
}

static bool take_icmp_option(struct xt_rule *xt, const char *option, bool not)
{
	bool v4 = !strcmp(option, "--icmp-type");
	const char *value;

	if (!v4 && strcmp(option, "--icmpv6-type"))
		return false;
	value = xt_value(xt, option);
	if (value)
		take_icmp(xt, v4 ? ICMP_TYPE : ICMPV6_TYPE, value, not);
	return true;
}

static bool take_flags_option(struct xt_rule *xt, const char *option, bool not)
{
	const char *mask, *value;

	if (!strcmp(option, "--syn")) {
		take_flags(xt, "syn/syn,ack,rst,fin", not);
		return true;
	}
	if (strcmp(option, "--tcp-flags"))
		return false;
	mask = xt_value(xt, option);
	value = mask ? xt_value(xt, option) : NULL;
	if (value)
		take_flags(xt, keep("%s/%s", flags_of(xt, value), flags_of(xt, mask)), not);
	return true;
}

static bool take_tracking(struct xt_rule *xt, const char *option, bool not)
{
	static const struct {
		const char *option;
		void (*take)(struct xt_rule *xt, const char *value, bool not);
	} takers[] = {
		{ "--ctstate", take_states }, { "--ctstatus", take_status },
		{ "--match-set", take_set }, { "--header", take_header },
	};
	const char *value;
	size_t i;

	for (i = 0; i < NAMES_COUNT(takers); i++) {
		if (strcmp(takers[i].option, option))
			continue;
		value = xt_value(xt, option);
		if (value)
			takers[i].take(xt, value, not);
		return true;
	}
	return false;
}

/* Whatever kind of routing header it asks for: only that there is one can be asked. */
static bool take_routing(struct xt_rule *xt, const char *option, bool not)
{
	if (strncmp(option, "--rt-", 5))
		return false;
	if (strcmp(option, "--rt-0-res") && strcmp(option, "--rt-0-not-strict"))
		xt_value(xt, option);
	xt_differs(xt, keep("%s: only that there is a routing header can be asked", option));
	return true;
}

/* ---- matches of several options ---- */

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

	for (i = 0; i < NAMES_COUNT(keepers); i++) {
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

	for (i = 0; i < NAMES_COUNT(ignored); i++)
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
 * xt_match() - an option of a match
 * @xt: the rule, at the word after it
 * @option: the option
 * @not: behind `!`
 *
 * Return: whether it is one.
 */
bool xt_match(struct xt_rule *xt, const char *option, bool not)
{
	return take_row(xt, option, not) || take_icmp_option(xt, option, not) ||
	       take_flags_option(xt, option, not) || take_tracking(xt, option, not) ||
	       take_routing(xt, option, not) || take_kept(xt, option, not) ||
	       take_plain(xt, option, not);
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
 * xt_match_end() - all options were read
 * @xt: the rule
 */
void xt_match_end(struct xt_rule *xt)
{
	end_limit(xt);
	end_hashlimit(xt);
	end_connlimit(xt);
	end_time(xt);
	end_policy(xt);
}
