// SPDX-License-Identifier: GPL-2.0
/*
 * Ingress: hooks at devices.  A device has one while it has a name that a live
 * rule at ingress names; devices come, go and are renamed, so a notifier follows
 * them.
 *
 * The notifier is called under RTNL, and must not wait for a writer, who may take
 * long under minifw_ruleset_mutex: what both need has a lock of its own, ingress_mutex.
 * It comes after either, and nothing but netfilter's own locks after it.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "hook.h"
#include "ingress.h"
#include "rule.h"
#include "ruleset.h"
#include "snapshot.h"

/**
 * struct device_hook - the hook of one device
 * @node: in device_hooks
 * @ops: as netfilter knows it. @ops.dev is there: before it goes, the notifier is called
 * @rcu: frees it when nobody lists hooks
 */
struct device_hook {
	struct list_head node;
	struct nf_hook_ops ops;
	struct rcu_head rcu;
};

static DEFINE_MUTEX(ingress_mutex);

/* All guarded by it: the hooks there are, and the snapshots that say which there should be. */
static LIST_HEAD(device_hooks);
static const struct minifw_snapshot *published;
static const struct minifw_snapshot *expected;	/* may be published next, or NULL */
static const struct minifw_snapshot *kept;	/* may come back, or NULL */

/* The next rule that stands there. */
static struct minifw_live *next_rule(const struct minifw_snapshot *snapshot,
				     struct minifw_walk *walk)
{
	struct minifw_live *rule;

	do {
		rule = minifw_snapshot_walk(snapshot, walk, 0, BIT(MINIFW_AT_INGRESS));
	} while (rule && !(rule->spec.stages & BIT(MINIFW_AT_INGRESS)));
	return rule;
}

static bool rule_names(const struct minifw_live *rule, const char *name)
{
	const struct minifw_ifaces *ifaces = rule->spec.iif;
	unsigned int i;

	for (i = 0; i < ifaces->list.count; i++)
		if (!strcmp(ifaces->iface[i].name, name))
			return true;
	return false;
}

static bool snapshot_names(const struct minifw_snapshot *snapshot, const char *name)
{
	struct minifw_walk walk = {};
	const struct minifw_live *rule;

	if (!snapshot || snapshot->view[MINIFW_AT_INGRESS].open)
		return false;
	while ((rule = next_rule(snapshot, &walk)))
		if (rule_names(rule, name))
			return true;
	return false;
}

static bool is_named(const struct net_device *dev)
{
	return snapshot_names(published, dev->name) || snapshot_names(expected, dev->name) ||
	       snapshot_names(kept, dev->name);
}

static struct device_hook *hook_of(const struct net_device *dev)
{
	struct device_hook *hook;

	list_for_each_entry(hook, &device_hooks, node)
		if (hook->ops.dev == dev)
			return hook;
	return NULL;
}

/* Before everything else that sits there. */
static int hook_add(struct net_device *dev)
{
	struct device_hook *hook = kzalloc(sizeof(*hook), GFP_KERNEL);
	int ret;

	if (!hook)
		return -ENOMEM;
	hook->ops.hook = minifw_hook_ingress;
	hook->ops.pf = NFPROTO_NETDEV;
	hook->ops.hooknum = NF_NETDEV_INGRESS;
	hook->ops.priority = INT_MIN;
	hook->ops.dev = dev;
	ret = nf_register_net_hook(dev_net(dev), &hook->ops);
	if (ret) {
		kfree(hook);
		return ret;
	}
	list_add(&hook->node, &device_hooks);
	return 0;
}

static void hook_remove(struct device_hook *hook)
{
	nf_unregister_net_hook(dev_net(hook->ops.dev), &hook->ops);
	list_del(&hook->node);
	kfree_rcu(hook, rcu);
}

/* It is there, or has another name now: has it the hook that it should? */
static void device_follow(struct net_device *dev)
{
	struct device_hook *hook = hook_of(dev);
	bool named = is_named(dev);
	int ret;

	if (hook && !named)
		hook_remove(hook);
	if (hook || !named)
		return;
	ret = hook_add(dev);
	if (ret)
		pr_warn("minifw: rules at ingress do not see %s until the next publish: error %d\n",
			dev->name, ret);
}

static void device_forget(const struct net_device *dev)
{
	struct device_hook *hook = hook_of(dev);

	if (hook)
		hook_remove(hook);
}

static int device_event(struct notifier_block *block, unsigned long event, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);

	if (!minifw_ruleset_filters(dev_net(dev)))
		return NOTIFY_DONE;
	mutex_lock(&ingress_mutex);
	if (event == NETDEV_REGISTER || event == NETDEV_CHANGENAME)
		device_follow(dev);
	else if (event == NETDEV_UNREGISTER)
		device_forget(dev);
	mutex_unlock(&ingress_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = { .notifier_call = device_event };

/* The device of that name, if there is one; if it is going, the notifier waits for the mutex. */
static int add_by_name(struct net *net, const char *name)
{
	struct net_device *dev = dev_get_by_name(net, name);
	int ret = 0;

	if (!dev)
		return 0;
	/* It is found by its other names too, which rules do not know. */
	if (!strcmp(dev->name, name) && !hook_of(dev))
		ret = hook_add(dev);
	dev_put(dev);
	return ret;
}

static int add_by_rule(struct net *net, const struct minifw_live *rule)
{
	const struct minifw_ifaces *ifaces = rule->spec.iif;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ifaces->list.count; i++)
		ret = add_by_name(net, ifaces->iface[i].name);
	return ret;
}

/**
 * minifw_ingress_expect() - from here on, devices that @next names get hooks as well
 * @next: the snapshot that is about to be published; minifw_ingress_settle()
 *        ends it, before @next is freed
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_ingress_expect(const struct minifw_snapshot *next)
{
	mutex_lock(&ingress_mutex);
	expected = next;
	mutex_unlock(&ingress_mutex);
}

/**
 * minifw_ingress_add() - give a namespace's devices the hooks that the expected snapshot needs
 * @net: the namespace
 *
 * Context: may sleep; minifw_ruleset_mutex held, after minifw_ingress_expect().
 * Return: 0, -ENOMEM, -EOPNOTSUPP if the kernel has no ingress, or what else
 * nf_register_net_hook() returned.
 */
int minifw_ingress_add(struct net *net)
{
	struct minifw_walk walk = {};
	const struct minifw_live *rule;
	int ret = 0;

	if (expected->view[MINIFW_AT_INGRESS].open)
		return 0;
	if (!IS_ENABLED(CONFIG_NETFILTER_INGRESS))
		return -EOPNOTSUPP;
	mutex_lock(&ingress_mutex);
	while (!ret && (rule = next_rule(expected, &walk)))
		ret = add_by_rule(net, rule);
	mutex_unlock(&ingress_mutex);
	return ret;
}

/**
 * minifw_ingress_settle() - take away the hooks that nobody needs
 * @snapshot: what is published; must not be freed before the next call, or
 *            minifw_ingress_exit()
 * @before: likewise, what may come back; or NULL
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_ingress_settle(const struct minifw_snapshot *snapshot,
			   const struct minifw_snapshot *before)
{
	struct device_hook *hook, *next;

	mutex_lock(&ingress_mutex);
	published = snapshot;
	expected = NULL;
	kept = before;
	list_for_each_entry_safe(hook, next, &device_hooks, node)
		if (!is_named(hook->ops.dev))
			hook_remove(hook);
	mutex_unlock(&ingress_mutex);
}

/**
 * minifw_ingress_init() - begin to follow devices
 *
 * Context: may sleep.
 * Return: 0, or a negative errno with nothing left behind.
 */
int minifw_ingress_init(void)
{
	return register_netdevice_notifier(&device_notifier);
}

/**
 * minifw_ingress_exit() - no device has a hook any more
 *
 * Context: may sleep. Packets may still be in a hook when it returns.
 */
void minifw_ingress_exit(void)
{
	/* It tells the notifier of each device that it goes. */
	unregister_netdevice_notifier(&device_notifier);
	minifw_ingress_settle(NULL, NULL);
}
