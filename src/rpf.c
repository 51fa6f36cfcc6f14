// SPDX-License-Identifier: GPL-2.0
/*
 * The reverse-path check of RFC 3704, 2.2: would what is sent to a packet's source
 * leave by the device that the packet came in by?  As xt_rpfilter and nft's fib ask
 * it: of the routing tables, without the packet's mark.
 */
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/net_namespace.h>
#include <net/route.h>
#include <net/sock.h>

#include "compat.h"
#include "packet.h"
#include "rpf.h"

/* By which device an answer would come in: the one that the packet leaves by, if it leaves. */
static int answers_iif(const struct nf_hook_state *state)
{
	return state->out ? state->out->ifindex : LOOPBACK_IFINDEX;
}

/* Who has no address yet sends from 0.0.0.0 to everybody: RFC 1122, 3.2.1.3. */
static bool is_unnumbered_ip(__be32 saddr, __be32 daddr)
{
	return ipv4_is_zeronet(saddr) &&
	       (ipv4_is_lbcast(daddr) || ipv4_is_local_multicast(daddr));
}

/* No address that an answer could come from: a route must not depend on it. */
static bool is_no_host_ip(__be32 addr)
{
	return ipv4_is_multicast(addr) || ipv4_is_lbcast(addr) || ipv4_is_zeronet(addr);
}

static bool passes_ip(const struct minifw_packet *packet)
{
	const struct nf_hook_state *state = packet->state;
	__be32 saddr = htonl(packet->saddr.lo), daddr = htonl(packet->daddr.lo);
	struct flowi4 flow = {
		.flowi4_iif = answers_iif(state),
		.flowi4_l3mdev = l3mdev_master_ifindex_rcu(state->in),
		.flowi4_scope = RT_SCOPE_UNIVERSE,
		.flowi4_proto = packet->proto,
		.flowi4_uid = sock_net_uid(state->net, NULL),
		.daddr = saddr,
		.saddr = is_no_host_ip(daddr) ? 0 : daddr,
	};
	struct fib_result route;

	if (is_unnumbered_ip(saddr, daddr))
		return true;
	minifw_flow_set_dscp(&flow, minifw_packet_dscp(packet));
	return !fib_lookup(state->net, &flow, &route, FIB_LOOKUP_IGNORE_LINKSTATE) &&
	       route.type == RTN_UNICAST && fib_info_nh_uses_dev(route.fi, state->in);
}

/* Who has no address yet looks for neighbours, routers and listeners: RFC 4862, 5.4. */
static bool is_unnumbered_ip6(const struct minifw_packet *packet, const struct in6_addr *saddr,
			      const struct in6_addr *daddr)
{
	return packet->proto == IPPROTO_ICMPV6 && ipv6_addr_any(saddr) &&
	       (ipv6_addr_type(daddr) & IPV6_ADDR_LINKLOCAL);
}

/* A VRF stands for the devices in it. */
static bool leads_out_by(const struct rt6_info *route, const struct net_device *dev)
{
	if (route->dst.error || !route->rt6i_idev ||
	    (route->rt6i_flags & (RTF_REJECT | RTF_ANYCAST | RTF_LOCAL)))
		return false;
	return route->rt6i_idev->dev == dev ||
	       l3mdev_master_ifindex_rcu(route->rt6i_idev->dev) == dev->ifindex;
}

static bool passes_ip6(const struct minifw_packet *packet)
{
	const struct nf_hook_state *state = packet->state;
	struct flowi6 flow = {
		.flowi6_iif = answers_iif(state),
		.flowi6_oif = state->in->ifindex,	/* of several routes, the one by it */
		.flowi6_proto = packet->proto,
		.flowi6_uid = sock_net_uid(state->net, NULL),
		.flowlabel = ip6_make_flowinfo(minifw_packet_dscp(packet) << 2, 0),
	};
	struct dst_entry *dst;
	int flags = 0;
	bool passes;

	minifw_addr_to_in6(packet->saddr, &flow.daddr);
	minifw_addr_to_in6(packet->daddr, &flow.saddr);
	if (is_unnumbered_ip6(packet, &flow.daddr, &flow.saddr))
		return true;
	if (ipv6_addr_type(&flow.daddr) & IPV6_ADDR_LINKLOCAL)
		flags |= RT6_LOOKUP_F_IFACE;
	if (ipv6_addr_type(&flow.saddr) & IPV6_ADDR_UNICAST)
		flags |= RT6_LOOKUP_F_HAS_SADDR;
	dst = ip6_route_lookup(state->net, &flow, packet->skb, flags);
	passes = leads_out_by(container_of(dst, struct rt6_info, dst), state->in);
	dst_release(dst);
	return passes;
}

/**
 * minifw_rpf_passes() - does a packet come from where answers to it would go?
 * @packet: the packet, parsed, with MINIFW_HAS_ADDR and the device that it came in by
 *
 * What is sent over the loopback, and what looks for an address of its own, does.
 *
 * Context: the packet path, under RCU; does not sleep.
 * Return: whether it does.
 */
bool minifw_rpf_passes(const struct minifw_packet *packet)
{
	if (packet->skb->pkt_type == PACKET_LOOPBACK ||
	    (packet->state->in->flags & IFF_LOOPBACK))
		return true;
	return packet->family == MINIFW_IP ? passes_ip(packet) : passes_ip6(packet);
}
