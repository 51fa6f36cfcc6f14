// SPDX-License-Identifier: GPL-2.0
/*
 * The classifier against brute force.  Each attribute draws from eight values, so
 * that a rule here is little more than a bit a value: it is written as text, read
 * and sealed as a user's would be, and every packet is looked up in the classifier
 * and judged by those bits.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>

#include "cases.h"
#include "classifier.h"
#include "error.h"
#include "packet.h"
#include "rule.h"
#include "text.h"

#define ROUNDS	100
#define PACKETS	100
#define RULES	600		/* at the most: tables of all kinds */
#define FEW	24		/* in most rounds */
#define MANY_EVERY 10		/* rounds is one of many rules */

#define VALUES	8		/* of an attribute */
#define OTHER	VALUES		/* a value that no list names */

static const char *const hook_names[] __initconst = { "input", "forward", "output" };
static const char *const family_names[] __initconst = { "ip", "ip6" };
static const char *const iface_names[VALUES] __initconst = {
	"eth0", "eth1", "eth2", "eth", "lo", "wg0", "wg1", "x",
};

static const u8 protos[VALUES + 1] __initconst = {
	IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_GRE, 0, 99,
	200,
};

static const char *const flag_names[] __initconst = {
	"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr",
};

static const char *const state_names[] __initconst = {
	"new", "established", "related", "invalid", "untracked",
};

#define ETHS			(BIT(0) | BIT(1) | BIT(2) | BIT(3))	/* what eth* covers */
#define PROTOS_WITH_PORTS	(BIT(0) | BIT(1) | BIT(4))

/**
 * struct wanted - what an attribute asks for
 * @bits: one a value; none where it is unset
 * @negated: none of them
 */
struct wanted {
	u8 bits;
	bool negated;
};

/**
 * struct model - a rule by its values
 * @hooks: one a bit of hook_names
 * @family: one a family; none where it is unset
 * @saddr: by family; negated together
 * @daddr: likewise
 * @proto: of protos
 * @sport: 0 to 7
 * @dport: 0 to 7
 * @icmp: by family; bits 2t and 2t+1 are codes 0 and 1 of type t
 * @iif: of iface_names
 * @oif: likewise
 * @ct_state: of state_names
 * @flags: that TCP must have
 * @flags_mask: of these
 */
struct model {
	u8 hooks;
	u8 family;
	struct wanted saddr[2];
	struct wanted daddr[2];
	struct wanted proto;
	struct wanted sport;
	struct wanted dport;
	struct wanted icmp[2];
	struct wanted iif;
	struct wanted oif;
	struct wanted ct_state;
	u8 flags;
	u8 flags_mask;
};

/**
 * struct drawn - a packet by the numbers of its values
 * @packet: what the classifier gets
 * @skb: holds its conntrack state
 * @state: its hook and devices
 * @saddr: which address; of @packet's family
 * @daddr: likewise
 * @proto: which of protos
 * @sport: which port
 * @dport: likewise
 * @icmp: which type and code
 * @in: which interface, or -1
 * @out: likewise
 * @ct_state: which state
 */
struct drawn {
	struct minifw_packet packet;
	struct sk_buff skb;
	struct nf_hook_state state;
	u8 saddr;
	u8 daddr;
	u8 proto;
	u8 sport;
	u8 dport;
	u8 icmp;
	s8 in;
	s8 out;
	u8 ct_state;
};

/**
 * struct bench - what a run works with
 * @random: the same in each run
 * @upper: IPv6 addresses differ in their upper halves, and rules name prefixes
 * @rules: how many there are in this round
 * @model: the rules by value
 * @rule: the rules
 * @order: pointers to them
 * @classifier: by hook and family
 * @packet: the packet under test
 * @dev: by iface_names, then one more
 * @ct: a flow, of which only the address counts
 * @text: for attributes
 * @found: rules that packets met
 */
struct bench {
	struct rnd_state random;
	bool upper;
	unsigned int rules;
	struct model model[RULES];
	struct minifw_live rule[RULES];
	struct minifw_live *order[RULES];
	struct minifw_classifier *classifier[ARRAY_SIZE(hook_names)][MINIFW_NR_FAMILIES];
	struct drawn packet;
	struct net_device *dev[VALUES + 1];
	struct nf_conn ct;
	char text[1024];
	unsigned int found;
};

static u32 __init below(struct bench *b, u32 limit)
{
	return prandom_u32_state(&b->random) % limit;
}

static bool __init one_in(struct bench *b, u32 n)
{
	return !below(b, n);
}

/* ---- rules ---- */

/* A few of the first @values values. */
static struct wanted __init draw_wanted(struct bench *b, unsigned int values)
{
	struct wanted wanted = { .bits = BIT(below(b, values)), .negated = one_in(b, 4) };

	while (!one_in(b, 3))
		wanted.bits |= BIT(below(b, values));
	if (hweight8(wanted.bits) == values)
		wanted.negated = false;
	return wanted;
}

static void __init draw_addrs(struct bench *b, struct wanted addrs[2])
{
	unsigned int family = below(b, 3);

	if (family != MINIFW_IP6)
		addrs[MINIFW_IP] = draw_wanted(b, VALUES);
	if (family != MINIFW_IP)
		addrs[MINIFW_IP6] = draw_wanted(b, VALUES);
	addrs[MINIFW_IP].negated |= addrs[MINIFW_IP6].negated;
	addrs[MINIFW_IP6].negated = addrs[MINIFW_IP].negated;
}

static void __init draw_transport(struct bench *b, struct model *m)
{
	switch (below(b, 6)) {
	case 0:
		m->proto = draw_wanted(b, VALUES);
		break;
	case 1:
		m->proto.bits = draw_wanted(b, VALUES).bits & PROTOS_WITH_PORTS;
		if (!m->proto.bits)
			break;
		if (one_in(b, 2))
			m->sport = draw_wanted(b, VALUES);
		else
			m->dport = draw_wanted(b, VALUES);
		break;
	case 2:
		m->icmp[MINIFW_IP] = draw_wanted(b, VALUES);
		break;
	case 3:
		m->icmp[MINIFW_IP6] = draw_wanted(b, VALUES);
		break;
	case 4:
		m->flags_mask = draw_wanted(b, VALUES).bits;
		m->flags = m->flags_mask & below(b, 256);
		break;
	}
}

static void __init draw_model(struct bench *b, struct model *m)
{
	memset(m, 0, sizeof(*m));
	m->hooks = 1 + below(b, 7);
	if (one_in(b, 4))
		m->family = BIT(below(b, 2));
	if (one_in(b, 3))
		draw_addrs(b, m->saddr);
	if (one_in(b, 3))
		draw_addrs(b, m->daddr);
	draw_transport(b, m);
	if (one_in(b, 5))
		m->iif = draw_wanted(b, VALUES);
	if ((m->iif.bits & ETHS) && one_in(b, 2))
		m->iif.bits |= ETHS;
	if (one_in(b, 5))
		m->oif = draw_wanted(b, VALUES);
	if (one_in(b, 5))
		m->ct_state = draw_wanted(b, ARRAY_SIZE(state_names));
}

/* ---- rules as text ---- */

static void __init write_comma(struct minifw_text *out)
{
	if (out->len)
		minifw_text_add(out, ",");
}

static void __init write_words(struct minifw_text *out, const char *const *words, u8 bits)
{
	unsigned int i;

	for (i = 0; i < VALUES; i++) {
		if (!(bits & BIT(i)))
			continue;
		write_comma(out);
		minifw_text_add(out, "%s", words[i]);
	}
}

static void __init write_ifaces(struct minifw_text *out, u8 bits)
{
	write_words(out, iface_names, bits);
	if ((bits & ETHS) == ETHS)
		minifw_text_add(out, ",eth*");
}

static void __init write_numbers(struct minifw_text *out, const u8 *numbers, u8 bits)
{
	unsigned int i;

	for (i = 0; i < VALUES; i++) {
		if (!(bits & BIT(i)))
			continue;
		write_comma(out);
		minifw_text_add(out, "%u", numbers ? numbers[i] : i);
	}
}

static void __init write_icmp(struct minifw_text *out, u8 bits)
{
	unsigned int i;

	for (i = 0; i < VALUES; i++) {
		if (!(bits & BIT(i)))
			continue;
		write_comma(out);
		minifw_text_add(out, "%u/%u", i >> 1, i & 1);
	}
}

/* Two addresses that differ in one bit are now and then written as one under a mask. */
static void __init write_addrs(struct bench *b, struct minifw_text *out,
			       enum minifw_family family, u8 bits)
{
	unsigned int i, bit;

	for (i = 0; i < VALUES; i++) {
		if (!(bits & BIT(i)))
			continue;
		bit = BIT(below(b, 3));
		if (!(bits & BIT(i ^ bit)) || one_in(b, 2))
			bit = 0;
		write_comma(out);
		if (family == MINIFW_IP)
			minifw_text_add(out, "10.0.0.%u/255.255.255.%u", i, 255 - bit);
		else if (b->upper)
			minifw_text_add(out, "2001:db8::%x:0:0:0:0/ffff:ffff:ffff:%x::", i,
					0xffff - bit);
		else
			minifw_text_add(out, "2001:db8::%x/ffff:ffff:ffff:ffff:ffff:ffff:ffff:%x",
					i, 0xffff - bit);
	}
}

/* Writes the list that stands in @out, if any, to the attribute. */
static int __init set_list(struct minifw_spec *spec, enum minifw_attr_id id, bool negated,
			   struct minifw_text *out)
{
	struct minifw_error err = {};
	char *text;
	int ret;

	if (!out->len)
		return 0;
	out->len = 0;
	text = kasprintf(GFP_KERNEL, "%s%s", negated ? "!" : "", out->buf);
	if (!text)
		return -ENOMEM;
	ret = minifw_spec_set(spec, id, text, &err);
	if (ret)
		pr_err("minifw: selftest: classifier: '%s': %s\n", out->buf, err.text);
	kfree(text);
	return ret;
}

static int __init set_addrs(struct bench *b, struct minifw_spec *spec, enum minifw_attr_id id,
			    const struct wanted addrs[2], struct minifw_text *out)
{
	write_addrs(b, out, MINIFW_IP6, addrs[MINIFW_IP6].bits);
	write_addrs(b, out, MINIFW_IP, addrs[MINIFW_IP].bits);
	return set_list(spec, id, addrs[0].negated, out);
}

static int __init set_tcp_flags(struct minifw_spec *spec, const struct model *m,
				struct minifw_text *out)
{
	struct minifw_text mask = *out;

	if (!m->flags_mask)
		return 0;
	if (m->flags)
		write_words(out, flag_names, m->flags);
	else
		minifw_text_add(out, "none");
	minifw_text_add(out, "/");
	mask.buf += out->len;
	mask.size -= out->len;
	write_words(&mask, flag_names, m->flags_mask);
	return set_list(spec, MINIFW_ATTR_tcp_flags, false, out);
}

static int __init set_words(struct minifw_spec *spec, enum minifw_attr_id id,
			    const char *const *words, struct wanted wanted,
			    struct minifw_text *out)
{
	write_words(out, words, wanted.bits);
	return set_list(spec, id, wanted.negated, out);
}

static int __init set_numbers(struct minifw_spec *spec, enum minifw_attr_id id,
			      const u8 *numbers, struct wanted wanted, struct minifw_text *out)
{
	write_numbers(out, numbers, wanted.bits);
	return set_list(spec, id, wanted.negated, out);
}

static int __init set_icmp(struct minifw_spec *spec, enum minifw_attr_id id,
			   struct wanted wanted, struct minifw_text *out)
{
	write_icmp(out, wanted.bits);
	return set_list(spec, id, wanted.negated, out);
}

static int __init set_ifaces(struct minifw_spec *spec, enum minifw_attr_id id,
			     struct wanted wanted, struct minifw_text *out)
{
	write_ifaces(out, wanted.bits);
	return set_list(spec, id, wanted.negated, out);
}

static int __init set_model(struct bench *b, struct minifw_spec *spec, const struct model *m)
{
	struct wanted hook = { .bits = m->hooks }, family = { .bits = m->family };
	struct minifw_text out = { .buf = b->text, .size = sizeof(b->text) };

	return set_words(spec, MINIFW_ATTR_hook, hook_names, hook, &out) ?:
	       set_words(spec, MINIFW_ATTR_family, family_names, family, &out) ?:
	       set_addrs(b, spec, MINIFW_ATTR_saddr, m->saddr, &out) ?:
	       set_addrs(b, spec, MINIFW_ATTR_daddr, m->daddr, &out) ?:
	       set_numbers(spec, MINIFW_ATTR_proto, protos, m->proto, &out) ?:
	       set_numbers(spec, MINIFW_ATTR_sport, NULL, m->sport, &out) ?:
	       set_numbers(spec, MINIFW_ATTR_dport, NULL, m->dport, &out) ?:
	       set_icmp(spec, MINIFW_ATTR_icmp_type, m->icmp[MINIFW_IP], &out) ?:
	       set_icmp(spec, MINIFW_ATTR_icmpv6_type, m->icmp[MINIFW_IP6], &out) ?:
	       set_tcp_flags(spec, m, &out) ?:
	       set_ifaces(spec, MINIFW_ATTR_iif, m->iif, &out) ?:
	       set_ifaces(spec, MINIFW_ATTR_oif, m->oif, &out) ?:
	       set_words(spec, MINIFW_ATTR_ct_state, state_names, m->ct_state, &out);
}

/* A rule that can be published: what contradicts itself is drawn again. */
static int __init draw_rule(struct bench *b, unsigned int index)
{
	struct minifw_spec *spec = &b->rule[index].spec;
	struct minifw_error err;
	int ret;

	do {
		char accept[] = "accept";

		minifw_spec_clear(spec);
		minifw_spec_init(spec);
		draw_model(b, &b->model[index]);
		ret = set_model(b, spec, &b->model[index]);
		if (ret)
			return ret;
		ret = minifw_spec_set(spec, MINIFW_ATTR_action, accept, &err);
		if (ret)
			return ret;
	} while (minifw_spec_seal(spec, &err));
	b->order[index] = &b->rule[index];
	return 0;
}

/* ---- packets ---- */

static struct minifw_addr __init draw_addr(struct bench *b, enum minifw_family family,
					   unsigned int value)
{
	if (family == MINIFW_IP)
		return (struct minifw_addr){ .lo = 0x0a000000 + value };
	if (b->upper)
		return (struct minifw_addr){ .hi = 0x20010db800000000ULL + value,
					     .lo = below(b, 3) - 1ULL };
	return (struct minifw_addr){ .hi = 0x20010db800000000ULL, .lo = value };
}

/* What the packet has of a transport header; now and then it is cut short. */
static u8 __init draw_has(struct bench *b, const struct drawn *d)
{
	u8 has = MINIFW_HAS_ADDR | MINIFW_HAS_PROTO, proto = protos[d->proto];

	if (one_in(b, 12))
		return below(b, 2) ? MINIFW_HAS_ADDR : 0;
	if (one_in(b, 12))
		return has;
	if (PROTOS_WITH_PORTS & BIT(d->proto))
		has |= MINIFW_HAS_PORTS;
	if (proto == IPPROTO_TCP)
		has |= MINIFW_HAS_TCP;
	if (proto == (d->packet.family == MINIFW_IP ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		has |= MINIFW_HAS_ICMP;
	return has;
}

static void __init draw_ct_state(struct bench *b, struct drawn *d)
{
	static const u8 info[] __initconst = {
		[MINIFW_CT_NEW] = IP_CT_NEW,
		[MINIFW_CT_ESTABLISHED] = IP_CT_ESTABLISHED,
		[MINIFW_CT_RELATED] = IP_CT_RELATED,
		[MINIFW_CT_UNTRACKED] = IP_CT_UNTRACKED,
	};

	d->ct_state = below(b, ARRAY_SIZE(state_names));
	if (d->ct_state == MINIFW_CT_INVALID)
		nf_ct_set(&d->skb, NULL, 0);
	else if (d->ct_state == MINIFW_CT_UNTRACKED)
		nf_ct_set(&d->skb, NULL, info[d->ct_state]);
	else
		nf_ct_set(&d->skb, &b->ct, info[d->ct_state]);
}

/* What a packet does not have is garbage, as it may be in a real one. */
static void __init draw_packet(struct bench *b, struct drawn *d)
{
	struct minifw_packet *p = &d->packet;

	p->skb = &d->skb;
	d->state.hook = NF_INET_LOCAL_IN + below(b, ARRAY_SIZE(hook_names));
	p->state = &d->state;
	p->family = below(b, MINIFW_NR_FAMILIES);
	d->saddr = below(b, VALUES + 1);
	d->daddr = below(b, VALUES + 1);
	d->proto = below(b, VALUES + 1);
	d->sport = below(b, VALUES + 1);
	d->dport = below(b, VALUES + 1);
	d->icmp = below(b, VALUES + 1);
	d->in = d->state.hook == NF_INET_LOCAL_OUT ? -1 : below(b, VALUES + 1);
	d->out = d->state.hook == NF_INET_LOCAL_IN ? -1 : below(b, VALUES + 1);
	d->state.in = d->in < 0 ? NULL : b->dev[d->in];
	d->state.out = d->out < 0 ? NULL : b->dev[d->out];
	p->saddr = draw_addr(b, p->family, d->saddr);
	p->daddr = draw_addr(b, p->family, d->daddr);
	p->proto = protos[d->proto];
	p->sport = d->sport;
	p->dport = d->dport;
	p->icmp = (d->icmp >> 1) << 8 | (d->icmp & 1);
	p->tcp_flags = below(b, 256);
	p->has = draw_has(b, d);
	draw_ct_state(b, d);
}

/* ---- brute force ---- */

static bool __init allows(struct wanted wanted, unsigned int value, bool there)
{
	bool listed = value < VALUES && (wanted.bits & BIT(value));

	return !wanted.bits || (there && listed != wanted.negated);
}

static bool __init allows_addr(const struct wanted addrs[2], u8 family, unsigned int value,
			       bool there)
{
	if (!addrs[MINIFW_IP].bits && !addrs[MINIFW_IP6].bits)
		return true;
	return addrs[family].bits && allows(addrs[family], value, there);
}

/* ICMP of the other family is no ICMP: no list names it. */
static unsigned int __init proto_in(const struct drawn *d)
{
	u8 foreign = d->packet.family == MINIFW_IP ? IPPROTO_ICMPV6 : IPPROTO_ICMP;

	return d->packet.proto == foreign ? OTHER : d->proto;
}

static bool __init allows_icmp(const struct model *m, const struct drawn *d)
{
	bool there = d->packet.has & MINIFW_HAS_ICMP, ip = d->packet.family == MINIFW_IP;

	return allows(m->icmp[MINIFW_IP], d->icmp, there && ip) &&
	       allows(m->icmp[MINIFW_IP6], d->icmp, there && !ip);
}

static bool __init model_matches(const struct model *m, const struct drawn *d)
{
	const struct minifw_packet *p = &d->packet;
	bool addr = p->has & MINIFW_HAS_ADDR, ports = p->has & MINIFW_HAS_PORTS;

	if (!(m->hooks & BIT(p->state->hook - NF_INET_LOCAL_IN)))
		return false;
	if (m->family && !(m->family & BIT(p->family)))
		return false;
	if (m->flags_mask && (!(p->has & MINIFW_HAS_TCP) ||
			      (p->tcp_flags & m->flags_mask) != m->flags))
		return false;
	return allows_addr(m->saddr, p->family, d->saddr, addr) &&
	       allows_addr(m->daddr, p->family, d->daddr, addr) &&
	       allows(m->proto, proto_in(d), p->has & MINIFW_HAS_PROTO) &&
	       allows(m->sport, d->sport, ports) && allows(m->dport, d->dport, ports) &&
	       allows_icmp(m, d) &&
	       allows(m->iif, d->in, p->state->in) &&
	       allows(m->oif, d->out, p->state->out) &&
	       allows(m->ct_state, d->ct_state, true);
}

/* ---- one against the other ---- */

static int __init disagree(struct bench *b, const struct minifw_live *got,
			   const struct minifw_live *expected)
{
	const struct minifw_packet *p = &b->packet.packet;
	const struct minifw_live *rule = expected ?: got;
	struct minifw_text out = { .buf = b->text, .size = sizeof(b->text) };

	minifw_spec_line(&rule->spec, &out);
	pr_err("minifw: selftest: classifier: rule %td, not %td (of%s), hook %u family %u has %#x\n",
	       got ? got - b->rule : -1, expected ? expected - b->rule : -1, b->text,
	       p->state->hook, p->family, p->has);
	pr_err("minifw: selftest: classifier: saddr %u daddr %u proto %u sport %u dport %u icmp %#x flags %#x in %d out %d ct_state %u\n",
	       b->packet.saddr, b->packet.daddr, p->proto, p->sport, p->dport, p->icmp,
	       p->tcp_flags, b->packet.in, b->packet.out, b->packet.ct_state);
	return -EINVAL;
}

/* All rules that match the packet, each from where the one before was found. */
static int __init run_packet(struct bench *b)
{
	const struct minifw_packet *p = &b->packet.packet;
	const struct minifw_classifier *classifier =
		b->classifier[p->state->hook - NF_INET_LOCAL_IN][p->family];
	const struct minifw_leaf *leaf;
	const struct minifw_live *got;
	unsigned int i, after = 0;

	for (i = 0; i < b->rules; i++) {
		if (!model_matches(&b->model[i], &b->packet))
			continue;
		leaf = minifw_classifier_lookup(classifier, p, after);
		got = leaf ? minifw_classifier_rule(classifier, leaf) : NULL;
		if (got != &b->rule[i] || minifw_classifier_empty(classifier))
			return disagree(b, got, &b->rule[i]);
		after = i + 1;
		b->found++;
	}
	leaf = minifw_classifier_lookup(classifier, p, after);
	return leaf ? disagree(b, minifw_classifier_rule(classifier, leaf), NULL) : 0;
}

static int __init build_classifiers(struct bench *b)
{
	unsigned int hook, family;

	for (hook = 0; hook < ARRAY_SIZE(hook_names); hook++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
			struct minifw_classifier *classifier =
				minifw_classifier_build(b->order, b->rules, hook + NF_INET_LOCAL_IN,
							family);

			if (IS_ERR(classifier))
				return PTR_ERR(classifier);
			b->classifier[hook][family] = classifier;
		}
	return 0;
}

static int __init run_round(struct bench *b)
{
	unsigned int i, family;
	int ret = 0;

	for (i = 0; !ret && i < b->rules; i++)
		ret = draw_rule(b, i);
	if (!ret)
		ret = build_classifiers(b);
	for (i = 0; !ret && i < PACKETS; i++) {
		draw_packet(b, &b->packet);
		ret = run_packet(b);
	}
	for (i = 0; i < ARRAY_SIZE(hook_names); i++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
			minifw_classifier_free(b->classifier[i][family]);
			b->classifier[i][family] = NULL;
		}
	for (i = 0; i < b->rules; i++)
		minifw_spec_clear(&b->rule[i].spec);
	return ret;
}

/* Devices that have a name and nothing else; the caller frees those that were made. */
static int __init make_devices(struct bench *b)
{
	unsigned int i;

	for (i = 0; i <= VALUES; i++) {
		b->dev[i] = kzalloc(sizeof(*b->dev[i]), GFP_KERNEL);
		if (!b->dev[i])
			return -ENOMEM;
		strscpy(b->dev[i]->name, i < VALUES ? iface_names[i] : "other", IFNAMSIZ);
	}
	return 0;
}

/**
 * minifw_selftest_classifier() - test look-ups
 * @passed: grows by the number of packets
 *
 * Context: process.
 * Return: 0, -EINVAL if brute force says otherwise, -ENOMEM.
 */
int __init minifw_selftest_classifier(unsigned int *passed)
{
	struct bench *b = kvzalloc(sizeof(*b), GFP_KERNEL);
	unsigned int i;
	int ret = 0;

	if (!b)
		return -ENOMEM;
	prandom_seed_state(&b->random, 1);
	ret = make_devices(b);
	for (i = 0; !ret && i < ROUNDS; i++) {
		b->upper = i & 1;
		b->rules = i % MANY_EVERY ? FEW : below(b, RULES);
		ret = run_round(b);
	}
	if (!ret && b->found < ROUNDS * PACKETS / 4) {
		pr_err("minifw: selftest: classifier: packets met %u rules only\n", b->found);
		ret = -EINVAL;
	}
	if (!ret)
		*passed += ROUNDS * PACKETS;
	for (i = 0; i <= VALUES; i++)
		kfree(b->dev[i]);
	kvfree(b);
	return ret;
}
