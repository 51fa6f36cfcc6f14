// SPDX-License-Identifier: GPL-2.0
/*
 * What is done to a packet.  Refusing it in a way that its sender notices: netfilter's
 * own nf_reject builds the answer and knows what must not be answered: resets, ICMP errors,
 * later fragments, broadcasts, wrong checksums.  And keeping conntrack away from it.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/netfilter/nf_conntrack.h>

#include "action.h"

/* Codes of "destination unreachable": RFC 792 and RFC 1812, 5.2.7.1; RFC 4443, 3.1 */
static const u8 unreach_codes[MINIFW_NR_REJECTS][MINIFW_NR_FAMILIES] = {
	[MINIFW_REJECT_DEFAULT] = { ICMP_PORT_UNREACH, ICMPV6_PORT_UNREACH },
	[MINIFW_REJECT_PORT] = { ICMP_PORT_UNREACH, ICMPV6_PORT_UNREACH },
	[MINIFW_REJECT_HOST] = { ICMP_HOST_UNREACH, ICMPV6_ADDR_UNREACH },
	[MINIFW_REJECT_NET] = { ICMP_NET_UNREACH, ICMPV6_NOROUTE },
	[MINIFW_REJECT_ADMIN] = { ICMP_PKT_FILTERED, ICMPV6_ADM_PROHIBITED },
};

static bool wants_reset(const struct minifw_packet *packet, enum minifw_reject how)
{
	if (how == MINIFW_REJECT_TCP_RESET)
		return true;
	return how == MINIFW_REJECT_DEFAULT && (packet->has & MINIFW_HAS_PROTO) &&
	       packet->proto == IPPROTO_TCP;
}

/**
 * minifw_reject() - tell a packet's sender that it is refused
 * @packet: the packet, parsed, at input, forward or output; the caller drops it
 * @how: with a reset, or with which ICMP error
 *
 * Context: the packet path; does not sleep. nf_reject allocates the answer.
 */
void minifw_reject(const struct minifw_packet *packet, enum minifw_reject how)
{
	const struct nf_hook_state *state = packet->state;
	u8 code = unreach_codes[how][packet->family];

	if (!(packet->has & MINIFW_HAS_ADDR))
		return;
	if (packet->family == MINIFW_IP) {
		if (wants_reset(packet, how))
			nf_send_reset(state->net, state->sk, packet->skb, state->hook);
		else
			nf_send_unreach(packet->skb, code, state->hook);
		return;
	}
	if (wants_reset(packet, how))
		nf_send_reset6(state->net, state->sk, packet->skb, state->hook);
	else
		nf_send_unreach6(state->net, packet->skb, code, state->hook);
}

/**
 * minifw_untrack() - keep conntrack from looking at a packet
 * @skb: the packet, before conntrack
 *
 * As nft's notrack: what was looped back, or has been decided by somebody else, stays.
 *
 * Context: the packet path; does not sleep.
 */
void minifw_untrack(struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;

	if (!nf_ct_get(skb, &ctinfo) && ctinfo != IP_CT_UNTRACKED)
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}
