// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces: which are filtered, and in which conntrack is taken.
 * Hooks come and go with the namespace; conntrack comes before the snapshot
 * that needs it and stays until unload, so that no publish loses flows.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netns/generic.h>

#include "hook.h"
#include "netns.h"
#include "ruleset.h"

static unsigned int minifw_net_id;

/**
 * struct minifw_net - what minifw keeps of a namespace
 * @node: in filtered_nets
 * @net: the namespace
 * @filtered: hooks are registered
 * @conntrack_since: get_jiffies_64() when conntrack was taken; 0 if it was not
 */
struct minifw_net {
	struct list_head node;
	struct net *net;
	bool filtered;
	u64 conntrack_since;
};

/* Guarded by minifw_ruleset_mutex. */
static LIST_HEAD(filtered_nets);
static bool conntrack_needed;

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

static int __net_init netns_enter(struct net *net)
{
	struct minifw_net *mnet = net_generic(net, minifw_net_id);
	int ret = 0;

	if (!minifw_ruleset_filters(net))
		return 0;
	mnet->net = net;
	mutex_lock(&minifw_ruleset_mutex);
	if (conntrack_needed)
		ret = conntrack_take(mnet);
	if (!ret)
		list_add(&mnet->node, &filtered_nets);
	mutex_unlock(&minifw_ruleset_mutex);
	if (ret)
		return ret;
	ret = nf_register_net_hooks(net, minifw_hook_ops, MINIFW_NR_HOOK_OPS);
	mnet->filtered = !ret;
	if (ret) {
		mutex_lock(&minifw_ruleset_mutex);
		list_del(&mnet->node);
		mutex_unlock(&minifw_ruleset_mutex);
		if (mnet->conntrack_since)
			nf_ct_netns_put(net, NFPROTO_INET);
	}
	return ret;
}

static void __net_exit netns_leave(struct net *net)
{
	struct minifw_net *mnet = net_generic(net, minifw_net_id);

	if (!mnet->filtered)
		return;
	nf_unregister_net_hooks(net, minifw_hook_ops, MINIFW_NR_HOOK_OPS);
	mutex_lock(&minifw_ruleset_mutex);
	list_del(&mnet->node);
	mutex_unlock(&minifw_ruleset_mutex);
	if (mnet->conntrack_since)
		nf_ct_netns_put(net, NFPROTO_INET);
}

static struct pernet_operations netns_ops = {
	.init = netns_enter,
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
