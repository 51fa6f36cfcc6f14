// SPDX-License-Identifier: GPL-2.0
/*
 * Does a rule match a packet?  Checks without side effects, cheapest and most
 * selective first.  What a packet does not have matches neither a value nor its
 * negation: @needs of the rule against @has of the packet settles that once.
 */
#include <linux/bitops.h>
#include <linux/etherdevice.h>
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>

#include "match.h"
#include "element.h"
#include "meta.h"
#include "packet.h"
#include "set_ref.h"
#include "slots.h"
#include "spec.h"

static bool within(const struct minifw_addr_pair *pair, struct minifw_addr addr)
{
	return minifw_addr_cmp(pair->a, addr) <= 0 && minifw_addr_cmp(addr, pair->b) <= 0;
}

static bool under_mask(const struct minifw_addr_pair *pair, struct minifw_addr addr)
{
	return !minifw_addr_cmp(minifw_addr_and(addr, pair->b), pair->a);
}

static bool is_negated(struct minifw_slot slot)
{
	return slot.word & MINIFW_SLOT_NEGATED;
}

static bool match_addrs(const struct minifw_addrs *addrs, u8 family, struct minifw_addr addr)
{
	const struct minifw_addr_part *part = &addrs->part[family];
	const struct minifw_addr_pair *pair = &addrs->pair[part->pair];
	unsigned int i;

	for (i = 0; i < part->ranges; i++, pair++)
		if (within(pair, addr))
			return !addrs->list.negated;
	for (i = 0; i < part->masks; i++, pair++)
		if (under_mask(pair, addr))
			return !addrs->list.negated;
	return addrs->list.negated;
}

/**
 * minifw_match_addr() - is an address one of a list's, or none where it is negated?
 * @slot: holds the list, or names a set
 * @packet: for which it is asked
 * @family: the address's
 * @addr: the address
 *
 * Context: as minifw_match().
 * Return: whether it is.
 */
bool minifw_match_addr(struct minifw_slot slot, const struct minifw_packet *packet, u8 family,
		       struct minifw_addr addr)
{
	const struct minifw_list *list = minifw_slot_list(slot);

	if (minifw_slot_is_short(slot))
		return minifw_short_covers(slot, family, addr) != is_negated(slot);
	if (list->set)
		return minifw_set_match_addr(list, packet, family, addr);
	return match_addrs(container_of(list, const struct minifw_addrs, list), family, addr);
}

static bool match_ranges(const struct minifw_ranges *ranges, u32 number)
{
	unsigned int i;

	for (i = 0; i < ranges->list.count; i++)
		if (ranges->range[i].first <= number && number <= ranges->range[i].last)
			return !ranges->list.negated;
	return ranges->list.negated;
}

/**
 * minifw_match_range() - is a number one of a list's, or none where it is negated?
 * @slot: holds the list, or names a set
 * @packet: for which it is asked
 * @number: the number
 *
 * Context: as minifw_match().
 * Return: whether it is.
 */
bool minifw_match_range(struct minifw_slot slot, const struct minifw_packet *packet, u32 number)
{
	const struct minifw_list *list = minifw_slot_list(slot);

	if (minifw_slot_is_short(slot))
		return (minifw_short_first(slot) <= number &&
			number <= minifw_short_last(slot)) != is_negated(slot);
	if (list->set)
		return minifw_set_match(list, packet, 0, minifw_key_port(number));
	return match_ranges(container_of(list, const struct minifw_ranges, list), number);
}

/* A side of the packet: its address, or its address and port where a set is of such. */
static bool match_side(struct minifw_slot slot, const struct minifw_packet *packet,
		       struct minifw_addr addr, u16 port)
{
	if (unlikely(minifw_slot_is_set_ref(slot)))
		return minifw_set_match_side(minifw_slot_list(slot), packet, addr, port);
	return minifw_match_addr(slot, packet, packet->family, addr);
}

static bool short_codes_have(struct minifw_slot slot, u8 code)
{
	unsigned int i;

	for (i = 0; i < minifw_short_codes(slot); i++)
		if (minifw_short_code(slot, i) == code)
			return true;
	return false;
}

/* Is a code one of a list's, or none where it is negated?  Where it is not @known, it is none. */
static bool match_code(struct minifw_slot slot, u8 code, bool known)
{
	const struct minifw_codes *codes;

	if (minifw_slot_is_short(slot))
		return (known && short_codes_have(slot, code)) != is_negated(slot);
	codes = container_of(minifw_slot_list(slot), const struct minifw_codes, list);
	return (known && test_bit(code, codes->bits)) != codes->list.negated;
}

/* Each family has an ICMP of its own; the other's number means nothing in it. */
static bool is_foreign_icmp(const struct minifw_packet *packet)
{
	return packet->proto == (packet->family == MINIFW_IP ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

static bool match_proto(struct minifw_slot protos, const struct minifw_packet *packet)
{
	return match_code(protos, packet->proto, !is_foreign_icmp(packet));
}

static bool match_iface(const struct minifw_ifaces *ifaces, const struct minifw_packet *packet,
			const struct net_device *dev)
{
	unsigned int i;

	if (!dev)
		return false;
	if (ifaces->list.set)
		return minifw_set_match(&ifaces->list, packet, 0, minifw_key_name(dev->name));
	for (i = 0; i < ifaces->list.count; i++)
		if (!memcmp(ifaces->iface[i].name, dev->name, ifaces->iface[i].len))
			return !ifaces->list.negated;
	return ifaces->list.negated;
}

/**
 * minifw_ct_state_of() - what conntrack says of a packet
 * @skb: the packet
 *
 * Context: any.
 * Return: its state.
 */
enum minifw_ct_state minifw_ct_state_of(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;

	if (!nf_ct_get(skb, &ctinfo))
		return ctinfo == IP_CT_UNTRACKED ? MINIFW_CT_UNTRACKED : MINIFW_CT_INVALID;
	switch (ctinfo) {
	case IP_CT_ESTABLISHED:
	case IP_CT_ESTABLISHED_REPLY:
		return MINIFW_CT_ESTABLISHED;
	case IP_CT_RELATED:
	case IP_CT_RELATED_REPLY:
		return MINIFW_CT_RELATED;
	default:
		return MINIFW_CT_NEW;
	}
}

static bool match_mac(const struct minifw_macs *macs, const struct minifw_packet *packet)
{
	const u8 *addr = minifw_packet_saddr_mac(packet);
	unsigned int i;

	if (!addr)
		return false;
	if (macs->list.set)
		return minifw_set_match(&macs->list, packet, 0, minifw_key_bytes(addr, ETH_ALEN));
	for (i = 0; i < macs->list.count; i++)
		if (ether_addr_equal_unaligned(macs->mac[i].addr, addr))
			return !macs->list.negated;
	return macs->list.negated;
}

static bool match_dscp(struct minifw_slot classes, int dscp)
{
	return dscp >= 0 && match_code(classes, dscp, true);
}

static bool match_fragment(const struct minifw_flags *kinds, int fragment)
{
	return fragment >= 0 && (kinds->bits & BIT(fragment));
}

/* ---- a rule: the functions below return what fails, or MINIFW_MATCHES ---- */

/* MINIFW_HEADER_ATTRS */
static noinline unsigned int header_fails(const struct minifw_rare *rare,
					  const struct minifw_packet *packet)
{
	if (unlikely(minifw_meta_untold(packet)))
		return MINIFW_MATCHES;
	if (minifw_slot_is_set(rare->length) &&
	    !minifw_match_range(rare->length, packet, minifw_packet_length(packet)))
		return MINIFW_ATTR_length;
	if (minifw_slot_is_set(rare->ttl) &&
	    !minifw_match_range(rare->ttl, packet, packet->hop_limit))
		return MINIFW_ATTR_ttl;
	if (minifw_slot_is_set(rare->dscp) &&
	    !match_dscp(rare->dscp, minifw_packet_dscp(packet)))
		return MINIFW_ATTR_dscp;
	if (rare->fragment.bits &&
	    !match_fragment(&rare->fragment, minifw_packet_fragment(packet)))
		return MINIFW_ATTR_fragment;
	if (rare->exthdr.bits &&
	    !minifw_match_flags(&rare->exthdr, minifw_packet_exthdrs(packet, rare->exthdr.bits)))
		return MINIFW_ATTR_exthdr;
	if (rare->ipopt.bits && !minifw_match_flags(&rare->ipopt, minifw_packet_ipopts(packet)))
		return MINIFW_ATTR_ipopt;
	if (rare->saddr_mac && !match_mac(rare->saddr_mac, packet))
		return MINIFW_ATTR_saddr_mac;
	return MINIFW_MATCHES;
}

/* Types of ICMP and of ICMPv6. */
static noinline unsigned int icmp_fails(const struct minifw_rare *rare,
					const struct minifw_packet *packet)
{
	if (minifw_slot_is_set(rare->icmp_type) &&
	    !minifw_match_range(rare->icmp_type, packet, packet->icmp))
		return MINIFW_ATTR_icmp_type;
	if (minifw_slot_is_set(rare->icmpv6_type) &&
	    !minifw_match_range(rare->icmpv6_type, packet, packet->icmp))
		return MINIFW_ATTR_icmpv6_type;
	return MINIFW_MATCHES;
}

/* What most rules ask for: addresses, protocol, and what is in its header. */
static __always_inline unsigned int flow_fails(const struct minifw_spec *spec,
					       const struct minifw_packet *packet)
{
	if (minifw_slot_is_set(spec->saddr) &&
	    !match_side(spec->saddr, packet, packet->saddr, packet->sport))
		return MINIFW_ATTR_saddr;
	if (minifw_slot_is_set(spec->daddr) &&
	    !match_side(spec->daddr, packet, packet->daddr, packet->dport))
		return MINIFW_ATTR_daddr;
	if ((spec->needs & MINIFW_HAS_PROTO) && !match_proto(spec->proto, packet))
		return MINIFW_ATTR_proto;
	if (minifw_slot_is_set(spec->dport) &&
	    !minifw_match_range(spec->dport, packet, packet->dport))
		return MINIFW_ATTR_dport;
	if (minifw_slot_is_set(spec->sport) &&
	    !minifw_match_range(spec->sport, packet, packet->sport))
		return MINIFW_ATTR_sport;
	if (spec->needs & MINIFW_HAS_ICMP)
		return icmp_fails(spec->rare, packet);
	return MINIFW_MATCHES;
}

static __always_inline unsigned int fails(const struct minifw_spec *spec,
					  const struct minifw_packet *packet)
{
	unsigned int what;

	if (spec->needs & ~packet->has)
		return MINIFW_LACKS;
	what = flow_fails(spec, packet);
	if (what != MINIFW_MATCHES)
		return what;
	if ((packet->tcp_flags & spec->tcp_flags.mask) != spec->tcp_flags.value)
		return MINIFW_ATTR_tcp_flags;
	if (spec->iif && !match_iface(spec->iif, packet, packet->state->in))
		return MINIFW_ATTR_iif;
	if (spec->oif && !match_iface(spec->oif, packet, packet->state->out))
		return MINIFW_ATTR_oif;
	if (spec->ct_state.bits &&
	    !minifw_match_flags(&spec->ct_state, BIT(minifw_ct_state_of(packet->skb))))
		return MINIFW_ATTR_ct_state;
	if (spec->attrs & MINIFW_HEADER_ATTRS) {
		what = header_fails(spec->rare, packet);
		if (what != MINIFW_MATCHES)
			return what;
	}
	return spec->attrs & MINIFW_META_ATTRS ? minifw_meta_fails(spec, packet) : MINIFW_MATCHES;
}

/* A write to a set that is asked twice is seen whole or not at all: if one comes between, again. */
static noinline bool match_steadily(const struct minifw_spec *spec,
				    const struct minifw_packet *packet)
{
	unsigned int seen;
	bool matches;

	do {
		seen = minifw_slots_seen();
		matches = minifw_match_fails(spec, packet) == MINIFW_MATCHES;
	} while (minifw_slots_changed(seen));
	return matches;
}

/**
 * minifw_match() - does a rule match a packet?
 * @spec: what the rule says, sealed; of the packet's hook and family
 * @packet: the packet, parsed
 *
 * Context: the packet path; does not sleep.
 * Return: whether it does.
 */
bool minifw_match(const struct minifw_spec *spec, const struct minifw_packet *packet)
{
	if (unlikely(spec->twice))
		return match_steadily(spec, packet);
	return fails(spec, packet) == MINIFW_MATCHES;
}

/**
 * minifw_match_fails() - what of a rule does not match a packet?
 * @spec: as minifw_match()
 * @packet: likewise
 *
 * Context: as minifw_match().
 * Return: the attribute, enum minifw_attr_id, that does not match, of several the first that is
 * asked; MINIFW_LACKS where the packet lacks what the rule is about; or MINIFW_MATCHES.
 */
unsigned int minifw_match_fails(const struct minifw_spec *spec, const struct minifw_packet *packet)
{
	unsigned int what = fails(spec, packet);

	/* that a packet of another protocol lacks this one's header says less */
	if (what == MINIFW_LACKS && (spec->needs & packet->has & MINIFW_HAS_PROTO) &&
	    !match_proto(spec->proto, packet))
		return MINIFW_ATTR_proto;
	return what;
}
