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
#include <linux/ip.h>
#include <linux/ipv6.h>
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
static const void *span_read(const struct minifw_packet *packet, const struct span *span,
			     unsigned int size, void *buffer)
{
	if (span->end - span->start < size)
		return NULL;
	return skb_header_pointer(packet->skb, span->start, size, buffer);
}

static void set_ports(struct minifw_packet *packet, __be16 sport, __be16 dport)
{
	packet->sport = ntohs(sport);
	packet->dport = ntohs(dport);
	packet->has |= MINIFW_HAS_PORTS;
}

/* RFC 9293, 3.1: the data offset is at least 5 words, and within the segment. */
static void parse_tcp(struct minifw_packet *packet, const struct span *span)
{
	struct tcphdr buffer;
	const struct tcphdr *tcp = span_read(packet, span, sizeof(buffer), &buffer);

	if (!tcp || tcp->doff * 4 < sizeof(*tcp))
		return;
	if (!span->fragment && tcp->doff * 4 > span->end - span->start)
		return;
	set_ports(packet, tcp->source, tcp->dest);
	packet->tcp_flags = ((const u8 *)tcp)[13];
	packet->has |= MINIFW_HAS_TCP;
}

/*
 * RFC 768: the length is at least that of the header, and within the packet. A
 * buffer that stands for several datagrams (GSO) speaks of one of them, or of none.
 */
static void parse_udp(struct minifw_packet *packet, const struct span *span)
{
	struct udphdr buffer;
	const struct udphdr *udp = span_read(packet, span, sizeof(buffer), &buffer);
	unsigned int len;

	if (!udp)
		return;
	len = ntohs(udp->len);
	if (!skb_is_gso(packet->skb) &&
	    (len < sizeof(*udp) || (!span->fragment && len > span->end - span->start)))
		return;
	set_ports(packet, udp->source, udp->dest);
}

/* SCTP, DCCP and UDP-Lite begin with the ports too: @size is their shortest header. */
static void parse_ports(struct minifw_packet *packet, const struct span *span, unsigned int size)
{
	struct sctphdr buffer;
	const __be16 *ports = span_read(packet, span, size, &buffer);

	BUILD_BUG_ON(sizeof(buffer) < sizeof(struct dccp_hdr));
	if (ports)
		set_ports(packet, ports[0], ports[1]);
}

/* RFC 792 and RFC 4443: every message that hosts exchange has 8 bytes at least. */
static void parse_icmp(struct minifw_packet *packet, const struct span *span)
{
	struct icmphdr buffer;
	const struct icmphdr *icmp = span_read(packet, span, sizeof(buffer), &buffer);

	if (!icmp)
		return;
	packet->icmp = icmp->type << 8 | icmp->code;
	packet->has |= MINIFW_HAS_ICMP;
}

static void parse_transport(struct minifw_packet *packet, const struct span *span)
{
	if (span->start > span->end)
		return;
	switch (packet->proto) {
	case IPPROTO_TCP:
		return parse_tcp(packet, span);
	case IPPROTO_UDP:
		return parse_udp(packet, span);
	case IPPROTO_SCTP:
		return parse_ports(packet, span, sizeof(struct sctphdr));
	case IPPROTO_DCCP:
		return parse_ports(packet, span, sizeof(struct dccp_hdr));
	case IPPROTO_UDPLITE:
		return parse_ports(packet, span, sizeof(struct udphdr));
	case IPPROTO_ICMP:
		if (packet->family == MINIFW_IP)
			parse_icmp(packet, span);
		return;
	case IPPROTO_ICMPV6:
		if (packet->family == MINIFW_IP6)
			parse_icmp(packet, span);
		return;
	}
}

/* RFC 791, 3.1 */
static void parse_ip(struct minifw_packet *packet)
{
	const struct sk_buff *skb = packet->skb;
	unsigned int start = skb_network_offset(skb);
	unsigned int there = skb->len - start, total, header;
	struct iphdr buffer;
	const struct iphdr *ip = skb_header_pointer(skb, start, sizeof(buffer), &buffer);
	struct span span;

	if (!ip || ip->version != 4)
		return;
	header = ip->ihl * 4;
	total = ntohs(ip->tot_len);
	if (!total && skb_is_gso(skb))	/* BIG TCP: too long for the field */
		total = there;
	if (header < sizeof(*ip) || total < header || total > there)
		return;
	packet->saddr = (struct minifw_addr){ .lo = ntohl(ip->saddr) };
	packet->daddr = (struct minifw_addr){ .lo = ntohl(ip->daddr) };
	packet->proto = ip->protocol;
	packet->hop_limit = ip->ttl;
	packet->has = MINIFW_HAS_ADDR | MINIFW_HAS_PROTO;
	if (ip->frag_off & htons(IP_OFFSET))
		return;
	span = (struct span){
		.start = start + header, .end = start + total,
		.fragment = ip->frag_off & htons(IP_MF),
	};
	parse_transport(packet, &span);
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
static void parse_ip6_protocol(struct minifw_packet *packet, u8 nexthdr, struct span *span)
{
	unsigned int offset = 0;
	unsigned short later = 0;
	int flags = IP6_FH_F_AUTH, proto = nexthdr;

	if (ipv6_ext_hdr(nexthdr)) {
		proto = ipv6_find_hdr(packet->skb, &offset, -1, &later, &flags);
		if (proto < 0 || (!later && offset > span->end))
			return;
		span->start = offset;
		span->fragment = (flags & IP6_FH_F_FRAG) && is_first_fragment(packet->skb);
	}
	packet->proto = proto;
	packet->has |= MINIFW_HAS_PROTO;
	if (!later)
		parse_transport(packet, span);
}

/* RFC 8200, 3 */
static void parse_ip6(struct minifw_packet *packet)
{
	const struct sk_buff *skb = packet->skb;
	unsigned int start = skb_network_offset(skb), total;
	struct ipv6hdr buffer;
	const struct ipv6hdr *ip = skb_header_pointer(skb, start, sizeof(buffer), &buffer);
	struct span span;

	if (!ip || ip->version != 6)
		return;
	total = sizeof(*ip) + ntohs(ip->payload_len);
	if (!ip->payload_len && skb_is_gso(skb))	/* BIG TCP: too long for the field */
		total = skb->len - start;
	if (total > skb->len - start)
		return;
	packet->saddr.hi = get_unaligned_be64(&ip->saddr.s6_addr[0]);
	packet->saddr.lo = get_unaligned_be64(&ip->saddr.s6_addr[8]);
	packet->daddr.hi = get_unaligned_be64(&ip->daddr.s6_addr[0]);
	packet->daddr.lo = get_unaligned_be64(&ip->daddr.s6_addr[8]);
	packet->hop_limit = ip->hop_limit;
	packet->has = MINIFW_HAS_ADDR;
	span = (struct span){ .start = start + sizeof(*ip), .end = start + total };
	parse_ip6_protocol(packet, ip->nexthdr, &span);
}

/**
 * minifw_packet_parse() - read what rules can ask for
 * @packet: takes it
 * @skb: the packet; @skb->data at or before the network header
 * @state: the hook's
 * @family: by which hook it came
 *
 * Context: the packet path; does not sleep, does not change @skb.
 */
void minifw_packet_parse(struct minifw_packet *packet, const struct sk_buff *skb,
			 const struct nf_hook_state *state, enum minifw_family family)
{
	packet->skb = skb;
	packet->in = state->in;
	packet->out = state->out;
	packet->family = family;
	packet->hook = state->hook;
	packet->has = 0;
	packet->tcp_flags = 0;
	if (family == MINIFW_IP)
		parse_ip(packet);
	else
		parse_ip6(packet);
}
