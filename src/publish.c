// SPDX-License-Identifier: GPL-2.0
/*
 * The only place that publishes: a whole snapshot is built aside, and one pointer is swapped.
 * Whatever may fail comes before that.
 *
 * While a commit waits to be confirmed there is a second snapshot, the one from before,
 * ready to be swapped back: nothing that it needs goes meanwhile.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/workqueue.h>

#include "base.h"
#include "entry.h"
#include "error.h"
#include "expiry.h"
#include "netns.h"
#include "publish.h"
#include "recheck.h"
#include "ruleset.h"
#include "snapshot.h"
#include "slots.h"

struct minifw_snapshot __rcu *minifw_snapshot;

/* All guarded by minifw_ruleset_mutex. */
static struct minifw_snapshot *before;
static u64 generation;
static struct workqueue_struct *freeing;

/**
 * minifw_published() - what packets see
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the snapshot; NULL before the module's init and after its exit.
 */
struct minifw_snapshot *minifw_published(void)
{
	return rcu_dereference_protected(minifw_snapshot, lockdep_is_held(&minifw_ruleset_mutex));
}

/**
 * minifw_published_before() - what packets may see again
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the snapshot from before a commit that is not confirmed, or NULL.
 */
struct minifw_snapshot *minifw_published_before(void)
{
	return before;
}

/**
 * minifw_generation() - how often packets got something new to see
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the number of the snapshot.
 */
u64 minifw_generation(void)
{
	return generation;
}

/**
 * minifw_publish_count() - packets see something new: rules, contents of sets with them, or
 * less of the rules that they saw
 *
 * What is open when the module comes is left alone.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_publish_count(void)
{
	if (generation++)
		minifw_recheck(minifw_published());
}

/* ---- aside ---- */

/**
 * minifw_snapshot_derive() - the rules and chains of one snapshot in another
 * @from: the one, or NULL
 * @with: the other's parameters
 * @change: how it differs beside, or NULL
 * @by_right: what is abandoned goes; without the right to publish it stays
 *
 * What is retired goes in any case.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: the snapshot, not built yet, or NULL.
 */
struct minifw_snapshot *minifw_snapshot_derive(const struct minifw_snapshot *from,
					       const struct minifw_config *with,
					       const struct minifw_change *change, bool by_right)
{
	const struct minifw_entry *add = change && change->in ? change->entry : NULL;
	unsigned int i, count = from ? from->count : 0;
	struct minifw_snapshot *to = minifw_snapshot_alloc(with, count + 1);

	if (!to)
		return NULL;
	to->epoch = minifw_slots_epoch();
	for (i = 0; i < count; i++) {
		const struct minifw_entry *entry = &from->entry[i];

		if (minifw_entry_retired(entry) || (by_right && minifw_entry_abandoned(entry)) ||
		    (change && minifw_entry_same(entry, change->entry)))
			continue;
		if (add && minifw_entry_cmp(add, entry) < 0) {
			minifw_snapshot_add(to, add);
			add = NULL;
		}
		minifw_snapshot_add(to, entry);
	}
	if (add)
		minifw_snapshot_add(to, add);
	return to;
}

static const char *failure(int code)
{
	if (code == -ENOSPC)
		return "the parameter max_rules allows no more rules";
	if (code == -E2BIG)
		return "more than 16384 rules differ neither by prefix, port, interface nor mark";
	if (code == -EOPNOTSUPP)
		return "this kernel is built without CONFIG_NETFILTER_INGRESS";
	return code == -ENOMEM ? "out of memory" : "conntrack or a hook cannot be had";
}

static int prepare(struct minifw_snapshot *new)
{
	const struct minifw_snapshot *old = minifw_published();
	unsigned int rules = old ? old->rules : 0;
	int ret;

	if (new->rules > new->config.max_rules && new->rules > rules)
		return -ENOSPC;
	ret = minifw_snapshot_build(new, old ? old->base : NULL);
	return ret ?: minifw_netns_prepare(new);
}

/**
 * minifw_publish_prepare() - have all that packets need of a snapshot
 * @new: derived; freed where it is refused
 * @err: takes the reason
 * @where: begins it
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; with nothing changed -ENOMEM, -ENOSPC past max_rules and for more rules than
 * can be told apart, or what minifw_netns_prepare() returned.
 */
int minifw_publish_prepare(struct minifw_snapshot *new, struct minifw_error *err,
			   const char *where)
{
	int ret = prepare(new);

	if (!ret)
		return 0;
	minifw_snapshot_free(new);
	return minifw_error_set(err, ret == -E2BIG ? -ENOSPC : ret, "%s%s", where, failure(ret));
}

/**
 * minifw_publish_abandon() - a snapshot is not published after all
 * @new: prepared; freed
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_publish_abandon(struct minifw_snapshot *new)
{
	minifw_netns_settle();
	minifw_snapshot_free(new);
}

/* ---- in force ---- */

static void compact_later(const struct minifw_snapshot *snapshot);

/**
 * minifw_publish_swap() - packets see another snapshot from here on
 * @new: prepared, or the one from before
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: the one that they saw, for minifw_publish_keep() or minifw_publish_settle().
 */
struct minifw_snapshot *minifw_publish_swap(struct minifw_snapshot *new)
{
	struct minifw_snapshot *old = minifw_published();
	unsigned int i;

	if (new == before)
		before = NULL;
	for (i = 0; i < new->count; i++)
		minifw_entry_arrive(&new->entry[i]);
	minifw_expiry_start(new);
	rcu_assign_pointer(minifw_snapshot, new);
	compact_later(new);
	return old;
}

/**
 * minifw_publish_keep() - a snapshot may come back
 * @old: what minifw_publish_swap() returned
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_publish_keep(struct minifw_snapshot *old)
{
	before = old;
	minifw_netns_settle();
}

static void free_work(struct work_struct *work)
{
	minifw_snapshot_free(container_of(to_rcu_work(work), struct minifw_snapshot, work));
}

/**
 * minifw_publish_settle() - a snapshot does not come back
 * @old: what minifw_publish_swap() returned, or what was kept; or NULL
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_publish_settle(struct minifw_snapshot *old)
{
	if (old == before)
		before = NULL;
	minifw_netns_settle();	/* before the old one is freed: it says which hooks there are */
	if (!old)
		return;
	INIT_RCU_WORK(&old->work, free_work);
	queue_rcu_work(freeing, &old->work);
}

/**
 * minifw_publish_stale() - what is retired is passed over: from here on packets look
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_publish_stale(void)
{
	WRITE_ONCE(minifw_published()->stale, true);
	if (before)
		before->stale = true;
}

/**
 * minifw_publish_defer() - do something after a grace period, before the module goes
 * @work: initialised; what it does may sleep
 *
 * Context: any.
 */
void minifw_publish_defer(struct rcu_work *work)
{
	queue_rcu_work(freeing, work);
}

/* ---- a new base, behind who changes rules ---- */

#define COMPACT_DELAY HZ	/* changes come in bursts */
#define STALE_MAX 8		/* sets that have changed since: their rules are asked one by one */

static void compact(struct work_struct *work);
static DECLARE_DELAYED_WORK(compact_work, compact);

/* Guarded by the mutex: which generation's base was refused, and how long the last one took. */
static u64 refused;
static unsigned long took;

static bool needs_base(const struct minifw_snapshot *snapshot)
{
	return generation != refused &&
	       (snapshot->delta || minifw_base_stale(snapshot->base) > STALE_MAX);
}

static void compact_later(const struct minifw_snapshot *snapshot)
{
	if (snapshot->delta && generation != refused)
		queue_delayed_work(freeing, &compact_work, COMPACT_DELAY);
}

/* What is in force, in a snapshot that is not built yet. */
static struct minifw_snapshot *copy_published(void)
{
	const struct minifw_snapshot *old = minifw_published();

	return minifw_snapshot_derive(old, &old->config, NULL, false);
}

/* Takes a while, and needs nothing that the mutex guards. NULL where it need not be. */
static struct minifw_base *make_base(u64 *of)
{
	struct minifw_snapshot *copy = NULL;
	struct minifw_base *base;
	bool needed;

	mutex_lock(&minifw_ruleset_mutex);
	*of = generation;
	needed = needs_base(minifw_published());
	if (needed)
		copy = copy_published();
	mutex_unlock(&minifw_ruleset_mutex);
	if (!copy)
		return needed ? ERR_PTR(-ENOMEM) : NULL;
	base = minifw_base_create(copy->entry, copy->count);
	minifw_snapshot_free(copy);
	return base;
}

/* Rules that have changed since are in the delta again. */
static int adopt_base(struct minifw_base *base)
{
	struct minifw_snapshot *new = copy_published();
	int ret = new ? minifw_snapshot_build_on(new, base) : -ENOMEM;

	if (!ret)
		minifw_publish_settle(minifw_publish_swap(new));
	else if (new)
		minifw_snapshot_free(new);
	return ret;
}

/*
 * Packets see the same before and after, and sooner. What fails is tried again; but what is
 * refused when something has changed.
 */
static void compact(struct work_struct *work)
{
	unsigned long start = jiffies;
	u64 of;
	struct minifw_base *base = make_base(&of);
	int ret = PTR_ERR_OR_ZERO(base);

	mutex_lock(&minifw_ruleset_mutex);
	if (ret == -E2BIG)
		refused = of;
	else if (base && !ret)
		ret = adopt_base(base);
	if (base)
		took = jiffies - start;
	compact_later(minifw_published());
	if (ret && generation != refused)
		queue_delayed_work(freeing, &compact_work, COMPACT_DELAY);
	mutex_unlock(&minifw_ruleset_mutex);
	if (!IS_ERR(base))
		minifw_base_put(base);
}

/* ---- another, when sets have changed ---- */

#define PAUSE_MIN	COMPACT_DELAY
#define PAUSE_MAX	(600 * HZ)
#define WORK_SHARE	64	/* making bases takes no more of the time than one in this */

static void reindex(struct work_struct *work);
static DECLARE_DELAYED_WORK(reindex_work, reindex);

/* Guarded by the mutex: when it was last, and how long there is none after that. */
static u64 reindexed;
static unsigned long pause = PAUSE_MIN;

/* Sets that change all the time are not worth it: from time to time it takes twice as long. */
static void reindex(struct work_struct *work)
{
	mutex_lock(&minifw_ruleset_mutex);
	if (needs_base(minifw_published())) {
		mod_delayed_work(freeing, &compact_work, 0);
		pause = clamp(max(2 * pause, WORK_SHARE * took), PAUSE_MIN, PAUSE_MAX);
		reindexed = get_jiffies_64();
	}
	mutex_unlock(&minifw_ruleset_mutex);
}

/**
 * minifw_publish_reindex() - a set has changed that bases have an index of
 *
 * Where many have, there will be a new base: soon, if it has been quiet.
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_publish_reindex(void)
{
	u64 now = get_jiffies_64(), due = now + COMPACT_DELAY;

	if (!reindexed || now > reindexed + 4 * pause)
		pause = PAUSE_MIN;
	else
		due = max(due, reindexed + pause);
	queue_delayed_work(freeing, &reindex_work, due - now);
}

/* ---- from load to unload ---- */

/**
 * minifw_publish_init() - before the first snapshot
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_publish_init(void)
{
	freeing = alloc_workqueue("minifw", WQ_UNBOUND, 0);
	return freeing ? 0 : -ENOMEM;
}

/**
 * minifw_publish_stop() - make no new base any more
 *
 * Context: may sleep; nothing is published any more.
 */
void minifw_publish_stop(void)
{
	cancel_delayed_work_sync(&reindex_work);	/* begins the other */
	cancel_delayed_work_sync(&compact_work);
}

/**
 * minifw_publish_exit() - let go of everything
 *
 * Context: may sleep; no hook is registered and no packet in one, and nothing waits to be
 * confirmed.
 */
void minifw_publish_exit(void)
{
	struct minifw_snapshot *last;

	mutex_lock(&minifw_ruleset_mutex);
	last = minifw_published();
	RCU_INIT_POINTER(minifw_snapshot, NULL);
	mutex_unlock(&minifw_ruleset_mutex);
	rcu_barrier();	/* then all of rcu_work is in the queue */
	destroy_workqueue(freeing);
	if (last)
		minifw_snapshot_free(last);
}
