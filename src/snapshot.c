// SPDX-License-Identifier: GPL-2.0
/*
 * The snapshot: built aside from rules in order and parameters, then only read. Its rules
 * are those of a base, which it may share with the snapshot before, as a delta changes them.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base.h"
#include "classifier.h"
#include "delta.h"
#include "snapshot.h"

/**
 * minifw_snapshot_alloc() - room for a snapshot
 * @config: the parameters that it will hold
 * @capacity: rules and chains that it will hold at the most
 *
 * Context: may sleep.
 * Return: a snapshot without rules, or NULL.
 */
struct minifw_snapshot *minifw_snapshot_alloc(const struct minifw_config *config,
					      unsigned int capacity)
{
	struct minifw_snapshot *snapshot;

	snapshot = kvzalloc(struct_size(snapshot, entry, capacity), GFP_KERNEL);
	if (snapshot)
		snapshot->config = *config;
	return snapshot;
}

/**
 * minifw_snapshot_add() - append a rule or a chain
 * @snapshot: not built yet; with room
 * @entry: which; the snapshot takes a reference of its own
 *
 * Context: any.
 */
void minifw_snapshot_add(struct minifw_snapshot *snapshot, const struct minifw_entry *entry)
{
	minifw_entry_get(entry);
	snapshot->entry[snapshot->count++] = *entry;
	snapshot->rules += minifw_entry_rules(entry, NULL);
}

/* Where an entry is, or the first that stands behind it. */
static unsigned int place_of(const struct minifw_snapshot *snapshot,
			     const struct minifw_entry *entry)
{
	unsigned int low = 0, high = snapshot->count;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (minifw_entry_cmp(&snapshot->entry[middle], entry) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < snapshot->count; low++)
		if (!memcmp(&snapshot->entry[low], entry, sizeof(*entry)) ||
		    minifw_entry_cmp(&snapshot->entry[low], entry))
			break;
	return low;
}

/**
 * minifw_snapshot_has() - is a form of a rule or a chain there?
 * @snapshot: where
 * @entry: the form
 *
 * Context: any.
 * Return: whether it is; another form of the same rule is not it.
 */
bool minifw_snapshot_has(const struct minifw_snapshot *snapshot, const struct minifw_entry *entry)
{
	unsigned int place = place_of(snapshot, entry);

	return place < snapshot->count &&
	       !memcmp(&snapshot->entry[place], entry, sizeof(*entry));
}

/**
 * minifw_snapshot_remove() - take a rule or a chain out
 * @snapshot: not built
 * @entry: which; the caller holds it
 *
 * Context: may sleep.
 */
void minifw_snapshot_remove(struct minifw_snapshot *snapshot, const struct minifw_entry *entry)
{
	unsigned int place = place_of(snapshot, entry);

	if (!minifw_snapshot_has(snapshot, entry))
		return;
	snapshot->count--;
	snapshot->rules -= minifw_entry_rules(entry, NULL);
	memmove(&snapshot->entry[place], &snapshot->entry[place + 1],
		(snapshot->count - place) * sizeof(*entry));
	minifw_entry_put(entry);
}

/* A hook without a policy has no shortcuts; at forward nothing comes or goes by loopback. */
static u8 view_asks(const struct minifw_config *config, enum minifw_stage stage)
{
	u8 asks = config->enforce ? 0 : MINIFW_AUDITS;

	if (!(MINIFW_POLICY_STAGES & BIT(stage)))
		return asks;
	if (config->accept_loopback && stage != MINIFW_AT_FORWARD)
		asks |= MINIFW_ASKS_LOOPBACK;
	if (config->accept_established)
		asks |= MINIFW_ASKS_ESTABLISHED;
	if (config->recheck_established && config->enforce)
		asks |= MINIFW_ASKS_CUT;
	if (config->accept_control && stage != MINIFW_AT_FORWARD)
		asks |= MINIFW_ASKS_CONTROL;
	if (config->log_denied && minifw_config_policy(config, stage) != MINIFW_ACCEPT)
		asks |= MINIFW_LOGS_DENIED;
	return asks;
}

static const struct minifw_classifier *rules_of(struct minifw_classifier *classifier)
{
	return classifier && !minifw_classifier_empty(classifier) ? classifier : NULL;
}

static void view_init(struct minifw_snapshot *snapshot, enum minifw_stage stage)
{
	struct minifw_view *view = &snapshot->view[stage];
	const struct minifw_delta *delta = snapshot->delta;
	unsigned int family;

	view->asks = view_asks(&snapshot->config, stage);
	view->policy.verdict = minifw_config_policy(&snapshot->config, stage);
	view->open = view->policy.verdict == MINIFW_ACCEPT;
	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		view->base[family] = rules_of(snapshot->base->classifier[stage][family]);
		view->delta[family] =
			delta ? rules_of(delta->classifier[stage][family]) : NULL;
		view->open &= !view->base[family] && !view->delta[family];
	}
}

static bool may_refuse(const struct minifw_snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < MINIFW_NR_STAGES; i++)
		if (snapshot->view[i].policy.verdict != MINIFW_ACCEPT)
			return true;
	return snapshot->count;
}

/*
 * Do established connections matter, or does a rule ask for a ct_ attribute?  What a publish may
 * end has to be known before there is a rule.
 */
static bool needs_conntrack(const struct minifw_snapshot *snapshot)
{
	unsigned int i;

	if (snapshot->config.accept_established &&
	    (snapshot->config.recheck_established || may_refuse(snapshot)))
		return true;
	for (i = 0; i < snapshot->count; i++)
		if (minifw_entry_attrs(&snapshot->entry[i]) & MINIFW_CT_ATTRS)
			return true;
	return false;
}

/**
 * minifw_snapshot_build_on() - prepare the rules for packets, on a base
 * @snapshot: with its rules and chains in place
 * @base: what it is to be built on; the snapshot takes a reference of its own
 *
 * Context: may sleep.
 * Return: 0, -E2BIG where its rules differ too much from the base, or -ENOMEM; the
 * caller frees it then.
 */
int minifw_snapshot_build_on(struct minifw_snapshot *snapshot, struct minifw_base *base)
{
	struct minifw_delta *delta;
	unsigned int i;

	delta = minifw_delta_create(base, snapshot->entry, snapshot->count);
	if (IS_ERR(delta))
		return PTR_ERR(delta);
	snapshot->base = minifw_base_get(base);
	snapshot->stale = delta->gone;
	if (delta->gone || delta->count)
		snapshot->delta = delta;
	else
		minifw_delta_free(delta);
	for (i = 0; i < snapshot->count; i++) {
		snapshot->stages |= minifw_entry_stages(&snapshot->entry[i]);
		snapshot->stale |= minifw_entry_holey(&snapshot->entry[i]);
	}
	for (i = 0; i < MINIFW_NR_STAGES; i++)
		view_init(snapshot, i);
	snapshot->conntrack = needs_conntrack(snapshot);
	return 0;
}

/* So few rules are prepared anew in no time. */
#define FEW_RULES 256

/**
 * minifw_snapshot_build() - prepare the rules for packets
 * @snapshot: with its rules and chains in place
 * @base: of the snapshot before, or NULL: what it is built on if it is much the same
 *
 * Context: may sleep.
 * Return: 0, or as minifw_base_create(); the caller frees it then.
 */
int minifw_snapshot_build(struct minifw_snapshot *snapshot, struct minifw_base *base)
{
	int ret = -E2BIG;

	if (base && base->rules > FEW_RULES)
		ret = minifw_snapshot_build_on(snapshot, base);
	if (ret != -E2BIG)
		return ret;
	base = minifw_base_create(snapshot->entry, snapshot->count);
	if (IS_ERR(base))
		return PTR_ERR(base);
	ret = minifw_snapshot_build_on(snapshot, base);
	minifw_base_put(base);
	return ret;
}

static bool concerns(const struct minifw_entry *entry, u64 attrs, u8 stages)
{
	return (minifw_entry_attrs(entry) & attrs) || (minifw_entry_stages(entry) & stages);
}

/**
 * minifw_snapshot_walk() - the next rule, where some have what is looked for
 * @snapshot: the snapshot
 * @walk: where to go on
 * @attrs: a bit for each enum minifw_attr_id that is looked for
 * @stages: a bit for each enum minifw_stage likewise
 *
 * A chain that has none of these is passed over; of another all lines are walked.
 *
 * Context: any.
 * Return: the rule, or NULL at the end.
 */
struct minifw_live *minifw_snapshot_walk(const struct minifw_snapshot *snapshot,
					 struct minifw_walk *walk, u64 attrs, u8 stages)
{
	for (; walk->entry < snapshot->count; walk->entry++, walk->rule = 0) {
		const struct minifw_entry *entry = &snapshot->entry[walk->entry];

		if (walk->rule < minifw_entry_rules(entry, NULL) &&
		    concerns(entry, attrs, stages))
			return minifw_entry_rule(entry, walk->rule++);
	}
	return NULL;
}

/**
 * minifw_snapshot_free() - let go of a snapshot and of what is in it
 * @snapshot: the snapshot, whole or half built; no packet may see it
 *
 * Context: process.
 */
void minifw_snapshot_free(struct minifw_snapshot *snapshot)
{
	unsigned int i;

	minifw_delta_free(snapshot->delta);
	minifw_base_put(snapshot->base);
	for (i = 0; i < snapshot->count; i++)
		minifw_entry_put(&snapshot->entry[i]);
	kvfree(snapshot);
}
