// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces: which are filtered, and what is needed in each.  Hooks and
 * conntrack come before the snapshot that needs them.  Hooks go after it, or with
 * the namespace; conntrack stays until unload, so that no publish loses flows.
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
#include "ingress.h"
#include "netns.h"
#include "publish.h"
#include "ruleset.h"
#include "snapshot.h"
#include "stage.h"

static unsigned int minifw_net_id;

/**
 * struct minifw_net - what minifw keeps of a namespace
 * @node: in filtered_nets
 * @net: the namespace
 * @index: a small number of its own while it is in filtered_nets
 * @filtered: it is in filtered_nets
 * @stages: bits by enum minifw_stage: whose hooks are registered
 * @conntrack_since: get_jiffies_64() when conntrack was taken; 0 if it was not
 */
struct minifw_net {
	struct list_head node;
	struct net *net;
	unsigned int index;
	bool filtered;
	u8 stages;
	u64 conntrack_since;
};

/* Guarded by minifw_ruleset_mutex. */
static LIST_HEAD(filtered_nets);

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

/* The stages whose hooks are not at devices: of a snapshot, and of the one that may come back. */
static u8 net_stages(const struct minifw_snapshot *snapshot)
{
	const struct minifw_snapshot *before = minifw_published_before();
	u8 stages = snapshot->stages | MINIFW_POLICY_STAGES;

	if (before)
		stages |= before->stages;
	return stages & ~BIT(MINIFW_AT_INGRESS);
}

/* Have in a namespace what @snapshot needs, but for hooks at devices. Conntrack once is for all. */
static int net_provide(struct minifw_net *mnet, const struct minifw_snapshot *snapshot)
{
	int ret = 0;

	if (snapshot->conntrack)
		ret = conntrack_take(mnet);
	return ret ?: minifw_stages_add(mnet->net, &mnet->stages, net_stages(snapshot));
}

/* What a namespace has from its first packet on: a number, and counts of connections. */
static int net_number(struct minifw_net *mnet)
{
	int ret = ida_alloc(&indices, GFP_KERNEL);

	if (ret < 0)
		return ret;
	mnet->index = ret;
	ret = minifw_conns_enter(mnet->net, mnet->index);
	if (ret)
		ida_free(&indices, mnet->index);
	return ret;
}

/* No packet of the namespace is in a hook. */
static void net_let_go(struct minifw_net *mnet)
{
	minifw_conns_leave(mnet->index);
	ida_free(&indices, mnet->index);
	if (mnet->conntrack_since)
		nf_ct_netns_put(mnet->net, NFPROTO_INET);
}

/**
 * minifw_netns_prepare() - have conntrack and the hooks that a snapshot needs
 * @next: is about to be published
 *
 * Hooks that are there before their rules find nothing to ask. Conntrack stays.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; or, with the hooks that there were before, -ENOMEM, -EOPNOTSUPP
 * where the kernel has no ingress, or what nf_ct_netns_get() or
 * nf_register_net_hook() returned.
 */
int minifw_netns_prepare(const struct minifw_snapshot *next)
{
	struct minifw_net *mnet;
	int ret = 0;

	minifw_ingress_expect(next);
	list_for_each_entry(mnet, &filtered_nets, node) {
		ret = net_provide(mnet, next) ?: minifw_ingress_add(mnet->net);
		if (ret) {
			minifw_netns_settle();
			break;
		}
	}
	return ret;
}

/**
 * minifw_netns_settle() - take away the hooks that what is published does not need, and neither
 * does what may come back
 *
 * Context: may sleep; minifw_ruleset_mutex held. What was published before, or
 * was to be, is not freed yet.
 */
void minifw_netns_settle(void)
{
	const struct minifw_snapshot *snapshot = minifw_published();
	struct minifw_net *mnet;

	list_for_each_entry(mnet, &filtered_nets, node)
		minifw_stages_remove(mnet->net, &mnet->stages, net_stages(snapshot));
	minifw_ingress_settle(snapshot, minifw_published_before());
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

/* It has no devices yet. */
static int __net_init netns_enter(struct net *net)
{
	struct minifw_net *mnet = net_generic(net, minifw_net_id);
	int ret;

	if (!minifw_ruleset_filters(net))
		return 0;
	mnet->net = net;
	mutex_lock(&minifw_ruleset_mutex);
	ret = net_number(mnet);
	if (ret)
		goto unlock;
	ret = net_provide(mnet, minifw_published());
	mnet->filtered = !ret;
	if (ret) {
		minifw_stages_remove(net, &mnet->stages, 0);
		synchronize_net();
		net_let_go(mnet);
	} else {
		list_add(&mnet->node, &filtered_nets);
	}
unlock:
	mutex_unlock(&minifw_ruleset_mutex);
	return ret;
}

/* Between this and netns_leave() the kernel waits until no packet is in a hook. */
static void __net_exit netns_quit(struct net *net)
{
	struct minifw_net *mnet = net_generic(net, minifw_net_id);

	if (!mnet->filtered)
		return;
	mutex_lock(&minifw_ruleset_mutex);
	list_del(&mnet->node);
	minifw_stages_remove(net, &mnet->stages, 0);
	mutex_unlock(&minifw_ruleset_mutex);
}

static void __net_exit netns_leave(struct net *net)
{
	struct minifw_net *mnet = net_generic(net, minifw_net_id);

	if (!mnet->filtered)
		return;
	mutex_lock(&minifw_ruleset_mutex);
	net_let_go(mnet);
	mutex_unlock(&minifw_ruleset_mutex);
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
	int ret = register_pernet_subsys(&netns_ops);

	if (ret)
		return ret;
	ret = minifw_ingress_init();
	if (ret)
		unregister_pernet_subsys(&netns_ops);
	return ret;
}

/**
 * minifw_netns_exit() - filter nowhere
 *
 * Context: may sleep. No packet is in a hook when it returns.
 */
void minifw_netns_exit(void)
{
	minifw_ingress_exit();
	unregister_pernet_subsys(&netns_ops);
	synchronize_net();
}
