// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a socket buffer as the receive path would hand it to a hook, from a record. Transport
 * headers are whole and checksums count as verified: no hook here is to spend time on them.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "packet.h"

#define HEADROOM 64	/* bytes: room for the link layer's header, as drivers leave it */
#define PAYLOAD 18	/* bytes: what makes a UDP packet fill the smallest Ethernet frame */
#define HOP_LIMIT 64

static unsigned int transport_length(const struct hookbench_record *rec)
{
	return rec->proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr);
}

static void put_ip(struct sk_buff *skb, const struct hookbench_record *rec, unsigned int length)
{
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = htons(sizeof(*ip) + length);
	ip->ttl = HOP_LIMIT;
	ip->protocol = rec->proto;
	ip->saddr = rec->saddr[0];
	ip->daddr = rec->daddr[0];
	ip_send_check(ip);
	skb->protocol = htons(ETH_P_IP);
}

static void put_ip6(struct sk_buff *skb, const struct hookbench_record *rec, unsigned int length)
{
	struct ipv6hdr *ip6 = skb_put_zero(skb, sizeof(*ip6));

	ip6->version = 6;
	ip6->payload_len = htons(length);
	ip6->nexthdr = rec->proto;
	ip6->hop_limit = HOP_LIMIT;
	memcpy(&ip6->saddr, rec->saddr, sizeof(ip6->saddr));
	memcpy(&ip6->daddr, rec->daddr, sizeof(ip6->daddr));
	skb->protocol = htons(ETH_P_IPV6);
	IP6CB(skb)->iif = skb->dev->ifindex;
}

/* Ports, and ICMP's type and code, are the first bytes of every transport header that has them. */
static void put_transport(struct sk_buff *skb, const struct hookbench_record *rec,
			  unsigned int length)
{
	__be16 *ports;

	skb_set_transport_header(skb, skb->len);
	ports = skb_put_zero(skb, length);
	ports[0] = rec->sport;
	ports[1] = rec->dport;
	if (rec->proto == IPPROTO_TCP) {
		tcp_hdr(skb)->doff = sizeof(struct tcphdr) / 4;
		tcp_flag_word(tcp_hdr(skb)) |= htonl(rec->tcp_flags << 16);
	} else if (rec->proto == IPPROTO_UDP) {
		udp_hdr(skb)->len = htons(length);
	}
}

/**
 * hookbench_packet_make() - a packet that arrived
 * @dev: the device that it arrived at
 * @rec: what it says
 *
 * Context: process context, may sleep.
 * Return: the packet, or NULL without memory.
 */
struct sk_buff *hookbench_packet_make(struct net_device *dev, const struct hookbench_record *rec)
{
	unsigned int length = transport_length(rec) + PAYLOAD;
	struct sk_buff *skb;

	skb = alloc_skb(HEADROOM + sizeof(struct ipv6hdr) + length, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, HEADROOM);
	skb->dev = dev;
	skb->skb_iif = dev->ifindex;
	skb->pkt_type = PACKET_HOST;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->mark = ntohl(rec->mark);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	if (rec->family == 6)
		put_ip6(skb, rec, length);
	else
		put_ip(skb, rec, length);
	put_transport(skb, rec, length);
	return skb;
}
