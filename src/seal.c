// SPDX-License-Identifier: GPL-2.0
/*
 * A rule as a whole: what is missing, what contradicts, what can never match.  Pure
 * functions, as the attributes' own are.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "attr.h"
#include "error.h"
#include "packet.h"
#include "reference.h"
#include "spec.h"

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
					minifw_attrs[id].name, s->confined_by,
					family_names[s->spec->families >> 1]);
	if (left != s->spec->families)
		s->confined_by = minifw_attrs[id].name;
	s->spec->families = left;
	return 0;
}

/* @attr is only ever there in packets of protocol @proto. */
static int seal_proto(struct sealing *s, unsigned int proto, enum minifw_attr_id id)
{
	if (!test_bit(proto, s->protos))
		return minifw_error_set(s->err, -EINVAL,
					"%s: can never match: another attribute excludes its protocol",
					minifw_attrs[id].name);
	bitmap_zero(s->protos, 256);
	__set_bit(proto, s->protos);
	return 0;
}

/* Is a protocol other than @proto left? */
static bool other_proto_left(const struct sealing *s, unsigned int proto)
{
	return bitmap_weight(s->protos, 256) > test_bit(proto, s->protos);
}

/* The protocols that @proto leaves. */
static void protos_begin(struct sealing *s)
{
	const struct minifw_codes *protos;
	struct minifw_codes room;

	protos = minifw_codes_of(s->spec->proto, &room);
	if (!protos)
		bitmap_fill(s->protos, 256);
	else if (protos->list.negated)
		bitmap_complement(s->protos, protos->bits, 256);
	else
		bitmap_copy(s->protos, protos->bits, 256);
}

/* @id if the rule has a value for it, else @other. */
static enum minifw_attr_id first_asked(const struct minifw_spec *spec, enum minifw_attr_id id,
				       enum minifw_attr_id other)
{
	return minifw_spec_asks(spec, id) ? id : other;
}

static int seal_protos(struct sealing *s)
{
	const struct minifw_spec *spec = s->spec;
	int ret = 0;

	protos_begin(s);
	if (minifw_spec_asks(spec, MINIFW_ATTR_icmp_type))
		ret = seal_proto(s, IPPROTO_ICMP, MINIFW_ATTR_icmp_type);
	if (!ret && minifw_spec_asks(spec, MINIFW_ATTR_icmpv6_type))
		ret = seal_proto(s, 58, MINIFW_ATTR_icmpv6_type);
	if (!ret && spec->tcp_flags.mask)
		ret = seal_proto(s, IPPROTO_TCP, MINIFW_ATTR_tcp_flags);
	if (!ret && !other_proto_left(s, IPPROTO_ICMP))
		ret = seal_families(s, BIT(MINIFW_IP), first_asked(spec, MINIFW_ATTR_icmp_type,
								   MINIFW_ATTR_proto));
	if (!ret && !other_proto_left(s, 58))
		ret = seal_families(s, BIT(MINIFW_IP6), first_asked(spec, MINIFW_ATTR_icmpv6_type,
								    MINIFW_ATTR_proto));
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
					minifw_attrs[id].name, which);
	return minifw_error_set(s->err, -EINVAL, "%s: needs proto to name %s only",
				minifw_attrs[id].name, which);
}

static const u8 with_ports[] = {
	IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_DCCP, IPPROTO_UDPLITE,
};

/**
 * minifw_proto_has_ports() - can rules ask for ports of it?
 * @proto: a protocol
 *
 * Context: any.
 * Return: whether its header begins with them.
 */
bool minifw_proto_has_ports(u8 proto)
{
	return memchr(with_ports, proto, sizeof(with_ports));
}

#define PORT_ATTRS	(BIT_ULL(MINIFW_ATTR_sport) | BIT_ULL(MINIFW_ATTR_dport))

static int seal_ports(struct sealing *s)
{
	if (!(s->spec->attrs & PORT_ATTRS))
		return 0;
	return seal_among(s, with_ports, ARRAY_SIZE(with_ports),
			  first_asked(s->spec, MINIFW_ATTR_dport, MINIFW_ATTR_sport),
			  "tcp, udp, sctp, dccp or udplite");
}

/* The hooks that an action is for; one that is not here is for all. */
static const u8 action_hooks[MINIFW_NR_VERDICTS] = {
	[MINIFW_REJECT] = MINIFW_POLICY_STAGES,
	[MINIFW_NOTRACK] = BIT(MINIFW_AT_PREROUTING) | BIT(MINIFW_AT_OUTPUT),
	[MINIFW_QUEUE] = MINIFW_ROUTED_HOOKS,
};

/* The first of @bits that attribute @id has a word for. */
static const char *word_of_bit(enum minifw_attr_id id, unsigned long bits)
{
	const struct minifw_words *words = minifw_attrs[id].words;
	unsigned int i;

	for (i = 0; i < words->count; i++)
		if (bits & BIT(words->word[i].number))
			return words->word[i].word;
	return "";
}

static const char *hook_of(u8 hooks)
{
	return word_of_bit(MINIFW_ATTR_hook, hooks);
}

/* A key with a port leaves packets without one out; but some must be left. */
static int seal_keys(struct sealing *s)
{
	const struct minifw_rare *rare = s->spec->rare;
	unsigned int i, id;

	if (!rare || !(rare->limit.key.dport || rare->conn_limit.key.dport))
		return 0;
	id = rare->limit.key.dport ? MINIFW_ATTR_limit : MINIFW_ATTR_conn_limit;
	for (i = 0; i < ARRAY_SIZE(with_ports); i++)
		if (test_bit(with_ports[i], s->protos))
			return 0;
	return minifw_error_set(s->err, -EINVAL,
				"%s: can never match: dport is not in packets of the rule's protocol",
				minifw_attrs[id].name);
}

static int seal_action(struct sealing *s)
{
	static const u8 tcp[] = { IPPROTO_TCP };
	const struct minifw_action *action = &s->spec->action;
	u8 elsewhere;

	if (action->verdict == MINIFW_UNSET)
		return minifw_error_set(s->err, -ENODATA, "action: not set");
	elsewhere = s->spec->hook.bits & ~(action_hooks[action->verdict] ?: MINIFW_ALL_HOOKS);
	if (elsewhere)
		return minifw_error_set(s->err, -EINVAL, "action: '%s' is not for hook %s",
					word_of_bit(MINIFW_ATTR_action, BIT(action->verdict)),
					hook_of(elsewhere));
	if (action->reject == MINIFW_REJECT_TCP_RESET)
		return seal_among(s, tcp, 1, MINIFW_ATTR_action, "tcp");
	return 0;
}

/* What a packet comes by or from can be asked for only where every hook of the rule has it. */
static int seal_hooks(struct sealing *s)
{
	const struct minifw_attr *attr;
	u64 left = s->spec->attrs;

	while ((attr = minifw_attr_next(&left))) {
		u8 without = s->spec->hook.bits & ~attr->hooks;

		if (without)
			return minifw_error_set(s->err, -EINVAL, "%s: hook %s has no %s",
						attr->name, hook_of(without), attr->name);
	}
	return 0;
}

/* By which way it came in is known at some hooks, and by which it goes out at others. */
static int seal_ipsec(struct sealing *s)
{
	const struct minifw_spec *spec = s->spec;
	u8 without = 0, ways = spec->rare ? spec->rare->ipsec.bits : 0;

	if (ways == BIT(MINIFW_IPSEC_IN))
		without = spec->hook.bits & ~MINIFW_ROUTED_IN_HOOKS;
	else if (ways == BIT(MINIFW_IPSEC_OUT))
		without = spec->hook.bits & ~MINIFW_OUT_HOOKS;
	if (without)
		return minifw_error_set(s->err, -EINVAL, "ipsec: '%s' is not for hook %s",
					word_of_bit(MINIFW_ATTR_ipsec, ways),
					hook_of(without));
	return 0;
}

/* What is put into a set must be there, too. */
static int seal_add_to(struct sealing *s)
{
	const struct minifw_set_ref *ref = s->spec->rare ? s->spec->rare->add_to : NULL;
	u8 without = 0;

	if (!ref)
		return 0;
	if (ref->key == MINIFW_ADD_IIF)
		without = s->spec->hook.bits & ~minifw_attrs[MINIFW_ATTR_iif].hooks;
	else if (ref->key == MINIFW_ADD_OIF)
		without = s->spec->hook.bits & ~minifw_attrs[MINIFW_ATTR_oif].hooks;
	else if (ref->key == MINIFW_ADD_SADDR_MAC)
		without = s->spec->hook.bits & ~minifw_attrs[MINIFW_ATTR_saddr_mac].hooks;
	if (!without)
		return 0;
	return minifw_error_set(s->err, -EINVAL, "add_to: hook %s has nothing for that key",
				hook_of(without));
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
	const struct minifw_slot *slot;

	if (minifw_spec_ref(spec, id))
		return BIT(MINIFW_IP) | BIT(MINIFW_IP6);
	if (minifw_attrs[id].kind == &minifw_kind_addrs) {
		slot = minifw_attr_value(&minifw_attrs[id], spec);
		return minifw_addrs_families(*slot);
	}
	switch (id) {
	case MINIFW_ATTR_family:
		return spec->family.bits;
	case MINIFW_ATTR_saddr_type:
		return families_of_type(&spec->rare->saddr_type);
	case MINIFW_ATTR_daddr_type:
		return families_of_type(&spec->rare->daddr_type);
	case MINIFW_ATTR_exthdr:
		return BIT(MINIFW_IP6);
	case MINIFW_ATTR_ipopt:
		return BIT(MINIFW_IP);
	default:
		return BIT(MINIFW_IP) | BIT(MINIFW_IP6);
	}
}

/* Those for which families_of() may say less than both. */
#define CONFINING_ATTRS ( \
	BIT_ULL(MINIFW_ATTR_family) | BIT_ULL(MINIFW_ATTR_saddr) | BIT_ULL(MINIFW_ATTR_daddr) | \
	BIT_ULL(MINIFW_ATTR_saddr_type) | BIT_ULL(MINIFW_ATTR_daddr_type) | \
	BIT_ULL(MINIFW_ATTR_ct_orig_daddr) | BIT_ULL(MINIFW_ATTR_exthdr) | \
	BIT_ULL(MINIFW_ATTR_ipopt))

static int seal_family(struct sealing *s)
{
	u64 left = s->spec->attrs & CONFINING_ATTRS;
	int ret = 0;

	for (; !ret && left; left &= left - 1)
		ret = seal_families(s, families_of(s->spec, __ffs64(left)), __ffs64(left));
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
					minifw_attrs[__ffs64(asked)].name);
	if (states->bits && !(left & with_entry) && (s->spec->attrs & asking))
		return minifw_error_set(s->err, -EINVAL,
					"ct_state: can never match: other ct_ attributes and conn_limit need new, established or related");
	return 0;
}

/* Ports, types and flags are in the first fragment. */
static int seal_fragment(struct sealing *s)
{
	const struct minifw_rare *rare = s->spec->rare;

	if (rare && (rare->fragment.bits & BIT(MINIFW_FRAGMENT_LATER)) &&
	    (s->spec->needs & (MINIFW_HAS_PORTS | MINIFW_HAS_ICMP | MINIFW_HAS_TCP)))
		return minifw_error_set(s->err, -EINVAL,
					"fragment: can never match: a later fragment has no transport header");
	return 0;
}

static u8 key_needs(const struct minifw_count_key *key)
{
	return (key->addr ? MINIFW_HAS_ADDR : 0) | (key->dport ? MINIFW_HAS_PORTS : 0);
}

static u8 spec_needs(const struct minifw_spec *spec)
{
	const u64 of_icmp = BIT_ULL(MINIFW_ATTR_icmp_type) | BIT_ULL(MINIFW_ATTR_icmpv6_type);
	const u64 of_network_header =
		BIT_ULL(MINIFW_ATTR_saddr) | BIT_ULL(MINIFW_ATTR_daddr) |
		BIT_ULL(MINIFW_ATTR_saddr_type) | BIT_ULL(MINIFW_ATTR_daddr_type) |
		BIT_ULL(MINIFW_ATTR_fragment) | BIT_ULL(MINIFW_ATTR_exthdr) |
		BIT_ULL(MINIFW_ATTR_ipopt) | BIT_ULL(MINIFW_ATTR_ttl) | BIT_ULL(MINIFW_ATTR_dscp) |
		BIT_ULL(MINIFW_ATTR_rpf);
	u8 needs = 0;

	if (spec->attrs & of_network_header)
		needs |= MINIFW_HAS_ADDR;
	if (minifw_spec_asks(spec, MINIFW_ATTR_proto))
		needs |= MINIFW_HAS_PROTO;
	if (spec->attrs & PORT_ATTRS)
		needs |= MINIFW_HAS_PORTS;
	if (spec->attrs & of_icmp)
		needs |= MINIFW_HAS_ICMP;
	if (minifw_spec_asks(spec, MINIFW_ATTR_tcp_flags))
		needs |= MINIFW_HAS_TCP;
	if (spec->attrs & MINIFW_LIMIT_ATTRS)
		needs |= key_needs(&spec->rare->limit.key) | key_needs(&spec->rare->conn_limit.key);
	return needs;
}

/**
 * minifw_spec_seal() - check a rule as a whole, and make it ready for packets
 * @spec: takes @needs, @families and @stages
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

	BUILD_BUG_ON(MINIFW_NR_ATTRS > 64);
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
		ret = seal_ipsec(&s);
	if (!ret)
		ret = seal_ct(&s);
	if (!ret)
		ret = seal_fragment(&s);
	return ret;
}
