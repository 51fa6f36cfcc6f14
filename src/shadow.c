// SPDX-License-Identifier: GPL-2.0
/*
 * Rules that no packet can reach, because an earlier one takes all of theirs.  Found out
 * when somebody asks, by a walk over all that comes before; cover.c says of two
 * rules what there is to say.
 */
#include <linux/bits.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "cover.h"
#include "error.h"
#include "rule.h"
#include "ruleset.h"
#include "shadow.h"
#include "snapshot.h"
#include "text.h"

/* Is @entry tried before @rule? */
static bool is_before(const struct minifw_entry *entry, struct minifw_live *rule)
{
	return minifw_entry_cmp(entry, &(struct minifw_entry){ .rule = rule }) < 0;
}

/* Paths begin somewhere else for each writer: the same cgroup is what is the same one. */
static bool same_cgroup(const struct minifw_spec *a, const struct minifw_spec *b)
{
	return !minifw_spec_asks(a, MINIFW_ATTR_cgroup) ||
	       a->rare->live.group == b->rare->live.group;
}

static bool takes_all(const struct minifw_live *earlier, const struct minifw_live *rule)
{
	return minifw_spec_covers(&earlier->spec, &rule->spec) &&
	       same_cgroup(&earlier->spec, &rule->spec) && !minifw_live_retired(earlier);
}

/* Does a rule ask for what is in a set? */
static bool asks_set(const struct minifw_spec *spec)
{
	u64 left = spec->attrs & ~MINIFW_EFFECT_ATTRS;
	enum minifw_attr_id id;

	return minifw_spec_next_ref(spec, &left, &id);
}

/* Is @a before @b on the same way? */
static bool walk_is_before(const struct minifw_walk *a, const struct minifw_walk *b)
{
	return a->entry != b->entry ? a->entry < b->entry : a->rule < b->rule;
}

/*
 * How far a set may still change under way: behind the last rule before @rule that puts a packet
 * into one and goes on.  A rule up to there may not have found what @rule will find.
 */
static struct minifw_walk last_addition(const struct minifw_snapshot *snapshot,
					struct minifw_live *rule)
{
	struct minifw_walk walk = {}, last = {};
	const struct minifw_live *earlier;

	while ((earlier = minifw_snapshot_walk(snapshot, &walk, BIT_ULL(MINIFW_ATTR_add_to), 0))) {
		if (!is_before(&snapshot->entry[walk.entry], rule))
			break;
		if (minifw_spec_asks(&earlier->spec, MINIFW_ATTR_add_to) &&
		    earlier->spec.action.verdict == MINIFW_CONTINUE)
			last = walk;
	}
	return last;
}

/* The first rule that takes all packets of @rule, which is sealed, and live or not. */
static const struct minifw_live *find(const struct minifw_snapshot *snapshot,
				      struct minifw_live *rule)
{
	struct minifw_walk walk = {}, added = last_addition(snapshot, rule);
	const struct minifw_live *earlier;
	unsigned int entry = -1;

	while ((earlier = minifw_snapshot_walk(snapshot, &walk, 0, rule->spec.stages))) {
		if (walk.entry != entry && !is_before(&snapshot->entry[walk.entry], rule))
			break;
		entry = walk.entry;
		if (takes_all(earlier, rule) &&
		    (!asks_set(&earlier->spec) || !walk_is_before(&walk, &added)))
			return earlier;
		cond_resched();
	}
	return NULL;
}

static void show(struct minifw_live *rule, struct minifw_text *out)
{
	const struct minifw_snapshot *snapshot =
		rcu_dereference_protected(minifw_snapshot, lockdep_is_held(&minifw_ruleset_mutex));
	const struct minifw_live *earlier = find(snapshot, rule);
	char name[MINIFW_LIVE_NAME_SIZE];

	if (!earlier)
		return;
	minifw_live_name(earlier, name, sizeof(name));
	minifw_text_add(out, "%s", name);
}

/**
 * minifw_shadow_show() - which rule takes all packets of another
 * @rule: the other: what packets see of it or, where it is off, what they would see of its draft
 * @out: takes the name of the first such rule or line that is in force; nothing where there is
 *       none for certain, or where the draft could not be enabled
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_shadow_show(struct minifw_rule *rule, struct minifw_text *out)
{
	struct minifw_live draft = { .rule = rule };
	struct minifw_error err;

	if (rule->live) {
		show(rule->live, out);
		return 0;
	}
	if (minifw_spec_copy(&draft.spec, &rule->draft))
		return -ENOMEM;
	if (!minifw_spec_seal(&draft.spec, &err))
		show(&draft, out);
	minifw_spec_clear(&draft.spec);
	return 0;
}
