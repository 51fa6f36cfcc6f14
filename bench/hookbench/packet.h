/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One packet to send through hooks: what a record says of it, and the socket buffer made of that.
 */
#ifndef HOOKBENCH_PACKET_H
#define HOOKBENCH_PACKET_H

#include <linux/skbuff.h>
#include <linux/types.h>

/** enum hookbench_expect - what should become of a packet */
enum hookbench_expect {
	HOOKBENCH_DROPPED,
	HOOKBENCH_ACCEPTED,
	HOOKBENCH_UNKNOWN,
};

/**
 * struct hookbench_record - a packet in words; a file of packets is an array of them
 * @saddr: source, in network byte order; an IPv4 address is its first word
 * @daddr: destination, likewise
 * @sport: source port in network byte order; of ICMP, type and code
 * @dport: destination port in network byte order
 * @proto: IPPROTO_…
 * @family: 4 or 6
 * @tcp_flags: the flags byte of a TCP header
 * @expect: enum hookbench_expect
 * @mark: skb->mark, in network byte order
 *
 * bench/generator/trace.py writes the same layout.
 */
struct hookbench_record {
	__be32 saddr[4];
	__be32 daddr[4];
	__be16 sport;
	__be16 dport;
	u8 proto;
	u8 family;
	u8 tcp_flags;
	u8 expect;
	__be32 mark;
};

struct sk_buff *hookbench_packet_make(struct net_device *dev, const struct hookbench_record *rec);

#endif
