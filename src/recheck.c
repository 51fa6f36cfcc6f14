// SPDX-License-Identifier: GPL-2.0
/*
 * A deny that bites at once: connections that the rules would refuse, were they new, end with
 * the publish.  Conntrack is asked for all that it knows, and each is judged by its first
 * packet (judge.c), as far as conntrack's entry and the routes still tell what that was.
 *
 * Where something is not known that may matter, a connection stays.
 */
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "compat.h"
#include "cut.h"
#include "judge.h"
#include "netns.h"
#include "packet.h"
#include "recheck.h"
#include "session.h"
#include "snapshot.h"

/**
 * struct walk - through the connections of a namespace
 * @net: the namespace
 * @judge: asked about each
 * @snapshot: what packets see
 */
struct walk {
	struct net *net;
	struct minifw_judge *judge;
	const struct minifw_snapshot *snapshot;
};

/* ---- what conntrack's entry tells ---- */

static struct minifw_addr addr_of(const union nf_inet_addr *addr, u8 family)
{
	if (family == MINIFW_IP)
		return (struct minifw_addr){ .lo = ntohl(addr->ip) };
	return minifw_addr_from_in6(&addr->in6);
}

static u32 mark_of(const struct nf_conn *ct)
{
#ifdef CONFIG_NF_CONNTRACK_MARK
	return READ_ONCE(ct->mark);
#else
	return 0;
#endif
}

/* In the place of a port other protocols have something else. */
static void set_rest(struct minifw_probe *probe, const struct nf_conntrack_tuple *orig,
		     const struct nf_conntrack_tuple *reply)
{
	switch (probe->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_UDPLITE:
		probe->sport = ntohs(orig->src.u.all);
		probe->dport = ntohs(reply->src.u.all);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		probe->icmp = orig->dst.u.icmp.type << 8 | orig->dst.u.icmp.code;
		break;
	}
}

/* As rules see it: after DNAT, for who answers is where it went, and before SNAT. */
static struct minifw_probe first_packet(struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	u8 family = orig->src.l3num == NFPROTO_IPV4 ? MINIFW_IP : MINIFW_IP6;
	struct minifw_probe probe = {
		.family = family, .proto = orig->dst.protonum,
		.tcp_flags = MINIFW_TCP_SYN, .ct_state = MINIFW_CT_NEW,
		.saddr = addr_of(&orig->src.u3, family), .daddr = addr_of(&reply->src.u3, family),
		.flow = ct,
	};

	set_rest(&probe, orig, reply);
	return probe;
}

static void turn(struct minifw_probe *probe)
{
	swap(probe->saddr, probe->daddr);
	swap(probe->sport, probe->dport);
}

/* Conntrack met it in the middle: who began it is not known. tcp_new() is liberal with those. */
static bool is_picked_up(const struct nf_conn *ct)
{
	return nf_ct_protonum(ct) == IPPROTO_TCP &&
	       (READ_ONCE(ct->proto.tcp.seen[0].flags) & IP_CT_TCP_FLAG_BE_LIBERAL);
}

/* ---- what the routes tell ---- */

/* Where an address is. */
enum place {
	UNKNOWN,
	HERE,
	TO_MANY,	/* a group, or all of a network */
	ELSEWHERE,
};

static enum place place_ip(const struct net *net, u32 addr, const struct dst_entry *route)
{
	const struct rtable *rt = container_of(route, struct rtable, dst);

	if (rt->rt_type == RTN_LOCAL)
		return HERE;
	if (rt->rt_type == RTN_BROADCAST || rt->rt_type == RTN_MULTICAST)
		return TO_MANY;
	/* of a VRF, whose routes are others */
	return __ip_dev_find((struct net *)net, htonl(addr), false) ? UNKNOWN : ELSEWHERE;
}

static enum place place_ip6(const struct net *net, const struct in6_addr *addr,
			    const struct dst_entry *route)
{
	const struct rt6_info *rt = container_of(route, struct rt6_info, dst);

	if (ipv6_addr_is_multicast(addr))
		return TO_MANY;
	if ((rt->rt6i_flags & RTF_LOCAL) || ipv6_anycast_destination(route, addr))
		return HERE;
	return ipv6_chk_addr((struct net *)net, addr, NULL, 0) ? UNKNOWN : ELSEWHERE;
}

static struct flowi flow_ip(struct minifw_addr from, struct minifw_addr to, u32 mark)
{
	struct flowi flow = {};

	flow.u.ip4.saddr = htonl(from.lo);
	flow.u.ip4.daddr = htonl(to.lo);
	flow.u.ip4.flowi4_flags = FLOWI_FLAG_ANYSRC;
	flow.flowi_mark = mark;
	return flow;
}

static struct flowi flow_ip6(struct minifw_addr from, struct minifw_addr to, u32 mark)
{
	struct flowi flow = {};

	minifw_addr_to_in6(from, &flow.u.ip6.saddr);
	minifw_addr_to_in6(to, &flow.u.ip6.daddr);
	flow.flowi_mark = mark;
	return flow;
}

/* A link-local address is one on a device, and which that is nobody knows. */
static enum place ask_route(struct net *net, u8 family, struct flowi *flow, char *dev)
{
	struct dst_entry *route = NULL;
	enum place place;

	if (family == MINIFW_IP6 && ((ipv6_addr_type(&flow->u.ip6.daddr) & IPV6_ADDR_LINKLOCAL) ||
				     (ipv6_addr_type(&flow->u.ip6.saddr) & IPV6_ADDR_LINKLOCAL)))
		return UNKNOWN;
	if (nf_route(net, &route, flow, false, family == MINIFW_IP ? AF_INET : AF_INET6))
		return UNKNOWN;
	if (family == MINIFW_IP)
		place = place_ip(net, ntohl(flow->u.ip4.daddr), route);
	else
		place = place_ip6(net, &flow->u.ip6.daddr, route);
	strscpy(dev, route->dev->name, IFNAMSIZ);
	dst_release(route);
	return place;
}

static enum place find(struct net *net, const struct minifw_probe *probe, struct minifw_addr from,
		       struct minifw_addr to, char *dev)
{
	struct flowi flow = probe->family == MINIFW_IP ? flow_ip(from, to, probe->mark) :
							 flow_ip6(from, to, probe->mark);

	return ask_route(net, probe->family, &flow, dev);
}

/* Its hook and its devices; false where they are not known, and where it goes over loopback. */
static bool find_way(struct net *net, struct minifw_probe *probe)
{
	char back[IFNAMSIZ] = "", on[IFNAMSIZ] = "";
	enum place from = find(net, probe, probe->daddr, probe->saddr, back);
	enum place to = find(net, probe, probe->saddr, probe->daddr, on);

	if (from == UNKNOWN || to == UNKNOWN || (from == HERE && to == HERE))
		return false;
	probe->hook = from == HERE ? MINIFW_AT_OUTPUT :
		      to == ELSEWHERE ? MINIFW_AT_FORWARD : MINIFW_AT_INPUT;
	if (probe->hook != MINIFW_AT_OUTPUT)
		strscpy(probe->iif, back, IFNAMSIZ);
	if (probe->hook != MINIFW_AT_INPUT)
		strscpy(probe->oif, on, IFNAMSIZ);
	return true;
}

/* ---- who began it ---- */

/* Of a socket's, the port tells. */
static bool began_there(struct net *net, const struct minifw_probe *probe)
{
	struct minifw_probe in = *probe;

	if (probe->hook == MINIFW_AT_OUTPUT)
		turn(&in);
	return minifw_is_served(net, in.family, in.saddr, in.sport, in.daddr, in.dport, 0) ==
	       (probe->hook == MINIFW_AT_INPUT);
}

/* ---- one connection ---- */

static bool judge_one(const struct walk *walk, const struct minifw_probe *probe)
{
	struct minifw_probe way = *probe;

	return find_way(walk->net, &way) &&
	       minifw_judge_refuses(walk->judge, walk->snapshot, &way);
}

/* In the direction that it began in; where that is not known, in both. */
static bool judge_ways(const struct walk *walk, const struct minifw_probe *probe)
{
	struct minifw_probe way = *probe, other = *probe;

	turn(&other);
	if (!is_picked_up(probe->flow))
		return judge_one(walk, probe);
	if (!find_way(walk->net, &way))
		return false;
	if (way.hook != MINIFW_AT_FORWARD)
		return judge_one(walk, began_there(walk->net, &way) ? probe : &other);
	return judge_one(walk, probe) && judge_one(walk, &other);
}

/* The packet's mark was the connection's, or none. */
static bool is_refused(const struct walk *walk, struct nf_conn *ct)
{
	struct minifw_probe probe = first_packet(ct);

	if (!judge_ways(walk, &probe))
		return false;
	probe.mark = mark_of(ct);
	return !probe.mark || judge_ways(walk, &probe);
}

/* Called under a spinlock of conntrack's, softirqs off. */
static int consider(struct nf_conn *ct, void *ctx)
{
	const struct walk *walk = ctx;
	struct nf_conn *master = ct->master;
	struct minifw_probe probe;

	if (master && !nf_ct_is_dying(master) && !is_refused(walk, master))
		return false;
	if (!is_refused(walk, ct))
		return false;
	probe = first_packet(ct);
	minifw_cut_add(walk->net, &probe);
	return true;
}

/* ---- all of them ---- */

static int recheck_net(struct net *net, unsigned int index, void *ctx)
{
	struct walk walk = { .net = net, .snapshot = ctx };

	walk.judge = minifw_judge_create(net);
	if (!walk.judge)
		return -ENOMEM;
	minifw_ct_end(net, consider, &walk);
	minifw_judge_free(walk.judge);
	return 0;
}

/**
 * minifw_recheck() - end connections that would be refused, if the parameters want it
 * @snapshot: what packets see
 *
 * Cannot fail: without memory, connections stay, and the kernel's log says so.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_recheck(const struct minifw_snapshot *snapshot)
{
	const struct minifw_config *config = &snapshot->config;

	if (!config->recheck_established) {
		minifw_cut_forget();
		return;
	}
	if (!config->enforce || !snapshot->conntrack)
		return;
	if (minifw_netns_each(recheck_net, (void *)snapshot))
		pr_warn("minifw: recheck_established: out of memory: connections go on\n");
}
