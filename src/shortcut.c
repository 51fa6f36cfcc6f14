// SPDX-License-Identifier: GPL-2.0
/*
 * What is let through before the rules are asked, each where its parameter says
 * so: loopback, established connections, and what an interface needs to work.
 */
#include <linux/icmpv6.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>

#include "compat.h"
#include "config.h"
#include "netns.h"
#include "shortcut.h"

/* Does @sk, of any kind that stands for a TCP connection, hold one? */
static bool holds_connection(const struct sock *sk)
{
	if (sk_fullsock(sk) && (sk->sk_protocol != IPPROTO_TCP || sk->sk_type != SOCK_STREAM))
		return false;
	return !((1 << sk->sk_state) & (TCPF_LISTEN | TCPF_CLOSE));
}

/* The connection of a segment that comes in, by the host's own tables. */
static struct sock *connection_of(const struct minifw_packet *packet)
{
	const struct nf_hook_state *state = packet->state;
	__be16 sport = htons(packet->sport);
	int dif = state->in->ifindex;
	struct in6_addr saddr, daddr;

	if (packet->family == MINIFW_IP)
		return minifw_inet_lookup(state->net, htonl(packet->saddr.lo), sport,
					  htonl(packet->daddr.lo), packet->dport, dif, 0);
	minifw_addr_to_in6(packet->saddr, &saddr);
	minifw_addr_to_in6(packet->daddr, &daddr);
	return minifw_inet6_lookup(state->net, &saddr, sport, &daddr, packet->dport, dif, 0);
}

static bool is_held_by_socket(const struct minifw_packet *packet)
{
	const struct sock *early = packet->skb->sk;	/* early demux; the sender at output */
	struct sock *sk;

	if (early && holds_connection(early))
		return true;
	if (packet->state->hook != NF_INET_LOCAL_IN)
		return false;
	sk = connection_of(packet);
	if (!sk)
		return false;
	sock_gen_put(sk);
	return true;
}

/**
 * minifw_is_older() - does a segment belong to a connection older than conntrack?
 * @packet: the packet, parsed
 * @config: the snapshot's
 *
 * At input and output a local socket must hold the connection, so that a forged
 * segment finds nothing. At forward nobody can tell: for a short while after
 * conntrack came on, whatever is not the first segment is taken for one.
 *
 * Context: the packet path; does not sleep.
 * Return: whether it does.
 */
bool minifw_is_older(const struct minifw_packet *packet, const struct minifw_config *config)
{
	const struct nf_hook_state *state = packet->state;

	if (!(packet->has & MINIFW_HAS_TCP) || (packet->tcp_flags & MINIFW_TCP_SYN))
		return false;
	if (state->hook == NF_INET_FORWARD)
		return minifw_netns_pickup(state->net, config->pickup);
	return is_held_by_socket(packet);
}

/* RFC 4861, 6.1 and 7.1: hop limit 255; RFC 2710, 3 and RFC 3810, 5: hop limit 1 */
static bool is_icmpv6_control(const struct minifw_packet *packet)
{
	u8 type = packet->icmp >> 8;

	switch (type) {
	case 133 ... 137:
		return packet->hop_limit == 255;
	case 130 ... 132:
	case 143:
		return packet->hop_limit == 1;
	}
	return false;
}

static bool is_link_local(struct minifw_addr addr)
{
	return addr.hi >> 54 == 0xfe80 >> 6;
}

/* ff02::1:2, RFC 8415, 7.1: all DHCP relay agents and servers */
static bool is_dhcp_group(struct minifw_addr addr)
{
	return addr.hi == 0xff02ULL << 48 && addr.lo == 0x10002;
}

/* RFC 2131, 4.1 and RFC 8415, 7.2: this host as a client */
static bool is_dhcp(const struct minifw_packet *packet)
{
	bool in = packet->state->hook == NF_INET_LOCAL_IN;
	u16 mine = in ? packet->dport : packet->sport;
	u16 theirs = in ? packet->sport : packet->dport;

	if (packet->family == MINIFW_IP)
		return mine == 68 && theirs == 67;
	if (mine != 546 || theirs != 547)
		return false;
	if (in)
		return is_link_local(packet->saddr);
	return is_link_local(packet->daddr) || is_dhcp_group(packet->daddr);
}

/**
 * minifw_is_control() - is it what an interface needs to have addresses and neighbours?
 * @packet: the packet, parsed
 *
 * Context: the packet path.
 * Return: whether it is neighbour discovery, multicast listener discovery, or
 * DHCP as a client; not asked at forward.
 */
bool minifw_is_control(const struct minifw_packet *packet)
{
	if (packet->family == MINIFW_IP6 && (packet->has & MINIFW_HAS_ICMP))
		return is_icmpv6_control(packet);
	return (packet->has & MINIFW_HAS_PORTS) && packet->proto == IPPROTO_UDP &&
	       is_dhcp(packet);
}
