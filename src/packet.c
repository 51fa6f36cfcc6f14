// SPDX-License-Identifier: GPL-2.0
/*
 * From an skb to struct minifw_packet: the only file that touches packet bytes.
 *
 * Every read is held against the length that the network header claims, and that
 * against what is there.  A header that does not fit, or that contradicts the
 * length, is as if it were not there: @has says what is.
 */
#include <linux/dccp.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "compat.h"
#include "packet.h"

/**
 * struct span - where the transport header is
 * @start: its offset in the skb
 * @end: the offset behind the packet, by the network header's word
 * @fragment: it is the first of several fragments: lengths speak of the whole
 */
struct span {
	unsigned int start;
	unsigned int end;
	bool fragment;
};

/* @size bytes at the start of @span, or NULL. */
static __always_inline const void *span_read(const struct sk_buff *skb, struct span span,
					     unsigned int size, void *buffer)
{
	if (span.end - span.start < size)
		return NULL;
	return skb_header_pointer(skb, span.start, size, buffer);
}

/* These read a transport header, and return what a packet has by it: MINIFW_HAS_*. */

static __always_inline u8 set_ports(struct minifw_packet *packet, __be16 sport, __be16 dport)
{
	packet->sport = ntohs(sport);
	packet->dport = ntohs(dport);
	return MINIFW_HAS_PORTS;
}

/* RFC 9293, 3.1: the data offset is at least 5 words, and within the segment. */
static __always_inline u8 parse_tcp(struct minifw_packet *packet, const struct sk_buff *skb,
				    struct span span)
{
	struct tcphdr buffer __uninitialized;
	const struct tcphdr *tcp = span_read(skb, span, sizeof(buffer), &buffer);

	if (!tcp || tcp->doff * 4 < sizeof(*tcp))
		return 0;
	if (!span.fragment && tcp->doff * 4 > span.end - span.start)
		return 0;
	packet->tcp_flags = ((const u8 *)tcp)[13];
	return MINIFW_HAS_TCP | set_ports(packet, tcp->source, tcp->dest);
}

/*
 * RFC 768: the length is at least that of the header, and within the packet. A
 * buffer that stands for several datagrams (GSO) speaks of one of them, or of none.
 */
static __always_inline u8 parse_udp(struct minifw_packet *packet, const struct sk_buff *skb,
				    struct span span)
{
	struct udphdr buffer __uninitialized;
	const struct udphdr *udp = span_read(skb, span, sizeof(buffer), &buffer);
	unsigned int len;

	if (unlikely(!udp))
		return 0;
	len = ntohs(udp->len);
	if (unlikely(len < sizeof(*udp) || (!span.fragment && len > span.end - span.start)) &&
	    !skb_is_gso(skb))
		return 0;
	return set_ports(packet, udp->source, udp->dest);
}

/* SCTP, DCCP and UDP-Lite begin with the ports too: @size is their shortest header. */
static u8 parse_ports(struct minifw_packet *packet, const struct sk_buff *skb,
		      struct span span, unsigned int size)
{
	struct sctphdr buffer;
	const __be16 *ports = span_read(skb, span, size, &buffer);

	BUILD_BUG_ON(sizeof(buffer) < sizeof(struct dccp_hdr));
	return ports ? set_ports(packet, ports[0], ports[1]) : 0;
}

/* RFC 792 and RFC 4443: every message that hosts exchange has 8 bytes at least. */
static u8 parse_icmp(struct minifw_packet *packet, const struct sk_buff *skb,
		     struct span span)
{
	struct icmphdr buffer;
	const struct icmphdr *icmp = span_read(skb, span, sizeof(buffer), &buffer);

	if (!icmp)
		return 0;
	packet->icmp = icmp->type << 8 | icmp->code;
	return MINIFW_HAS_ICMP;
}

static u8 parse_other(struct minifw_packet *packet, const struct sk_buff *skb,
		      struct span span)
{
	switch (packet->proto) {
	case IPPROTO_SCTP:
		return parse_ports(packet, skb, span, sizeof(struct sctphdr));
	case IPPROTO_DCCP:
		return parse_ports(packet, skb, span, sizeof(struct dccp_hdr));
	case IPPROTO_UDPLITE:
		return parse_ports(packet, skb, span, sizeof(struct udphdr));
	case IPPROTO_ICMP:
		return packet->family == MINIFW_IP ? parse_icmp(packet, skb, span) : 0;
	case IPPROTO_ICMPV6:
		return packet->family == MINIFW_IP6 ? parse_icmp(packet, skb, span) : 0;
	}
	return 0;
}

static __always_inline u8 parse_transport(struct minifw_packet *packet, const struct sk_buff *skb,
					  u8 proto, struct span span)
{
	if (unlikely(span.start > span.end))
		return 0;
	if (proto == IPPROTO_TCP)
		return parse_tcp(packet, skb, span);
	if (proto == IPPROTO_UDP)
		return parse_udp(packet, skb, span);
	return parse_other(packet, skb, span);
}

/* RFC 791, 3.1 */
static __always_inline u8 parse_ip(struct minifw_packet *packet, const struct sk_buff *skb)
{
	unsigned int start = skb_network_offset(skb);
	unsigned int there = skb->len - start, total, header;
	struct iphdr buffer __uninitialized;
	const struct iphdr *ip = skb_header_pointer(skb, start, sizeof(buffer), &buffer);
	const u8 has = MINIFW_HAS_ADDR | MINIFW_HAS_PROTO;
	struct span span;

	if (unlikely(!ip || ip->version != 4))
		return 0;
	header = ip->ihl * 4;
	total = ntohs(ip->tot_len);
	if (unlikely(!total) && skb_is_gso(skb))	/* BIG TCP: too long for the field */
		total = there;
	if (unlikely(header < sizeof(*ip) || total < header || total > there))
		return 0;
	packet->saddr = (struct minifw_addr){ .lo = ntohl(ip->saddr) };
	packet->daddr = (struct minifw_addr){ .lo = ntohl(ip->daddr) };
	packet->proto = ip->protocol;
	packet->hop_limit = ip->ttl;
	if (unlikely(ip->frag_off & htons(IP_OFFSET)))
		return has;
	span = (struct span){
		.start = start + header, .end = start + total,
		.fragment = ip->frag_off & htons(IP_MF),
	};
	return has | parse_transport(packet, skb, ip->protocol, span);
}

/*
 * RFC 8200, 4.5 and RFC 6946: a fragment header with no more to come says that
 * this packet is whole. (It had offset 0, or nobody would ask.)
 */
static bool is_first_fragment(const struct sk_buff *skb)
{
	unsigned int offset = 0;
	struct frag_hdr buffer;
	const struct frag_hdr *header;

	if (ipv6_find_hdr(skb, &offset, NEXTHDR_FRAGMENT, NULL, NULL) < 0)
		return false;
	header = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	return header && (header->frag_off & htons(IP6_MF));
}

/*
 * RFC 8200, 4: walk the extension headers.  The walk ends at AH, which is a
 * protocol of its own here as it is for IPv4; a chain that runs out has no protocol.
 */
static u8 parse_extensions(struct minifw_packet *packet, const struct sk_buff *skb,
			   struct span span)
{
	unsigned int offset = 0;
	unsigned short later = 0;
	int flags = IP6_FH_F_AUTH, proto;

	proto = ipv6_find_hdr(skb, &offset, -1, &later, &flags);
	if (proto < 0 || (!later && offset > span.end))
		return 0;
	packet->proto = proto;
	if (later)
		return MINIFW_HAS_PROTO;
	span.start = offset;
	span.fragment = (flags & IP6_FH_F_FRAG) && is_first_fragment(skb);
	return MINIFW_HAS_PROTO | parse_transport(packet, skb, proto, span);
}

/* The bytes of a packet of which @there are there, by its word; more than that if it lies. */
static __always_inline unsigned int total_ip6(const struct ipv6hdr *ip, const struct sk_buff *skb,
					      unsigned int there)
{
	if (unlikely(!ip->payload_len) && skb_is_gso(skb))	/* BIG TCP, as above */
		return there;
	return sizeof(*ip) + ntohs(ip->payload_len);
}

/* RFC 8200, 3 */
static __always_inline u8 parse_ip6(struct minifw_packet *packet, const struct sk_buff *skb)
{
	unsigned int start = skb_network_offset(skb), total;
	struct ipv6hdr buffer __uninitialized;
	const struct ipv6hdr *ip = skb_header_pointer(skb, start, sizeof(buffer), &buffer);
	struct span span;

	if (unlikely(!ip || ip->version != 6))
		return 0;
	total = total_ip6(ip, skb, skb->len - start);
	if (total > skb->len - start)
		return 0;
	packet->saddr.hi = get_unaligned_be64(&ip->saddr.s6_addr[0]);
	packet->saddr.lo = get_unaligned_be64(&ip->saddr.s6_addr[8]);
	packet->daddr.hi = get_unaligned_be64(&ip->daddr.s6_addr[0]);
	packet->daddr.lo = get_unaligned_be64(&ip->daddr.s6_addr[8]);
	packet->hop_limit = ip->hop_limit;
	span = (struct span){ .start = start + sizeof(*ip), .end = start + total };
	if (ipv6_ext_hdr(ip->nexthdr))
		return MINIFW_HAS_ADDR | parse_extensions(packet, skb, span);
	packet->proto = ip->nexthdr;
	return MINIFW_HAS_ADDR | MINIFW_HAS_PROTO |
	       parse_transport(packet, skb, ip->nexthdr, span);
}

static __always_inline void set_packet(struct minifw_packet *packet, struct sk_buff *skb,
				       const struct nf_hook_state *state,
				       enum minifw_family family)
{
	packet->skb = skb;
	packet->state = state;
	packet->family = family;
	packet->proto = 0;
	packet->tcp_flags = 0;
}

/**
 * minifw_packet_parse_ip() - read what rules can ask for, of IPv4
 * @packet: takes it
 * @skb: the packet; @skb->data at or before the network header. Not changed
 * @state: the hook's
 *
 * Context: the packet path; does not sleep.
 */
void minifw_packet_parse_ip(struct minifw_packet *packet, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	set_packet(packet, skb, state, MINIFW_IP);
	packet->has = parse_ip(packet, skb);
}

/**
 * minifw_packet_parse_ip6() - read what rules can ask for, of IPv6
 * @packet: takes it
 * @skb: the packet; @skb->data at or before the network header. Not changed
 * @state: the hook's
 *
 * Context: the packet path; does not sleep.
 */
void minifw_packet_parse_ip6(struct minifw_packet *packet, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	set_packet(packet, skb, state, MINIFW_IP6);
	packet->has = parse_ip6(packet, skb);
}

/**
 * minifw_packet_length() - the bytes of a packet, from the network header on
 * @packet: parsed
 *
 * Context: the packet path; does not sleep.
 * Return: how many there are, whatever the header says.
 */
unsigned int minifw_packet_length(const struct minifw_packet *packet)
{
	return packet->skb->len - skb_network_offset(packet->skb);
}

/**
 * struct chain - a walk along the extension headers of IPv6
 * @skb: the packet
 * @start: offset of the next header
 * @end: the offset behind the packet, by the network header's word
 * @next: which header that is
 * @fragment: enum minifw_fragment, by the fragment header that was passed last
 */
struct chain {
	const struct sk_buff *skb;
	unsigned int start;
	unsigned int end;
	u8 next;
	u8 fragment;
};

/* Before the first header, of a packet with a whole network header. */
static struct chain chain_begin(const struct sk_buff *skb)
{
	unsigned int start = skb_network_offset(skb);
	struct ipv6hdr buffer;
	const struct ipv6hdr *ip = skb_header_pointer(skb, start, sizeof(buffer), &buffer);

	return (struct chain){
		.skb = skb,
		.start = start + sizeof(buffer),
		.end = ip ? start + total_ip6(ip, skb, skb->len - start) : 0,
		.next = ip ? ip->nexthdr : NEXTHDR_NONE,
	};
}

static int exthdr_of(u8 next)
{
	switch (next) {
	case NEXTHDR_HOP:
		return MINIFW_EXTHDR_HBH;
	case NEXTHDR_ROUTING:
		return MINIFW_EXTHDR_RT;
	case NEXTHDR_DEST:
		return MINIFW_EXTHDR_DST;
	case NEXTHDR_FRAGMENT:
		return MINIFW_EXTHDR_FRAG;
	case NEXTHDR_AUTH:
		return MINIFW_EXTHDR_AH;
	}
	return -ENOENT;
}

/* RFC 8200, 4.2 to 4.6; RFC 4302, 2.2 */
static unsigned int exthdr_length(const struct frag_hdr *header, int which)
{
	const struct ipv6_opt_hdr *other = (const void *)header;

	if (which == MINIFW_EXTHDR_FRAG)
		return sizeof(*header);
	return which == MINIFW_EXTHDR_AH ? ipv6_authlen(other) : ipv6_optlen(other);
}

/* RFC 8200, 4.5. Behind the header of a later fragment is data, whatever it says. */
static void chain_fragment(struct chain *chain, const struct frag_hdr *header)
{
	if (header->frag_off & htons(IP6_OFFSET)) {
		chain->fragment = MINIFW_FRAGMENT_LATER;
		chain->next = NEXTHDR_NONE;
	} else if (header->frag_off & htons(IP6_MF)) {
		chain->fragment = MINIFW_FRAGMENT_FIRST;
	}
}

/*
 * Pass one header, of 8 bytes at the least: which it was; -ENOENT where there is
 * none, -EBADMSG where there is not the whole of it.
 */
static int chain_step(struct chain *chain)
{
	int which = exthdr_of(chain->next);
	const struct frag_hdr *header;
	struct frag_hdr buffer;
	unsigned int length;

	if (which < 0)
		return which;
	header = skb_header_pointer(chain->skb, chain->start, sizeof(buffer), &buffer);
	if (!header)
		return -EBADMSG;
	length = exthdr_length(header, which);
	if (chain->start + length > chain->end)
		return -EBADMSG;
	chain->start += length;
	chain->next = header->nexthdr;
	if (which == MINIFW_EXTHDR_FRAG)
		chain_fragment(chain, header);
	return which;
}

/* IPv4 has it in the header, RFC 791, 3.1. */
static int fragment_ip(const struct sk_buff *skb)
{
	struct iphdr buffer;
	const struct iphdr *ip = skb_header_pointer(skb, skb_network_offset(skb), sizeof(buffer),
						    &buffer);

	if (!ip)
		return -EBADMSG;
	if (ip->frag_off & htons(IP_OFFSET))
		return MINIFW_FRAGMENT_LATER;
	return ip->frag_off & htons(IP_MF) ? MINIFW_FRAGMENT_FIRST : MINIFW_FRAGMENT_NONE;
}

/**
 * minifw_packet_fragment() - is a packet whole, or which piece is it?
 * @packet: parsed, with MINIFW_HAS_ADDR
 *
 * Context: the packet path; does not sleep.
 * Return: enum minifw_fragment, or a negative errno where a chain of extension
 * headers breaks before it says.
 */
int minifw_packet_fragment(const struct minifw_packet *packet)
{
	struct chain chain;
	int which;

	if (packet->family == MINIFW_IP)
		return fragment_ip(packet->skb);
	chain = chain_begin(packet->skb);
	do {
		which = chain_step(&chain);
	} while (which >= 0 && chain.fragment == MINIFW_FRAGMENT_NONE);
	return which == -EBADMSG ? which : chain.fragment;
}

/**
 * minifw_packet_exthdrs() - has a packet one of some extension headers?
 * @packet: parsed, of IPv6, with MINIFW_HAS_ADDR
 * @wanted: bits by enum minifw_exthdr
 *
 * Context: the packet path; does not sleep.
 * Return: the bit of the first that it has of @wanted, whole and before the chain
 * ends or breaks, or 0.
 */
u8 minifw_packet_exthdrs(const struct minifw_packet *packet, u8 wanted)
{
	struct chain chain = chain_begin(packet->skb);
	int which;

	while ((which = chain_step(&chain)) >= 0)
		if (wanted & BIT(which))
			return BIT(which);
	return 0;
}

static u8 ipopt_bit(u8 type)
{
	switch (type) {
	case IPOPT_LSRR:
		return BIT(MINIFW_IPOPT_LSRR);
	case IPOPT_SSRR:
		return BIT(MINIFW_IPOPT_SSRR);
	case IPOPT_RR:
		return BIT(MINIFW_IPOPT_RR);
	case IPOPT_RA:
		return BIT(MINIFW_IPOPT_RA);
	case IPOPT_TIMESTAMP:
		return BIT(MINIFW_IPOPT_TS);
	}
	return 0;
}

/* RFC 791, 3.1: END and NOP are a byte, all others have their length in the second. */
static u8 ipopts_walk(const u8 *option, unsigned int left)
{
	u8 found = 0;

	while (left && *option != IPOPT_END) {
		unsigned int length = 1;

		if (*option != IPOPT_NOOP) {
			if (left < 2 || option[1] < 2 || option[1] > left)
				break;
			length = option[1];
			found |= ipopt_bit(*option);
		}
		option += length;
		left -= length;
	}
	return found;
}

/**
 * minifw_packet_ipopts() - the options of a packet
 * @packet: parsed, of IPv4, with MINIFW_HAS_ADDR
 *
 * Context: the packet path; does not sleep.
 * Return: bits by enum minifw_ipopt, of those before the first that is malformed.
 */
u8 minifw_packet_ipopts(const struct minifw_packet *packet)
{
	unsigned int start = skb_network_offset(packet->skb), size;
	u8 buffer[MAX_IPOPTLEN];
	const u8 *bytes = skb_header_pointer(packet->skb, start, 1, buffer);

	if (!bytes || (*bytes & 0xf) * 4 <= sizeof(struct iphdr))
		return 0;
	size = (*bytes & 0xf) * 4 - sizeof(struct iphdr);
	bytes = skb_header_pointer(packet->skb, start + sizeof(struct iphdr), size, buffer);
	return bytes ? ipopts_walk(bytes, size) : 0;
}

/**
 * minifw_packet_dscp() - the DSCP class of a packet
 * @packet: parsed, with MINIFW_HAS_ADDR
 *
 * Context: the packet path; does not sleep.
 * Return: 0 to 63, or a negative errno.
 */
int minifw_packet_dscp(const struct minifw_packet *packet)
{
	__be16 buffer;
	const __be16 *word = skb_header_pointer(packet->skb, skb_network_offset(packet->skb),
						sizeof(buffer), &buffer);

	if (!word)
		return -ENODATA;
	/* RFC 791: version, length, class; RFC 8200: version, then the class */
	if (packet->family == MINIFW_IP)
		return (ntohs(*word) & 0xff) >> 2;
	return (ntohs(*word) >> 6) & 0x3f;
}

/**
 * minifw_packet_saddr_mac() - the source of a packet's Ethernet header
 * @packet: parsed
 *
 * Context: the packet path; does not sleep.
 * Return: six bytes; NULL if it did not come in by an Ethernet device, or without a header.
 */
const u8 *minifw_packet_saddr_mac(const struct minifw_packet *packet)
{
	const struct net_device *dev = packet->state->in;
	const struct sk_buff *skb = packet->skb;

	if (!dev || dev->type != ARPHRD_ETHER || !skb_mac_header_was_set(skb) ||
	    skb_mac_header_len(skb) < ETH_HLEN)
		return NULL;
	return eth_hdr(skb)->h_source;
}
