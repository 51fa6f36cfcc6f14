// SPDX-License-Identifier: GPL-2.0
/*
 * The snapshot: built aside from rules in order and parameters, then only read.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "classifier.h"
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

static int view_build(struct minifw_snapshot *snapshot, enum minifw_stage stage)
{
	struct minifw_view *view = &snapshot->view[stage];
	struct minifw_classifier *classifier;
	unsigned int family;

	view->policy.verdict = minifw_config_policy(&snapshot->config, stage);
	view->open = view->policy.verdict == MINIFW_ACCEPT;
	if (!((snapshot->stages | MINIFW_POLICY_STAGES) & BIT(stage)))
		return 0;
	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		classifier = minifw_classifier_build(snapshot->live, snapshot->rules, stage,
						     family);
		if (IS_ERR(classifier))
			return PTR_ERR(classifier);
		view->classifier[family] = classifier;
		view->open &= minifw_classifier_empty(classifier);
	}
	return 0;
}

static bool may_refuse(const struct minifw_snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < MINIFW_NR_STAGES; i++)
		if (snapshot->view[i].policy.verdict != MINIFW_ACCEPT)
			return true;
	return snapshot->count;
}

/* Do established connections matter, or does a rule ask for a ct_ attribute? */
static bool needs_conntrack(const struct minifw_snapshot *snapshot)
{
	unsigned int i;

	if (snapshot->config.accept_established && may_refuse(snapshot))
		return true;
	for (i = 0; i < snapshot->count; i++)
		if (minifw_entry_attrs(&snapshot->entry[i]) & MINIFW_CT_ATTRS)
			return true;
	return false;
}

/* Puts all rules into one array, and finds out where they stand. */
static int rules_collect(struct minifw_snapshot *snapshot)
{
	struct minifw_live **next;
	unsigned int i;

	snapshot->live = kvmalloc_array(snapshot->rules + 1, sizeof(*next), GFP_KERNEL);
	if (!snapshot->live)
		return -ENOMEM;
	for (i = 0, next = snapshot->live; i < snapshot->count; i++) {
		next += minifw_entry_rules(&snapshot->entry[i], next);
		snapshot->stages |= minifw_entry_stages(&snapshot->entry[i]);
	}
	return 0;
}

/**
 * minifw_snapshot_build() - prepare the rules for packets
 * @snapshot: with its rules and chains in place
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; the caller frees it then.
 */
int minifw_snapshot_build(struct minifw_snapshot *snapshot)
{
	int ret = rules_collect(snapshot);
	unsigned int i;

	for (i = 0; !ret && i < MINIFW_NR_STAGES; i++)
		ret = view_build(snapshot, i);
	snapshot->conntrack = needs_conntrack(snapshot);
	return ret;
}

/**
 * minifw_snapshot_free() - let go of a snapshot and of what is in it
 * @snapshot: the snapshot, whole or half built; no packet may see it
 *
 * Context: process.
 */
void minifw_snapshot_free(struct minifw_snapshot *snapshot)
{
	unsigned int i, family;

	for (i = 0; i < MINIFW_NR_STAGES; i++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			minifw_classifier_free(snapshot->view[i].classifier[family]);
	for (i = 0; i < snapshot->count; i++)
		minifw_entry_put(&snapshot->entry[i]);
	kvfree(snapshot->live);
	kvfree(snapshot);
}
