// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of a rule: one table, and the words that values are made of.
 * Attribute files, the text forms and validation are all driven by it.
 *
 * A new match field is a member of struct minifw_rare and a word in
 * MINIFW_ATTRS (spec.h), a row here, and a check in match.c.
 */
#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/string.h>

#include "attr.h"
#include "element.h"
#include "error.h"
#include "packet.h"
#include "reference.h"
#include "schedule.h"
#include "text.h"

/* ---- closed lists of words ---- */

#define WORDS(name, kind, ...) \
	static const struct minifw_words name = { \
		.what = kind, .word = name##_table, .count = ARRAY_SIZE(name##_table), __VA_ARGS__ \
	}

static const struct minifw_word hooks_table[] = {
	{ "ingress", MINIFW_AT_INGRESS },
	{ "prerouting", MINIFW_AT_PREROUTING },
	{ "input", MINIFW_AT_INPUT },
	{ "forward", MINIFW_AT_FORWARD },
	{ "output", MINIFW_AT_OUTPUT },
	{ "postrouting", MINIFW_AT_POSTROUTING },
};

WORDS(hooks, "a hook", .no_negation = true);

static const struct minifw_word families_table[] = {
	{ "ip", MINIFW_IP },
	{ "ip6", MINIFW_IP6 },
};

WORDS(families, "a family", .single = true);

static const struct minifw_word addr_types_table[] = {
	{ "local", MINIFW_ADDR_LOCAL },
	{ "broadcast", MINIFW_ADDR_BROADCAST },
	{ "multicast", MINIFW_ADDR_MULTICAST },
	{ "unicast", MINIFW_ADDR_UNICAST },
};

WORDS(addr_types, "an address type");

/* IANA "Assigned Internet Protocol Numbers" */
static const struct minifw_word protos_table[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", 58 },
	{ "sctp", IPPROTO_SCTP },
	{ "dccp", IPPROTO_DCCP },
	{ "udplite", IPPROTO_UDPLITE },
	{ "esp", IPPROTO_ESP },
	{ "ah", IPPROTO_AH },
	{ "gre", IPPROTO_GRE },
};

WORDS(protos, "a protocol", .max = U8_MAX);

/* IANA "ICMP Type Numbers", by the names that nft has for them */
static const struct minifw_word icmp_types_table[] = {
	{ "echo-reply", 0 },
	{ "destination-unreachable", 3 },
	{ "source-quench", 4 },
	{ "redirect", 5 },
	{ "echo-request", 8 },
	{ "router-advertisement", 9 },
	{ "router-solicitation", 10 },
	{ "time-exceeded", 11 },
	{ "parameter-problem", 12 },
	{ "timestamp-request", 13 },
	{ "timestamp-reply", 14 },
	{ "info-request", 15 },
	{ "info-reply", 16 },
	{ "address-mask-request", 17 },
	{ "address-mask-reply", 18 },
};

WORDS(icmp_types, "an ICMP type", .max = U8_MAX);

/* IANA "ICMPv6 'type' Numbers", by the names that nft has for them */
static const struct minifw_word icmpv6_types_table[] = {
	{ "destination-unreachable", 1 },
	{ "packet-too-big", 2 },
	{ "time-exceeded", 3 },
	{ "parameter-problem", 4 },
	{ "echo-request", 128 },
	{ "echo-reply", 129 },
	{ "mld-listener-query", 130 },
	{ "mld-listener-report", 131 },
	{ "mld-listener-done", 132 },
	{ "mld-listener-reduction", 132 },
	{ "nd-router-solicit", 133 },
	{ "nd-router-advert", 134 },
	{ "nd-neighbor-solicit", 135 },
	{ "nd-neighbor-advert", 136 },
	{ "nd-redirect", 137 },
	{ "router-renumbering", 138 },
	{ "ind-neighbor-solicit", 141 },
	{ "ind-neighbor-advert", 142 },
	{ "mld2-listener-report", 143 },
};

WORDS(icmpv6_types, "an ICMPv6 type", .max = U8_MAX);

/* RFC 9293, 3.1: the bits of the header's 14th byte */
static const struct minifw_word tcp_flags_table[] = {
	{ "fin", 0 }, { "syn", 1 }, { "rst", 2 }, { "psh", 3 },
	{ "ack", 4 }, { "urg", 5 }, { "ece", 6 }, { "cwr", 7 },
	{ "ecn", 6 },
};

WORDS(tcp_flags, "a TCP flag");

static const struct minifw_word ct_states_table[] = {
	{ "new", MINIFW_CT_NEW },
	{ "established", MINIFW_CT_ESTABLISHED },
	{ "related", MINIFW_CT_RELATED },
	{ "invalid", MINIFW_CT_INVALID },
	{ "untracked", MINIFW_CT_UNTRACKED },
};

WORDS(ct_states, "a conntrack state", .always_one = true);

static const struct minifw_word ct_statuses_table[] = {
	{ "dnat", IPS_DST_NAT_BIT },
	{ "snat", IPS_SRC_NAT_BIT },
	{ "assured", IPS_ASSURED_BIT },
	{ "seen-reply", IPS_SEEN_REPLY_BIT },
};

WORDS(ct_statuses, "a conntrack status", .any_number = true);

static const struct minifw_word fragments_table[] = {
	{ "none", MINIFW_FRAGMENT_NONE },
	{ "first", MINIFW_FRAGMENT_FIRST },
	{ "later", MINIFW_FRAGMENT_LATER },
};

WORDS(fragments, "a kind of fragment", .single = true);

static const struct minifw_word exthdrs_table[] = {
	{ "hbh", MINIFW_EXTHDR_HBH },
	{ "rt", MINIFW_EXTHDR_RT },
	{ "dst", MINIFW_EXTHDR_DST },
	{ "frag", MINIFW_EXTHDR_FRAG },
	{ "ah", MINIFW_EXTHDR_AH },
};

WORDS(exthdrs, "an extension header", .any_number = true);

static const struct minifw_word ipopts_table[] = {
	{ "lsrr", MINIFW_IPOPT_LSRR },
	{ "ssrr", MINIFW_IPOPT_SSRR },
	{ "rr", MINIFW_IPOPT_RR },
	{ "ra", MINIFW_IPOPT_RA },
	{ "ts", MINIFW_IPOPT_TS },
};

WORDS(ipopts, "an IP option", .any_number = true);

/* RFC 2474, RFC 2597 and RFC 3246, by the names that nft has for them */
static const struct minifw_word dscp_classes_table[] = {
	{ "cs0", 0 }, { "cs1", 8 }, { "cs2", 16 }, { "cs3", 24 },
	{ "cs4", 32 }, { "cs5", 40 }, { "cs6", 48 }, { "cs7", 56 },
	{ "af11", 10 }, { "af12", 12 }, { "af13", 14 },
	{ "af21", 18 }, { "af22", 20 }, { "af23", 22 },
	{ "af31", 26 }, { "af32", 28 }, { "af33", 30 },
	{ "af41", 34 }, { "af42", 36 }, { "af43", 38 },
	{ "ef", 46 },
	{ "be", 0 },
};

WORDS(dscp_classes, "a DSCP class", .max = 63);

static const struct minifw_word pkttypes_table[] = {
	{ "host", PACKET_HOST },
	{ "broadcast", PACKET_BROADCAST },
	{ "multicast", PACKET_MULTICAST },
	{ "other", PACKET_OTHERHOST },
};

WORDS(pkttypes, "a packet type", .always_one = true);

static const struct minifw_word rpf_results_table[] = {
	{ "fail", MINIFW_RPF_FAIL },
	{ "pass", MINIFW_RPF_PASS },
};

WORDS(rpf_results, "a result of the reverse-path check", .single = true);

static const struct minifw_word ipsec_ways_table[] = {
	{ "in", MINIFW_IPSEC_IN },
	{ "out", MINIFW_IPSEC_OUT },
	{ "none", MINIFW_IPSEC_NONE },
};

WORDS(ipsec_ways, "a way through IPsec", .single = true);

static const struct minifw_word actions_table[] = {
	{ "accept", MINIFW_ACCEPT },
	{ "drop", MINIFW_DROP },
	{ "reject", MINIFW_REJECT },
	{ "continue", MINIFW_CONTINUE },
	{ "notrack", MINIFW_NOTRACK },
	{ "queue", MINIFW_QUEUE },
};

WORDS(actions, "an action");

static const struct minifw_word rejects_table[] = {
	{ "tcp-reset", MINIFW_REJECT_TCP_RESET },
	{ "port-unreachable", MINIFW_REJECT_PORT },
	{ "host-unreachable", MINIFW_REJECT_HOST },
	{ "net-unreachable", MINIFW_REJECT_NET },
	{ "admin-prohibited", MINIFW_REJECT_ADMIN },
};

WORDS(rejects, "a way to reject");

/* ---- numbers without words ---- */

static const struct minifw_words ports = { .what = "a port", .max = U16_MAX };
static const struct minifw_words lengths = { .what = "a length", .max = U16_MAX };
static const struct minifw_words uids = { .what = "a user's number", .max = U32_MAX };
static const struct minifw_words gids = { .what = "a group's number", .max = U32_MAX };
static const struct minifw_words ttls = { .what = "a TTL", .max = U8_MAX };

/* ---- the action ---- */

/* What follows `reject`, if anything does: `with HOW`. */
static int reject_parse(char *text, struct minifw_action *action, struct minifw_error *err)
{
	int ret;

	if (!*text)
		return 0;
	if (strncmp(text, "with", 4) || !isspace(text[4]))
		return minifw_error_set(err, -EINVAL, "'%.40s' cannot follow 'reject'", text);
	ret = minifw_parse_word(&rejects, strim(text + 4), err);
	if (ret < 0)
		return ret;
	action->reject = ret;
	return 0;
}

static int queue_number(const char *token, u16 *number, struct minifw_error *err)
{
	u32 parsed;
	int ret = minifw_parse_number(token, U16_MAX, &parsed);

	if (ret == -ERANGE)
		return minifw_error_set(err, ret, "'%.40s' is out of range: a queue is 0 to %u",
					token, U16_MAX);
	if (ret)
		return minifw_error_set(err, ret, "'%.40s' is not the number of a queue", token);
	*number = parsed;
	return 0;
}

/* What follows `queue`: `N[-M] [bypass]`. */
static int queue_parse(char *text, struct minifw_action *action, struct minifw_error *err)
{
	char *first = strsep(&text, " \t"), *last = strchr(first, '-');
	int ret;

	if (last)
		*last++ = '\0';
	ret = queue_number(first, &action->queue, err);
	action->last_queue = action->queue;
	if (!ret && last)
		ret = queue_number(last, &action->last_queue, err);
	if (ret)
		return ret;
	if (last && action->last_queue <= action->queue)
		return minifw_error_set(err, -EINVAL, "'%.40s-%.40s' is not N-M with M above N",
					first, last);
	text = text ? skip_spaces(text) : "";
	if (*text && strcmp(text, "bypass"))
		return minifw_error_set(err, -EINVAL, "'%.40s' cannot follow 'queue'", text);
	action->bypass = *text != '\0';
	return 0;
}

static int action_parse(const struct minifw_words *words, char *text, void *value,
			struct minifw_error *err)
{
	struct minifw_action *action = value;
	char *word = strsep(&text, " \t");
	int ret = minifw_parse_word(words, word, err);

	if (ret < 0)
		return ret;
	action->verdict = ret;
	text = text ? skip_spaces(text) : word + strlen(word);
	if (ret == MINIFW_REJECT)
		return reject_parse(text, action, err);
	if (ret == MINIFW_QUEUE)
		return queue_parse(text, action, err);
	if (*text)
		return minifw_error_set(err, -EINVAL, "'%.40s' cannot follow '%s'", text, word);
	return 0;
}

static void queue_show(const struct minifw_action *action, struct minifw_text *out)
{
	minifw_text_add(out, " %u", action->queue);
	if (action->last_queue != action->queue)
		minifw_text_add(out, "-%u", action->last_queue);
	if (action->bypass)
		minifw_text_add(out, " bypass");
}

static void action_show(const struct minifw_words *words, struct minifw_text *out,
			const void *value)
{
	const struct minifw_action *action = value;

	minifw_word_show(words, action->verdict, out);
	if (action->reject != MINIFW_REJECT_DEFAULT) {
		minifw_text_add(out, " with ");
		minifw_word_show(&rejects, action->reject, out);
	}
	if (action->verdict == MINIFW_QUEUE)
		queue_show(action, out);
}

static const struct minifw_kind kind_action = {
	.parse = action_parse, .show = action_show, .size = sizeof(struct minifw_action),
};

/* ---- the table ---- */

#define ROW(part, member, kind_, words_, clears_, hooks_, ...) \
	[MINIFW_ATTR_##member] = { \
		.name = #member, .offset = offsetof(struct part, member), \
		.kind = kind_, .words = words_, .clears = MINIFW_CLEARS_##clears_, \
		.hooks = hooks_, __VA_ARGS__ \
	}

/* Of struct minifw_spec. */
#define ATTR_AT(member, kind, words, clears, hooks, ...) \
	ROW(minifw_spec, member, kind, words, clears, hooks, __VA_ARGS__)

#define ATTR(member, kind, words, clears, ...) \
	ATTR_AT(member, kind, words, clears, MINIFW_ALL_HOOKS, __VA_ARGS__)

/* Of struct minifw_rare. */
#define RARE_AT(member, kind, words, clears, hooks, ...) \
	ROW(minifw_rare, member, kind, words, clears, hooks, .rare = true, __VA_ARGS__)

#define RARE(member, kind, words, clears, ...) \
	RARE_AT(member, kind, words, clears, MINIFW_ALL_HOOKS, __VA_ARGS__)

#define SETS_OF_ADDRS	(BIT(MINIFW_SET_ADDR) | BIT(MINIFW_SET_ADDR_PORT))
#define SETS_OF_PORTS	BIT(MINIFW_SET_PORT)
#define SETS_OF_IFACES	BIT(MINIFW_SET_IFACE)

/* Short names keep a row on a line. */
#define ROUTED_HOOKS	MINIFW_ROUTED_HOOKS
#define ROUTED_IN_HOOKS	MINIFW_ROUTED_IN_HOOKS
#define IN_HOOKS	MINIFW_IN_HOOKS
#define OUT_HOOKS	MINIFW_OUT_HOOKS
#define SOCKET_HOOKS	MINIFW_SOCKET_HOOKS

/* In the order of MINIFW_ATTRS. */
const struct minifw_attr minifw_attrs[MINIFW_NR_ATTRS] = {
	ATTR(priority, &minifw_kind_s32, NULL, NEVER),
	ATTR(hook, &minifw_kind_flags, &hooks, NEVER),
	ATTR(family, &minifw_kind_flags, &families, BY_ANY),
	ATTR_AT(iif, &minifw_kind_ifaces, NULL, BY_ANY, IN_HOOKS, .sets = SETS_OF_IFACES),
	ATTR_AT(oif, &minifw_kind_ifaces, NULL, BY_ANY, OUT_HOOKS, .sets = SETS_OF_IFACES),
	ATTR(saddr, &minifw_kind_addrs, NULL, BY_ANY, .sets = SETS_OF_ADDRS),
	ATTR(daddr, &minifw_kind_addrs, NULL, BY_ANY, .sets = SETS_OF_ADDRS),
	RARE(saddr_type, &minifw_kind_flags, &addr_types, BY_ANY),
	RARE(daddr_type, &minifw_kind_flags, &addr_types, BY_ANY),
	ATTR(proto, &minifw_kind_codes, &protos, BY_ANY),
	ATTR(sport, &minifw_kind_ranges, &ports, BY_ANY, .sets = SETS_OF_PORTS),
	ATTR(dport, &minifw_kind_ranges, &ports, BY_ANY, .sets = SETS_OF_PORTS),
	RARE(icmp_type, &minifw_kind_icmp, &icmp_types, BY_ANY),
	RARE(icmpv6_type, &minifw_kind_icmp, &icmpv6_types, BY_ANY),
	ATTR(tcp_flags, &minifw_kind_tcp_flags, &tcp_flags, BY_ANY),
	ATTR_AT(ct_state, &minifw_kind_flags, &ct_states, BY_ANY, ROUTED_HOOKS),
	RARE_AT(ct_status, &minifw_kind_flags, &ct_statuses, BY_ANY, ROUTED_HOOKS),
	RARE_AT(ct_mark, &minifw_kind_mark, NULL, BY_ANY, ROUTED_HOOKS),
	RARE_AT(ct_orig_daddr, &minifw_kind_addrs, NULL, BY_ANY, ROUTED_HOOKS,
		.sets = BIT(MINIFW_SET_ADDR)),
	RARE_AT(ct_orig_dport, &minifw_kind_ranges, &ports, BY_ANY, ROUTED_HOOKS,
		.sets = SETS_OF_PORTS),
	RARE(fragment, &minifw_kind_flags, &fragments, BY_ANY),
	RARE(exthdr, &minifw_kind_flags, &exthdrs, BY_ANY),
	RARE(ipopt, &minifw_kind_flags, &ipopts, BY_ANY),
	RARE_AT(saddr_mac, &minifw_kind_macs, NULL, BY_ANY, IN_HOOKS,
		.sets = BIT(MINIFW_SET_MAC)),
	RARE(length, &minifw_kind_ranges, &lengths, BY_ANY),
	RARE(ttl, &minifw_kind_ranges, &ttls, BY_ANY),
	RARE(dscp, &minifw_kind_codes, &dscp_classes, BY_ANY),
	RARE(pkttype, &minifw_kind_flags, &pkttypes, BY_ANY),
	RARE(mark, &minifw_kind_mark, NULL, BY_ANY),
	RARE_AT(uid, &minifw_kind_ranges, &uids, BY_ANY, SOCKET_HOOKS),
	RARE_AT(gid, &minifw_kind_ranges, &gids, BY_ANY, SOCKET_HOOKS),
	RARE_AT(cgroup, &minifw_kind_path, NULL, BY_ANY, SOCKET_HOOKS),
	RARE_AT(rpf, &minifw_kind_flags, &rpf_results, BY_ANY, ROUTED_IN_HOOKS),
	RARE_AT(ipsec, &minifw_kind_flags, &ipsec_ways, BY_ANY, ROUTED_HOOKS),
	RARE(time, &minifw_kind_schedule, NULL, BY_ANY),
	RARE(limit, &minifw_kind_limit, NULL, BY_ANY),
	RARE_AT(conn_limit, &minifw_kind_conn_limit, NULL, BY_ANY, ROUTED_HOOKS),
	RARE(quota, &minifw_kind_quota, NULL, BY_ANY),
	ATTR(action, &kind_action, &actions, NEVER),
	RARE(add_to, &minifw_kind_add_to, NULL, BY_ANY),
	RARE(log, &minifw_kind_log, NULL, BY_EMPTY),
	RARE(comment, &minifw_kind_note, NULL, BY_EMPTY),
	RARE(expires, &minifw_kind_seconds, NULL, BY_EMPTY),
};

/**
 * minifw_attr_name() - what an attribute is called
 * @id: which
 *
 * Context: any.
 * Return: its name.
 */
const char *minifw_attr_name(enum minifw_attr_id id)
{
	return minifw_attrs[id].name;
}

static const char *name_of(const struct minifw_words *words, unsigned int number)
{
	unsigned int i;

	for (i = 0; i < words->count; i++)
		if (words->word[i].number == number)
			return words->word[i].word;
	return "";
}

/**
 * minifw_hook_name() - what a hook is called
 * @hook: enum nf_inet_hooks
 *
 * Context: any.
 * Return: the word that the attribute has for it; empty if it has none.
 */
const char *minifw_hook_name(unsigned int hook)
{
	return name_of(&hooks, hook);
}

/**
 * minifw_verdict_name() - what a verdict is called
 * @verdict: the verdict
 *
 * Context: any.
 * Return: the word that the attribute `action` has for it; empty if it has none.
 */
const char *minifw_verdict_name(enum minifw_verdict verdict)
{
	return name_of(&actions, verdict);
}
