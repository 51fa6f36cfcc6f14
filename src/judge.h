/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_JUDGE_H
#define MINIFW_JUDGE_H

#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/types.h>

#include "addr.h"
#include "packet.h"
#include "rule.h"
#include "spec.h"

struct minifw_judge;
struct minifw_snapshot;
struct minifw_text;
struct net;
struct nf_conn;

/* Of raw bytes, at the most: more than a write to configfs can say in hex. */
#define MINIFW_PROBE_BYTES 2048

/**
 * struct minifw_probe - a packet that was never sent
 * @hook: where it is: enum minifw_stage, of those that are hooks
 * @family: enum minifw_family
 * @proto: protocol
 * @tcp_flags: of TCP
 * @ct_state: enum minifw_ct_state: what conntrack says of it
 * @has_uid: a process sends it, that of @uid
 * @iif: device that it came in by; empty for none. It need not exist
 * @oif: device that it goes out by, likewise
 * @saddr: source
 * @daddr: destination
 * @sport: of a protocol with ports
 * @dport: likewise
 * @icmp: `type << 8 | code`, of the family's ICMP
 * @length: bytes from the network header on; less than the headers take is as many as they do
 * @mark: the packet's mark
 * @uid: number of the user, by the namespace's user namespace
 * @bytes: the packet itself, from the network header on: none of @proto, @tcp_flags, @saddr,
 *         @daddr, @sport, @dport, @icmp and @length counts; NULL where it is made of these
 * @size: of @bytes, MINIFW_PROBE_BYTES at the most
 * @flow: conntrack's entry of the connection whose first packet it is; NULL where there is none.
 *        What neither it nor these fields tell is taken to match: see MINIFW_UNTOLD_ATTRS
 *
 * Plain data: all zero but for what is known will do.
 */
struct minifw_probe {
	u8 hook;
	u8 family;
	u8 proto;
	u8 tcp_flags;
	u8 ct_state;
	bool has_uid;
	char iif[IFNAMSIZ];
	char oif[IFNAMSIZ];
	struct minifw_addr saddr;
	struct minifw_addr daddr;
	u16 sport;
	u16 dport;
	u16 icmp;
	u16 length;
	u32 mark;
	u32 uid;
	const u8 *bytes;
	u16 size;
	struct nf_conn *flow;
};

/**
 * struct minifw_judgement - what would become of a packet
 * @verdict: enum minifw_verdict
 * @by: who decides: a rule, CHAIN:N, policy, established, loopback or control
 */
struct minifw_judgement {
	u8 verdict;
	char by[MINIFW_LIVE_NAME_SIZE];
};

unsigned int minifw_probe_headers(const struct minifw_probe *probe);

struct minifw_judge *minifw_judge_create(struct net *net);
void minifw_judge_free(struct minifw_judge *judge);
void minifw_judge_ask(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
		      const struct minifw_probe *probe, struct minifw_judgement *answer);

bool minifw_judge_refuses(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
			  const struct minifw_probe *probe);

/* What asks rules one by one: explain.c. */
void minifw_judge_begin(struct minifw_judge *judge, const struct minifw_probe *probe);
void minifw_judge_end(struct minifw_judge *judge);
const char *minifw_judge_parse(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
			       enum minifw_stage stage, struct minifw_packet *packet);
void minifw_judge_untrack(struct minifw_judge *judge);
int minifw_judge_raw_stage(const struct minifw_probe *probe);

int minifw_judge_okfn(struct net *net, struct sock *sk, struct sk_buff *skb);

/*
 * Is a packet one that a judge made?  Then it has no socket, and no entry of conntrack's but
 * its @flow, whatever its state.
 */
static inline bool minifw_judge_asks(const struct nf_hook_state *state)
{
	return state->okfn == minifw_judge_okfn;
}

bool minifw_judge_untold(const struct nf_hook_state *state);
bool minifw_judge_uid(const struct nf_hook_state *state, u32 *uid);

#endif
