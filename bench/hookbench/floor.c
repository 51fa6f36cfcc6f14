// SPDX-License-Identifier: GPL-2.0
/*
 * Empty hooks: the least that a packet filter can cost. "accept" and "drop" say so at once; the
 * "touch" ones read the 5-tuple first, as whoever decides by what a packet says must.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/netfilter.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "floor.h"

/* What no 5-tuple here adds up to, so that reading one is no dead code. */
#define NEVER 0x5eed5eed

static unsigned int accept(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static unsigned int drop(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return NF_DROP;
}

static u32 ports(const struct sk_buff *skb, unsigned int offset)
{
	const u32 *found;
	u32 buffer;

	found = skb_header_pointer(skb, skb_network_offset(skb) + offset, sizeof(buffer), &buffer);
	return found ? *found : 0;
}

static u32 sum_ip(const struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);

	return (__force u32)ip->saddr + (__force u32)ip->daddr + ip->protocol +
	       ports(skb, ip->ihl * 4);
}

static u32 sum_ip6(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	u32 sum = ip6->nexthdr + ports(skb, sizeof(*ip6));

	for (int i = 0; i < 4; i++)
		sum += (__force u32)ip6->saddr.s6_addr32[i] + (__force u32)ip6->daddr.s6_addr32[i];
	return sum;
}

static __always_inline unsigned int touch(const struct sk_buff *skb,
					  const struct nf_hook_state *state, unsigned int verdict)
{
	u32 sum = state->pf == NFPROTO_IPV4 ? sum_ip(skb) : sum_ip6(skb);

	return unlikely(sum == NEVER) ? NF_ACCEPT + NF_DROP - verdict : verdict;
}

static unsigned int touch_accept(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return touch(skb, state, NF_ACCEPT);
}

static unsigned int touch_drop(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return touch(skb, state, NF_DROP);
}

static const struct {
	const char *name;
	nf_hookfn *hook;
} floors[] = {
	{ "accept", accept },
	{ "drop", drop },
	{ "touch-accept", touch_accept },
	{ "touch-drop", touch_drop },
};

static struct nf_hook_ops ops[] = {
	{ .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_IN },
	{ .pf = NFPROTO_IPV6, .hooknum = NF_INET_LOCAL_IN },
};

static struct net *floor_net;	/* where they are registered; NULL if nowhere */

static int add(nf_hookfn *hook)
{
	struct net *net = current->nsproxy->net_ns;
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i].hook = hook;
	err = nf_register_net_hooks(net, ops, ARRAY_SIZE(ops));
	if (!err)
		floor_net = get_net(net);
	return err;
}

/**
 * hookbench_floor_set() - registers an empty hook at the writer's namespace's input
 * @name: which, in place of the one before; "none"
 *
 * Context: process context, may sleep. The caller has the module's mutex.
 * Return: 0; -EINVAL for another name; what netfilter says.
 */
int hookbench_floor_set(const char *name)
{
	if (sysfs_streq(name, "none")) {
		hookbench_floor_remove();
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(floors); i++) {
		if (!sysfs_streq(name, floors[i].name))
			continue;
		hookbench_floor_remove();
		return add(floors[i].hook);
	}
	return -EINVAL;
}

/**
 * hookbench_floor_remove() - takes the empty hook away, if there is one
 *
 * Context: process context, may sleep. The caller has the module's mutex, or is its end.
 */
void hookbench_floor_remove(void)
{
	if (!floor_net)
		return;
	nf_unregister_net_hooks(floor_net, ops, ARRAY_SIZE(ops));
	put_net(floor_net);
	floor_net = NULL;
}
