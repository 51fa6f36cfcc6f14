// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces: which are filtered, and in which conntrack is taken.
 * Hooks come and go with the namespace; conntrack comes before the snapshot
 * that needs it and stays until unload, so that no publish loses flows.
 */
#include <linux/idr.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netns/generic.h>

#include "conns.h"
#include "hook.h"
#include "netns.h"
#include "ruleset.h"

static unsigned int minifw_net_id;

/**
 * struct minifw_net - what minifw keeps of a namespace
 * @node: in filtered_nets
 * @net: the namespace
 * @index: a small number of its own while it is in filtered_nets
 * @filtered: hooks are registered
 * @conntrack_since: get_jiffies_64() when conntrack was taken; 0 if it was not
 */
struct minifw_net {
	struct list_head node;
	struct net *net;
	unsigned int index;
	bool filtered;
	u64 conntrack_since;
};

/* Guarded by minifw_ruleset_mutex. */
static LIST_HEAD(filtered_nets);
static bool conntrack_needed;

static DEFINE_IDA(indices);

static int conntrack_take(struct minifw_net *mnet)
{
	int ret;

	if (mnet->conntrack_since)
		return 0;
	ret = nf_ct_netns_get(mnet->net, NFPROTO_INET);
	if (!ret)
		WRITE_ONCE(mnet->conntrack_since, get_jiffies_64() ?: 1);
	return ret;
}

/**
 * minifw_netns_conntrack() - have conntrack where it is needed
 * @needed: by the snapshot that is about to be published; also for namespaces
 *          that appear while it is
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0, or what nf_ct_netns_get() returned.
 */
int minifw_netns_conntrack(bool needed)
{
	struct minifw_net *mnet;
	int ret;

	if (needed) {
		list_for_each_entry(mnet, &filtered_nets, node) {
			ret = conntrack_take(mnet);
			if (ret)
				return ret;
		}
	}
	conntrack_needed = needed;
	return 0;
}

/**
 * minifw_netns_pickup() - may forwarded connections still be taken over?
 * @net: the namespace
 * @seconds: for how long they may after conntrack came on
 *
 * Context: any.
 * Return: whether that was less than @seconds ago.
 */
bool minifw_netns_pickup(const struct net *net, unsigned int seconds)
{
	const struct minifw_net *mnet = net_generic(net, minifw_net_id);
	u64 since = READ_ONCE(mnet->conntrack_since);

	return since && time_before64(get_jiffies_64(), since + (u64)seconds * HZ);
}

/**
 * minifw_netns_each() - do something in each namespace that is filtered
 * @fn: what; given the namespace, its minifw_netns_index() and @ctx. It stops the rest
 *      by returning other than 0
 * @ctx: handed to @fn
 *
 * Context: minifw_ruleset_mutex held.
 * Return: what the last @fn returned.
 */
int minifw_netns_each(int (*fn)(struct net *net, unsigned int index, void *ctx), void *ctx)
{
	struct minifw_net *mnet;
	int ret = 0;

	list_for_each_entry(mnet, &filtered_nets, node) {
		ret = fn(mnet->net, mnet->index, ctx);
		if (ret)
			break;
	}
	return ret;
}

/**
 * minifw_netns_index() - a small number for a namespace
 * @net: a namespace that is filtered
 *
 * Context: any.
 * Return: the number, which no other filtered namespace has.
 */
unsigned int minifw_netns_index(const struct net *net)
{
	const struct minifw_net *mnet = net_generic(net, minifw_net_id);

	return mnet->index;
}

/* What live rules need of a namespace is there before its first packet. */
static int prepare(struct minifw_net *mnet)
{
	int ret = ida_alloc(&indices, GFP_KERNEL);

	if (ret < 0)
		return ret;
	mnet->index = ret;
	ret = conntrack_needed ? conntrack_take(mnet) : 0;
	if (!ret)
		ret = minifw_conns_enter(mnet->net, mnet->index);
	if (!ret) {
		list_add(&mnet->node, &filtered_nets);
		return 0;
	}
	if (mnet->conntrack_since)
		nf_ct_netns_put(mnet->net, NFPROTO_INET);
	ida_free(&indices, mnet->index);
	return ret;
}

/* Undo prepare(), and what was taken since. No packet of the namespace is in a hook. */
static void forget(struct minifw_net *mnet)
{
	mutex_lock(&minifw_ruleset_mutex);
	list_del(&mnet->node);
	minifw_conns_leave(mnet->index);
	mutex_unlock(&minifw_ruleset_mutex);
	if (mnet->conntrack_since)
		nf_ct_netns_put(mnet->net, NFPROTO_INET);
	ida_free(&indices, mnet->index);
}

static int __net_init netns_enter(struct net *net)
{
	struct minifw_net *mnet = net_generic(net, minifw_net_id);
	int ret;

	if (!minifw_ruleset_filters(net))
		return 0;
	mnet->net = net;
	mutex_lock(&minifw_ruleset_mutex);
	ret = prepare(mnet);
	mutex_unlock(&minifw_ruleset_mutex);
	if (ret)
		return ret;
	ret = nf_register_net_hooks(net, minifw_hook_ops, MINIFW_NR_HOOK_OPS);
	mnet->filtered = !ret;
	if (ret) {
		synchronize_net();	/* some may have been registered */
		forget(mnet);
	}
	return ret;
}

/* Between this and netns_leave() the kernel waits until no packet is in a hook. */
static void __net_exit netns_quit(struct net *net)
{
	struct minifw_net *mnet = net_generic(net, minifw_net_id);

	if (mnet->filtered)
		nf_unregister_net_hooks(net, minifw_hook_ops, MINIFW_NR_HOOK_OPS);
}

static void __net_exit netns_leave(struct net *net)
{
	struct minifw_net *mnet = net_generic(net, minifw_net_id);

	if (mnet->filtered)
		forget(mnet);
}

static struct pernet_operations netns_ops = {
	.init = netns_enter,
	.pre_exit = netns_quit,
	.exit = netns_leave,
	.id = &minifw_net_id,
	.size = sizeof(struct minifw_net),
};

/**
 * minifw_netns_init() - begin to filter: in the namespaces there are, and those to come
 *
 * Context: may sleep; there is a snapshot.
 * Return: 0, or a negative errno with nothing left behind.
 */
int minifw_netns_init(void)
{
	return register_pernet_subsys(&netns_ops);
}

/**
 * minifw_netns_exit() - filter nowhere
 *
 * Context: may sleep. No packet is in a hook when it returns.
 */
void minifw_netns_exit(void)
{
	unregister_pernet_subsys(&netns_ops);
	synchronize_net();
}
