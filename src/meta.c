// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel knows of a packet, and its bytes do not say.
 */
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>

#include "match.h"
#include "meta.h"
#include "packet.h"
#include "spec.h"

/* ---- the type of the frame ---- */

/*
 * What this host sends to a group or to all comes back to it as PACKET_LOOPBACK;
 * the address tells which of them it was. IPv6 has no broadcast.
 */
static unsigned int looped_type(const struct minifw_packet *packet)
{
	if (packet->family == MINIFW_IP6 || minifw_is_multicast(packet->daddr, MINIFW_IP))
		return PACKET_MULTICAST;
	return PACKET_BROADCAST;
}

/* As a bit; none where it is no type that rules know. */
static u8 pkttype_of(const struct minifw_packet *packet)
{
	unsigned int type = packet->skb->pkt_type;

	if (type == PACKET_LOOPBACK && (packet->has & MINIFW_HAS_ADDR))
		type = looped_type(packet);
	return type <= PACKET_OTHERHOST ? BIT(type) : 0;
}

static bool match_pkttype(const struct minifw_flags *types, u8 type)
{
	return type && minifw_match_flags(types, type);
}

/* ---- conntrack ---- */

/* A kernel without such marks has none, as if there were no entry. */
static bool match_ct_mark(const struct minifw_mark *wanted, const struct nf_conn *ct)
{
#ifdef CONFIG_NF_CONNTRACK_MARK
	return minifw_match_mark(wanted, READ_ONCE(ct->mark));
#else
	return false;
#endif
}

static struct minifw_addr daddr_of(const struct nf_conntrack_tuple *tuple)
{
	const union nf_inet_addr *addr = &tuple->dst.u3;

	if (tuple->src.l3num == NFPROTO_IPV4)
		return (struct minifw_addr){ .lo = ntohl(addr->ip) };
	return minifw_addr_from_in6(&addr->in6);
}

static bool match_orig_daddr(const struct minifw_addrs *addrs,
			     const struct nf_conntrack_tuple *tuple)
{
	u8 family = tuple->src.l3num == NFPROTO_IPV4 ? MINIFW_IP : MINIFW_IP6;

	return minifw_match_addr(addrs, family, daddr_of(tuple));
}

/* Where the protocol has no ports, the tuple has something else in their place. */
static bool match_orig_dport(const struct minifw_ranges *ports,
			     const struct nf_conntrack_tuple *tuple)
{
	switch (tuple->dst.protonum) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_UDPLITE:
		return minifw_match_range(ports, ntohs(tuple->dst.u.all));
	}
	return false;
}

/* MINIFW_CT_ENTRY_ATTRS */
static bool match_ct_entry(const struct minifw_spec *spec, const struct sk_buff *skb)
{
	const struct nf_conntrack_tuple *orig;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct)
		return false;
	orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	if (spec->ct_status.bits && !minifw_match_flags(&spec->ct_status, READ_ONCE(ct->status)))
		return false;
	if (spec->ct_mark.mask && !match_ct_mark(&spec->ct_mark, ct))
		return false;
	if (spec->ct_orig_daddr && !match_orig_daddr(spec->ct_orig_daddr, orig))
		return false;
	return !spec->ct_orig_dport || match_orig_dport(spec->ct_orig_dport, orig);
}

/**
 * minifw_meta_match() - does a packet fit MINIFW_META_ATTRS of a rule?
 * @spec: what the rule says, sealed
 * @packet: the packet, parsed, with what the rule needs
 *
 * Context: the packet path; does not sleep.
 * Return: whether it does.
 */
bool minifw_meta_match(const struct minifw_spec *spec, const struct minifw_packet *packet)
{
	if (!minifw_match_mark(&spec->mark, packet->skb->mark))
		return false;
	if ((spec->attrs & MINIFW_CT_ENTRY_ATTRS) && !match_ct_entry(spec, packet->skb))
		return false;
	return !spec->pkttype.bits || match_pkttype(&spec->pkttype, pkttype_of(packet));
}
