/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoint minifw:verdict: a packet was decided.  Off, it is a nop for each
 * of the places that decide.
 *
 * Strings and addresses are arrays of fixed size, so that filters and BPF programs
 * find them where they are; saddr and daddr are a sockaddr each, as in the tcp: events.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM minifw

#if !defined(MINIFW_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MINIFW_TRACE_H

#include <linux/in6.h>
#include <linux/tracepoint.h>

#include "rule.h"

struct minifw_packet;
struct nf_hook_state;
struct sk_buff;

TRACE_EVENT(verdict,
	    TP_PROTO(const struct minifw_packet *packet, const char *rule, const char *verdict),
	    TP_ARGS(packet, rule, verdict),
	    TP_STRUCT__entry(__array(char, rule, MINIFW_LIVE_NAME_SIZE)
			     __array(char, hook, 12)
			     __array(char, verdict, 12)
			     __field(u8, family)
			     __field(u8, proto)
			     __field(u16, sport)
			     __field(u16, dport)
			     __array(u8, saddr, sizeof(struct sockaddr_in6))
			     __array(u8, daddr, sizeof(struct sockaddr_in6))
			     __array(char, iif, IFNAMSIZ)
			     __array(char, oif, IFNAMSIZ)
			     __field(u32, len)),
	    TP_fast_assign(strscpy_pad(__entry->rule, rule, sizeof(__entry->rule));
			   strscpy_pad(__entry->hook, hook_name(packet->state),
				       sizeof(__entry->hook));
			   strscpy_pad(__entry->verdict, verdict, sizeof(__entry->verdict));
			   __entry->family = packet->family == MINIFW_IP ? 4 : 6;
			   __entry->proto = packet->proto;
			   __entry->sport = port_of(packet, packet->sport);
			   __entry->dport = port_of(packet, packet->dport);
			   put_address(__entry->saddr, packet, packet->saddr, __entry->sport);
			   put_address(__entry->daddr, packet, packet->daddr, __entry->dport);
			   strscpy_pad(__entry->iif, device_name(packet->state->in), IFNAMSIZ);
			   strscpy_pad(__entry->oif, device_name(packet->state->out), IFNAMSIZ);
			   __entry->len = minifw_packet_length(packet);),
	    TP_printk("rule=%s hook=%s verdict=%s proto=%u %pISpc -> %pISpc iif=%s oif=%s len=%u",
		      __entry->rule, __entry->hook, __entry->verdict, __entry->proto,
		      __entry->saddr, __entry->daddr, __entry->iif, __entry->oif, __entry->len)
);

void minifw_trace_early(struct sk_buff *skb, const struct nf_hook_state *state, const char *by);
void minifw_trace_shortcut(const struct minifw_packet *packet, const char *by);
void minifw_trace_cut(const struct minifw_packet *packet);
void minifw_trace_verdict(const struct minifw_packet *packet, const struct minifw_live *rule,
			  enum minifw_verdict verdict);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
