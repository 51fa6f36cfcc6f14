// SPDX-License-Identifier: GPL-2.0
/*
 * Decisions for those who watch: fills the tracepoint of trace.h.  Nothing here
 * runs while nobody does.
 */
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "packet.h"
#include "rule.h"
#include "stage.h"

static u16 port_of(const struct minifw_packet *packet, u16 port)
{
	return packet->has & MINIFW_HAS_PORTS ? port : 0;
}

/* Netfilter numbers the hooks at devices anew. */
static const char *hook_name(const struct nf_hook_state *state)
{
	return minifw_hook_name(state->pf == NFPROTO_NETDEV ? MINIFW_AT_INGRESS : state->hook);
}

static const char *device_name(const struct net_device *device)
{
	return device ? device->name : "";
}

/* A struct sockaddr_in or sockaddr_in6 in the room of the latter; of a broken packet, ::. */
static void put_address(u8 *to, const struct minifw_packet *packet, struct minifw_addr addr,
			u16 port)
{
	struct sockaddr_in6 ip6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in *ip = (struct sockaddr_in *)&ip6;

	if (!(packet->has & MINIFW_HAS_ADDR))
		addr = (struct minifw_addr){};
	if (packet->family == MINIFW_IP) {
		ip->sin_family = AF_INET;
		ip->sin_addr.s_addr = htonl(addr.lo);
	} else {
		minifw_addr_to_in6(addr, &ip6.sin6_addr);
	}
	memcpy(to, &ip6, sizeof(ip6));
}

#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * minifw_trace_early() - trace a packet that was accepted before it was parsed
 * @skb: the packet
 * @state: the hook's
 * @by: loopback, established or policy
 *
 * Context: the packet path; does not sleep.
 */
void minifw_trace_early(struct sk_buff *skb, const struct nf_hook_state *state, const char *by)
{
	struct minifw_packet packet;

	if (state->pf == NFPROTO_IPV4)
		minifw_packet_parse_ip(&packet, skb, state);
	else
		minifw_packet_parse_ip6(&packet, skb, state);
	minifw_trace_shortcut(&packet, by);
}

/**
 * minifw_trace_shortcut() - trace a packet that was accepted before any rule
 * @packet: the packet, parsed
 * @by: what accepted it
 *
 * Context: the packet path; does not sleep.
 */
void minifw_trace_shortcut(const struct minifw_packet *packet, const char *by)
{
	trace_verdict(packet, by, minifw_verdict_name(MINIFW_ACCEPT));
}

/**
 * minifw_trace_cut() - trace a segment of a connection that a publish has ended
 * @packet: the packet, parsed
 *
 * Context: the packet path; does not sleep.
 */
void minifw_trace_cut(const struct minifw_packet *packet)
{
	trace_verdict(packet, "recheck", minifw_verdict_name(MINIFW_DROP));
}

/**
 * minifw_trace_verdict() - trace what a rule or the policy decided
 * @packet: the packet, parsed
 * @rule: the rule, or NULL for the policy
 * @verdict: what becomes of the packet
 *
 * Context: the packet path; does not sleep.
 */
void minifw_trace_verdict(const struct minifw_packet *packet, const struct minifw_live *rule,
			  enum minifw_verdict verdict)
{
	char name[MINIFW_LIVE_NAME_SIZE] = "policy";

	if (rule)
		minifw_live_name(rule, name, sizeof(name));
	trace_verdict(packet, name, minifw_verdict_name(verdict));
}
