/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SPEC_H
#define MINIFW_SPEC_H

#include <linux/bits.h>
#include <linux/types.h>

#include "addr.h"
#include "gcra.h"
#include "logspec.h"
#include "parse.h"
#include "rate.h"
#include "schedule.h"
#include "stage.h"

struct cgroup;
struct minifw_error;
struct minifw_limits;
struct minifw_set_ref;
struct minifw_share;
struct minifw_text;

/*
 * All that a rule can say, in the order of its line in minifw.conf(5).  This
 * list makes the attribute files; the table in attr.c has a row for each.
 */
#define MINIFW_ATTRS(X) \
	X(priority) \
	X(hook) \
	X(family) \
	X(iif) \
	X(oif) \
	X(saddr) \
	X(daddr) \
	X(saddr_type) \
	X(daddr_type) \
	X(proto) \
	X(sport) \
	X(dport) \
	X(icmp_type) \
	X(icmpv6_type) \
	X(tcp_flags) \
	X(ct_state) \
	X(ct_status) \
	X(ct_mark) \
	X(ct_orig_daddr) \
	X(ct_orig_dport) \
	X(fragment) \
	X(exthdr) \
	X(ipopt) \
	X(saddr_mac) \
	X(length) \
	X(ttl) \
	X(dscp) \
	X(pkttype) \
	X(mark) \
	X(uid) \
	X(gid) \
	X(cgroup) \
	X(rpf) \
	X(ipsec) \
	X(time) \
	X(limit) \
	X(conn_limit) \
	X(quota) \
	X(action) \
	X(add_to) \
	X(log) \
	X(comment) \
	X(expires)

#define MINIFW_ATTR_ENUM(name) MINIFW_ATTR_##name,
enum minifw_attr_id {
	MINIFW_ATTRS(MINIFW_ATTR_ENUM)
	MINIFW_NR_ATTRS
};

/*
 * Attributes that few rules have, by who answers for them: a rule without any
 * pays for one look at @attrs.
 */

/* The headers, which are read when they are asked for: match.c. */
#define MINIFW_HEADER_ATTRS ( \
	BIT_ULL(MINIFW_ATTR_fragment) | BIT_ULL(MINIFW_ATTR_exthdr) | \
	BIT_ULL(MINIFW_ATTR_ipopt) | BIT_ULL(MINIFW_ATTR_saddr_mac) | \
	BIT_ULL(MINIFW_ATTR_length) | BIT_ULL(MINIFW_ATTR_ttl) | BIT_ULL(MINIFW_ATTR_dscp))

/* Conntrack's entry of the packet: meta.c. */
#define MINIFW_CT_ENTRY_ATTRS ( \
	BIT_ULL(MINIFW_ATTR_ct_status) | BIT_ULL(MINIFW_ATTR_ct_mark) | \
	BIT_ULL(MINIFW_ATTR_ct_orig_daddr) | BIT_ULL(MINIFW_ATTR_ct_orig_dport))

/* Conntrack. */
#define MINIFW_CT_ATTRS ( \
	MINIFW_CT_ENTRY_ATTRS | BIT_ULL(MINIFW_ATTR_ct_state) | BIT_ULL(MINIFW_ATTR_conn_limit))

/* The kernel: meta.c. */
#define MINIFW_META_ATTRS ( \
	MINIFW_CT_ENTRY_ATTRS | \
	BIT_ULL(MINIFW_ATTR_saddr_type) | BIT_ULL(MINIFW_ATTR_daddr_type) | \
	BIT_ULL(MINIFW_ATTR_pkttype) | BIT_ULL(MINIFW_ATTR_mark) | \
	BIT_ULL(MINIFW_ATTR_uid) | BIT_ULL(MINIFW_ATTR_gid) | BIT_ULL(MINIFW_ATTR_cgroup) | \
	BIT_ULL(MINIFW_ATTR_rpf) | BIT_ULL(MINIFW_ATTR_ipsec) | BIT_ULL(MINIFW_ATTR_time))

/* What is counted over packets, and asked when all else matched: limit.c. */
#define MINIFW_LIMIT_ATTRS ( \
	BIT_ULL(MINIFW_ATTR_limit) | BIT_ULL(MINIFW_ATTR_conn_limit) | \
	BIT_ULL(MINIFW_ATTR_quota))

/* What nobody knows any more of a connection's first packet; of its mark there is a guess. */
#define MINIFW_UNTOLD_ATTRS ( \
	MINIFW_HEADER_ATTRS | MINIFW_LIMIT_ATTRS | \
	BIT_ULL(MINIFW_ATTR_pkttype) | BIT_ULL(MINIFW_ATTR_mark) | \
	BIT_ULL(MINIFW_ATTR_uid) | BIT_ULL(MINIFW_ATTR_gid) | BIT_ULL(MINIFW_ATTR_cgroup) | \
	BIT_ULL(MINIFW_ATTR_rpf) | BIT_ULL(MINIFW_ATTR_ipsec))

/* What a rule does beside its action: effect.c. */
#define MINIFW_EFFECT_ATTRS	(BIT_ULL(MINIFW_ATTR_add_to) | BIT_ULL(MINIFW_ATTR_log))

/* What becomes of a packet. */
enum minifw_verdict {
	MINIFW_UNSET,
	MINIFW_ACCEPT,
	MINIFW_DROP,
	MINIFW_REJECT,
	MINIFW_CONTINUE,
	MINIFW_NOTRACK,
	MINIFW_QUEUE,
	MINIFW_NR_VERDICTS
};

/* How a rejected packet's sender is told. */
enum minifw_reject {
	MINIFW_REJECT_DEFAULT,		/* a reset for TCP, else port-unreachable */
	MINIFW_REJECT_TCP_RESET,
	MINIFW_REJECT_PORT,
	MINIFW_REJECT_HOST,
	MINIFW_REJECT_NET,
	MINIFW_REJECT_ADMIN,
	MINIFW_NR_REJECTS
};

/**
 * struct minifw_action - what a rule does
 * @verdict: enum minifw_verdict
 * @reject: enum minifw_reject, where it is MINIFW_REJECT
 * @queue: where it is MINIFW_QUEUE, the number of the queue, or of the first of several
 * @last_queue: likewise, of the last
 * @bypass: likewise, 1 where it is accepted if no program listens, else 0
 *
 * Without holes, so that two can be compared as bytes.
 */
struct minifw_action {
	u8 verdict;
	u8 reject;
	u16 queue;
	u16 last_queue;
	u16 bypass;
};

/* Does a packet go no further by it? */
static inline bool minifw_verdict_refuses(u8 verdict)
{
	return verdict == MINIFW_DROP || verdict == MINIFW_REJECT;
}

/* What an address is to this host, as bits of saddr_type and daddr_type. */
enum minifw_addr_type {
	MINIFW_ADDR_LOCAL,
	MINIFW_ADDR_BROADCAST,
	MINIFW_ADDR_MULTICAST,
	MINIFW_ADDR_UNICAST,
};

/* Does an answer go where the packet came from?  As bits of rpf. */
enum minifw_rpf {
	MINIFW_RPF_FAIL,
	MINIFW_RPF_PASS,
};

/* What IPsec does with a packet, as bits of ipsec. */
enum minifw_ipsec {
	MINIFW_IPSEC_IN,	/* it came through it */
	MINIFW_IPSEC_OUT,	/* it goes out through it */
	MINIFW_IPSEC_NONE,	/* neither */
};

/* Conntrack's opinion of a packet, as bits of ct_state. */
enum minifw_ct_state {
	MINIFW_CT_NEW,
	MINIFW_CT_ESTABLISHED,
	MINIFW_CT_RELATED,
	MINIFW_CT_INVALID,
	MINIFW_CT_UNTRACKED,
	MINIFW_NR_CT_STATES
};

/**
 * struct minifw_rare_live - what a live rule has beside what it says
 * @group: the cgroup that it names, held; or NULL
 * @limits: what its limits have counted; NULL where it has none
 * @deadline: get_jiffies_64() from which on it has expired; 0 before its first
 *            publish, and where it does not. Guarded by minifw_ruleset_mutex
 * @log_limit: of a line of a chain: how close its log is to its limit
 */
struct minifw_rare_live {
	struct cgroup *group;
	struct minifw_limits *limits;
	u64 deadline;
	struct minifw_gcra log_limit;
};

/**
 * struct minifw_rare - what few rules say
 * @saddr_type: bits by enum minifw_addr_type
 * @daddr_type: likewise
 * @ct_status: bits by IPS_*_BIT
 * @fragment: bits by enum minifw_fragment
 * @exthdr: bits by enum minifw_exthdr
 * @ipopt: bits by enum minifw_ipopt
 * @pkttype: bits by PACKET_*
 * @rpf: bits by enum minifw_rpf
 * @ipsec: bits by enum minifw_ipsec
 * @expires: seconds that it is in force
 * @icmp_type: of ICMP
 * @icmpv6_type: of ICMPv6
 * @ct_orig_daddr: destination of the connection's first packet, before DNAT
 * @ct_orig_dport: likewise, its port
 * @saddr_mac: source of the Ethernet header
 * @length: bytes from the network header on
 * @ttl: TTL or hop limit
 * @dscp: DSCP classes
 * @ct_mark: the connection's mark
 * @mark: the packet's mark
 * @uid: users whose socket sends it
 * @gid: groups likewise
 * @cgroup: path of the cgroup, whose or below which the socket is
 * @time: when it matches
 * @limit: a rate
 * @conn_limit: a number of connections
 * @quota: an amount that is used up
 * @add_to: the set that what matches is put into
 * @log: how packets that match are logged
 * @comment: for people
 * @live: what a live rule has for them; nothing in drafts
 */
struct minifw_rare {
	struct minifw_flags saddr_type;
	struct minifw_flags daddr_type;
	struct minifw_flags ct_status;
	struct minifw_flags fragment;
	struct minifw_flags exthdr;
	struct minifw_flags ipopt;
	struct minifw_flags pkttype;
	struct minifw_flags rpf;
	struct minifw_flags ipsec;
	u32 expires;
	struct minifw_slot icmp_type;
	struct minifw_slot icmpv6_type;
	struct minifw_slot ct_orig_daddr;
	struct minifw_slot ct_orig_dport;
	struct minifw_macs *saddr_mac;
	struct minifw_slot length;
	struct minifw_slot ttl;
	struct minifw_slot dscp;
	struct minifw_mark ct_mark;
	struct minifw_mark mark;
	struct minifw_slot uid;
	struct minifw_slot gid;
	struct minifw_note *cgroup;
	struct minifw_schedule time;
	struct minifw_limit limit;
	struct minifw_conn_limit conn_limit;
	struct minifw_quota quota;
	struct minifw_set_ref *add_to;
	struct minifw_log *log;
	struct minifw_note *comment;
	struct minifw_rare_live live;
};

/**
 * struct minifw_spec - what a rule says
 * @attrs: a bit for each enum minifw_attr_id that has a value
 * @action: what it does
 * @needs: MINIFW_HAS_* that a packet must have; set by minifw_spec_seal()
 * @families: a bit for each enum minifw_family; set by minifw_spec_seal()
 * @stages: bits by enum minifw_stage: where it stands; set by minifw_spec_seal()
 * @twice: it asks one set more than once; set by minifw_sets_bind()
 * @hook: bits by enum minifw_stage, of those that are hooks
 * @family: bits by enum minifw_family
 * @tcp_flags: TCP flags
 * @ct_state: bits by enum minifw_ct_state
 * @priority: rules are tried in ascending order of it
 * @saddr: source
 * @daddr: destination
 * @sport: source port
 * @dport: destination port
 * @proto: protocols
 * @iif: name of the device that it came in by
 * @oif: name of the device that it goes out by
 * @rare: all else, its own; NULL where none of it has a value
 *
 * Plain data.  Lists are shared by reference between specs and immutable.  Where a
 * list's header says @set, it is a struct minifw_set_ref instead.
 *
 * 100,000 lines of a chain have one each: what few of them say is in @rare.
 */
struct minifw_spec {
	u64 attrs;
	struct minifw_action action;
	u8 needs;
	u8 families;
	u8 stages;
	bool twice;
	struct minifw_flags hook;
	struct minifw_flags family;
	struct minifw_tcp_flags tcp_flags;
	struct minifw_flags ct_state;
	s32 priority;
	struct minifw_slot saddr;
	struct minifw_slot daddr;
	struct minifw_slot sport;
	struct minifw_slot dport;
	struct minifw_slot proto;
	struct minifw_ifaces *iif;
	struct minifw_ifaces *oif;
	struct minifw_rare *rare;
};

const char *minifw_attr_name(enum minifw_attr_id id);
const char *minifw_hook_name(unsigned int hook);
const char *minifw_verdict_name(enum minifw_verdict verdict);

void minifw_spec_init(struct minifw_spec *spec);
int minifw_spec_copy(struct minifw_spec *to, const struct minifw_spec *from);
void minifw_spec_clear(struct minifw_spec *spec);
bool minifw_spec_equal(const struct minifw_spec *a, const struct minifw_spec *b);
bool minifw_attr_equal(enum minifw_attr_id id, const struct minifw_spec *a,
		       const struct minifw_spec *b);
u32 minifw_spec_hash(const struct minifw_spec *spec);
void minifw_spec_share(struct minifw_spec *spec, struct minifw_share *share);
size_t minifw_spec_memory(const struct minifw_spec *spec);
int minifw_spec_set(struct minifw_spec *spec, enum minifw_attr_id id, char *text,
		    struct minifw_error *err);
void minifw_spec_show(const struct minifw_spec *spec, enum minifw_attr_id id,
		      struct minifw_text *out);
int minifw_spec_line(const struct minifw_spec *spec, struct minifw_text *out);
int minifw_spec_pairs(const struct minifw_spec *spec, struct minifw_text *out);
struct minifw_set_ref *minifw_spec_ref(const struct minifw_spec *spec, enum minifw_attr_id id);
struct minifw_set_ref *minifw_spec_next_ref(const struct minifw_spec *spec, u64 *left,
					    enum minifw_attr_id *id);
u8 minifw_spec_set_types(const struct minifw_spec *spec, enum minifw_attr_id id);
void minifw_spec_replace(struct minifw_spec *spec, enum minifw_attr_id id,
			 struct minifw_list *list);
int minifw_spec_seal(struct minifw_spec *spec, struct minifw_error *err);
bool minifw_proto_has_ports(u8 proto);

/* Has a rule a value for an attribute? */
static inline bool minifw_spec_asks(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	return spec->attrs & BIT_ULL(id);
}

#endif
