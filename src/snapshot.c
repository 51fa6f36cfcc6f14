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

static const unsigned int hooks[] = { NF_INET_LOCAL_IN, NF_INET_FORWARD, NF_INET_LOCAL_OUT };

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

static int view_build(struct minifw_snapshot *snapshot, unsigned int hook)
{
	struct minifw_view *view = &snapshot->view[hook];
	unsigned int family;

	view->policy.verdict = minifw_config_policy(&snapshot->config, hook);
	view->open = view->policy.verdict == MINIFW_ACCEPT;
	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		view->classifier[family] = minifw_classifier_build(snapshot->live, snapshot->count,
								   hook, family);
		if (!view->classifier[family])
			return -ENOMEM;
		view->open &= minifw_classifier_empty(view->classifier[family]);
	}
	return 0;
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

	for (i = 0; !ret && i < ARRAY_SIZE(hooks); i++)
		ret = view_build(snapshot, hooks[i]);
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

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			minifw_classifier_free(snapshot->view[hooks[i]].classifier[family]);
	for (i = 0; i < snapshot->count; i++)
		minifw_live_put(snapshot->live[i]);
	kvfree(snapshot);
}

static bool may_refuse(const struct minifw_snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (snapshot->view[hooks[i]].policy.verdict != MINIFW_ACCEPT)
			return true;
	return snapshot->count;
}

/**
 * minifw_snapshot_needs_conntrack() - would it ask conntrack?
 * @snapshot: built
 *
 * Context: any.
 * Return: whether established connections matter, or a rule asks for its entries.
 */
bool minifw_snapshot_needs_conntrack(const struct minifw_snapshot *snapshot)
{
	const u64 asking = MINIFW_CT_ENTRY_ATTRS | BIT_ULL(MINIFW_ATTR_ct_state) |
			   BIT_ULL(MINIFW_ATTR_conn_limit);
	unsigned int i;

	if (snapshot->config.accept_established && may_refuse(snapshot))
		return true;
	for (i = 0; i < snapshot->count; i++)
		if (snapshot->live[i]->spec.attrs & asking)
			return true;
	return false;
}
