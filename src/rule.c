// SPDX-License-Identifier: GPL-2.0
/*
 * One rule: the draft that is being written, and the frozen copy of it that
 * packets see, which a line of a chain is too.  Who may see which when is
 * ruleset.c's.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cgroup.h"
#include "expiry.h"
#include "limit.h"
#include "log.h"
#include "pool.h"
#include "rule.h"
#include "ruleset.h"
#include "set_ref.h"
#include "text.h"
#include "transaction.h"

/**
 * minifw_rule_create() - a rule that says nothing and is off
 * @name: a valid name
 *
 * Context: may sleep.
 * Return: the rule with one reference, or NULL.
 */
struct minifw_rule *minifw_rule_create(const char *name)
{
	struct minifw_rule *rule = kzalloc(sizeof(*rule), GFP_KERNEL);

	if (!rule)
		return NULL;
	rule->hits = alloc_percpu(struct minifw_hits);
	if (!rule->hits) {
		kfree(rule);
		return NULL;
	}
	kref_init(&rule->ref);
	strscpy(rule->name, name, sizeof(rule->name));
	minifw_spec_init(&rule->draft);
	return rule;
}

static void rule_release(struct kref *ref)
{
	struct minifw_rule *rule = container_of(ref, struct minifw_rule, ref);

	minifw_spec_clear(&rule->draft);
	free_percpu(rule->hits);
	kfree(rule);
}

/**
 * minifw_rule_put() - let go of a rule; the last one frees it
 * @rule: the rule
 *
 * Context: process.
 */
void minifw_rule_put(struct minifw_rule *rule)
{
	kref_put(&rule->ref, rule_release);
}

/**
 * minifw_rule_prepare() - have what the kernel loads before a rule can be live
 * @rule: about to be published
 *
 * What could not be had, minifw_live_create() refuses.
 *
 * Context: may sleep; minifw_ruleset_mutex not held.
 */
void minifw_rule_prepare(struct minifw_rule *rule)
{
	u8 target;

	mutex_lock(&minifw_ruleset_mutex);
	target = minifw_log_target(&rule->draft);
	mutex_unlock(&minifw_ruleset_mutex);
	if (target != MINIFW_LOG_OFF)
		minifw_log_load(target);
}

/**
 * minifw_rule_show() - read an attribute
 * @rule: of which rule
 * @id: which attribute
 * @out: takes what the draft says, but of `expires` the seconds left where the
 *       rule is live and the draft does not say otherwise
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_rule_show(const struct minifw_rule *rule, enum minifw_attr_id id,
		      struct minifw_text *out)
{
	const struct minifw_live *live = rule->live;

	if (id == MINIFW_ATTR_expires && live && minifw_expiry_deadline(live) &&
	    minifw_attr_equal(id, &live->spec, &rule->draft))
		minifw_text_add(out, "%u", minifw_expiry_left(live));
	else
		minifw_spec_show(&rule->draft, id, out);
}

/**
 * minifw_rule_form() - what a rule's file `enabled` is about
 * @rule: the rule
 *
 * Context: minifw_ruleset_mutex held.
 * Return: what packets see, or in an open transaction would see by a commit; or NULL.
 */
struct minifw_live *minifw_rule_form(const struct minifw_rule *rule)
{
	return minifw_transaction_is_open() ? rule->other : rule->live;
}

/**
 * minifw_rule_status() - where a rule stands
 * @rule: the rule
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the word that `status` shows.
 */
const char *minifw_rule_status(const struct minifw_rule *rule)
{
	const struct minifw_live *form = minifw_rule_form(rule);
	bool pending = !minifw_transaction_is_idle() && rule->live != rule->other;

	return minifw_transaction_status(form, pending,
					 form && !minifw_spec_equal(&rule->draft, &form->spec));
}

/**
 * minifw_rule_hits() - matches since the directory was made, or since the last reset
 * @rule: the rule
 * @sum: takes them; @last is 0 if there were none
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_rule_hits(const struct minifw_rule *rule, struct minifw_hits *sum)
{
	minifw_hits_sum(rule->hits, sum);
	sum->counters.packets -= rule->zero.counters.packets;
	sum->counters.bytes -= rule->zero.counters.bytes;
	sum->would_drop -= rule->zero.would_drop;
	if (!sum->counters.packets)
		sum->last = 0;
}

/**
 * minifw_rule_reset() - count from zero again
 * @rule: the rule
 *
 * The CPUs' counters stay as they are, since only their CPU may write them.
 * Its quota is whole again, and its rates have not been used.
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_rule_reset(struct minifw_rule *rule)
{
	minifw_hits_sum(rule->hits, &rule->zero);
	if (rule->live && rule->live->spec.rare)
		minifw_limits_reset(rule->live->spec.rare->live.limits);
}

/**
 * minifw_rule_line() - a rule's line of minifw.conf(5)
 * @name: of the rule
 * @spec: what it says
 * @out: takes it, with its newline
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_rule_line(const char *name, const struct minifw_spec *spec, struct minifw_text *out)
{
	int ret;

	minifw_text_add(out, "rule %s", name);
	ret = minifw_spec_line(spec, out);
	minifw_text_add(out, "\n");
	return ret;
}

/* kmalloc() would round up to the next power of two, for each of 100,000 lines. */
static struct kmem_cache *live_cache;

/**
 * minifw_live_init() - before the first rule
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_live_init(void)
{
	BUILD_BUG_ON(IS_ENABLED(CONFIG_64BIT) && sizeof(struct minifw_live) > 128);
	live_cache = kmem_cache_create("minifw_live", sizeof(struct minifw_live), 0,
				       SLAB_HWCACHE_ALIGN, NULL);
	return live_cache ? 0 : -ENOMEM;
}

/**
 * minifw_live_exit() - after the last rule
 *
 * Context: may sleep.
 */
void minifw_live_exit(void)
{
	kmem_cache_destroy(live_cache);
}

/**
 * minifw_live_alloc() - room for a rule or a line
 * @is_line: which
 *
 * Context: may sleep.
 * Return: what says nothing, with one reference, or NULL.
 */
struct minifw_live *minifw_live_alloc(bool is_line)
{
	struct minifw_live *live = kmem_cache_zalloc(live_cache, GFP_KERNEL);

	if (!live)
		return NULL;
	kref_init(&live->ref);
	live->is_line = is_line;
	minifw_spec_init(&live->spec);
	return live;
}

/* Undo minifw_live_seal(), whole or half done; the sets are released. */
static void live_let_go(struct minifw_live *live)
{
	minifw_sets_put(&live->spec);
	minifw_cgroup_release(&live->spec);
	if (!live->spec.rare)
		return;
	minifw_limits_free(live->spec.rare->live.limits);
	live->spec.rare->live.limits = NULL;
}

/**
 * minifw_live_seal() - make a rule or a line ready for packets
 * @live: what no packet has seen yet
 * @older: what packets see of the same rule now, or NULL: what its limits have counted
 *         goes on where they stay the same
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -ENOMEM; -ENOENT without the logger, a set or the cgroup that it wants; or
 * as minifw_spec_seal(), minifw_limits_create() or minifw_sets_bind(). What was bound
 * has to be released when the rule leaves force, or does not come into it.
 */
int minifw_live_seal(struct minifw_live *live, const struct minifw_live *older,
		     struct minifw_error *err)
{
	int ret = minifw_spec_seal(&live->spec, err) ?: minifw_log_check(&live->spec, err) ?:
		  minifw_limits_create(live, older, err) ?:
		  minifw_cgroup_hold(&live->spec, err) ?: minifw_sets_bind(&live->spec, err);

	if (ret) {
		minifw_sets_release(&live->spec);
		live_let_go(live);
	}
	return ret;
}

/**
 * minifw_live_create() - freeze a rule's draft for packets
 * @rule: the rule
 * @err: takes the reason
 *
 * What its limits have counted goes on where they stay the same.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: the copy with one reference, or an ERR_PTR: -ENOMEM, or as
 * minifw_live_seal().
 */
struct minifw_live *minifw_live_create(struct minifw_rule *rule, struct minifw_error *err)
{
	struct minifw_live *live = minifw_live_alloc(false);
	int ret;

	if (!live)
		return ERR_PTR(minifw_error_set(err, -ENOMEM, "enabled: out of memory"));
	kref_get(&rule->ref);
	live->rule = rule;
	live->counters = &rule->hits->counters;
	if (minifw_spec_copy(&live->spec, &rule->draft))
		ret = minifw_error_set(err, -ENOMEM, "enabled: out of memory");
	else
		ret = minifw_live_seal(live, rule->live, err);
	if (ret) {
		minifw_live_put(live);
		return ERR_PTR(ret);
	}
	return live;
}

static void live_release(struct kref *ref)
{
	struct minifw_live *live = container_of(ref, struct minifw_live, ref);

	live_let_go(live);
	minifw_spec_clear(&live->spec);
	if (live->is_line) {
		minifw_pool_put(live->counters);
		minifw_gate_put(live->gate);
	} else {
		minifw_rule_put(live->rule);
	}
	kmem_cache_free(live_cache, live);
}

/**
 * minifw_live_get() - hold a live rule, as a snapshot does
 * @live: the rule
 *
 * Context: any.
 */
void minifw_live_get(struct minifw_live *live)
{
	kref_get(&live->ref);
}

/**
 * minifw_live_put() - let go of a live rule; the last one frees it
 * @live: the rule; no packet may see it by way of the caller's reference
 *
 * Context: process.
 */
void minifw_live_put(struct minifw_live *live)
{
	kref_put(&live->ref, live_release);
}

/**
 * minifw_live_audit() - count a packet that a rule or a line would have dropped
 * @live: the rule
 *
 * Context: the packet path, with softirqs off; does not sleep.
 */
void minifw_live_audit(const struct minifw_live *live)
{
	if (live->is_line)
		minifw_cpu_add(*live->gate->would_drop, 1);
	else
		minifw_cpu_add(live->rule->hits->would_drop, 1);
}

/**
 * minifw_live_name() - what a rule or a line is called, in the log and elsewhere
 * @live: one that packets see
 * @name: takes `NAME`, or of a line `CHAIN:NUMBER`
 * @size: of @name; MINIFW_LIVE_NAME_SIZE is enough
 *
 * Context: any.
 */
void minifw_live_name(const struct minifw_live *live, char *name, size_t size)
{
	if (live->is_line)
		snprintf(name, size, "%s:%u", live->gate->name, READ_ONCE(live->number));
	else
		strscpy(name, live->rule->name, size);
}

/**
 * minifw_gate_create() - for a chain that is being enabled
 * @name: of the chain
 * @would_drop: the chain's, which outlives what packets see of it
 *
 * Context: may sleep.
 * Return: the gate, open, with one reference; or NULL.
 */
struct minifw_gate *minifw_gate_create(const char *name, u64 __percpu *would_drop)
{
	struct minifw_gate *gate = kzalloc(sizeof(*gate), GFP_KERNEL);

	if (!gate)
		return NULL;
	kref_init(&gate->ref);
	gate->would_drop = would_drop;
	strscpy(gate->name, name, sizeof(gate->name));
	return gate;
}

/**
 * minifw_gate_get() - hold a gate
 * @gate: the gate
 *
 * Context: any.
 * Return: @gate.
 */
struct minifw_gate *minifw_gate_get(struct minifw_gate *gate)
{
	kref_get(&gate->ref);
	return gate;
}

static void gate_release(struct kref *ref)
{
	kfree(container_of(ref, struct minifw_gate, ref));
}

/**
 * minifw_gate_put() - let go of a gate; the last one frees it
 * @gate: the gate, or NULL
 *
 * Context: any; no packet may see it by way of the caller's reference.
 */
void minifw_gate_put(struct minifw_gate *gate)
{
	if (gate)
		kref_put(&gate->ref, gate_release);
}
