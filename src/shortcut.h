/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SHORTCUT_H
#define MINIFW_SHORTCUT_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>

#include "packet.h"

struct minifw_config;

/* Does a packet come or go by a loopback device?  Not asked at forward. */
static inline bool minifw_is_loopback(const struct nf_hook_state *state)
{
	const struct net_device *dev = state->hook == NF_INET_LOCAL_OUT ? state->out : state->in;

	return dev && (dev->flags & IFF_LOOPBACK);
}

/* Does conntrack know a packet's connection: is it established or related? */
static inline bool minifw_is_tracked(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;

	if (!nf_ct_get(skb, &ctinfo))
		return false;
	return ctinfo == IP_CT_ESTABLISHED || ctinfo == IP_CT_ESTABLISHED_REPLY ||
	       ctinfo == IP_CT_RELATED || ctinfo == IP_CT_RELATED_REPLY;
}

bool minifw_is_older(const struct minifw_packet *packet, const struct minifw_config *config);
bool minifw_is_control(const struct minifw_packet *packet);

/* May it be?  A quick answer for most: ICMPv6, or UDP between two ports below 1024. */
static inline bool minifw_may_be_control(const struct minifw_packet *packet)
{
	return packet->proto == IPPROTO_ICMPV6 ||
	       (packet->proto == IPPROTO_UDP && (packet->sport | packet->dport) < 1024);
}

#endif
