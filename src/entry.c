// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in the order of a snapshot: rules and chains, and what both have in
 * common there.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "chain.h"
#include "entry.h"
#include "lines.h"
#include "rule.h"
#include "set_ref.h"

/**
 * minifw_entry_get() - hold a rule or a chain, as a snapshot does
 * @entry: which
 *
 * Context: any.
 */
void minifw_entry_get(const struct minifw_entry *entry)
{
	if (entry->rule)
		minifw_live_get(entry->rule);
	else
		minifw_frozen_get(entry->chain);
}

/**
 * minifw_entry_put() - let go of a rule or a chain
 * @entry: which; no packet may see it by way of the caller's reference
 *
 * Context: may sleep.
 */
void minifw_entry_put(const struct minifw_entry *entry)
{
	if (entry->rule)
		minifw_live_put(entry->rule);
	else
		minifw_frozen_put(entry->chain);
}

/**
 * minifw_entry_retired() - is it out of force?
 * @entry: which
 *
 * Context: any.
 * Return: whether no packet sees it any more.
 */
bool minifw_entry_retired(const struct minifw_entry *entry)
{
	return entry->rule ? minifw_live_retired(entry->rule) :
			     READ_ONCE(entry->chain->gate->retired);
}

/**
 * minifw_entry_holey() - are some of its rules out of force?
 * @entry: which, itself in force
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether lines have expired.
 */
bool minifw_entry_holey(const struct minifw_entry *entry)
{
	return entry->chain && entry->chain->expired;
}

/**
 * minifw_entry_abandoned() - is it in force until the next publish only?
 * @entry: which
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether its directory went in a transaction, or without the right to publish.
 */
bool minifw_entry_abandoned(const struct minifw_entry *entry)
{
	return entry->rule ? entry->rule->rule->abandoned : entry->chain->chain->abandoned;
}

/**
 * minifw_entry_same() - are two of one directory?
 * @a: one
 * @b: the other
 *
 * Context: any.
 * Return: whether they are forms of one rule or chain.
 */
bool minifw_entry_same(const struct minifw_entry *a, const struct minifw_entry *b)
{
	if (a->rule && b->rule)
		return a->rule->rule == b->rule->rule;
	return a->chain && b->chain && a->chain->chain == b->chain->chain;
}

static s32 priority_of(const struct minifw_entry *entry)
{
	return entry->rule ? entry->rule->spec.priority : entry->chain->head.priority;
}

static const char *name_of(const struct minifw_entry *entry)
{
	return entry->rule ? entry->rule->rule->name : entry->chain->chain->name;
}

/**
 * minifw_entry_cmp() - which is tried first?
 * @a: one
 * @b: the other
 *
 * Context: any.
 * Return: below 0 if @a is: by priority, then by name in byte order, then rules before chains.
 */
int minifw_entry_cmp(const struct minifw_entry *a, const struct minifw_entry *b)
{
	s32 x = priority_of(a), y = priority_of(b);

	if (x != y)
		return x < y ? -1 : 1;
	return strcmp(name_of(a), name_of(b)) ?: !!a->chain - !!b->chain;
}

/**
 * minifw_entry_rules() - the rules that packets are held against
 * @entry: which
 * @rules: takes them in order; NULL to count only
 *
 * Context: any.
 * Return: how many.
 */
unsigned int minifw_entry_rules(const struct minifw_entry *entry, struct minifw_live **rules)
{
	if (entry->rule) {
		if (rules)
			*rules = entry->rule;
		return 1;
	}
	if (rules)
		memcpy(rules, entry->chain->lines->line,
		       entry->chain->lines->count * sizeof(*rules));
	return entry->chain->lines->count;
}

/**
 * minifw_entry_rule() - one of them
 * @entry: which entry
 * @index: less than minifw_entry_rules()
 *
 * Context: any.
 * Return: the rule.
 */
struct minifw_live *minifw_entry_rule(const struct minifw_entry *entry, unsigned int index)
{
	return entry->rule ?: entry->chain->lines->line[index];
}

/**
 * minifw_entry_attrs() - what it asks for
 * @entry: which
 *
 * Context: any.
 * Return: a bit for each enum minifw_attr_id that a rule of it has a value for.
 */
u64 minifw_entry_attrs(const struct minifw_entry *entry)
{
	return entry->rule ? entry->rule->spec.attrs : entry->chain->attrs;
}

/**
 * minifw_entry_stages() - where it stands
 * @entry: which
 *
 * Context: any.
 * Return: a bit for each enum minifw_stage that a rule of it stands at.
 */
u8 minifw_entry_stages(const struct minifw_entry *entry)
{
	return entry->rule ? entry->rule->spec.stages : entry->chain->stages;
}

/* ---- which form of it is in force, or staged ---- */

/**
 * minifw_entry_enter() - packets see it, in the place of another form of it
 * @entry: which
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_entry_enter(const struct minifw_entry *entry)
{
	if (entry->rule)
		entry->rule->rule->live = entry->rule;
	else
		minifw_chain_switch(entry->chain->chain, entry->chain);
}

/**
 * minifw_entry_is_live() - is it the form that packets see?
 * @entry: which
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether it is; false if its directory is gone.
 */
bool minifw_entry_is_live(const struct minifw_entry *entry)
{
	if (entry->rule)
		return entry->rule->rule->live == entry->rule;
	return entry->chain->chain->live == entry->chain;
}

/**
 * minifw_entry_has_live() - do packets see a form of it?
 * @entry: which
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether they do; false of a chain whose directory is gone.
 */
bool minifw_entry_has_live(const struct minifw_entry *entry)
{
	if (entry->rule)
		return entry->rule->rule->live;
	return entry->chain->chain->live;
}

/**
 * minifw_entry_leave() - packets see no form of it any more
 * @entry: the one that they saw
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_entry_leave(const struct minifw_entry *entry)
{
	struct minifw_rule *rule;

	if (!minifw_entry_is_live(entry))
		return;
	if (entry->chain) {
		minifw_chain_switch(entry->chain->chain, NULL);
		return;
	}
	rule = entry->rule->rule;
	if (rule->other == rule->live)
		rule->other = NULL;
	rule->live = NULL;
}

/**
 * minifw_entry_arrive() - packets are about to see it
 * @entry: which; they may see it already
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_entry_arrive(const struct minifw_entry *entry)
{
	if (entry->chain)
		minifw_frozen_arrive(entry->chain);
}

/**
 * minifw_entry_retire() - packets pass over it, whatever is published
 * @entry: which
 *
 * Context: minifw_ruleset_mutex held; minifw_publish_stale() follows.
 */
void minifw_entry_retire(const struct minifw_entry *entry)
{
	if (entry->rule)
		WRITE_ONCE(entry->rule->retired, true);
	else
		WRITE_ONCE(entry->chain->gate->retired, true);
}

/**
 * minifw_entry_abandon() - its directory goes, and it stays in force until the next publish
 * @entry: which
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_entry_abandon(const struct minifw_entry *entry)
{
	if (entry->rule)
		entry->rule->rule->abandoned = true;
	else
		minifw_chain_abandon(entry->chain->chain);
}

/**
 * minifw_entry_release() - it leaves force, or does not come into it: its sets may be removed
 * @entry: which
 *
 * Lines that the chain's form in force has, too, are left alone.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_entry_release(const struct minifw_entry *entry)
{
	if (entry->rule)
		minifw_sets_release(&entry->rule->spec);
	else
		minifw_frozen_release(entry->chain);
}

/**
 * minifw_entry_stage() - it is what a commit brings into force
 * @entry: which
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_entry_stage(const struct minifw_entry *entry)
{
	if (entry->rule)
		entry->rule->rule->other = entry->rule;
	else
		entry->chain->chain->other = entry->chain;
}

/**
 * minifw_entry_unstage() - no form of it is, or comes back
 * @entry: any form of it
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_entry_unstage(const struct minifw_entry *entry)
{
	if (entry->rule)
		entry->rule->rule->other = NULL;
	else
		entry->chain->chain->other = NULL;
}

/**
 * minifw_entry_begin() - what is staged is what packets see
 * @entry: any form of it
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_entry_begin(const struct minifw_entry *entry)
{
	if (entry->rule)
		entry->rule->rule->other = entry->rule->rule->live;
	else
		entry->chain->chain->other = entry->chain->chain->live;
}

/**
 * minifw_entry_swap() - packets see the other form of it
 * @entry: any form of it; both are held by snapshots
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_entry_swap(const struct minifw_entry *entry)
{
	struct minifw_frozen *live;

	if (entry->rule) {
		swap(entry->rule->rule->live, entry->rule->rule->other);
		return;
	}
	live = entry->chain->chain->live;
	minifw_chain_switch(entry->chain->chain, entry->chain->chain->other);
	entry->chain->chain->other = live;
}

/**
 * minifw_entry_show() - its lines of minifw.conf(5)
 * @entry: which
 * @out: takes them
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_entry_show(const struct minifw_entry *entry, struct minifw_text *out)
{
	if (entry->rule)
		return minifw_rule_line(entry->rule->rule->name, &entry->rule->spec, out);
	return minifw_frozen_show(entry->chain, out);
}
