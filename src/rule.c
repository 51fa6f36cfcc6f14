// SPDX-License-Identifier: GPL-2.0
/*
 * One rule: the draft that is being written, and the frozen copy of it that
 * packets see.  Who may see which when is ruleset.c's.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cgroup.h"
#include "expiry.h"
#include "limit.h"
#include "log.h"
#include "rule.h"
#include "ruleset.h"
#include "set_ref.h"
#include "text.h"

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
	rule->counters = alloc_percpu(struct minifw_counters);
	if (!rule->counters) {
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
	free_percpu(rule->counters);
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
	target = rule->draft.log ? rule->draft.log->target : MINIFW_LOG_OFF;
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

	if (id == MINIFW_ATTR_expires && live && live->deadline &&
	    live->spec.expires == rule->draft.expires)
		minifw_text_add(out, "%u", minifw_expiry_left(live));
	else
		minifw_spec_show(&rule->draft, id, out);
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
	if (!rule->live)
		return "off";
	return minifw_spec_equal(&rule->draft, &rule->live->spec) ? "live" : "modified";
}

/**
 * minifw_rule_counters() - matches since the directory was made, or since the last reset
 * @rule: the rule
 * @sum: takes them; @last_hit is 0 if there were none
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_rule_counters(const struct minifw_rule *rule, struct minifw_counters *sum)
{
	minifw_counters_sum(rule->counters, sum);
	sum->packets -= rule->zero.packets;
	sum->bytes -= rule->zero.bytes;
	if (!sum->packets)
		sum->last_hit = 0;
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
	minifw_counters_sum(rule->counters, &rule->zero);
	if (rule->live)
		minifw_limits_reset(rule->live->limits);
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

/**
 * minifw_live_create() - freeze a rule's draft for packets
 * @rule: the rule
 * @err: takes the reason
 *
 * What its limits have counted goes on where they stay the same.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: the copy with one reference, or an ERR_PTR: -ENOMEM, -ENOENT without
 * the logger, a set or the cgroup that it wants, or as minifw_spec_seal(),
 * minifw_limits_create(), minifw_cgroup_hold() or minifw_sets_bind().
 */
struct minifw_live *minifw_live_create(struct minifw_rule *rule, struct minifw_error *err)
{
	struct minifw_live *live = kzalloc(sizeof(*live), GFP_KERNEL);
	int ret;

	if (!live)
		return ERR_PTR(minifw_error_set(err, -ENOMEM, "enabled: out of memory"));
	kref_init(&live->ref);
	kref_get(&rule->ref);
	live->rule = rule;
	live->counters = rule->counters;
	live->log_limit = &rule->log_limit;
	minifw_spec_copy(&live->spec, &rule->draft);
	ret = minifw_spec_seal(&live->spec, err) ?: minifw_log_check(live->spec.log, err) ?:
	      minifw_limits_create(live, rule->live, err) ?:
	      minifw_cgroup_hold(&live->spec, err) ?: minifw_sets_bind(&live->spec, err);
	if (ret) {
		minifw_live_put(live);
		return ERR_PTR(ret);
	}
	return live;
}

static void live_release(struct kref *ref)
{
	struct minifw_live *live = container_of(ref, struct minifw_live, ref);

	minifw_sets_put(&live->spec);
	minifw_limits_free(live->limits);
	minifw_cgroup_release(&live->spec);
	minifw_spec_clear(&live->spec);
	minifw_rule_put(live->rule);
	kfree(live);
}

/**
 * minifw_live_name() - what a live rule is called, in the log and elsewhere
 * @live: the rule
 * @name: takes it
 * @size: of @name; MINIFW_LIVE_NAME_SIZE is enough
 *
 * Context: any.
 */
void minifw_live_name(const struct minifw_live *live, char *name, size_t size)
{
	strscpy(name, live->rule->name, size);
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
 * minifw_live_cmp() - which rule is tried first?
 * @a: one
 * @b: the other
 *
 * Context: any.
 * Return: below 0 if @a is: by priority, then by name in byte order.
 */
int minifw_live_cmp(const struct minifw_live *a, const struct minifw_live *b)
{
	if (a->spec.priority != b->spec.priority)
		return a->spec.priority < b->spec.priority ? -1 : 1;
	return strcmp(a->rule->name, b->rule->name);
}
