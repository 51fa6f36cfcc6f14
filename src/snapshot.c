// SPDX-License-Identifier: GPL-2.0
/*
 * The snapshot: built aside from rules in order and parameters, then only read.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "classifier.h"
#include "snapshot.h"

static const unsigned int hooks[] = { NF_INET_LOCAL_IN, NF_INET_FORWARD, NF_INET_LOCAL_OUT };

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

static int view_build(struct minifw_snapshot *snapshot, struct minifw_live *const *rules,
		      unsigned int hook)
{
	struct minifw_view *view = &snapshot->view[hook];
	unsigned int family;

	view->policy.verdict = minifw_config_policy(&snapshot->config, hook);
	view->open = view->policy.verdict == MINIFW_ACCEPT;
	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		view->classifier[family] = minifw_classifier_build(rules, snapshot->rules, hook,
								   family);
		if (!view->classifier[family])
			return -ENOMEM;
		view->open &= minifw_classifier_empty(view->classifier[family]);
	}
	return 0;
}

/* The rules, and in place of each chain its lines, for kvfree(); NULL without memory. */
static struct minifw_live **rules_in_order(const struct minifw_snapshot *snapshot)
{
	struct minifw_live **rules, **next;
	unsigned int i;

	rules = kvmalloc_array(snapshot->rules + 1, sizeof(*rules), GFP_KERNEL);
	if (!rules)
		return NULL;
	for (i = 0, next = rules; i < snapshot->count; i++)
		next += minifw_entry_rules(&snapshot->entry[i], next);
	return rules;
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
	struct minifw_live **rules = rules_in_order(snapshot);
	unsigned int i;
	int ret = 0;

	if (!rules)
		return -ENOMEM;
	for (i = 0; !ret && i < ARRAY_SIZE(hooks); i++)
		ret = view_build(snapshot, rules, hooks[i]);
	kvfree(rules);
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

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			minifw_classifier_free(snapshot->view[hooks[i]].classifier[family]);
	for (i = 0; i < snapshot->count; i++)
		minifw_entry_put(&snapshot->entry[i]);
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
 * Return: whether established connections matter, or a rule asks for a ct_ attribute.
 */
bool minifw_snapshot_needs_conntrack(const struct minifw_snapshot *snapshot)
{
	const u64 asking = MINIFW_CT_ENTRY_ATTRS | BIT_ULL(MINIFW_ATTR_ct_state);
	unsigned int i;

	if (snapshot->config.accept_established && may_refuse(snapshot))
		return true;
	for (i = 0; i < snapshot->count; i++)
		if (minifw_entry_attrs(&snapshot->entry[i]) & asking)
			return true;
	return false;
}
