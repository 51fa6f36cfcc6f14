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
#include "spec.h"

static bool within(const struct minifw_addr_pair *pair, struct minifw_addr addr)
{
	return minifw_addr_cmp(pair->a, addr) <= 0 && minifw_addr_cmp(addr, pair->b) <= 0;
}

static bool under_mask(const struct minifw_addr_pair *pair, struct minifw_addr addr)
{
	return !minifw_addr_cmp(minifw_addr_and(addr, pair->b), pair->a);
}

/**
 * minifw_match_addr() - is an address one of a list's, or none where it is negated?
 * @addrs: the list
 * @family: the address's
 * @addr: the address
 *
 * Context: any.
 * Return: whether it is.
 */
bool minifw_match_addr(const struct minifw_addrs *addrs, u8 family, struct minifw_addr addr)
{
	const struct minifw_addr_part *part = &addrs->part[family];
	const struct minifw_addr_pair *pair = &addrs->pair[part->pair];
	unsigned int i;

	if (addrs->list.set)
		return minifw_set_match_addr(&addrs->list, family, addr);
	for (i = 0; i < part->ranges; i++, pair++)
		if (within(pair, addr))
			return !addrs->list.negated;
	for (i = 0; i < part->masks; i++, pair++)
		if (under_mask(pair, addr))
			return !addrs->list.negated;
	return addrs->list.negated;
}

/**
 * minifw_match_range() - is a number one of a list's, or none where it is negated?
 * @ranges: the list
 * @number: the number
 *
 * Context: any.
 * Return: whether it is.
 */
bool minifw_match_range(const struct minifw_ranges *ranges, u32 number)
{
	unsigned int i;

	if (ranges->list.set)
		return minifw_set_match(&ranges->list, 0, minifw_key_port(number));
	for (i = 0; i < ranges->list.count; i++)
		if (ranges->range[i].first <= number && number <= ranges->range[i].last)
			return !ranges->list.negated;
	return ranges->list.negated;
}

/* A side of the packet: its address, or its address and port where a set is of such. */
static bool match_side(const struct minifw_addrs *addrs, const struct minifw_packet *packet,
		       struct minifw_addr addr, u16 port)
{
	if (unlikely(addrs->list.set))
		return minifw_set_match_side(&addrs->list, packet, addr, port);
	return minifw_match_addr(addrs, packet->family, addr);
}

/* Each family has an ICMP of its own; the other's number means nothing in it. */
static bool is_foreign_icmp(const struct minifw_packet *packet)
{
	return packet->proto == (packet->family == MINIFW_IP ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

static bool match_proto(const struct minifw_codes *protos, const struct minifw_packet *packet)
{
	bool listed = test_bit(packet->proto, protos->bits) && !is_foreign_icmp(packet);

	return listed != protos->negated;
}

static bool match_iface(const struct minifw_ifaces *ifaces, const struct net_device *dev)
{
	unsigned int i;

	if (!dev)
		return false;
	if (ifaces->list.set)
		return minifw_set_match(&ifaces->list, 0, minifw_key_name(dev->name));
	for (i = 0; i < ifaces->list.count; i++)
		if (!memcmp(ifaces->iface[i].name, dev->name, ifaces->iface[i].len))
			return !ifaces->list.negated;
	return ifaces->list.negated;
}

static enum minifw_ct_state ct_state_of(const struct sk_buff *skb)
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

static bool match_mac(const struct minifw_macs *macs, const u8 *addr)
{
	unsigned int i;

	if (!addr)
		return false;
	if (macs->list.set)
		return minifw_set_match(&macs->list, 0, minifw_key_bytes(addr, ETH_ALEN));
	for (i = 0; i < macs->list.count; i++)
		if (ether_addr_equal_unaligned(macs->mac[i].addr, addr))
			return !macs->list.negated;
	return macs->list.negated;
}

static bool match_dscp(const struct minifw_codes *classes, int dscp)
{
	return dscp >= 0 && test_bit(dscp, classes->bits) != classes->negated;
}

static bool match_fragment(const struct minifw_flags *kinds, int fragment)
{
	return fragment >= 0 && (kinds->bits & BIT(fragment));
}

/* MINIFW_HEADER_ATTRS */
static noinline bool match_header(const struct minifw_spec *spec,
				  const struct minifw_packet *packet)
{
	if (spec->length && !minifw_match_range(spec->length, minifw_packet_length(packet)))
		return false;
	if (spec->ttl && !minifw_match_range(spec->ttl, packet->hop_limit))
		return false;
	if (minifw_spec_asks(spec, MINIFW_ATTR_dscp) &&
	    !match_dscp(&spec->dscp, minifw_packet_dscp(packet)))
		return false;
	if (spec->fragment.bits &&
	    !match_fragment(&spec->fragment, minifw_packet_fragment(packet)))
		return false;
	if (spec->exthdr.bits &&
	    !minifw_match_flags(&spec->exthdr, minifw_packet_exthdrs(packet, spec->exthdr.bits)))
		return false;
	if (spec->ipopt.bits && !minifw_match_flags(&spec->ipopt, minifw_packet_ipopts(packet)))
		return false;
	return !spec->saddr_mac || match_mac(spec->saddr_mac, minifw_packet_saddr_mac(packet));
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
	if (spec->needs & ~packet->has)
		return false;
	if (spec->saddr && !match_side(spec->saddr, packet, packet->saddr, packet->sport))
		return false;
	if (spec->daddr && !match_side(spec->daddr, packet, packet->daddr, packet->dport))
		return false;
	if ((spec->needs & MINIFW_HAS_PROTO) && !match_proto(&spec->proto, packet))
		return false;
	if (spec->dport && !minifw_match_range(spec->dport, packet->dport))
		return false;
	if (spec->sport && !minifw_match_range(spec->sport, packet->sport))
		return false;
	if (spec->icmp_type && !minifw_match_range(spec->icmp_type, packet->icmp))
		return false;
	if (spec->icmpv6_type && !minifw_match_range(spec->icmpv6_type, packet->icmp))
		return false;
	if ((packet->tcp_flags & spec->tcp_flags.mask) != spec->tcp_flags.value)
		return false;
	if (spec->iif && !match_iface(spec->iif, packet->state->in))
		return false;
	if (spec->oif && !match_iface(spec->oif, packet->state->out))
		return false;
	if (spec->ct_state.bits &&
	    !minifw_match_flags(&spec->ct_state, BIT(ct_state_of(packet->skb))))
		return false;
	if (spec->attrs & MINIFW_HEADER_ATTRS && !match_header(spec, packet))
		return false;
	return !(spec->attrs & MINIFW_META_ATTRS) || minifw_meta_match(spec, packet);
}
