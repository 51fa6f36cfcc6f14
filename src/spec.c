// SPDX-License-Identifier: GPL-2.0
/*
 * What a rule can say: the one table of attributes.  Attribute files, the text
 * forms and validation are all driven by it; it knows nothing of configfs,
 * packets or locks, so that user space can run it under a fuzzer.
 *
 * A new match field is a member of struct minifw_spec and a word in
 * MINIFW_ATTRS (spec.h), a row here, and a check in match.c.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "element.h"
#include "error.h"
#include "packet.h"
#include "reference.h"
#include "spec.h"
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

WORDS(ct_states, "a conntrack state");

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

WORDS(pkttypes, "a packet type");

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

/* What empties an attribute, beside writing another value to it. */
enum clearing {
	NEVER,		/* it always has a value, or is set once */
	BY_EMPTY,	/* an empty line */
	BY_ANY,		/* an empty line or `any` */
};

/**
 * struct attr - a row: an attribute of a rule
 * @name: of its file, and its key in a line
 * @offset: of its value in struct minifw_spec
 * @kind: how it is read, shown and kept
 * @words: its words and numbers, if the kind is of those
 * @clears: what empties it
 * @hooks: bits by enum minifw_stage: the hooks whose packets have it
 * @sets: bits by enum minifw_set_type: of which type a set in its place may be
 */
struct attr {
	const char *name;
	size_t offset;
	const struct minifw_kind *kind;
	const struct minifw_words *words;
	enum clearing clears;
	u8 hooks;
	u8 sets;
};

#define ATTR_AT(member, kind_, words_, clears_, hooks_, ...) \
	[MINIFW_ATTR_##member] = { \
		.name = #member, .offset = offsetof(struct minifw_spec, member), \
		.kind = kind_, .words = words_, .clears = clears_, .hooks = hooks_, \
		__VA_ARGS__ \
	}

#define ATTR(member, kind_, words_, clears_, ...) \
	ATTR_AT(member, kind_, words_, clears_, ALL_HOOKS, __VA_ARGS__)

#define ALL_HOOKS (BIT(MINIFW_AT_INGRESS) | ROUTED_HOOKS)

/* Those that conntrack, and whoever else comes after ingress, has been before. */
#define ROUTED_HOOKS ( \
	BIT(MINIFW_AT_PREROUTING) | BIT(MINIFW_AT_INPUT) | BIT(MINIFW_AT_FORWARD) | \
	BIT(MINIFW_AT_OUTPUT) | BIT(MINIFW_AT_POSTROUTING))

/* Where packets have come in by a device, go out by one, have a socket that sends them. */
#define IN_HOOKS ( \
	BIT(MINIFW_AT_INGRESS) | BIT(MINIFW_AT_PREROUTING) | BIT(MINIFW_AT_INPUT) | \
	BIT(MINIFW_AT_FORWARD))
#define OUT_HOOKS ( \
	BIT(MINIFW_AT_FORWARD) | BIT(MINIFW_AT_OUTPUT) | BIT(MINIFW_AT_POSTROUTING))
#define SOCKET_HOOKS (BIT(MINIFW_AT_OUTPUT) | BIT(MINIFW_AT_POSTROUTING))

#define SETS_OF_ADDRS	(BIT(MINIFW_SET_ADDR) | BIT(MINIFW_SET_ADDR_PORT))
#define SETS_OF_PORTS	BIT(MINIFW_SET_PORT)
#define SETS_OF_IFACES	BIT(MINIFW_SET_IFACE)

static const struct attr attrs[MINIFW_NR_ATTRS] = {
	ATTR(priority, &minifw_kind_s32, NULL, NEVER),
	ATTR(hook, &minifw_kind_flags, &hooks, NEVER),
	ATTR(family, &minifw_kind_flags, &families, BY_ANY),
	ATTR_AT(iif, &minifw_kind_ifaces, NULL, BY_ANY, IN_HOOKS, .sets = SETS_OF_IFACES),
	ATTR_AT(oif, &minifw_kind_ifaces, NULL, BY_ANY, OUT_HOOKS, .sets = SETS_OF_IFACES),
	ATTR(saddr, &minifw_kind_addrs, NULL, BY_ANY, .sets = SETS_OF_ADDRS),
	ATTR(daddr, &minifw_kind_addrs, NULL, BY_ANY, .sets = SETS_OF_ADDRS),
	ATTR(saddr_type, &minifw_kind_flags, &addr_types, BY_ANY),
	ATTR(daddr_type, &minifw_kind_flags, &addr_types, BY_ANY),
	ATTR(proto, &minifw_kind_codes, &protos, BY_ANY),
	ATTR(sport, &minifw_kind_ranges, &ports, BY_ANY, .sets = SETS_OF_PORTS),
	ATTR(dport, &minifw_kind_ranges, &ports, BY_ANY, .sets = SETS_OF_PORTS),
	ATTR(icmp_type, &minifw_kind_icmp, &icmp_types, BY_ANY),
	ATTR(icmpv6_type, &minifw_kind_icmp, &icmpv6_types, BY_ANY),
	ATTR(tcp_flags, &minifw_kind_tcp_flags, &tcp_flags, BY_ANY),
	ATTR_AT(ct_state, &minifw_kind_flags, &ct_states, BY_ANY, ROUTED_HOOKS),
	ATTR_AT(ct_status, &minifw_kind_flags, &ct_statuses, BY_ANY, ROUTED_HOOKS),
	ATTR_AT(ct_mark, &minifw_kind_mark, NULL, BY_ANY, ROUTED_HOOKS),
	ATTR_AT(ct_orig_daddr, &minifw_kind_addrs, NULL, BY_ANY, ROUTED_HOOKS,
		.sets = BIT(MINIFW_SET_ADDR)),
	ATTR_AT(ct_orig_dport, &minifw_kind_ranges, &ports, BY_ANY, ROUTED_HOOKS,
		.sets = SETS_OF_PORTS),
	ATTR(fragment, &minifw_kind_flags, &fragments, BY_ANY),
	ATTR(exthdr, &minifw_kind_flags, &exthdrs, BY_ANY),
	ATTR(ipopt, &minifw_kind_flags, &ipopts, BY_ANY),
	ATTR_AT(saddr_mac, &minifw_kind_macs, NULL, BY_ANY, IN_HOOKS,
		.sets = BIT(MINIFW_SET_MAC)),
	ATTR(length, &minifw_kind_ranges, &lengths, BY_ANY),
	ATTR(ttl, &minifw_kind_ranges, &ttls, BY_ANY),
	ATTR(dscp, &minifw_kind_codes, &dscp_classes, BY_ANY),
	ATTR(pkttype, &minifw_kind_flags, &pkttypes, BY_ANY),
	ATTR(mark, &minifw_kind_mark, NULL, BY_ANY),
	ATTR_AT(uid, &minifw_kind_ranges, &uids, BY_ANY, SOCKET_HOOKS),
	ATTR_AT(gid, &minifw_kind_ranges, &gids, BY_ANY, SOCKET_HOOKS),
	ATTR(limit, &minifw_kind_limit, NULL, BY_ANY),
	ATTR_AT(conn_limit, &minifw_kind_conn_limit, NULL, BY_ANY, ROUTED_HOOKS),
	ATTR(quota, &minifw_kind_quota, NULL, BY_ANY),
	ATTR(action, &kind_action, &actions, NEVER),
	ATTR(add_to, &minifw_kind_add_to, NULL, BY_ANY),
	ATTR(log, &minifw_kind_log, NULL, BY_EMPTY),
	ATTR(comment, &minifw_kind_note, NULL, BY_EMPTY),
	ATTR(expires, &minifw_kind_seconds, NULL, BY_EMPTY),
};

/* What an attribute says before anybody wrote it: nothing, but for these. */
static const struct minifw_spec defaults = {
	.hook = { .bits = BIT(MINIFW_AT_INPUT) },
};

static void *value_of(const struct attr *attr, const struct minifw_spec *spec)
{
	return (char *)spec + attr->offset;
}

static struct minifw_list *list_of(const struct attr *attr, const struct minifw_spec *spec)
{
	return attr->kind->list ? *(struct minifw_list **)value_of(attr, spec) : NULL;
}

static bool value_equal(const struct attr *attr, const struct minifw_spec *a,
			const struct minifw_spec *b)
{
	if (attr->kind->list)
		return minifw_list_equal(list_of(attr, a), list_of(attr, b));
	return !memcmp(value_of(attr, a), value_of(attr, b), attr->kind->size);
}

/* Does it have a value to show?  A priority always has. */
static bool value_is_set(const struct attr *attr, const struct minifw_spec *spec)
{
	return attr->kind == &minifw_kind_s32 ||
	       memchr_inv(value_of(attr, spec), 0, attr->kind->size);
}

/**
 * minifw_attr_name() - what an attribute is called
 * @id: which
 *
 * Context: any.
 * Return: its name.
 */
const char *minifw_attr_name(enum minifw_attr_id id)
{
	return attrs[id].name;
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

/**
 * minifw_spec_init() - a rule that says nothing yet
 * @spec: takes the defaults
 *
 * Context: any.
 */
void minifw_spec_init(struct minifw_spec *spec)
{
	*spec = defaults;
}

/**
 * minifw_spec_copy() - say the same
 * @to: what it held is not let go of
 * @from: the original
 *
 * Cannot fail: lists are shared.
 *
 * Context: any.
 */
void minifw_spec_copy(struct minifw_spec *to, const struct minifw_spec *from)
{
	const struct attr *attr;

	memcpy(to, from, sizeof(*to));
	for (attr = attrs; attr < attrs + MINIFW_NR_ATTRS; attr++)
		minifw_list_get(list_of(attr, to));
}

/**
 * minifw_spec_clear() - let go of what a spec holds
 * @spec: says nothing after
 *
 * Context: any; no packet may still see it.
 */
void minifw_spec_clear(struct minifw_spec *spec)
{
	const struct attr *attr;

	for (attr = attrs; attr < attrs + MINIFW_NR_ATTRS; attr++)
		minifw_list_put(list_of(attr, spec));
	memset(spec, 0, sizeof(*spec));
}

/**
 * minifw_spec_equal() - do two specs say the same?
 * @a: one
 * @b: the other
 *
 * Context: any.
 * Return: whether they do.
 */
bool minifw_spec_equal(const struct minifw_spec *a, const struct minifw_spec *b)
{
	const struct attr *attr;

	for (attr = attrs; attr < attrs + MINIFW_NR_ATTRS; attr++)
		if (!value_equal(attr, a, b))
			return false;
	return true;
}

static u32 value_hash(const struct attr *attr, const struct minifw_spec *spec, u32 seed)
{
	const struct minifw_list *list = list_of(attr, spec);

	if (list)
		return jhash(list + 1, list->size - sizeof(*list), seed + list->negated);
	return jhash(value_of(attr, spec), attr->kind->size, seed);
}

/**
 * minifw_spec_hash() - a number that specs have in common if they say the same
 * @spec: the rule
 *
 * Context: any.
 * Return: the number.
 */
u32 minifw_spec_hash(const struct minifw_spec *spec)
{
	const struct attr *attr;
	u32 hash = 0;

	for (attr = attrs; attr < attrs + MINIFW_NR_ATTRS; attr++)
		if (value_is_set(attr, spec))
			hash = value_hash(attr, spec, hash ^ (attr - attrs));
	return hash;
}

/**
 * minifw_spec_memory() - what a rule's lists take
 * @spec: the rule
 *
 * Context: any.
 * Return: bytes, beside those of the spec itself.
 */
size_t minifw_spec_memory(const struct minifw_spec *spec)
{
	const struct attr *attr;
	size_t bytes = 0;

	for (attr = attrs; attr < attrs + MINIFW_NR_ATTRS; attr++)
		if (list_of(attr, spec))
			bytes += ksize(list_of(attr, spec));
	return bytes;
}

/**
 * minifw_attr_equal() - do two specs say the same in one attribute?
 * @id: which attribute
 * @a: one
 * @b: the other
 *
 * Context: any.
 * Return: whether they do.
 */
bool minifw_attr_equal(enum minifw_attr_id id, const struct minifw_spec *a,
		       const struct minifw_spec *b)
{
	return value_equal(&attrs[id], a, b);
}

static bool text_clears(const struct attr *attr, const char *text)
{
	if (attr->clears == NEVER)
		return false;
	return !*text || (attr->clears == BY_ANY && !strcmp(text, "any"));
}

static int value_parse(const struct attr *attr, char *text, void *value,
		       struct minifw_error *err)
{
	if (attr->sets && minifw_ref_is(text))
		return minifw_ref_parse(text, value, err);
	return attr->kind->parse(attr->words, text, value, err);
}

static void value_show(const struct attr *attr, const struct minifw_spec *spec,
		       struct minifw_text *out)
{
	if (attr->sets && list_of(attr, spec)->set)
		minifw_ref_show(list_of(attr, spec), out);
	else
		attr->kind->show(attr->words, out, value_of(attr, spec));
}

/**
 * minifw_spec_set() - write an attribute
 * @spec: changed only if the text is good
 * @id: which attribute
 * @text: one line without its newline; destroyed
 * @err: takes the reason, with the attribute's name
 *
 * Context: may sleep; @spec is no packet's.
 * Return: 0, -EINVAL, -ERANGE, -E2BIG or -ENOMEM.
 */
int minifw_spec_set(struct minifw_spec *spec, enum minifw_attr_id id, char *text,
		    struct minifw_error *err)
{
	const struct attr *attr = &attrs[id];
	struct minifw_spec parsed = {};
	int ret;

	if (attr->kind != &minifw_kind_note)
		text = strim(text);
	if (!text_clears(attr, text)) {
		ret = value_parse(attr, text, value_of(attr, &parsed), err);
		if (ret)
			return minifw_error_prefix(err, ret, attr->name);
	}
	minifw_list_put(list_of(attr, spec));
	memcpy(value_of(attr, spec), value_of(attr, &parsed), attr->kind->size);
	return 0;
}

/**
 * minifw_spec_show() - read an attribute, in normal form
 * @spec: of which rule
 * @id: which attribute
 * @out: takes it; nothing where it is unset
 *
 * Context: any.
 */
void minifw_spec_show(const struct minifw_spec *spec, enum minifw_attr_id id,
		      struct minifw_text *out)
{
	const struct attr *attr = &attrs[id];

	if (value_is_set(attr, spec))
		value_show(attr, spec, out);
}

/* `key=value`, quoted where it must be, and what stands before it. */
static int pair_show(const struct attr *attr, const struct minifw_spec *spec, const char *before,
		     struct minifw_text *out)
{
	struct minifw_text value = {};

	value_show(attr, spec, &value);
	value.size = value.len + 1;
	value.len = 0;
	value.buf = kvmalloc(value.size, GFP_KERNEL);
	if (!value.buf)
		return -ENOMEM;
	value_show(attr, spec, &value);
	minifw_text_add(out, "%s%s=", before, attr->name);
	minifw_text_quote(out, value.buf);
	kvfree(value.buf);
	return 0;
}

static int pairs_show(const struct minifw_spec *spec, const char *before, struct minifw_text *out)
{
	const struct attr *attr;
	int ret = 0;

	for (attr = attrs; !ret && attr < attrs + MINIFW_NR_ATTRS; attr++) {
		if (value_equal(attr, spec, &defaults) || !value_is_set(attr, spec))
			continue;
		ret = pair_show(attr, spec, before, out);
		before = " ";
	}
	return ret;
}

/**
 * minifw_spec_line() - what a rule says, as in its line of minifw.conf(5)
 * @spec: the rule
 * @out: takes ` key=value` for each attribute that is not at its default
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_spec_line(const struct minifw_spec *spec, struct minifw_text *out)
{
	return pairs_show(spec, " ", out);
}

/**
 * minifw_spec_pairs() - what a rule says, as a line of its own
 * @spec: the rule
 * @out: takes the same as from minifw_spec_line(), without the first blank
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_spec_pairs(const struct minifw_spec *spec, struct minifw_text *out)
{
	return pairs_show(spec, "", out);
}

/* ---- sets ---- */

/**
 * minifw_spec_ref() - the set that an attribute names
 * @spec: of which rule
 * @id: which attribute
 *
 * Context: any.
 * Return: the reference, or NULL where the attribute names none.
 */
struct minifw_set_ref *minifw_spec_ref(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	struct minifw_list *list = list_of(&attrs[id], spec);

	return list && list->set ? container_of(list, struct minifw_set_ref, list) : NULL;
}

/**
 * minifw_spec_set_types() - of which type the set that an attribute names must be
 * @spec: of which rule
 * @id: which attribute
 *
 * Context: any.
 * Return: a bit for each enum minifw_set_type.
 */
u8 minifw_spec_set_types(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	return id == MINIFW_ATTR_add_to ? BIT(minifw_ref_type(spec->add_to)) : attrs[id].sets;
}

/**
 * minifw_spec_replace() - another list in the place of an attribute's
 * @spec: of which rule
 * @id: which attribute
 * @list: the list; the caller's reference becomes the rule's
 *
 * Context: any; @spec is no packet's.
 */
void minifw_spec_replace(struct minifw_spec *spec, enum minifw_attr_id id,
			 struct minifw_list *list)
{
	minifw_list_put(list_of(&attrs[id], spec));
	*(struct minifw_list **)value_of(&attrs[id], spec) = list;
}

/* ---- validation: what needs more than one attribute ---- */

static const char *const family_names[] = { "ip", "ip6" };

/**
 * struct sealing - a validation under way
 * @spec: the rule
 * @err: takes the reason
 * @protos: protocols that are left
 * @confined_by: the attribute that last took a family away
 */
struct sealing {
	struct minifw_spec *spec;
	struct minifw_error *err;
	DECLARE_BITMAP(protos, 256);
	const char *confined_by;
};

/* Confine the rule to @families, because of @attr. */
static int seal_families(struct sealing *s, u8 families, enum minifw_attr_id id)
{
	u8 left = s->spec->families & families;

	if (!left)
		return minifw_error_set(s->err, -EINVAL,
					"%s: can never match: %s confines the rule to %s",
					attrs[id].name, s->confined_by,
					family_names[s->spec->families >> 1]);
	if (left != s->spec->families)
		s->confined_by = attrs[id].name;
	s->spec->families = left;
	return 0;
}

/* @attr is only ever there in packets of protocol @proto. */
static int seal_proto(struct sealing *s, unsigned int proto, enum minifw_attr_id id)
{
	if (!test_bit(proto, s->protos))
		return minifw_error_set(s->err, -EINVAL,
					"%s: can never match: another attribute excludes its protocol",
					attrs[id].name);
	bitmap_zero(s->protos, 256);
	__set_bit(proto, s->protos);
	return 0;
}

/* Is a protocol other than @proto left? */
static bool other_proto_left(const struct sealing *s, unsigned int proto)
{
	return bitmap_weight(s->protos, 256) > test_bit(proto, s->protos);
}

static int seal_protos(struct sealing *s)
{
	const struct minifw_spec *spec = s->spec;
	int ret = 0;

	bitmap_fill(s->protos, 256);
	if (minifw_codes_set(&spec->proto)) {
		bitmap_copy(s->protos, spec->proto.bits, 256);
		if (spec->proto.negated)
			bitmap_complement(s->protos, s->protos, 256);
	}
	if (spec->icmp_type)
		ret = seal_proto(s, IPPROTO_ICMP, MINIFW_ATTR_icmp_type);
	if (!ret && spec->icmpv6_type)
		ret = seal_proto(s, 58, MINIFW_ATTR_icmpv6_type);
	if (!ret && spec->tcp_flags.mask)
		ret = seal_proto(s, IPPROTO_TCP, MINIFW_ATTR_tcp_flags);
	if (!ret && !other_proto_left(s, IPPROTO_ICMP))
		ret = seal_families(s, BIT(MINIFW_IP),
				    spec->icmp_type ? MINIFW_ATTR_icmp_type : MINIFW_ATTR_proto);
	if (!ret && !other_proto_left(s, 58))
		ret = seal_families(s, BIT(MINIFW_IP6), spec->icmpv6_type ?
				    MINIFW_ATTR_icmpv6_type : MINIFW_ATTR_proto);
	return ret;
}

/* @id needs the protocols that are left to be among @allowed. */
static int seal_among(struct sealing *s, const u8 *allowed, unsigned int count,
		      enum minifw_attr_id id, const char *which)
{
	DECLARE_BITMAP(others, 256);
	unsigned int i;

	bitmap_copy(others, s->protos, 256);
	for (i = 0; i < count; i++)
		__clear_bit(allowed[i], others);
	if (bitmap_empty(others, 256))
		return 0;
	if (bitmap_full(s->protos, 256))
		return minifw_error_set(s->err, -ENODATA, "%s: needs proto to be set to %s",
					attrs[id].name, which);
	return minifw_error_set(s->err, -EINVAL, "%s: needs proto to name %s only",
				attrs[id].name, which);
}

static const u8 with_ports[] = {
	IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_DCCP, IPPROTO_UDPLITE,
};

static int seal_ports(struct sealing *s)
{
	if (!s->spec->sport && !s->spec->dport)
		return 0;
	return seal_among(s, with_ports, ARRAY_SIZE(with_ports),
			  s->spec->dport ? MINIFW_ATTR_dport : MINIFW_ATTR_sport,
			  "tcp, udp, sctp, dccp or udplite");
}

/* The hooks that an action is for; one that is not here is for all. */
static const u8 action_hooks[MINIFW_NR_VERDICTS] = {
	[MINIFW_REJECT] = MINIFW_POLICY_STAGES,
	[MINIFW_NOTRACK] = BIT(MINIFW_AT_PREROUTING) | BIT(MINIFW_AT_OUTPUT),
	[MINIFW_QUEUE] = ROUTED_HOOKS,
};

/* The first of @bits that there is a word for. */
static const char *word_of_bit(const struct minifw_words *words, unsigned long bits)
{
	unsigned int i;

	for (i = 0; i < words->count; i++)
		if (bits & BIT(words->word[i].number))
			return words->word[i].word;
	return "";
}

static const char *action_word(const struct minifw_action *action)
{
	return word_of_bit(&actions, BIT(action->verdict));
}

/* A key with a port leaves packets without one out; but some must be left. */
static int seal_keys(struct sealing *s)
{
	bool limited = s->spec->limit.key.dport;
	unsigned int i;

	if (!limited && !s->spec->conn_limit.key.dport)
		return 0;
	for (i = 0; i < ARRAY_SIZE(with_ports); i++)
		if (test_bit(with_ports[i], s->protos))
			return 0;
	return minifw_error_set(s->err, -EINVAL,
				"%s: can never match: dport is not in packets of the rule's protocol",
				attrs[limited ? MINIFW_ATTR_limit : MINIFW_ATTR_conn_limit].name);
}

static int seal_action(struct sealing *s)
{
	static const u8 tcp[] = { IPPROTO_TCP };
	const struct minifw_action *action = &s->spec->action;
	u8 elsewhere;

	if (action->verdict == MINIFW_UNSET)
		return minifw_error_set(s->err, -ENODATA, "action: not set");
	elsewhere = s->spec->hook.bits & ~(action_hooks[action->verdict] ?: ALL_HOOKS);
	if (elsewhere)
		return minifw_error_set(s->err, -EINVAL, "action: '%s' is not for hook %s",
					action_word(action), word_of_bit(&hooks, elsewhere));
	if (action->reject == MINIFW_REJECT_TCP_RESET)
		return seal_among(s, tcp, 1, MINIFW_ATTR_action, "tcp");
	return 0;
}

/* What a packet comes by or from can be asked for only where every hook of the rule has it. */
static int seal_hooks(struct sealing *s)
{
	unsigned int id;

	for (id = 0; id < MINIFW_NR_ATTRS; id++) {
		u8 without = s->spec->hook.bits & ~attrs[id].hooks;

		if (without && minifw_spec_asks(s->spec, id))
			return minifw_error_set(s->err, -EINVAL, "%s: hook %s has no %s",
						attrs[id].name, word_of_bit(&hooks, without),
						attrs[id].name);
	}
	return 0;
}

/* What is put into a set must be there, too. */
static int seal_add_to(struct sealing *s)
{
	const struct minifw_set_ref *ref = s->spec->add_to;
	u8 without = 0;

	if (!ref)
		return 0;
	if (ref->key == MINIFW_ADD_IIF)
		without = s->spec->hook.bits & ~attrs[MINIFW_ATTR_iif].hooks;
	else if (ref->key == MINIFW_ADD_OIF)
		without = s->spec->hook.bits & ~attrs[MINIFW_ATTR_oif].hooks;
	else if (ref->key == MINIFW_ADD_SADDR_MAC)
		without = s->spec->hook.bits & ~attrs[MINIFW_ATTR_saddr_mac].hooks;
	if (!without)
		return 0;
	return minifw_error_set(s->err, -EINVAL, "add_to: hook %s has nothing for that key",
				word_of_bit(&hooks, without));
}

/* Ingress is at devices: each has to be named. */
static int seal_ingress(struct sealing *s)
{
	const struct minifw_ifaces *ifaces = s->spec->iif;
	const struct minifw_iface *i;

	if (!(s->spec->hook.bits & BIT(MINIFW_AT_INGRESS)))
		return 0;
	if (!ifaces)
		return minifw_error_set(s->err, -ENODATA, "iif: needs to be set at hook ingress");
	if (ifaces->list.negated || ifaces->list.set)
		return minifw_error_set(s->err, -EINVAL, "iif: takes no '%c' at hook ingress",
					ifaces->list.negated ? '!' : '@');
	for (i = ifaces->iface; i < ifaces->iface + ifaces->list.count; i++)
		if (i->len == strlen(i->name))
			return minifw_error_set(s->err, -EINVAL,
						"iif: '%s*' is no whole name, as hook ingress needs it",
						i->name);
	return 0;
}

/* Where a rule stands: at its hooks, or before conntrack at them. */
static u8 spec_stages(const struct minifw_spec *spec)
{
	u8 stages = 0;

	if (spec->action.verdict != MINIFW_NOTRACK)
		return spec->hook.bits;
	if (spec->hook.bits & BIT(MINIFW_AT_PREROUTING))
		stages |= BIT(MINIFW_AT_RAW_PREROUTING);
	if (spec->hook.bits & BIT(MINIFW_AT_OUTPUT))
		stages |= BIT(MINIFW_AT_RAW_OUTPUT);
	return stages;
}

/* IPv6 has no broadcast. */
static u8 families_of_type(const struct minifw_flags *types)
{
	if (!types->negated && types->bits == BIT(MINIFW_ADDR_BROADCAST))
		return BIT(MINIFW_IP);
	return BIT(MINIFW_IP) | BIT(MINIFW_IP6);
}

/* The families whose packets can have what attribute @id, which has a value, asks for. */
static u8 families_of(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	if (minifw_spec_ref(spec, id))
		return BIT(MINIFW_IP) | BIT(MINIFW_IP6);
	if (attrs[id].kind == &minifw_kind_addrs)
		return minifw_addrs_families(*(struct minifw_addrs **)value_of(&attrs[id], spec));
	switch (id) {
	case MINIFW_ATTR_family:
		return spec->family.bits;
	case MINIFW_ATTR_saddr_type:
		return families_of_type(&spec->saddr_type);
	case MINIFW_ATTR_daddr_type:
		return families_of_type(&spec->daddr_type);
	case MINIFW_ATTR_exthdr:
		return BIT(MINIFW_IP6);
	case MINIFW_ATTR_ipopt:
		return BIT(MINIFW_IP);
	default:
		return BIT(MINIFW_IP) | BIT(MINIFW_IP6);
	}
}

static int seal_family(struct sealing *s)
{
	unsigned int id;
	int ret = 0;

	for (id = 0; !ret && id < MINIFW_NR_ATTRS; id++)
		if (minifw_spec_asks(s->spec, id))
			ret = seal_families(s, families_of(s->spec, id), id);
	return ret;
}

/* What conntrack calls invalid or untracked has no entry. */
static int seal_ct(struct sealing *s)
{
	const u8 with_entry = BIT(MINIFW_CT_NEW) | BIT(MINIFW_CT_ESTABLISHED) |
			      BIT(MINIFW_CT_RELATED);
	const u64 asking = MINIFW_CT_ATTRS & ~BIT_ULL(MINIFW_ATTR_ct_state);
	const struct minifw_flags *states = &s->spec->ct_state;
	u8 left = states->negated ? ~states->bits : states->bits;
	u64 asked = s->spec->attrs & MINIFW_CT_ATTRS;

	if (asked && s->spec->action.verdict == MINIFW_NOTRACK)
		return minifw_error_set(s->err, -EINVAL,
					"%s: a rule with action notrack comes before conntrack",
					attrs[__ffs64(asked)].name);
	if (states->bits && !(left & with_entry) && (s->spec->attrs & asking))
		return minifw_error_set(s->err, -EINVAL,
					"ct_state: can never match: other ct_ attributes and conn_limit need new, established or related");
	return 0;
}

/* Ports, types and flags are in the first fragment. */
static int seal_fragment(struct sealing *s)
{
	if ((s->spec->fragment.bits & BIT(MINIFW_FRAGMENT_LATER)) &&
	    (s->spec->needs & (MINIFW_HAS_PORTS | MINIFW_HAS_ICMP | MINIFW_HAS_TCP)))
		return minifw_error_set(s->err, -EINVAL,
					"fragment: can never match: a later fragment has no transport header");
	return 0;
}

static u8 spec_needs(const struct minifw_spec *spec)
{
	const u64 of_network_header =
		BIT_ULL(MINIFW_ATTR_saddr_type) | BIT_ULL(MINIFW_ATTR_daddr_type) |
		BIT_ULL(MINIFW_ATTR_fragment) | BIT_ULL(MINIFW_ATTR_exthdr) |
		BIT_ULL(MINIFW_ATTR_ipopt) | BIT_ULL(MINIFW_ATTR_ttl) | BIT_ULL(MINIFW_ATTR_dscp);
	u8 needs = 0;

	if (spec->saddr || spec->daddr || (spec->attrs & of_network_header) ||
	    spec->limit.key.addr || spec->conn_limit.key.addr)
		needs |= MINIFW_HAS_ADDR;
	if (minifw_codes_set(&spec->proto))
		needs |= MINIFW_HAS_PROTO;
	if (spec->sport || spec->dport || spec->limit.key.dport || spec->conn_limit.key.dport)
		needs |= MINIFW_HAS_PORTS;
	if (spec->icmp_type || spec->icmpv6_type)
		needs |= MINIFW_HAS_ICMP;
	if (spec->tcp_flags.mask)
		needs |= MINIFW_HAS_TCP;
	return needs;
}

/* What the rule speaks of: a bit for each enum minifw_attr_id that has a value. */
static u64 spec_attrs(const struct minifw_spec *spec)
{
	unsigned int id;
	u64 ids = 0;

	BUILD_BUG_ON(MINIFW_NR_ATTRS > 64);
	for (id = 0; id < MINIFW_NR_ATTRS; id++)
		if (value_is_set(&attrs[id], spec))
			ids |= BIT_ULL(id);
	return ids;
}

/**
 * minifw_spec_seal() - check a rule as a whole, and make it ready for packets
 * @spec: takes @needs, @families, @stages and @attrs
 * @err: takes the reason, with the attribute's name
 *
 * Context: any.
 * Return: 0, -ENODATA if something is missing, -EINVAL if the rule
 * contradicts itself or can never match.
 */
int minifw_spec_seal(struct minifw_spec *spec, struct minifw_error *err)
{
	struct sealing s = { .spec = spec, .err = err };
	int ret;

	spec->attrs = spec_attrs(spec);
	spec->families = BIT(MINIFW_IP) | BIT(MINIFW_IP6);
	spec->needs = spec_needs(spec);
	spec->stages = spec_stages(spec);
	ret = seal_family(&s);
	if (!ret)
		ret = seal_protos(&s);
	if (!ret)
		ret = seal_ports(&s);
	if (!ret)
		ret = seal_keys(&s);
	if (!ret)
		ret = seal_action(&s);
	if (!ret)
		ret = seal_hooks(&s);
	if (!ret)
		ret = seal_ingress(&s);
	if (!ret)
		ret = seal_add_to(&s);
	if (!ret)
		ret = seal_ct(&s);
	if (!ret)
		ret = seal_fragment(&s);
	return ret;
}
