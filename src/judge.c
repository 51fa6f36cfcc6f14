// SPDX-License-Identifier: GPL-2.0
/*
 * What would become of a packet that was never sent?  Makes one of real bytes, with
 * stand-ins for what comes with a real one, and decides it by the code that decides those
 * (decide.h).  It leaves no trace: nothing is counted, logged or taken from limits, and
 * conntrack hears nothing of it.
 */
#include <linux/bottom_half.h>
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "attr.h"
#include "compat.h"
#include "decide.h"
#include "judge.h"
#include "packet.h"
#include "rule.h"
#include "snapshot.h"

/**
 * struct minifw_judge - all that asking needs
 * @net: the namespace that packets are in
 * @skb: the packet that is asked about
 * @ct: stands for conntrack's entry, of which nothing is known
 * @in: stands for a device that does not exist
 * @out: likewise
 * @state: what netfilter would hand over
 * @probe: the packet that is asked about, as who asks says it
 */
struct minifw_judge {
	struct net *net;
	struct sk_buff *skb;
	struct nf_conn *ct;
	struct net_device *in;
	struct net_device *out;
	struct nf_hook_state state;
	const struct minifw_probe *probe;
};

/* ---- what is needed ---- */

static struct net_device *stand_in_create(struct net *net)
{
	struct net_device *dev = alloc_netdev(0, "minifw", NET_NAME_UNKNOWN, ether_setup);

	if (!dev)
		return NULL;
	dev_net_set(dev, net);
	dev->ifindex = INT_MAX;		/* nobody's: 0 would be "no VRF", and any device's */
	return dev;
}

static void stand_in_free(struct net_device *dev)
{
	if (dev)
		free_netdev(dev);
}

/**
 * minifw_judge_create() - get ready to ask about packets
 * @net: the namespace that they are in; it must outlive the judge
 *
 * Context: may sleep.
 * Return: a judge, who answers one question at a time; or NULL.
 */
struct minifw_judge *minifw_judge_create(struct net *net)
{
	struct minifw_judge *judge = kzalloc(sizeof(*judge), GFP_KERNEL);

	if (!judge)
		return NULL;
	judge->net = net;
	judge->skb = alloc_skb(MINIFW_PROBE_BYTES, GFP_KERNEL);
	judge->ct = nf_ct_tmpl_alloc(net, &nf_ct_zone_dflt, GFP_KERNEL);
	judge->in = stand_in_create(net);
	judge->out = stand_in_create(net);
	if (judge->skb && judge->ct && judge->in && judge->out)
		return judge;
	minifw_judge_free(judge);
	return NULL;
}

/**
 * minifw_judge_free() - let go of a judge
 * @judge: the judge, or NULL
 *
 * Context: may sleep.
 */
void minifw_judge_free(struct minifw_judge *judge)
{
	if (!judge)
		return;
	stand_in_free(judge->out);
	stand_in_free(judge->in);
	if (judge->ct)
		nf_ct_tmpl_free(judge->ct);
	kfree_skb(judge->skb);
	kfree(judge);
}

/* ---- the bytes ---- */

/* How much of a transport header there must be, for packet.c to read it. */
static unsigned int transport_size(const struct minifw_probe *probe)
{
	switch (probe->proto) {
	case IPPROTO_TCP:
		return sizeof(struct tcphdr);
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_AH:	/* which IPv6 has to look into */
		return 12;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 8;
	}
	return 0;
}

/**
 * minifw_probe_headers() - how long are the headers of a packet that is made of fields?
 * @probe: the packet; its family and protocol count
 *
 * Context: any.
 * Return: bytes, from the network header on.
 */
unsigned int minifw_probe_headers(const struct minifw_probe *probe)
{
	return (probe->family == MINIFW_IP ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) +
	       transport_size(probe);
}

/* RFC 4861 and RFC 2710 have a hop limit of their own; else what most hosts send. */
static u8 hop_limit_of(const struct minifw_probe *probe)
{
	u8 type = probe->icmp >> 8;

	if (probe->family == MINIFW_IP || probe->proto != IPPROTO_ICMPV6)
		return 64;
	if (type >= 133 && type <= 137)
		return 255;
	return (type >= 130 && type <= 132) || type == 143 ? 1 : 64;
}

static void put_ip(struct sk_buff *skb, const struct minifw_probe *probe, unsigned int length)
{
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = htons(length);
	ip->ttl = hop_limit_of(probe);
	ip->protocol = probe->proto;
	ip->saddr = htonl(probe->saddr.lo);
	ip->daddr = htonl(probe->daddr.lo);
	ip_send_check(ip);
}

static void put_ip6(struct sk_buff *skb, const struct minifw_probe *probe, unsigned int length)
{
	struct ipv6hdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 6;
	ip->payload_len = htons(length - sizeof(*ip));
	ip->nexthdr = probe->proto;
	ip->hop_limit = hop_limit_of(probe);
	minifw_addr_to_in6(probe->saddr, &ip->saddr);
	minifw_addr_to_in6(probe->daddr, &ip->daddr);
}

/* All protocols with ports begin with them; @length is that of header and payload. */
static void put_transport(struct sk_buff *skb, const struct minifw_probe *probe,
			  unsigned int length)
{
	u8 *header = skb_put_zero(skb, transport_size(probe));

	switch (probe->proto) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		put_unaligned_be16(probe->icmp, header);
		return;
	case IPPROTO_TCP:
		header[12] = sizeof(struct tcphdr) / 4 << 4;
		header[13] = probe->tcp_flags;
		break;
	case IPPROTO_UDP:
		((struct udphdr *)header)->len = htons(length);
		break;
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_UDPLITE:
		break;
	default:
		return;
	}
	put_unaligned_be16(probe->sport, header);
	put_unaligned_be16(probe->dport, header + 2);
}

/* What is behind the headers nobody reads: it has a length alone. */
static void put_fields(struct sk_buff *skb, const struct minifw_probe *probe)
{
	unsigned int headers = minifw_probe_headers(probe);
	unsigned int length = max_t(unsigned int, probe->length, headers);

	if (probe->family == MINIFW_IP)
		put_ip(skb, probe, length);
	else
		put_ip6(skb, probe, length);
	put_transport(skb, probe, length - headers + transport_size(probe));
	skb->data_len = length - headers;
	skb->len += skb->data_len;
}

/* At output a packet is nobody's yet. */
static u8 pkttype_of(const struct minifw_probe *probe)
{
	if (!(MINIFW_IN_HOOKS & BIT(probe->hook)))
		return PACKET_HOST;
	if (minifw_is_multicast(probe->daddr, probe->family))
		return PACKET_MULTICAST;
	if (probe->family == MINIFW_IP && (u32)probe->daddr.lo == INADDR_BROADCAST)
		return PACKET_BROADCAST;
	return PACKET_HOST;
}

static void skb_empty(struct sk_buff *skb)
{
	skb->len = 0;
	skb->data_len = 0;
	skb_reset_tail_pointer(skb);
	nf_ct_set(skb, NULL, 0);
}

static void skb_fill(struct minifw_judge *judge, const struct minifw_probe *probe)
{
	struct sk_buff *skb = judge->skb;

	skb_empty(skb);
	skb_reset_network_header(skb);
	skb->protocol = probe->family == MINIFW_IP ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->mark = probe->mark;
	skb->pkt_type = pkttype_of(probe);
	skb->dev = judge->state.in ?: judge->state.out ?: judge->in;
	if (probe->bytes)
		skb_put_data(skb, probe->bytes, probe->size);
	else
		put_fields(skb, probe);
}

/* ---- what comes with them ---- */

/**
 * minifw_judge_okfn() - marks a state as a judge's
 * @net: not used
 * @sk: likewise
 * @skb: likewise
 *
 * Context: never called: nobody continues with such a packet.
 * Return: -EPERM.
 */
int minifw_judge_okfn(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return -EPERM;
}

/* The device of a name; where there is none, @stand_in under that name. */
static struct net_device *device_of(struct net *net, const char *name,
				    struct net_device *stand_in)
{
	struct net_device *dev;

	if (!*name)
		return NULL;
	dev = dev_get_by_name_rcu(net, name);
	if (dev)
		return dev;
	strscpy(stand_in->name, name, IFNAMSIZ);
	return stand_in;
}

static void state_init(struct minifw_judge *judge, const struct minifw_probe *probe)
{
	bool ingress = probe->hook == MINIFW_AT_INGRESS;

	judge->state = (struct nf_hook_state){
		.hook = ingress ? NF_NETDEV_INGRESS : probe->hook,
		.pf = ingress ? NFPROTO_NETDEV :
		      probe->family == MINIFW_IP ? NFPROTO_IPV4 : NFPROTO_IPV6,
		.in = device_of(judge->net, probe->iif, judge->in),
		.out = device_of(judge->net, probe->oif, judge->out),
		.net = judge->net,
		.okfn = minifw_judge_okfn,
	};
}

static void track(struct minifw_judge *judge, enum minifw_ct_state ct_state)
{
	struct sk_buff *skb = judge->skb;

	switch (ct_state) {
	case MINIFW_CT_NEW:
		nf_ct_set(skb, judge->probe->flow ?: judge->ct, IP_CT_NEW);
		break;
	case MINIFW_CT_ESTABLISHED:
		nf_ct_set(skb, judge->ct, IP_CT_ESTABLISHED);
		break;
	case MINIFW_CT_RELATED:
		nf_ct_set(skb, judge->ct, IP_CT_RELATED);
		break;
	case MINIFW_CT_UNTRACKED:
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
		break;
	default:
		nf_ct_set(skb, NULL, 0);
	}
}

/**
 * minifw_judge_begin() - make the packet that is to be asked about
 * @judge: the judge
 * @probe: the packet, for as long as it is asked about
 *
 * Context: softirqs on or off, interrupts on; does not sleep. Takes RCU and switches
 * softirqs off, until minifw_judge_end().
 */
void minifw_judge_begin(struct minifw_judge *judge, const struct minifw_probe *probe)
	__acquires(RCU)
{
	rcu_read_lock();
	local_bh_disable();
	judge->probe = probe;
	state_init(judge, probe);
	skb_fill(judge, probe);
	if (probe->hook != MINIFW_AT_INGRESS)
		track(judge, probe->ct_state);
}

/**
 * minifw_judge_end() - let go of what minifw_judge_begin() took
 * @judge: the judge
 *
 * Context: as minifw_judge_begin().
 */
void minifw_judge_end(struct minifw_judge *judge)
	__releases(RCU)
{
	skb_empty(judge->skb);
	local_bh_enable();
	rcu_read_unlock();
}

/**
 * minifw_judge_untrack() - conntrack has been told not to look at the packet
 * @judge: asked about it
 *
 * Context: as minifw_judge_begin().
 */
void minifw_judge_untrack(struct minifw_judge *judge)
{
	track(judge, MINIFW_CT_UNTRACKED);
}

/**
 * minifw_judge_raw_stage() - is a packet asked before conntrack?
 * @probe: the packet
 *
 * Context: any.
 * Return: the stage of the rules with notrack before its hook, or -ENOENT.
 */
int minifw_judge_raw_stage(const struct minifw_probe *probe)
{
	switch (probe->hook) {
	case MINIFW_AT_PREROUTING:
		return MINIFW_AT_RAW_PREROUTING;
	case MINIFW_AT_OUTPUT:
		return MINIFW_AT_RAW_OUTPUT;
	}
	return -ENOENT;
}

/**
 * minifw_judge_parse() - what packets are asked before the rules, and what rules ask of them
 * @judge: asked about one
 * @snapshot: the rules, published or not
 * @stage: where they stand
 * @packet: takes what rules ask
 *
 * Context: as minifw_judge_begin().
 * Return: why it is accepted before the rules, or NULL.
 */
const char *minifw_judge_parse(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
			       enum minifw_stage stage, struct minifw_packet *packet)
{
	const struct minifw_view *view = &snapshot->view[stage];
	const char *early = minifw_decide_early(view, judge->skb, &judge->state);

	minifw_decide_parse(packet, judge->skb, &judge->state, snapshot, judge->probe->family);
	return early ?: minifw_decide_shortcut(packet, snapshot, view->asks);
}

/* ---- the answer ---- */

/* Rules with notrack, before conntrack. */
static void ask_raw(struct minifw_judge *judge, const struct minifw_snapshot *snapshot)
{
	int stage = minifw_judge_raw_stage(judge->probe);
	struct minifw_packet packet;
	struct minifw_search search;

	if (stage < 0 || minifw_judge_parse(judge, snapshot, stage, &packet))
		return;
	minifw_search_init(&search, snapshot, &snapshot->view[stage], packet.family);
	if (minifw_decide_next(&search, &packet, false))
		minifw_judge_untrack(judge);
}

static void set_answer(struct minifw_judgement *answer, enum minifw_verdict verdict,
		       const char *by)
{
	answer->verdict = verdict;
	strscpy(answer->by, by, sizeof(answer->by));
}

static void ask(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
		struct minifw_judgement *answer)
{
	enum minifw_stage stage = judge->probe->hook;
	const struct minifw_view *view = &snapshot->view[stage];
	const struct minifw_live *rule;
	struct minifw_packet packet;
	struct minifw_search search;
	const char *early;

	early = minifw_judge_parse(judge, snapshot, stage, &packet);
	if (early) {
		set_answer(answer, MINIFW_ACCEPT, early);
		return;
	}
	minifw_search_init(&search, snapshot, view, packet.family);
	if (!minifw_decide_rules(&search, &packet, false)) {
		set_answer(answer, view->policy.verdict, "policy");
		return;
	}
	rule = minifw_search_rule(&search);
	answer->verdict = rule->spec.action.verdict;
	minifw_live_name(rule, answer->by, sizeof(answer->by));
}

/**
 * minifw_judge_ask() - what would become of a packet?
 * @judge: asked nothing else meanwhile
 * @snapshot: the rules, published or not; it cannot go meanwhile
 * @probe: the packet
 * @answer: takes it
 *
 * Limits count as not exhausted. Of conntrack's entry nothing is known but the state.
 *
 * Context: softirqs on or off, interrupts on; does not sleep or allocate, but for what a
 * look into IPv6's routing tables (`saddr_type`, `rpf`) needs, as with packets.
 */
void minifw_judge_ask(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
		      const struct minifw_probe *probe, struct minifw_judgement *answer)
{
	minifw_judge_begin(judge, probe);
	ask_raw(judge, snapshot);
	ask(judge, snapshot, answer);
	minifw_judge_end(judge);
}

/* What may match, and may not, saves a packet, but does not condemn it. */
static bool refuses(struct minifw_judge *judge, const struct minifw_snapshot *snapshot)
{
	enum minifw_stage stage = judge->probe->hook;
	const struct minifw_view *view = &snapshot->view[stage];
	struct minifw_packet packet;
	struct minifw_search search;

	if (minifw_judge_parse(judge, snapshot, stage, &packet))
		return false;
	minifw_search_init(&search, snapshot, view, packet.family);
	while (minifw_decide_rules(&search, &packet, false)) {
		const struct minifw_spec *spec = &minifw_search_rule(&search)->spec;
		bool refusal = minifw_verdict_refuses(spec->action.verdict);

		if (!refusal || !(spec->attrs & MINIFW_UNTOLD_ATTRS))
			return refusal;
	}
	return minifw_verdict_refuses(view->policy.verdict);
}

/**
 * minifw_judge_refuses() - is it certain that a connection's first packet would be refused?
 * @judge: asked nothing else meanwhile
 * @snapshot: as minifw_judge_ask()
 * @probe: the packet, with its @flow; at input, forward or output
 *
 * Context: as minifw_judge_ask().
 * Return: whether it is: then no rule before the one that refuses it may accept it, whatever
 * it has that nobody knows.
 */
bool minifw_judge_refuses(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
			  const struct minifw_probe *probe)
{
	bool refused;

	minifw_judge_begin(judge, probe);
	refused = refuses(judge, snapshot);
	minifw_judge_end(judge);
	return refused;
}

/* ---- what rules cannot learn from the bytes: for match.c and meta.c ---- */

/**
 * minifw_judge_untold() - is what a rule asks of a packet unknown?
 * @state: with which it is asked, of minifw_judge_asks()
 *
 * Context: any.
 * Return: whether that is so of MINIFW_UNTOLD_ATTRS: they are taken to match then.
 */
bool minifw_judge_untold(const struct nf_hook_state *state)
{
	const struct minifw_judge *judge = container_of(state, struct minifw_judge, state);

	return judge->probe->flow;
}

/**
 * minifw_judge_uid() - who sends a packet that a judge made?
 * @state: with which it is asked
 * @uid: takes the user's number
 *
 * Context: any.
 * Return: whether somebody does.
 */
bool minifw_judge_uid(const struct nf_hook_state *state, u32 *uid)
{
	const struct minifw_judge *judge = container_of(state, struct minifw_judge, state);

	*uid = judge->probe->uid;
	return judge->probe->has_uid;
}
