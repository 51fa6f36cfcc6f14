// SPDX-License-Identifier: GPL-2.0
/*
 * The rules and chains in force: the one mutex of the write path, their order, and
 * the only place that publishes.
 *
 * A publish builds a whole snapshot aside and swaps one pointer; whatever fails
 * before that leaves packets seeing what they saw.  What must not fail, taking a
 * rule or a chain out, sets its @retired first and rebuilds after, if it can.
 */
#include <linux/module.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "base.h"
#include "cgroup.h"
#include "chain.h"
#include "entry.h"
#include "error.h"
#include "expiry.h"
#include "netns.h"
#include "params.h"
#include "rule.h"
#include "ruleset.h"
#include "set.h"
#include "set_ref.h"
#include "snapshot.h"
#include "text.h"

/* The write path: drafts, the order of rules, parameters, and who may publish. */
DEFINE_MUTEX(minifw_ruleset_mutex);
struct minifw_snapshot __rcu *minifw_snapshot;
struct minifw_error minifw_ruleset_error;

/* All guarded by the mutex. */
static struct minifw_config config = MINIFW_CONFIG_DEFAULTS;
static u64 generation;
static struct workqueue_struct *freeing;

static struct minifw_snapshot *current_snapshot(void)
{
	return rcu_dereference_protected(minifw_snapshot, lockdep_is_held(&minifw_ruleset_mutex));
}

static void free_work(struct work_struct *work)
{
	minifw_snapshot_free(container_of(to_rcu_work(work), struct minifw_snapshot, work));
}

/*
 * The rules and chains of @from in order, with @add where it belongs and its older
 * form gone. Without the right to publish what is abandoned stays.
 */
static void put_entries(struct minifw_snapshot *to, const struct minifw_snapshot *from,
			const struct minifw_entry *add, bool by_right)
{
	const struct minifw_entry *replaced = add;
	unsigned int i;

	for (i = 0; from && i < from->count; i++) {
		const struct minifw_entry *entry = &from->entry[i];

		if (minifw_entry_retired(entry) || (by_right && minifw_entry_abandoned(entry)) ||
		    (replaced && minifw_entry_same(entry, replaced)))
			continue;
		if (add && minifw_entry_cmp(add, entry) < 0) {
			minifw_snapshot_add(to, add);
			add = NULL;
		}
		minifw_snapshot_add(to, entry);
	}
	if (add)
		minifw_snapshot_add(to, add);
}

/* What a publish leaves behind because its directory is gone names no sets any more. */
static void release_abandoned(const struct minifw_snapshot *old)
{
	unsigned int i;

	for (i = 0; i < old->count; i++)
		if (minifw_entry_abandoned(&old->entry[i]))
			minifw_entry_release(&old->entry[i]);
}

static void swap_snapshot(struct minifw_snapshot *new)
{
	struct minifw_snapshot *old = current_snapshot();

	minifw_expiry_start(new);
	rcu_assign_pointer(minifw_snapshot, new);
	minifw_netns_settle();	/* before the old one is freed: it says which hooks there are */
	if (!old)
		return;
	INIT_RCU_WORK(&old->work, free_work);
	queue_rcu_work(freeing, &old->work);
}

/* ---- a new base, behind who changes rules ---- */

#define COMPACT_DELAY HZ	/* changes come in bursts */

static void compact(struct work_struct *work);
static DECLARE_DELAYED_WORK(compact_work, compact);

static void compact_later(const struct minifw_snapshot *snapshot)
{
	if (snapshot->delta)
		queue_delayed_work(freeing, &compact_work, COMPACT_DELAY);
}

/* What is in force, in a snapshot that is not built yet. */
static struct minifw_snapshot *copy_current(void)
{
	const struct minifw_snapshot *old = current_snapshot();
	struct minifw_snapshot *new = minifw_snapshot_alloc(&old->config, old->count);

	if (new)
		put_entries(new, old, NULL, false);
	return new;
}

/* Takes a while, and needs nothing that the mutex guards. NULL where it need not, or cannot, be. */
static struct minifw_base *make_base(void)
{
	struct minifw_snapshot *copy = NULL;
	struct minifw_base *base;

	mutex_lock(&minifw_ruleset_mutex);
	if (current_snapshot()->delta)
		copy = copy_current();
	mutex_unlock(&minifw_ruleset_mutex);
	if (!copy)
		return NULL;
	base = minifw_base_create(copy->entry, copy->count);
	minifw_snapshot_free(copy);
	return IS_ERR(base) ? NULL : base;
}

/* Rules that have changed since are in the delta again. */
static void adopt_base(struct minifw_base *base)
{
	struct minifw_snapshot *new = copy_current();

	if (!new || minifw_snapshot_build_on(new, base)) {
		if (new)
			minifw_snapshot_free(new);
		return;
	}
	swap_snapshot(new);
}

/* Packets see the same before and after, and sooner. What fails is tried again. */
static void compact(struct work_struct *work)
{
	struct minifw_base *base = make_base();

	mutex_lock(&minifw_ruleset_mutex);
	if (base)
		adopt_base(base);
	compact_later(current_snapshot());
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_base_put(base);
}

/* ---- publishing ---- */

/* Publish what is in force, with @add in its place, under the parameters @with. */
static int publish(const struct minifw_config *with, const struct minifw_entry *add,
		   bool by_right)
{
	struct minifw_snapshot *old = current_snapshot(), *new;
	int ret;

	new = minifw_snapshot_alloc(with, (old ? old->count : 0) + 1);
	if (!new)
		return -ENOMEM;
	put_entries(new, old, add, by_right);
	ret = add && new->rules > with->max_rules ? -ENOSPC :
	      minifw_snapshot_build(new, old ? old->base : NULL);
	if (!ret)
		ret = minifw_netns_prepare(new);
	if (ret) {
		minifw_snapshot_free(new);
		return ret;
	}
	if (old && by_right)
		release_abandoned(old);
	swap_snapshot(new);
	generation++;
	compact_later(new);
	return 0;
}

/**
 * minifw_ruleset_defer() - do something after a grace period, before the module goes
 * @work: initialised; what it does may sleep
 *
 * Context: any.
 */
void minifw_ruleset_defer(struct rcu_work *work)
{
	queue_rcu_work(freeing, work);
}

static const char *publish_failure(int code)
{
	if (code == -ENOSPC)
		return "the parameter max_rules allows no more rules";
	if (code == -E2BIG)
		return "more than 16384 rules differ neither by prefix, port, interface nor mark";
	if (code == -EOPNOTSUPP)
		return "this kernel is built without CONFIG_NETFILTER_INGRESS";
	return code == -ENOMEM ? "out of memory" : "conntrack or a hook cannot be had";
}

/* Says why; @where begins the line. Returns what the writer is told. */
static int publish_refused(struct minifw_error *err, const char *where, int code)
{
	return minifw_error_set(err, code == -E2BIG ? -ENOSPC : code, "%s%s", where,
				publish_failure(code));
}

/**
 * minifw_ruleset_configure() - take new parameters
 * @new: all of them, valid
 * @err: takes the reason
 *
 * Before the module's init and after its exit there are no packets: the
 * parameters are kept for the first snapshot then.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0, or with nothing changed -ENOMEM or what minifw_netns_prepare() returned.
 */
int minifw_ruleset_configure(const struct minifw_config *new, struct minifw_error *err)
{
	int ret = 0;

	if (!memcmp(&config, new, sizeof(config)))
		return 0;
	if (current_snapshot())
		ret = publish(new, NULL, true);
	if (ret)
		return publish_refused(err, "", ret);
	config = *new;
	return 0;
}

/**
 * minifw_ruleset_enable() - publish a rule's draft
 * @rule: takes the reason of a refusal in its @error
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -ENODATA, -EINVAL or -ENOENT if the draft is not good; -ENOSPC past
 * max_rules; -ENOMEM, or as minifw_netns_prepare(). Packets see what they saw then.
 */
int minifw_ruleset_enable(struct minifw_rule *rule)
{
	struct minifw_live *live;
	int ret;

	if (rule->live && minifw_spec_equal(&rule->draft, &rule->live->spec) &&
	    !minifw_cgroup_is_gone(&rule->live->spec))
		return 0;
	live = minifw_live_create(rule, &rule->error);
	if (IS_ERR(live))
		return PTR_ERR(live);
	ret = publish(&config, &(struct minifw_entry){ .rule = live }, true);
	if (ret) {
		ret = publish_refused(&rule->error, "enabled: ", ret);
		minifw_sets_release(&live->spec);
	} else {
		if (rule->live)
			minifw_sets_release(&rule->live->spec);
		rule->live = live;
	}
	minifw_live_put(live);
	return ret;
}

/* What is retired is passed over: now packets look. */
static void mark_stale(void)
{
	WRITE_ONCE(current_snapshot()->stale, true);
}

/* From here on packets pass over it. */
static void retire(struct minifw_live *live)
{
	WRITE_ONCE(live->retired, true);
	mark_stale();
	minifw_sets_release(&live->spec);
	live->rule->live = NULL;
}

/* Without memory for a new snapshot the old one goes on, less what is retired. */
static void publish_removal(bool by_right)
{
	if (publish(&config, NULL, by_right))
		generation++;
}

/**
 * minifw_ruleset_disable() - take a rule out of force
 * @rule: the rule, live or not
 *
 * Cannot fail: without memory for a new snapshot the old one goes on, and its
 * packets pass over the rule.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_ruleset_disable(struct minifw_rule *rule)
{
	if (!rule->live)
		return;
	retire(rule->live);
	publish_removal(true);
}

static bool expire(const struct minifw_entry *entry)
{
	if (entry->chain)
		return minifw_frozen_expire(entry->chain);
	if (!minifw_expiry_is_due(entry->rule))
		return false;
	retire(entry->rule);
	return true;
}

/**
 * minifw_ruleset_expire() - take out of force whose time is over
 *
 * Cannot fail, as minifw_ruleset_disable().
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_ruleset_expire(void)
{
	const struct minifw_snapshot *snapshot = current_snapshot();
	unsigned int i;
	bool any = false;

	for (i = 0; i < snapshot->count; i++)
		any |= expire(&snapshot->entry[i]);
	if (any) {
		mark_stale();
		publish_removal(false);
	}
	minifw_expiry_start(current_snapshot());
}

/**
 * minifw_ruleset_enable_chain() - publish a chain's draft
 * @chain: takes the reason of a refusal in its @error
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -ENODATA or -EINVAL if a line is not good, -ENOENT if there is no such
 * set; -ENOSPC past max_rules; -ENOMEM, or as minifw_netns_prepare(). Packets see
 * what they saw then.
 */
int minifw_ruleset_enable_chain(struct minifw_chain *chain)
{
	struct minifw_frozen *frozen;
	int ret;

	if (chain->live && !minifw_chain_modified(chain) && !minifw_chain_stale(chain))
		return 0;
	frozen = minifw_frozen_create(chain, &chain->error);
	if (IS_ERR(frozen))
		return PTR_ERR(frozen);
	ret = publish(&config, &(struct minifw_entry){ .chain = frozen }, true);
	if (ret) {
		ret = publish_refused(&chain->error, "enabled: ", ret);
		minifw_frozen_discard(frozen);
	} else {
		minifw_chain_enabled(chain, frozen);
	}
	minifw_frozen_put(frozen);
	return ret;
}

/**
 * minifw_ruleset_disable_chain() - take a chain out of force
 * @chain: the chain, live or not
 *
 * Cannot fail: without memory for a new snapshot the old one goes on, and its
 * packets pass over the lines.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_ruleset_disable_chain(struct minifw_chain *chain)
{
	if (!chain->live)
		return;
	WRITE_ONCE(chain->live->gate->retired, true);
	mark_stale();
	publish_removal(true);
	minifw_chain_disabled(chain);
}

/**
 * minifw_ruleset_filters() - is a namespace one that is filtered?
 * @net: the namespace
 *
 * Context: any; the parameter cannot change while the module is loaded.
 * Return: whether it is.
 */
bool minifw_ruleset_filters(const struct net *net)
{
	return config.netns == MINIFW_NETNS_ALL || net_eq(net, &init_net);
}

/**
 * minifw_ruleset_config() - the parameters in force
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the parameters.
 */
const struct minifw_config *minifw_ruleset_config(void)
{
	return &config;
}

/**
 * minifw_ruleset_generation() - how often packets got something new to see
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the number of the snapshot.
 */
u64 minifw_ruleset_generation(void)
{
	return generation;
}

/**
 * minifw_ruleset_show() - what is in force, in the format of minifw.conf(5)
 * @out: takes it
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_ruleset_show(struct minifw_text *out)
{
	const struct minifw_snapshot *snapshot = current_snapshot();
	unsigned int i;
	int ret = 0;

	minifw_params_show(&config, out);
	ret = minifw_sets_show(out);
	for (i = 0; !ret && i < snapshot->count; i++)
		if (!minifw_entry_retired(&snapshot->entry[i]))
			ret = minifw_entry_show(&snapshot->entry[i], out);
	return ret;
}

/**
 * minifw_ruleset_init() - publish the first snapshot: no rules, and the parameters
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_ruleset_init(void)
{
	int ret;

	freeing = alloc_workqueue("minifw", WQ_UNBOUND, 0);
	if (!freeing)
		return -ENOMEM;
	mutex_lock(&minifw_ruleset_mutex);
	ret = publish(&config, NULL, true);
	mutex_unlock(&minifw_ruleset_mutex);
	if (ret)
		destroy_workqueue(freeing);
	return ret;
}

/**
 * minifw_ruleset_stop() - make no new base any more
 *
 * Context: may sleep; nothing is published any more.
 */
void minifw_ruleset_stop(void)
{
	cancel_delayed_work_sync(&compact_work);
}

/**
 * minifw_ruleset_exit() - let go of everything
 *
 * Context: may sleep; no hook is registered and no packet in one.
 */
void minifw_ruleset_exit(void)
{
	struct minifw_snapshot *last;

	mutex_lock(&minifw_ruleset_mutex);
	last = current_snapshot();
	RCU_INIT_POINTER(minifw_snapshot, NULL);
	mutex_unlock(&minifw_ruleset_mutex);
	rcu_barrier();	/* then all of rcu_work is in the queue */
	destroy_workqueue(freeing);
	minifw_snapshot_free(last);
}
