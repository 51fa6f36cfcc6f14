// SPDX-License-Identifier: GPL-2.0
/* What rules of nft ask of packets: expressions of libnftables-json(5). */
#include <stdlib.h>
#include <string.h>

#include "conf/language.h"
#include "import_json.h"
#include "say.h"

#define FLAGS_ALL "fin,syn,rst,psh,ack,urg,ece,cwr"

/**
 * struct subject - what is asked about
 * @field: the attribute
 * @proto: what it implies, or NULL
 * @family: likewise
 * @type: of sets of such values, or NULL
 * @last: the greatest value, where they have an order
 */
struct subject {
	enum field field;
	const char *proto;
	const char *family;
	const char *type;
	unsigned long last;
};

/**
 * struct known - an expression, and what it is about
 * @kind: `meta`, a protocol of `payload`, `ct` …
 * @key: its key or field
 * @subject: what that is
 */
struct known {
	const char *kind;
	const char *key;
	struct subject subject;
};

static const struct known knowns[] = {
	{ "meta", "iifname", { .field = IIF, .type = "iface" } },
	{ "meta", "iif", { .field = IIF, .type = "iface" } },
	{ "meta", "oifname", { .field = OIF, .type = "iface" } },
	{ "meta", "oif", { .field = OIF, .type = "iface" } },
	{ "meta", "mark", { .field = MARK } },
	{ "meta", "skuid", { .field = UID, .last = 4294967295 } },
	{ "meta", "skgid", { .field = GID, .last = 4294967295 } },
	{ "meta", "length", { .field = LENGTH, .last = 65535 } },
	{ "meta", "pkttype", { .field = PKTTYPE } },
	{ "meta", "l4proto", { .field = PROTO } }, { "meta", "nfproto", { .field = FAMILY } },
	{ "meta", "protocol", { .field = FAMILY } },
	{ "ip", "saddr", { .field = SADDR, .family = "ip", .type = "addr" } },
	{ "ip", "daddr", { .field = DADDR, .family = "ip", .type = "addr" } },
	{ "ip6", "saddr", { .field = SADDR, .family = "ip6", .type = "addr" } },
	{ "ip6", "daddr", { .field = DADDR, .family = "ip6", .type = "addr" } },
	{ "ip", "protocol", { .field = PROTO, .family = "ip" } },
	{ "ip", "ttl", { .field = TTL, .family = "ip", .last = 255 } },
	{ "ip6", "hoplimit", { .field = TTL, .family = "ip6", .last = 255 } },
	{ "ip", "dscp", { .field = DSCP, .family = "ip" } },
	{ "ip6", "dscp", { .field = DSCP, .family = "ip6" } },
	{ "tcp", "sport", { .field = SPORT, .proto = "tcp", .type = "port", .last = 65535 } },
	{ "tcp", "dport", { .field = DPORT, .proto = "tcp", .type = "port", .last = 65535 } },
	{ "udp", "sport", { .field = SPORT, .proto = "udp", .type = "port", .last = 65535 } },
	{ "udp", "dport", { .field = DPORT, .proto = "udp", .type = "port", .last = 65535 } },
	{ "sctp", "sport", { .field = SPORT, .proto = "sctp", .type = "port", .last = 65535 } },
	{ "sctp", "dport", { .field = DPORT, .proto = "sctp", .type = "port", .last = 65535 } },
	{ "dccp", "sport", { .field = SPORT, .proto = "dccp", .type = "port", .last = 65535 } },
	{ "dccp", "dport", { .field = DPORT, .proto = "dccp", .type = "port", .last = 65535 } },
	{ "udplite", "sport", { .field = SPORT, .proto = "udplite", .type = "port",
				 .last = 65535 } },
	{ "udplite", "dport", { .field = DPORT, .proto = "udplite", .type = "port",
				 .last = 65535 } },
	{ "th", "sport", { .field = SPORT, .type = "port", .last = 65535 } },
	{ "th", "dport", { .field = DPORT, .type = "port", .last = 65535 } },
	{ "tcp", "flags", { .field = TCP_FLAGS, .proto = "tcp" } },
	{ "icmp", "type", { .field = ICMP_TYPE, .proto = "icmp", .family = "ip" } },
	{ "icmpv6", "type", { .field = ICMPV6_TYPE, .proto = "icmpv6", .family = "ip6" } },
	{ "ether", "saddr", { .field = SADDR_MAC, .type = "mac" } },
	{ "ct", "state", { .field = CT_STATE } }, { "ct", "status", { .field = CT_STATUS } },
	{ "ct", "mark", { .field = CT_MARK } },
	{ "ct original", "ip daddr", { .field = CT_ORIG_DADDR, .family = "ip", .type = "addr" } },
	{ "ct original", "ip6 daddr", { .field = CT_ORIG_DADDR, .family = "ip6", .type = "addr" } },
	{ "ct original", "proto-dst", { .field = CT_ORIG_DPORT, .type = "port", .last = 65535 } },
};

static const struct subject *subject_named(const char *kind, const char *key)
{
	size_t i;

	for (i = 0; kind && key && i < sizeof(knowns) / sizeof(*knowns); i++)
		if (!strcmp(knowns[i].kind, kind) && !strcmp(knowns[i].key, key))
			return &knowns[i].subject;
	return NULL;
}

static const char *string_of(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static const struct subject *subject_of(json_t *left)
{
	json_t *meta = json_object_get(left, "meta"), *payload = json_object_get(left, "payload");
	json_t *ct = json_object_get(left, "ct");

	if (meta)
		return subject_named("meta", string_of(meta, "key"));
	if (payload)
		return subject_named(string_of(payload, "protocol"), string_of(payload, "field"));
	if (ct && string_of(ct, "dir"))
		return subject_named(keep("ct %s", string_of(ct, "dir")), string_of(ct, "key"));
	return ct ? subject_named("ct", string_of(ct, "key")) : NULL;
}

/* ---- named sets ---- */

static const char *set_type(const char *type)
{
	static const char *const types[][2] = {
		{ "ipv4_addr", "addr" }, { "ipv6_addr", "addr" }, { "inet_service", "port" },
		{ "ifname", "iface" }, { "iface_index", "iface" }, { "ether_addr", "mac" },
	};
	size_t i;

	for (i = 0; type && i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(types[i][0], type))
			return types[i][1];
	return NULL;
}

static void print_element(FILE *out, const char *name, json_t *element)
{
	json_t *elem = json_object_get(element, "elem"), *left = json_object_get(elem, "expires");
	const char *text = json_scalar(element);

	if (!left)
		left = json_object_get(elem, "timeout");
	if (!text)
		return;
	fprintf(out, "\nelement %s %s", name, text);
	if (left)
		fprintf(out, " timeout %lld", (long long)json_integer_value(left));
}

static bool elements_plain(json_t *elements)
{
	json_t *one;
	size_t i;

	json_array_foreach(elements, i, one)
		if (!json_scalar(one))
			return false;
	return true;
}

/* Brings a set over; false if it cannot be. */
static bool take_set(struct nft_rule *nft, const char *name)
{
	json_t *set = nft_find(nft, "set", name), *elements = json_object_get(set, "elem"), *one;
	const char *type = set_type(string_of(set, "type"));
	json_t *timeout = json_object_get(set, "timeout");
	char *text;
	size_t size, i;
	FILE *out;

	if (!set || !type || !language_name(name) || !elements_plain(elements))
		return false;
	out = need(open_memstream(&text, &size));
	fprintf(out, "set %s type=%s", name, type);
	if (timeout)
		fprintf(out, " timeout=%lld", (long long)json_integer_value(timeout));
	json_array_foreach(elements, i, one)
		print_element(out, name, one);
	fclose(out);
	imported_set(nft->imported, name, text);
	free(text);
	return true;
}

/* Sets of two tables that are called the same would be one. */
static bool other_set(struct nft_rule *nft, const char *name)
{
	json_t *object, *set;
	size_t i;

	json_array_foreach(nft->all, i, object) {
		set = json_object_get(object, "set");
		if (set && !strcmp(string_of(set, "name"), name) &&
		    (strcmp(string_of(set, "table"), nft->table) ||
		     strcmp(string_of(set, "family"), nft->family)))
			return true;
	}
	return false;
}

static const char *value_of(struct nft_rule *nft, const struct subject *subject, json_t *right)
{
	const char *value = json_value(nft->imported, subject->type, right);

	if (!value)
		nft_cannot(nft, "a value of %s that cannot be said", field_names[subject->field]);
	else if (*value == '@' && value[1] && strncmp(value, "@anonymous-", 11) &&
		 (!subject->type || other_set(nft, value + 1) || !take_set(nft, value + 1)))
		nft_cannot(nft, "the set %s: of such values, of this name, or with such elements",
			   value + 1);
	return value;
}

/* ---- operators ---- */

static void imply(struct nft_rule *nft, const struct subject *subject)
{
	if (subject->family)
		nft_ask(nft, FAMILY, subject->family);
	if (subject->proto)
		nft_ask(nft, PROTO, subject->proto);
}

static const char *ordered(const struct subject *subject, const char *op, const char *value)
{
	unsigned long bound = strtoul(value, NULL, 10);

	if (!subject->last)
		return NULL;
	if (!strcmp(op, "<") && bound)
		return keep("0-%lu", bound - 1);
	if (!strcmp(op, "<="))
		return keep("0-%s", value);
	if (!strcmp(op, ">") && bound < subject->last)
		return keep("%lu-%lu", bound + 1, subject->last);
	if (!strcmp(op, ">="))
		return keep("%s-%lu", value, subject->last);
	return NULL;
}

static void ask_plain(struct nft_rule *nft, const struct subject *subject, const char *op,
		      const char *value)
{
	const char *said = value;

	if (!strcmp(op, "!="))
		said = keep("!%s", value);
	else if (strcmp(op, "==") && strcmp(op, "in"))
		said = ordered(subject, op, value);
	if (!said || (subject->field == FAMILY && *said == '!') ||
	    (*said == '!' && (subject->field == MARK || subject->field == CT_MARK)))
		nft_cannot(nft, "%s %s %s", field_names[subject->field], op, value);
	else
		nft_ask(nft, subject->field, said);
}

static void ask_flags(struct nft_rule *nft, const char *op, const char *value, const char *mask)
{
	bool none = !strcmp(value, "0");
	const char *said = keep("%s/%s", none ? "none" : value, mask);

	if (!strcmp(op, "=="))
		nft_ask(nft, TCP_FLAGS, said);
	else if (!strcmp(op, "!=") && !nft->not_flags)
		nft->not_flags = said;
	else
		nft_cannot(nft, "tcp flags %s %s", op, value);
}

/* `tcp flags syn`: one of them at least. */
static void ask_bits(struct nft_rule *nft, const char *op, const char *value)
{
	if (!strcmp(op, "in") || !strcmp(op, "!"))
		ask_flags(nft, *op == '!' ? "==" : "!=", "0", value);
	else
		ask_flags(nft, op, value, FLAGS_ALL);
}

static void ask_status(struct nft_rule *nft, const char *op, const char *value, const char *mask)
{
	bool none = !strcmp(value, "0");

	if (none && !strcmp(op, "!="))
		nft_ask(nft, CT_STATUS, mask);
	else if (none && !strcmp(op, "=="))
		nft_ask(nft, CT_STATUS, keep("!%s", mask));
	else
		nft_cannot(nft, "ct status %s %s", op, value);
}

static void ask_mark(struct nft_rule *nft, enum field field, const char *op, const char *value,
		     const char *mask)
{
	unsigned long bits = strtoul(mask, NULL, 0);
	const char *cases[2], *said = keep("0x%lx/0x%lx", strtoul(value, NULL, 0), bits);

	if (!strcmp(op, "!=") && !strtoul(value, NULL, 0) && !(bits & (bits - 1)))
		nft_ask(nft, field, keep("0x%lx/0x%lx", bits, bits));
	else if (!strcmp(op, "=="))
		nft_ask(nft, field, said);
	else if (!strcmp(op, "!=") && field == MARK && value_negate(field, said, cases, 1) == 1)
		nft_ask(nft, field, cases[0]);
	else
		nft_cannot(nft, "%s & %s %s %s", field_names[field], mask, op, value);
}

static void match_masked(struct nft_rule *nft, json_t *both, const char *op, json_t *right)
{
	const struct subject *subject = subject_of(json_array_get(both, 0));
	const char *mask = json_value(nft->imported, NULL, json_array_get(both, 1));
	const char *value = json_value(nft->imported, NULL, right);

	if (!subject || !mask || !value) {
		nft_cannot(nft, "bits of something that cannot be asked");
		return;
	}
	imply(nft, subject);
	if (subject->field == TCP_FLAGS)
		ask_flags(nft, op, value, mask);
	else if (subject->field == CT_STATUS)
		ask_status(nft, op, value, mask);
	else if (subject->field == MARK || subject->field == CT_MARK)
		ask_mark(nft, subject->field, op, value, mask);
	else if (subject->type && !strcmp(subject->type, "addr") &&
		 (!strcmp(op, "==") || !strcmp(op, "!=")))
		ask_plain(nft, subject, op, keep("%s/%s", value, mask));
	else
		nft_cannot(nft, "bits of %s", field_names[subject->field]);
}

/* ---- what is no value of an attribute ---- */

/* `saddr . iif` */
static const char *fib_key(json_t *flags)
{
	const char *key = "", *flag;
	json_t *one;
	size_t i;

	if (json_is_string(flags))
		return json_string_value(flags);
	json_array_foreach(flags, i, one) {
		flag = json_string_value(one);
		key = keep("%s%s%s", key, *key ? " . " : "", flag ? flag : "");
	}
	return key;
}

static void match_type(struct nft_rule *nft, enum field field, const char *op, json_t *right)
{
	const struct subject type = { .field = field };
	const char *value = value_of(nft, &type, right);

	if (value)
		ask_plain(nft, &type, op, value);
}

static void match_fib(struct nft_rule *nft, json_t *fib, const char *op, json_t *right)
{
	const char *key = fib_key(json_object_get(fib, "flags")), *result = string_of(fib, "result");
	bool marked = !strcmp(key, "saddr . mark . iif");

	if (result && !strcmp(result, "type") && (!strcmp(key, "saddr") || !strcmp(key, "daddr"))) {
		match_type(nft, *key == 's' ? SADDR_TYPE : DADDR_TYPE, op, right);
	} else if (result && !strcmp(result, "oif") && (marked || !strcmp(key, "saddr . iif")) &&
		   json_is_boolean(right) && !strcmp(op, "==")) {
		nft_ask(nft, RPF, json_is_true(right) ? "pass" : "fail");
		if (marked)
			nft_differs(nft, "packets with a mark",
				    "fib by the packet's mark: rpf asks without it");
	} else {
		nft_cannot(nft, "fib, but for a type, and 'saddr . iif oif missing'");
	}
}

/* Is there an extension header, or an option? */
static void match_there(struct nft_rule *nft, enum field field, json_t *there, const char *op,
			json_t *right)
{
	const char *name = string_of(there, "name");

	if (!name || json_object_get(there, "field") || !json_is_boolean(right) ||
	    strcmp(op, "==")) {
		nft_cannot(nft, "a field of an extension header, or of an option");
		return;
	}
	nft_ask(nft, FAMILY, field == EXTHDR ? "ip6" : "ip");
	nft_ask(nft, field, keep("%s%s", json_is_true(right) ? "" : "!", name));
}

static const char *code_text(bool v6, json_t *code)
{
	static const char *const names[][3] = {
		{ "net-unreachable", "0", NULL }, { "host-unreachable", "1", NULL },
		{ "prot-unreachable", "2", NULL }, { "port-unreachable", "3", "4" },
		{ "frag-needed", "4", NULL }, { "net-prohibited", "9", NULL },
		{ "host-prohibited", "10", NULL }, { "admin-prohibited", "13", "1" },
		{ "no-route", NULL, "0" }, { "addr-unreachable", NULL, "3" },
		{ "policy-fail", NULL, "5" }, { "reject-route", NULL, "6" },
	};
	const char *word = json_string_value(code);
	size_t i;

	for (i = 0; word && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i][0], word))
			return names[i][1 + v6];
	return json_is_integer(code) ? json_scalar(code) : NULL;
}

/* A code goes with the type before it. */
static void match_code(struct nft_rule *nft, bool v6, const char *op, json_t *right)
{
	const char **type = &nft->rule.match.value[v6 ? ICMPV6_TYPE : ICMP_TYPE];
	const char *code = code_text(v6, right);

	if (!*type || strpbrk(*type, ",!/") || !code || strcmp(op, "=="))
		nft_cannot(nft, "a code of ICMP that does not follow its only type");
	else
		*type = keep("%s/%s", *type, code);
}

static bool match_special(struct nft_rule *nft, json_t *left, const char *op, json_t *right)
{
	json_t *payload = json_object_get(left, "payload");
	const char *protocol = string_of(payload, "protocol"), *field = string_of(payload, "field");

	if (json_object_get(left, "&"))
		match_masked(nft, json_object_get(left, "&"), op, right);
	else if (json_object_get(left, "fib"))
		match_fib(nft, json_object_get(left, "fib"), op, right);
	else if (json_object_get(left, "exthdr"))
		match_there(nft, EXTHDR, json_object_get(left, "exthdr"), op, right);
	else if (json_object_get(left, "ip option"))
		match_there(nft, IPOPT, json_object_get(left, "ip option"), op, right);
	else if (protocol && field && !strncmp(protocol, "icmp", 4) && !strcmp(field, "code"))
		match_code(nft, protocol[4] == 'v', op, right);
	else
		return false;
	return true;
}

static const char *kind_of(json_t *left)
{
	const char *name = json_object_iter_key(json_object_iter(left));

	return name ? name : "?";
}

/* Whose ports? */
static void check_ports(struct nft_rule *nft, const struct subject *subject)
{
	if ((subject->field == SPORT || subject->field == DPORT) && !nft->rule.match.value[PROTO])
		nft_cannot(nft, "ports of no protocol");
}

/**
 * nft_match() - what a rule asks
 * @nft: the rule
 * @left: of what
 * @op: how it is compared
 * @right: with what
 */
void nft_match(struct nft_rule *nft, json_t *left, const char *op, json_t *right)
{
	const struct subject *subject;
	const char *value;

	if (nft->counted)
		nft_cannot(nft, "a limit that counts packets which a later match does not fit");
	if (match_special(nft, left, op, right))
		return;
	subject = subject_of(left);
	if (!subject) {
		nft_cannot(nft, "%s: it cannot be asked", kind_of(left));
		return;
	}
	imply(nft, subject);
	check_ports(nft, subject);
	value = value_of(nft, subject, right);
	if (!value)
		return;
	if (subject->field == TCP_FLAGS)
		ask_bits(nft, op, value);
	else if (subject->field == CT_STATUS && !strcmp(op, "!"))
		ask_status(nft, "==", "0", value);
	else
		ask_plain(nft, subject, op, value);
}
