// SPDX-License-Identifier: GPL-2.0
/*
 * Live connections, counted for conn_limit by the kernel's nf_conncount, which asks
 * conntrack which of those that it was shown are still there.
 *
 * Connections are a namespace's own: each conn_limit has a count for each namespace
 * that is filtered, made before packets of that namespace, or of the rule, can ask for
 * it, and unmade when none can any more.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "bucket.h"
#include "compat.h"
#include "conns.h"
#include "netns.h"
#include "packet.h"

/**
 * struct count - the connections of one conn_limit in one namespace
 * @net: the namespace
 * @data: nf_conncount's
 */
struct count {
	struct net *net;
	struct nf_conncount_data *data;
};

/**
 * struct minifw_conns - the connections of one conn_limit
 * @ref: held by each struct minifw_limits that has it
 * @node: in all_conns
 * @counts: a struct count for each namespace, by minifw_netns_index()
 */
struct minifw_conns {
	struct kref ref;
	struct list_head node;
	struct xarray counts;
};

/* What nf_conncount has room for. */
#define KEY_WORDS 5

/*
 * Guards all_conns, and that of conns and namespace the first to go takes their count along:
 * namespaces come and go under minifw_ruleset_mutex, the last holder of conns without it.
 */
static DEFINE_MUTEX(conns_mutex);
static LIST_HEAD(all_conns);

static void count_free(struct count *count)
{
	minifw_conncount_destroy(count->net, count->data);
	kfree(count);
}

static struct count *count_create(struct net *net)
{
	struct count *count = kmalloc(sizeof(*count), GFP_KERNEL);
	struct nf_conncount_data *data;

	if (!count)
		return ERR_PTR(-ENOMEM);
	data = minifw_conncount_init(net, KEY_WORDS * sizeof(u32));
	if (IS_ERR(data)) {
		kfree(count);
		return ERR_CAST(data);
	}
	count->net = net;
	count->data = data;
	return count;
}

static int conns_enter(struct net *net, unsigned int index, void *ctx)
{
	struct minifw_conns *conns = ctx;
	struct count *count = count_create(net);
	int ret;

	if (IS_ERR(count))
		return PTR_ERR(count);
	ret = xa_err(xa_store(&conns->counts, index, count, GFP_KERNEL));
	if (ret)
		count_free(count);
	return ret;
}

static void conns_leave(struct minifw_conns *conns, unsigned long index)
{
	struct count *count = xa_erase(&conns->counts, index);

	if (count)
		count_free(count);
}

static void conns_release(struct kref *ref)
{
	struct minifw_conns *conns = container_of(ref, struct minifw_conns, ref);
	struct count *count;
	unsigned long index;

	mutex_lock(&conns_mutex);
	list_del(&conns->node);
	xa_for_each(&conns->counts, index, count)
		conns_leave(conns, index);
	mutex_unlock(&conns_mutex);
	xa_destroy(&conns->counts);
	kfree(conns);
}

/**
 * minifw_conns_create() - begin to count, in every namespace that is filtered
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: the counts with one reference, or an ERR_PTR: -ENOMEM, or what
 * nf_ct_netns_get() returned.
 */
struct minifw_conns *minifw_conns_create(void)
{
	struct minifw_conns *conns = kzalloc(sizeof(*conns), GFP_KERNEL);
	int ret;

	if (!conns)
		return ERR_PTR(-ENOMEM);
	kref_init(&conns->ref);
	xa_init(&conns->counts);
	mutex_lock(&conns_mutex);
	list_add(&conns->node, &all_conns);
	ret = minifw_netns_each(conns_enter, conns);
	mutex_unlock(&conns_mutex);
	if (ret) {
		minifw_conns_put(conns);
		return ERR_PTR(ret);
	}
	return conns;
}

/**
 * minifw_conns_get() - hold them
 * @conns: the counts
 *
 * Context: any.
 * Return: @conns.
 */
struct minifw_conns *minifw_conns_get(struct minifw_conns *conns)
{
	kref_get(&conns->ref);
	return conns;
}

/**
 * minifw_conns_put() - let go of them; the last one frees them
 * @conns: the counts, or NULL; no packet may see them by way of the caller's reference
 *
 * Context: may sleep.
 */
void minifw_conns_put(struct minifw_conns *conns)
{
	if (conns)
		kref_put(&conns->ref, conns_release);
}

/**
 * minifw_conns_enter() - count in a namespace too
 * @net: the namespace, of which no packet is in a hook yet
 * @index: its minifw_netns_index()
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0, or with nothing left behind as minifw_conns_create().
 */
int minifw_conns_enter(struct net *net, unsigned int index)
{
	struct minifw_conns *conns;
	int ret = 0;

	mutex_lock(&conns_mutex);
	list_for_each_entry(conns, &all_conns, node) {
		ret = conns_enter(net, index, conns);
		if (ret)
			break;
	}
	mutex_unlock(&conns_mutex);
	if (ret)
		minifw_conns_leave(index);
	return ret;
}

/**
 * minifw_conns_leave() - count in a namespace no more
 * @index: its minifw_netns_index(); no packet of it may be in a hook
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_conns_leave(unsigned int index)
{
	struct minifw_conns *conns;

	mutex_lock(&conns_mutex);
	list_for_each_entry(conns, &all_conns, node)
		conns_leave(conns, index);
	mutex_unlock(&conns_mutex);
}

/*
 * What was refused stays in the count until nf_conncount looks, which it does not for a packet
 * of a connection that it has: let it. A connection that is not confirmed would not stand that.
 */
static unsigned int number_of(const struct count *count, const struct sk_buff *skb,
			      const struct nf_conn *ct, const u32 *key, u32 most)
{
	unsigned int number = minifw_conncount(count->net, skb, ct, count->data, key);

	if (!number)
		return U32_MAX;		/* no memory for it */
	if (number > most && nf_ct_is_confirmed(ct))
		return minifw_conncount(count->net, NULL, ct, count->data, key);
	return number;
}

/**
 * minifw_conns_over() - is a packet of a connection too many?
 * @conns: the counts
 * @packet: the packet
 * @key: whose connections
 * @most: how many are not too many
 *
 * Where the kernel finds no memory to count it, it is.
 *
 * Context: the packet path; takes nf_conncount's locks; does not sleep.
 * Return: whether it is; a packet that conntrack has no entry for is of none.
 */
bool minifw_conns_over(struct minifw_conns *conns, const struct minifw_packet *packet,
		       const struct minifw_key_value *key, u32 most)
{
	const u32 words[KEY_WORDS] = {
		upper_32_bits(key->addr.hi), lower_32_bits(key->addr.hi),
		upper_32_bits(key->addr.lo), lower_32_bits(key->addr.lo), key->rest,
	};
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(packet->skb, &ctinfo);
	const struct count *count;

	if (!ct)
		return false;
	count = xa_load(&conns->counts, minifw_netns_index(packet->state->net));
	if (WARN_ON_ONCE(!count))
		return true;
	return number_of(count, packet->skb, ct, words, most) > most;
}
