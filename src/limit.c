// SPDX-License-Identifier: GPL-2.0
/*
 * Matches that remember: limit, conn_limit, quota.  A packet is held against them
 * when all else of the rule matched, and takes from them then.
 *
 * What they remember belongs to the rule.  A publish of the rule hands it on where the
 * attribute says what it said, so an edit elsewhere in the rule does not disturb it.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "bucket.h"
#include "conns.h"
#include "error.h"
#include "limit.h"
#include "packet.h"
#include "rule.h"

/**
 * struct quota - what is left of one
 * @ref: held by each struct minifw_limits that has it
 * @total: in bytes
 * @left: likewise
 */
struct quota {
	struct kref ref;
	u64 total;
	atomic64_t left;
};

/**
 * struct minifw_limits - what the limits of a live rule remember
 * @conns: of conn_limit; or NULL, as the others
 * @buckets: of limit
 * @quota: of quota
 *
 * Those of a rule's older form and of its newer have in common what stayed the same.
 */
struct minifw_limits {
	struct minifw_conns *conns;
	struct minifw_buckets *buckets;
	struct quota *quota;
};

/* ---- quotas ---- */

static struct quota *quota_create(u64 total)
{
	struct quota *quota = kmalloc(sizeof(*quota), GFP_KERNEL);

	if (!quota)
		return NULL;
	kref_init(&quota->ref);
	quota->total = total;
	atomic64_set(&quota->left, total);
	return quota;
}

static void quota_release(struct kref *ref)
{
	kfree(container_of(ref, struct quota, ref));
}

/* Who asks for more than is left gets nothing, and leaves nothing: nft does the same. */
static bool quota_take(struct quota *quota, unsigned int bytes)
{
	s64 left = atomic64_read(&quota->left);

	do {
		if (!left)
			return false;
	} while (!atomic64_try_cmpxchg(&quota->left, &left, left > bytes ? left - bytes : 0));
	return left >= bytes;
}

/* ---- all three ---- */

/* The limits of @older if its attribute @id says what that of @live does, else NULL. */
static const struct minifw_limits *same(const struct minifw_live *live,
					const struct minifw_live *older, enum minifw_attr_id id)
{
	if (!older || !minifw_attr_equal(id, &live->spec, &older->spec))
		return NULL;
	return older->spec.rare->live.limits;
}

static int take_conns(struct minifw_live *live, const struct minifw_live *older,
		      struct minifw_limits *limits)
{
	const struct minifw_limits *from = same(live, older, MINIFW_ATTR_conn_limit);
	struct minifw_conns *conns = from ? minifw_conns_get(from->conns) : minifw_conns_create();

	if (IS_ERR(conns))
		return PTR_ERR(conns);
	limits->conns = conns;
	return 0;
}

static int take_buckets(struct minifw_live *live, const struct minifw_live *older,
			struct minifw_limits *limits)
{
	const struct minifw_limits *from = same(live, older, MINIFW_ATTR_limit);

	limits->buckets = from ? minifw_buckets_get(from->buckets) :
				       minifw_buckets_create(&live->spec.rare->limit);
	return limits->buckets ? 0 : -ENOMEM;
}

static int take_quota(struct minifw_live *live, const struct minifw_live *older,
		      struct minifw_limits *limits)
{
	const struct minifw_limits *from = same(live, older, MINIFW_ATTR_quota);

	if (from)
		kref_get(&from->quota->ref);
	limits->quota = from ? from->quota : quota_create(live->spec.rare->quota.bytes);
	return limits->quota ? 0 : -ENOMEM;
}

/**
 * minifw_limits_create() - what a live rule needs for its limits
 * @live: takes them in its spec, which has none; sealed, and no packet's yet
 * @older: what packets see of the same rule now, or NULL; what its limits remember goes on
 *         where they are the same
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -ENOMEM, or what nf_ct_netns_get() returned. What was made by then is left
 * there.
 */
int minifw_limits_create(struct minifw_live *live, const struct minifw_live *older,
			 struct minifw_error *err)
{
	struct minifw_limits *limits;
	int ret = 0;

	if (!(live->spec.attrs & MINIFW_LIMIT_ATTRS))
		return 0;
	limits = kzalloc(sizeof(*limits), GFP_KERNEL);
	if (!limits)
		ret = -ENOMEM;
	live->spec.rare->live.limits = limits;
	if (!ret && minifw_spec_asks(&live->spec, MINIFW_ATTR_conn_limit))
		ret = take_conns(live, older, limits);
	if (!ret && minifw_spec_asks(&live->spec, MINIFW_ATTR_limit))
		ret = take_buckets(live, older, limits);
	if (!ret && minifw_spec_asks(&live->spec, MINIFW_ATTR_quota))
		ret = take_quota(live, older, limits);
	if (ret)
		minifw_error_set(err, ret, "enabled: %s", ret == -ENOMEM ? "out of memory" :
				 "conntrack cannot be had");
	return ret;
}

/**
 * minifw_limits_free() - undo minifw_limits_create(), whole or half done
 * @limits: the limits, or NULL; no packet may still see the rule
 *
 * Context: may sleep.
 */
void minifw_limits_free(struct minifw_limits *limits)
{
	if (!limits)
		return;
	minifw_conns_put(limits->conns);
	minifw_buckets_put(limits->buckets);
	if (limits->quota)
		kref_put(&limits->quota->ref, quota_release);
	kfree(limits);
}

/**
 * minifw_limits_reset() - a whole quota, and rates that nobody has used
 * @limits: the limits, or NULL
 *
 * Live connections stay what they are.
 *
 * Context: process; packets may be at them.
 */
void minifw_limits_reset(struct minifw_limits *limits)
{
	if (!limits)
		return;
	if (limits->buckets)
		minifw_buckets_reset(limits->buckets);
	if (limits->quota)
		atomic64_set(&limits->quota->left, limits->quota->total);
}

/* ---- the packet path ---- */

/* A sealed rule is asked only of packets that have what its keys are made of. */
static struct minifw_key_value key_of(const struct minifw_count_key *key,
				      const struct minifw_packet *packet)
{
	struct minifw_addr addr = key->addr == MINIFW_KEY_SADDR ? packet->saddr : packet->daddr;

	if (key->addr == MINIFW_KEY_NONE)
		return (struct minifw_key_value){};
	return (struct minifw_key_value){
		.addr = minifw_addr_network(addr, packet->family, key->len[packet->family]),
		.rest = packet->family << 16 | (key->dport ? packet->dport : 0),
	};
}

static bool match_conns(const struct minifw_live *rule, const struct minifw_packet *packet)
{
	const struct minifw_conn_limit *limit = &rule->spec.rare->conn_limit;
	struct minifw_conns *conns = rule->spec.rare->live.limits->conns;
	struct minifw_key_value key = key_of(&limit->key, packet);

	return minifw_conns_over(conns, packet, &key, limit->most);
}

static bool match_rate(const struct minifw_live *rule, const struct minifw_packet *packet)
{
	const struct minifw_limit *limit = &rule->spec.rare->limit;
	struct minifw_buckets *buckets = rule->spec.rare->live.limits->buckets;
	u32 amount = limit->bytes ? packet->skb->len : 1;

	return minifw_buckets_take(buckets, key_of(&limit->key, packet), amount,
				   ktime_get_ns()) != limit->over;
}

/**
 * minifw_limits_match() - do the limits of a rule match as well?  Takes from them
 * @rule: which has some; all else of it matches
 * @packet: the packet
 *
 * The quota is last: only what the whole rule matches uses it up.
 *
 * Context: the packet path, softirqs off; does not sleep.
 * Return: whether they do.
 */
bool minifw_limits_match(const struct minifw_live *rule, const struct minifw_packet *packet)
{
	const struct minifw_limits *limits = rule->spec.rare->live.limits;

	if (limits->conns && !match_conns(rule, packet))
		return false;
	if (limits->buckets && !match_rate(rule, packet))
		return false;
	return !limits->quota || quota_take(limits->quota, packet->skb->len);
}

/**
 * minifw_limits_match_idle() - would the limits of a rule match if nobody had used them?
 * @spec: what the rule says
 *
 * Context: any.
 * Return: whether they would: not those that wait for something to be over.
 */
bool minifw_limits_match_idle(const struct minifw_spec *spec)
{
	if (minifw_spec_asks(spec, MINIFW_ATTR_conn_limit))
		return false;
	return !minifw_spec_asks(spec, MINIFW_ATTR_limit) || !spec->rare->limit.over;
}
