/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_PACKET_H
#define MINIFW_PACKET_H

#include <linux/types.h>

#include "addr.h"

struct nf_hook_state;
struct sk_buff;

/* What a packet has, and what a rule needs it to have: what is not there does not match. */
#define MINIFW_HAS_ADDR		BIT(0)	/* a whole network header */
#define MINIFW_HAS_PROTO	BIT(1)	/* a protocol behind it */
#define MINIFW_HAS_PORTS	BIT(2)	/* a whole transport header with ports */
#define MINIFW_HAS_TCP		BIT(3)	/* a whole TCP header */
#define MINIFW_HAS_ICMP		BIT(4)	/* a whole ICMP header of the packet's family */

/* Flags of TCP: RFC 9293, 3.1. */
#define MINIFW_TCP_SYN 0x02
#define MINIFW_TCP_ACK 0x10

/* Is it a piece of a packet?  What follows the network header is in the first piece. */
enum minifw_fragment {
	MINIFW_FRAGMENT_NONE,
	MINIFW_FRAGMENT_FIRST,
	MINIFW_FRAGMENT_LATER,
};

/* Extension headers of IPv6. */
enum minifw_exthdr {
	MINIFW_EXTHDR_HBH,
	MINIFW_EXTHDR_RT,
	MINIFW_EXTHDR_DST,
	MINIFW_EXTHDR_FRAG,
	MINIFW_EXTHDR_AH,
};

/* Options of IPv4. */
enum minifw_ipopt {
	MINIFW_IPOPT_LSRR,
	MINIFW_IPOPT_SSRR,
	MINIFW_IPOPT_RR,
	MINIFW_IPOPT_RA,
	MINIFW_IPOPT_TS,
};

/**
 * struct minifw_packet - what rules can ask of a packet
 * @skb: the packet itself; packet.c alone reads its bytes
 * @state: the hook, and the devices that the packet came in by and goes out by
 * @saddr: source, if MINIFW_HAS_ADDR
 * @daddr: destination, if MINIFW_HAS_ADDR
 * @sport: if MINIFW_HAS_PORTS; host byte order
 * @dport: likewise
 * @icmp: `type << 8 | code`, if MINIFW_HAS_ICMP
 * @family: IPv4 or IPv6
 * @has: MINIFW_HAS_*
 * @proto: if MINIFW_HAS_PROTO, else 0; of IPv6, the first header that is no
 *         extension, or AH
 * @tcp_flags: if MINIFW_HAS_TCP, else 0
 * @hop_limit: TTL of IPv4; if MINIFW_HAS_ADDR
 * @epoch: of the snapshot that it is held against: which contents of sets it sees
 */
struct minifw_packet {
	struct sk_buff *skb;
	const struct nf_hook_state *state;
	struct minifw_addr saddr;
	struct minifw_addr daddr;
	u16 sport;
	u16 dport;
	u16 icmp;
	u8 family;
	u8 has;
	u8 proto;
	u8 tcp_flags;
	u8 hop_limit;
	u8 epoch;
};

void minifw_packet_parse_ip(struct minifw_packet *packet, struct sk_buff *skb,
			    const struct nf_hook_state *state);
void minifw_packet_parse_ip6(struct minifw_packet *packet, struct sk_buff *skb,
			     const struct nf_hook_state *state);

/* What few rules ask, and is not read before. */
unsigned int minifw_packet_length(const struct minifw_packet *packet);
int minifw_packet_fragment(const struct minifw_packet *packet);
u8 minifw_packet_exthdrs(const struct minifw_packet *packet, u8 wanted);
u8 minifw_packet_ipopts(const struct minifw_packet *packet);
int minifw_packet_dscp(const struct minifw_packet *packet);
const u8 *minifw_packet_saddr_mac(const struct minifw_packet *packet);

#endif
