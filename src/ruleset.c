// SPDX-License-Identifier: GPL-2.0
/*
 * The rules and chains in force, and the parameters: the one mutex of the write path, and what
 * each write does to their order, at once or staged in a transaction.
 *
 * What must not fail, taking a rule or a chain out, is tried as any other change; without
 * memory for it, its @retired is set, and packets pass over it.
 */
#include <linux/err.h>
#include <linux/mutex.h>
#include <net/net_namespace.h>

#include "cgroup.h"
#include "chain.h"
#include "config.h"
#include "entry.h"
#include "error.h"
#include "event.h"
#include "expiry.h"
#include "guard.h"
#include "publish.h"
#include "right.h"
#include "rule.h"
#include "ruleset.h"
#include "set.h"
#include "set_ref.h"
#include "snapshot.h"
#include "text.h"
#include "transaction.h"

/* The write path: drafts, the order of rules, parameters, and who may publish. */
DEFINE_MUTEX(minifw_ruleset_mutex);
struct minifw_error minifw_ruleset_error;

/* Parameters before the first snapshot, and after the last. */
static struct minifw_config config = MINIFW_CONFIG_DEFAULTS;

/* ---- publishing ---- */

/* What a publish leaves behind because its directory is gone names no sets any more. */
static void release_abandoned(const struct minifw_snapshot *old)
{
	unsigned int i;

	for (i = 0; i < old->count; i++)
		if (minifw_entry_abandoned(&old->entry[i]))
			minifw_entry_release(&old->entry[i]);
}

/* Has the guard against lock-outs a say?  Not in what happens by itself; rmdir is not refused. */
enum guarded {
	UNGUARDED,
	WARNED,
	GUARDED,
};

/**
 * struct attempt - what is to be published: what is in force, but for this
 * @with: under these parameters; NULL: those in force
 * @change: a rule or a chain that comes or goes; NULL: none
 * @by_right: what is abandoned goes, too
 * @guarded: may it be refused for the sake of who writes it?
 * @where: begins the reason of a refusal
 */
struct attempt {
	const struct minifw_config *with;
	const struct minifw_change *change;
	bool by_right;
	enum guarded guarded;
	const char *where;
};

static int ask_guard(enum guarded guarded, const struct minifw_snapshot *new,
		     struct minifw_error *err, const char *where)
{
	if (guarded == GUARDED)
		return minifw_guard_check(new, err, where);
	if (guarded == WARNED)
		minifw_guard_warn(new);
	return 0;
}

static int publish(const struct attempt *attempt, struct minifw_error *err)
{
	struct minifw_snapshot *old = minifw_published(), *new;
	bool by_right = attempt->by_right && !minifw_locked();
	int ret;

	new = minifw_snapshot_derive(old, attempt->with ?: &old->config, attempt->change, by_right);
	if (!new)
		return minifw_error_set(err, -ENOMEM, "%sout of memory", attempt->where);
	ret = minifw_publish_prepare(new, err, attempt->where);
	if (ret)
		return ret;
	ret = ask_guard(attempt->guarded, new, err, attempt->where);
	if (ret) {
		minifw_publish_abandon(new);
		return ret;
	}
	if (old && by_right)
		release_abandoned(old);
	minifw_publish_settle(minifw_publish_swap(new));
	minifw_publish_count();
	minifw_event("publish");
	return 0;
}

/* What is retired goes; without memory for that the old snapshot goes on. */
static void publish_removal(bool by_right)
{
	const struct attempt attempt = { .by_right = by_right, .where = "" };
	struct minifw_error err = {};

	if (!publish(&attempt, &err))
		return;
	minifw_publish_count();
	minifw_event("publish");
}

/* At once, or staged. */
static int change(const struct minifw_change *change, struct minifw_error *err)
{
	const struct attempt attempt = {
		.change = change, .by_right = true, .guarded = GUARDED, .where = "enabled: ",
	};

	if (minifw_transaction_is_open())
		return minifw_transaction_change(change, err);
	return publish(&attempt, err);
}

/* ---- parameters ---- */

/**
 * minifw_ruleset_configure() - take new parameters
 * @new: all of them, valid
 * @err: takes the reason
 *
 * Before the module's init and after its exit there are no packets: the
 * parameters are kept for the first snapshot then.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0, or with nothing changed -ENOMEM, -EBUSY, -EPERM by the guard against lock-outs,
 * or what minifw_netns_prepare() returned.
 */
int minifw_ruleset_configure(const struct minifw_config *new, struct minifw_error *err)
{
	const struct attempt attempt = {
		.with = new, .by_right = true, .guarded = GUARDED, .where = "",
	};
	int ret = 0;

	if (!memcmp(minifw_ruleset_config(), new, sizeof(*new)))
		return 0;
	ret = minifw_transaction_check(err, "");
	if (ret)
		return ret;
	if (minifw_transaction_is_open()) {
		*minifw_transaction_config() = *new;
		return 0;
	}
	if (minifw_published())
		return publish(&attempt, err);
	config = *new;
	return 0;
}

/**
 * minifw_ruleset_config() - the parameters as who writes them finds them
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the parameters in force; in an open transaction, those that are staged.
 */
const struct minifw_config *minifw_ruleset_config(void)
{
	if (minifw_transaction_is_open())
		return minifw_transaction_config();
	return minifw_published() ? &minifw_published()->config : &config;
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

/* ---- rules and chains ---- */

static bool is_some(const struct minifw_entry *entry)
{
	return entry->rule || entry->chain;
}

/* @new is in force from here on, or staged; @old, which was so before, is not. */
static void adopt(const struct minifw_entry *new, const struct minifw_entry *old)
{
	bool staged = minifw_transaction_is_open();

	if (staged)
		minifw_entry_stage(new);
	else
		minifw_entry_enter(new);
	if (is_some(old) && !(staged && minifw_entry_is_live(old)))
		minifw_entry_release(old);
}

/* Publish or stage @new in the place of @old, its form before, if there was one. */
static int enable(const struct minifw_entry *new, const struct minifw_entry *old,
		  struct minifw_error *err)
{
	int ret;

	if (is_some(old))
		minifw_entry_get(old);
	ret = change(&(struct minifw_change){ new, true }, err);
	if (ret)
		minifw_entry_release(new);
	else
		adopt(new, old);
	if (is_some(old))
		minifw_entry_put(old);
	minifw_entry_put(new);
	return ret;
}

/* What packets see is not changed yet. */
static void stage_removal(const struct minifw_entry *entry)
{
	minifw_entry_unstage(entry);
	minifw_transaction_remove(entry);
	if (!minifw_entry_is_live(entry))
		minifw_entry_release(entry);
}

/*
 * Only the guard can refuse it: without memory for a new snapshot, or for the guard, packets of
 * the old one pass over it.
 */
static int take_out(const struct minifw_entry *entry, enum guarded guarded,
		    struct minifw_error *err)
{
	const struct minifw_change change = { entry, false };
	const struct attempt attempt = {
		.change = &change, .by_right = true, .guarded = guarded, .where = "enabled: ",
	};
	int ret = publish(&attempt, err);

	if (ret == -EPERM)
		return ret;
	if (ret) {
		minifw_entry_retire(entry);
		minifw_publish_stale();
		publish_removal(true);
	}
	minifw_entry_leave(entry);
	minifw_entry_release(entry);
	return 0;
}

/* Take a form that is in force, or staged, out. */
static int disable(const struct minifw_entry *entry, struct minifw_error *err)
{
	int ret;

	if (!is_some(entry))
		return 0;
	ret = minifw_transaction_check(err, "enabled: ");
	if (ret)
		return ret;
	minifw_entry_get(entry);
	if (minifw_transaction_is_open())
		stage_removal(entry);
	else
		ret = take_out(entry, GUARDED, err);
	minifw_entry_put(entry);
	return ret;
}

/* Packets pass over it from here on, whatever is published. */
static void end(const struct minifw_entry *entry)
{
	minifw_entry_retire(entry);
	minifw_entry_leave(entry);
	minifw_entry_release(entry);
}

/*
 * Its directory goes. In a transaction, what packets see is left to the commit or confirm,
 * and what is staged is not staged any more.
 */
static void forsake(const struct minifw_entry *form, const struct minifw_entry *live, bool by_right)
{
	struct minifw_error err = {};

	if (is_some(form) && minifw_transaction_is_open()) {
		minifw_entry_get(form);
		stage_removal(form);
		minifw_entry_put(form);
	}
	if (!is_some(live))
		return;
	minifw_entry_get(live);
	if (by_right && minifw_transaction_is_idle())
		take_out(live, WARNED, &err);
	else
		minifw_entry_abandon(live);
	minifw_entry_put(live);
}

/**
 * minifw_ruleset_enable() - publish a rule's draft, or stage it
 * @rule: takes the reason of a refusal in its @error
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -ENODATA, -EINVAL or -ENOENT if the draft is not good; -ENOSPC past
 * max_rules; -EBUSY while a commit waits to be confirmed; -EPERM by the guard against
 * lock-outs; -ENOMEM, or as minifw_netns_prepare(). Packets see what they saw then.
 */
int minifw_ruleset_enable(struct minifw_rule *rule)
{
	const struct minifw_entry old = { .rule = minifw_rule_form(rule) };
	struct minifw_entry new = {};
	int ret;

	if (old.rule && minifw_spec_equal(&rule->draft, &old.rule->spec) &&
	    !minifw_cgroup_is_gone(&old.rule->spec))
		return 0;
	ret = minifw_transaction_check(&rule->error, "enabled: ");
	if (ret)
		return ret;
	new.rule = minifw_live_create(rule, &rule->error);
	return IS_ERR(new.rule) ? PTR_ERR(new.rule) : enable(&new, &old, &rule->error);
}

/**
 * minifw_ruleset_disable() - take a rule out of force, or stage that
 * @rule: the rule, live or not; takes the reason of a refusal in its @error
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0, -EBUSY while a commit waits to be confirmed, or -EPERM by the guard against
 * lock-outs.
 */
int minifw_ruleset_disable(struct minifw_rule *rule)
{
	const struct minifw_entry form = { .rule = minifw_rule_form(rule) };

	return disable(&form, &rule->error);
}

/**
 * minifw_ruleset_forsake() - a rule's directory goes
 * @rule: the rule, live or not
 * @by_right: it goes by who may publish; else it stays in force until the next publish
 *
 * Cannot fail. In a transaction the rule goes at the commit or confirm.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_ruleset_forsake(struct minifw_rule *rule, bool by_right)
{
	const struct minifw_entry form = { .rule = minifw_rule_form(rule) };
	const struct minifw_entry live = { .rule = rule->live };

	forsake(&form, &live, by_right);
}

/**
 * minifw_ruleset_enable_chain() - publish a chain's draft, or stage it
 * @chain: takes the reason of a refusal in its @error
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -ENODATA or -EINVAL if a line is not good, -ENOENT if there is no such
 * set; -ENOSPC past max_rules; -EBUSY while a commit waits to be confirmed; -EPERM by the
 * guard against lock-outs; -ENOMEM, or as minifw_netns_prepare(). Packets see what they saw then.
 */
int minifw_ruleset_enable_chain(struct minifw_chain *chain)
{
	const struct minifw_entry old = { .chain = minifw_chain_form(chain) };
	struct minifw_entry new = {};
	int ret;

	if (old.chain && !minifw_chain_modified(chain) && !minifw_chain_stale(old.chain))
		return 0;
	ret = minifw_transaction_check(&chain->error, "enabled: ");
	if (ret)
		return ret;
	new.chain = minifw_frozen_create(chain, &chain->error);
	return IS_ERR(new.chain) ? PTR_ERR(new.chain) : enable(&new, &old, &chain->error);
}

/**
 * minifw_ruleset_disable_chain() - take a chain out of force, or stage that
 * @chain: the chain, live or not; takes the reason of a refusal in its @error
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0, -EBUSY while a commit waits to be confirmed, or -EPERM by the guard against
 * lock-outs.
 */
int minifw_ruleset_disable_chain(struct minifw_chain *chain)
{
	const struct minifw_entry form = { .chain = minifw_chain_form(chain) };

	return disable(&form, &chain->error);
}

/**
 * minifw_ruleset_forsake_chain() - a chain's directory goes
 * @chain: the chain, live or not
 * @by_right: as of minifw_ruleset_forsake()
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_ruleset_forsake_chain(struct minifw_chain *chain, bool by_right)
{
	const struct minifw_entry form = { .chain = minifw_chain_form(chain) };
	const struct minifw_entry live = { .chain = chain->live };

	forsake(&form, &live, by_right);
}

/**
 * minifw_ruleset_clean() - take out of force whose directory is gone, if that is allowed
 *
 * Cannot fail.
 *
 * Context: may sleep; minifw_ruleset_mutex held; there is no transaction.
 */
void minifw_ruleset_clean(void)
{
	const struct minifw_snapshot *snapshot = minifw_published();
	unsigned int i;
	bool any = false;

	if (minifw_locked())
		return;
	for (i = 0; i < snapshot->count; i++) {
		if (!minifw_entry_abandoned(&snapshot->entry[i]))
			continue;
		end(&snapshot->entry[i]);
		any = true;
	}
	if (any) {
		minifw_publish_stale();
		publish_removal(true);
	}
}

static bool expire(const struct minifw_entry *entry)
{
	if (entry->chain)
		return minifw_frozen_expire(entry->chain);
	if (!minifw_expiry_is_due(entry->rule))
		return false;
	end(entry);
	return true;
}

/**
 * minifw_ruleset_expire() - take out of force whose time is over
 *
 * Cannot fail: without memory for a new snapshot, packets of the old one pass over it.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_ruleset_expire(void)
{
	const struct minifw_snapshot *snapshot = minifw_published();
	unsigned int i;
	bool any = false;

	for (i = 0; i < snapshot->count; i++)
		any |= expire(&snapshot->entry[i]);
	if (any) {
		minifw_publish_stale();
		publish_removal(false);
	}
	minifw_expiry_start(minifw_published());
}

/* ---- all of it ---- */

/**
 * minifw_ruleset_show() - what is in force, in the format of minifw.conf(5)
 * @out: takes it
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_ruleset_show(struct minifw_text *out)
{
	const struct minifw_snapshot *snapshot = minifw_published();
	unsigned int i;
	int ret = 0;

	minifw_config_show(&snapshot->config, out);
	ret = minifw_sets_show(out);
	for (i = 0; !ret && i < snapshot->count; i++)
		if (!minifw_entry_retired(&snapshot->entry[i]))
			ret = minifw_entry_show(&snapshot->entry[i], out);
	if (minifw_locked())	/* last, so that who writes line by line gets so far */
		minifw_text_add(out, "parameter locked=Y\n");
	return ret;
}

/**
 * minifw_ruleset_init() - publish the first snapshot: no rules, and the parameters
 *
 * Context: may sleep; after minifw_publish_init().
 * Return: 0 or -ENOMEM.
 */
int minifw_ruleset_init(void)
{
	const struct attempt attempt = { .with = &config, .by_right = true, .where = "" };
	struct minifw_error err = {};
	int ret;

	mutex_lock(&minifw_ruleset_mutex);
	ret = publish(&attempt, &err);
	mutex_unlock(&minifw_ruleset_mutex);
	return ret;
}
