// SPDX-License-Identifier: GPL-2.0
/*
 * The snapshot: built aside from rules in order and parameters, then only read.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "classifier.h"
#include "rule.h"
#include "snapshot.h"

/**
 * minifw_snapshot_alloc() - room for a snapshot
 * @config: the parameters that it will hold
 * @capacity: rules that it will hold at the most
 *
 * Context: may sleep.
 * Return: a snapshot without rules, or NULL.
 */
struct minifw_snapshot *minifw_snapshot_alloc(const struct minifw_config *config,
					      unsigned int capacity)
{
	struct minifw_snapshot *snapshot;

	snapshot = kvzalloc(struct_size(snapshot, live, capacity), GFP_KERNEL);
	if (snapshot)
		snapshot->config = *config;
	return snapshot;
}

static int view_build(struct minifw_snapshot *snapshot, enum minifw_stage stage)
{
	struct minifw_view *view = &snapshot->view[stage];
	unsigned int family;

	view->policy.verdict = minifw_config_policy(&snapshot->config, stage);
	view->open = view->policy.verdict == MINIFW_ACCEPT;
	if (!((snapshot->stages | MINIFW_POLICY_STAGES) & BIT(stage)))
		return 0;
	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		view->classifier[family] = minifw_classifier_build(snapshot->live, snapshot->count,
								   stage, family);
		if (!view->classifier[family])
			return -ENOMEM;
		view->open &= minifw_classifier_empty(view->classifier[family]);
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
		if (snapshot->live[i]->spec.attrs & MINIFW_CT_ATTRS)
			return true;
	return false;
}

/**
 * minifw_snapshot_build() - prepare the rules for packets
 * @snapshot: with its rules in place, one reference each
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; the caller frees it then.
 */
int minifw_snapshot_build(struct minifw_snapshot *snapshot)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < snapshot->count; i++)
		snapshot->stages |= snapshot->live[i]->spec.stages;
	for (i = 0; !ret && i < MINIFW_NR_STAGES; i++)
		ret = view_build(snapshot, i);
	snapshot->conntrack = needs_conntrack(snapshot);
	return ret;
}

/**
 * minifw_snapshot_free() - let go of a snapshot and of its rules
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
		minifw_live_put(snapshot->live[i]);
	kvfree(snapshot);
}
