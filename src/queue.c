// SPDX-License-Identifier: GPL-2.0
/*
 * Handing a packet to a program, which decides it: netfilter's queues (nfnetlink_queue).
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_queue.h>

#include "packet.h"
#include "queue.h"
#include "spec.h"

/* So that nobody can choose addresses for a queue. */
static u32 seed __read_mostly;

/**
 * minifw_queue_init() - get ready to spread packets over queues
 *
 * Context: before packets come.
 */
void minifw_queue_init(void)
{
	init_hashrandom(&seed);
}

/* Both directions of a connection in one, as nft and iptables do it. */
static u32 hash_of(const struct minifw_packet *packet)
{
	if (!(packet->has & MINIFW_HAS_ADDR))
		return 0;
	return packet->family == MINIFW_IP ? hash_v4(ip_hdr(packet->skb), seed) :
					     hash_v6(ipv6_hdr(packet->skb), seed);
}

/**
 * minifw_queue() - the verdict that has netfilter queue a packet
 * @packet: the packet, parsed, not at ingress; its network header is in the linear part
 * @action: whose verdict is MINIFW_QUEUE
 *
 * Context: the packet path; does not sleep.
 * Return: netfilter's verdict.
 */
unsigned int minifw_queue(const struct minifw_packet *packet, const struct minifw_action *action)
{
	u32 number = action->queue, count = action->last_queue - number + 1;

	if (count > 1)
		number += reciprocal_scale(hash_of(packet), count);
	return NF_QUEUE_NR(number) | (action->bypass ? NF_VERDICT_FLAG_QUEUE_BYPASS : 0);
}
