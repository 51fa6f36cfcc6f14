// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel knows of a packet, and its bytes do not say.
 */
#include <linux/if_packet.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>
#include <net/dst.h>
#include <net/inet_sock.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "cgroup.h"
#include "judge.h"
#include "match.h"
#include "meta.h"
#include "packet.h"
#include "rpf.h"
#include "schedule.h"
#include "spec.h"

/**
 * minifw_meta_untold() - is it only known that a packet began a connection?
 * @packet: the packet, parsed
 *
 * Context: the packet path; does not sleep.
 * Return: whether that is so: MINIFW_UNTOLD_ATTRS are taken to match then.
 */
bool minifw_meta_untold(const struct minifw_packet *packet)
{
	return unlikely(minifw_judge_asks(packet->state)) && minifw_judge_untold(packet->state);
}

/* ---- what an address is to this host: by the routing tables ---- */

static u8 addr_type_ip(const struct minifw_packet *packet, struct minifw_addr addr)
{
	switch (inet_addr_type(packet->state->net, htonl(addr.lo))) {
	case RTN_LOCAL:
		return BIT(MINIFW_ADDR_LOCAL);
	case RTN_BROADCAST:
		return BIT(MINIFW_ADDR_BROADCAST);
	case RTN_MULTICAST:
		return BIT(MINIFW_ADDR_MULTICAST);
	case RTN_UNICAST:
		return BIT(MINIFW_ADDR_UNICAST);
	}
	return 0;
}

/* Would what is sent there stay here?  A link-local address is one on the packet's device. */
static bool is_local_ip6(const struct minifw_packet *packet, const struct in6_addr *addr)
{
	const struct nf_hook_state *state = packet->state;
	const struct net_device *dev = state->in ?: state->out;
	struct flowi6 flow = { .daddr = *addr };
	const struct rt6_info *route;
	struct dst_entry *dst;
	bool local;

	if (dev && (ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL))
		flow.flowi6_oif = dev->ifindex;
	dst = ip6_route_output(state->net, NULL, &flow);
	route = container_of(dst, struct rt6_info, dst);
	local = !dst->error && ((route->rt6i_flags & RTF_LOCAL) ||
				ipv6_anycast_destination(dst, addr));
	dst_release(dst);
	return local;
}

static u8 addr_type_ip6(const struct minifw_packet *packet, struct minifw_addr addr)
{
	struct in6_addr in6;

	if (minifw_is_multicast(addr, MINIFW_IP6))
		return BIT(MINIFW_ADDR_MULTICAST);
	if (!(addr.hi | addr.lo))	/* it says that there is no address */
		return 0;
	minifw_addr_to_in6(addr, &in6);
	return is_local_ip6(packet, &in6) ? BIT(MINIFW_ADDR_LOCAL) : BIT(MINIFW_ADDR_UNICAST);
}

static bool match_addr_type(const struct minifw_flags *types, const struct minifw_packet *packet,
			    struct minifw_addr addr)
{
	u8 type = packet->family == MINIFW_IP ? addr_type_ip(packet, addr) :
						addr_type_ip6(packet, addr);

	return minifw_match_flags(types, type);
}

/* ---- whose socket sends it ---- */

/**
 * struct owner - who made a socket, by the numbers of the packet's namespace
 * @uid: user
 * @gid: group
 */
struct owner {
	u32 uid;
	u32 gid;
};

/* NULL where it is no socket of the packet's namespace. */
static struct sock *sender_of(const struct minifw_packet *packet)
{
	struct sock *sk = skb_to_full_sk(packet->skb);

	if (!sk || !sk_fullsock(sk) || !net_eq(packet->state->net, sock_net(sk)))
		return NULL;
	return sk;
}

/* As xt_owner and nft's skuid: the lock, which is the socket's, keeps its file there. */
static bool owner_of(const struct minifw_packet *packet, struct owner *owner)
{
	const struct net *net = packet->state->net;
	struct sock *sk = sender_of(packet);
	const struct file *file;

	if (!sk)
		return false;
	read_lock_bh(&sk->sk_callback_lock);
	file = sk->sk_socket ? sk->sk_socket->file : NULL;
	if (file) {
		owner->uid = from_kuid_munged(net->user_ns, file->f_cred->fsuid);
		owner->gid = from_kgid_munged(net->user_ns, file->f_cred->fsgid);
	}
	read_unlock_bh(&sk->sk_callback_lock);
	return file;
}

#define OWNER_ATTRS	(BIT_ULL(MINIFW_ATTR_uid) | BIT_ULL(MINIFW_ATTR_gid))

/* Of who sends what was never sent, no more than the user is known. */
static unsigned int asked_owner_fails(const struct minifw_rare *rare,
				      const struct minifw_packet *packet)
{
	u32 uid;

	if (minifw_slot_is_set(rare->gid))
		return MINIFW_ATTR_gid;
	if (!minifw_judge_uid(packet->state, &uid) ||
	    !minifw_match_range(rare->uid, packet, uid))
		return MINIFW_ATTR_uid;
	return MINIFW_MATCHES;
}

static unsigned int owner_fails(const struct minifw_rare *rare, const struct minifw_packet *packet)
{
	struct owner owner;

	if (unlikely(minifw_judge_asks(packet->state)))
		return asked_owner_fails(rare, packet);
	if (!owner_of(packet, &owner))
		return minifw_slot_is_set(rare->uid) ? MINIFW_ATTR_uid : MINIFW_ATTR_gid;
	if (minifw_slot_is_set(rare->uid) && !minifw_match_range(rare->uid, packet, owner.uid))
		return MINIFW_ATTR_uid;
	if (minifw_slot_is_set(rare->gid) && !minifw_match_range(rare->gid, packet, owner.gid))
		return MINIFW_ATTR_gid;
	return MINIFW_MATCHES;
}

/* As xt_cgroup: a socket that its process has closed is still its cgroup's. */
static bool match_cgroup(struct cgroup *group, const struct minifw_packet *packet)
{
	struct sock *sk = sender_of(packet);

	return sk && minifw_cgroup_has(group, sk);
}

/* ---- the ways that it took and takes ---- */

/* As bits of enum minifw_ipsec: by the states that it has been through, and those before it. */
static u8 ipsec_of(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	u8 ways = 0;

	if (secpath_exists(skb))
		ways |= BIT(MINIFW_IPSEC_IN);
	if (dst && dst_xfrm(dst))
		ways |= BIT(MINIFW_IPSEC_OUT);
	return ways ?: BIT(MINIFW_IPSEC_NONE);
}

static bool match_rpf(const struct minifw_flags *wanted, const struct minifw_packet *packet)
{
	if (!packet->state->in)
		return false;
	return wanted->bits & BIT(minifw_rpf_passes(packet) ? MINIFW_RPF_PASS : MINIFW_RPF_FAIL);
}

/* ---- the type of the frame ---- */

/*
 * What this host sends to a group or to all comes back to it as PACKET_LOOPBACK;
 * the address tells which of them it was. IPv6 has no broadcast.
 */
static unsigned int looped_type(const struct minifw_packet *packet)
{
	if (packet->family == MINIFW_IP6 || minifw_is_multicast(packet->daddr, MINIFW_IP))
		return PACKET_MULTICAST;
	return PACKET_BROADCAST;
}

/* As a bit; none where it is no type that rules know. */
static u8 pkttype_of(const struct minifw_packet *packet)
{
	unsigned int type = packet->skb->pkt_type;

	if (type == PACKET_LOOPBACK && (packet->has & MINIFW_HAS_ADDR))
		type = looped_type(packet);
	return type <= PACKET_OTHERHOST ? BIT(type) : 0;
}

static bool match_pkttype(const struct minifw_flags *types, u8 type)
{
	return type && minifw_match_flags(types, type);
}

/* ---- conntrack ---- */

/* A kernel without such marks has none, as if there were no entry. */
static bool match_ct_mark(const struct minifw_mark *wanted, const struct nf_conn *ct)
{
#ifdef CONFIG_NF_CONNTRACK_MARK
	return minifw_match_mark(wanted, READ_ONCE(ct->mark));
#else
	return false;
#endif
}

static struct minifw_addr daddr_of(const struct nf_conntrack_tuple *tuple)
{
	const union nf_inet_addr *addr = &tuple->dst.u3;

	if (tuple->src.l3num == NFPROTO_IPV4)
		return (struct minifw_addr){ .lo = ntohl(addr->ip) };
	return minifw_addr_from_in6(&addr->in6);
}

static bool match_orig_daddr(struct minifw_slot addrs, const struct minifw_packet *packet,
			     const struct nf_conntrack_tuple *tuple)
{
	u8 family = tuple->src.l3num == NFPROTO_IPV4 ? MINIFW_IP : MINIFW_IP6;

	return minifw_match_addr(addrs, packet, family, daddr_of(tuple));
}

/* Where the protocol has no ports, the tuple has something else in their place. */
static bool match_orig_dport(struct minifw_slot ports, const struct minifw_packet *packet,
			     const struct nf_conntrack_tuple *tuple)
{
	switch (tuple->dst.protonum) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_UDPLITE:
		return minifw_match_range(ports, packet, ntohs(tuple->dst.u.all));
	}
	return false;
}

/* MINIFW_CT_ENTRY_ATTRS */
static unsigned int ct_entry_fails(const struct minifw_spec *spec,
				   const struct minifw_packet *packet)
{
	const struct minifw_rare *rare = spec->rare;
	const struct nf_conntrack_tuple *orig;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(packet->skb, &ctinfo);

	if (!ct || unlikely(nf_ct_is_template(ct)))
		return __ffs64(spec->attrs & MINIFW_CT_ENTRY_ATTRS);
	orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	if (rare->ct_status.bits && !minifw_match_flags(&rare->ct_status, READ_ONCE(ct->status)))
		return MINIFW_ATTR_ct_status;
	if (rare->ct_mark.mask && !match_ct_mark(&rare->ct_mark, ct))
		return MINIFW_ATTR_ct_mark;
	if (minifw_slot_is_set(rare->ct_orig_daddr) &&
	    !match_orig_daddr(rare->ct_orig_daddr, packet, orig))
		return MINIFW_ATTR_ct_orig_daddr;
	if (minifw_slot_is_set(rare->ct_orig_dport) &&
	    !match_orig_dport(rare->ct_orig_dport, packet, orig))
		return MINIFW_ATTR_ct_orig_dport;
	return MINIFW_MATCHES;
}

/* The ways that a packet takes, its frame and its sender. */
static unsigned int way_fails(const struct minifw_spec *spec, const struct minifw_packet *packet)
{
	const struct minifw_rare *rare = spec->rare;

	if (unlikely(minifw_meta_untold(packet)))
		return MINIFW_MATCHES;
	if (rare->ipsec.bits && !minifw_match_flags(&rare->ipsec, ipsec_of(packet->skb)))
		return MINIFW_ATTR_ipsec;
	if (rare->pkttype.bits && !match_pkttype(&rare->pkttype, pkttype_of(packet)))
		return MINIFW_ATTR_pkttype;
	if (rare->rpf.bits && !match_rpf(&rare->rpf, packet))
		return MINIFW_ATTR_rpf;
	if (rare->cgroup && !match_cgroup(rare->live.group, packet))
		return MINIFW_ATTR_cgroup;
	return spec->attrs & OWNER_ATTRS ? owner_fails(rare, packet) : MINIFW_MATCHES;
}

/**
 * minifw_meta_fails() - which of a rule's MINIFW_META_ATTRS does not match a packet?
 * @spec: what the rule says, sealed
 * @packet: the packet, parsed, with what the rule needs
 *
 * Context: the packet path; does not sleep.
 * Return: enum minifw_attr_id, or MINIFW_MATCHES.
 */
unsigned int minifw_meta_fails(const struct minifw_spec *spec, const struct minifw_packet *packet)
{
	const struct minifw_rare *rare = spec->rare;
	unsigned int what;

	if (!minifw_match_mark(&rare->mark, packet->skb->mark))
		return MINIFW_ATTR_mark;
	if (rare->time.days && !minifw_schedule_covers(&rare->time, ktime_get_real_seconds()))
		return MINIFW_ATTR_time;
	if (spec->attrs & MINIFW_CT_ENTRY_ATTRS) {
		what = ct_entry_fails(spec, packet);
		if (what != MINIFW_MATCHES)
			return what;
	}
	if (rare->saddr_type.bits && !match_addr_type(&rare->saddr_type, packet, packet->saddr))
		return MINIFW_ATTR_saddr_type;
	if (rare->daddr_type.bits && !match_addr_type(&rare->daddr_type, packet, packet->daddr))
		return MINIFW_ATTR_daddr_type;
	return way_fails(spec, packet);
}
