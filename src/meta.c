// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel knows of a packet, and its bytes do not say.
 */
#include <linux/if_packet.h>
#include <linux/skbuff.h>

#include "match.h"
#include "meta.h"
#include "packet.h"
#include "spec.h"

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
	return !spec->pkttype.bits || match_pkttype(&spec->pkttype, pkttype_of(packet));
}
