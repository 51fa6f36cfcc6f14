// SPDX-License-Identifier: GPL-2.0
/*
 * Chains that jump to each other, as rules one after another.
 *
 * A jump becomes the rules of its chain, each with what the jump asks too. A packet for which a
 * chain returns meets no more of it: what follows is written for the others, once for each way not
 * to match the rule that returns. Of these no packet fits two, so it meets each rule once at most,
 * and in order.
 *
 * A limit of a jump counts packets once, whatever rules they meet then: it goes to the rule, if
 * that is only one. Rules for what was decided before the jump are not among them.
 */
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "import.h"
#include "say.h"

#define DEPTH_MAX 64
#ifndef RULES_MAX
#define RULES_MAX 200000
#endif
#define STEPS_MAX (50 * RULES_MAX)

/**
 * struct walk - through the chains of one hook
 * @imported: all that was read
 * @table: the chains
 * @base: the chain of the hook
 * @hook: takes the rules
 * @decided: what its rules decided
 * @depth: jumps so far
 * @counted: those of them with a limit
 * @steps: rules that were looked at, each as often as it was
 * @full: there are too many rules
 */
struct walk {
	struct imported *imported;
	struct source_table *table;
	struct source_chain *base;
	struct flat_hook *hook;
	struct decided decided;
	unsigned int depth;
	unsigned int counted;
	unsigned int steps;
	bool full;
};

static void walk_chain(struct walk *walk, struct source_chain *chain, size_t from,
		       const struct condition *match);

static void fill(struct walk *walk, const struct source_rule *source)
{
	if (!walk->full)
		fault(&source->place, "%s: there would be more than %d rules, or ways to them",
		      walk->hook->hook, RULES_MAX);
	walk->full = true;
}

static struct flat_rule *emit(struct walk *walk, struct source_rule *source,
			      const struct condition *match)
{
	struct flat_hook *hook = walk->hook;
	struct flat_rule *rule;

	if (hook->count >= RULES_MAX) {
		fill(walk, source);
		return NULL;
	}
	hook->rules = grow(hook->rules, hook->count, &hook->room, sizeof(*rule));
	rule = &hook->rules[hook->count++];
	*rule = (struct flat_rule){
		.match = *match, .action = source->action, .log = source->log,
		.comment = source->comment, .source = source,
	};
	return rule;
}

static const char *outcome_text(const struct source_rule *rule)
{
	if (rule->outcome == DECIDED && rule->action)
		return !strcmp(rule->action, "accept") ? "it accepts: without it more is refused" :
			"it refuses: without it MORE IS LET PASS";
	if (rule->outcome == GOES_ON)
		return "it decides nothing";
	return rule->outcome == RETURNS ? "it returns: what follows it concerns MORE PACKETS" :
		"it jumps: what its chain refuses MAY PASS, what it accepts may not";
}

static void leave_out_so(struct walk *walk, struct source_chain *chain, struct source_rule *rule,
			 const struct condition *match, const char *why, const char *means)
{
	struct flat_rule *flat;

	if (!walk->imported->lenient) {
		if (!rule->told)
			fault(&rule->place, "%s: %s", chain->name, why);
		rule->told = true;
		return;
	}
	flat = emit(walk, rule, match);
	if (flat)
		flat->left_out = keep("%s: %s; %s", place_text(&rule->place), why, means);
}

static void leave_out(struct walk *walk, struct source_chain *chain, struct source_rule *rule,
		      const struct condition *match, const char *why)
{
	leave_out_so(walk, chain, rule, match, why, outcome_text(rule));
}

/* The end of the hook's chain: its policy decides. */
static void end_base(struct walk *walk, struct source_rule *rule, const struct condition *match)
{
	struct flat_rule *flat = emit(walk, rule, match);

	if (flat)
		flat->action = walk->hook->policy;
}

/* Packets come back from a chain's end: the rest of this one is for the others. */
static void walk_others(struct walk *walk, struct source_chain *chain, size_t i,
			const struct condition *match)
{
	struct source_rule *rule = &chain->rules[i];
	struct cases *cases = need(malloc(sizeof(*cases)));
	struct condition joined;
	size_t n;

	if (i + 1 == chain->count)
		cases->count = 0;
	else if (!condition_negate(&rule->match, cases))
		leave_out(walk, chain, rule, match, "what it does not match cannot be said");
	for (n = 0; n < cases->count && !walk->full; n++) {
		enum joined ret = condition_join(match, &cases->one[n], &joined);

		if (ret == JOINED && condition_counts(&joined) && chain->count - i > 2)
			ret = UNSAYABLE;
		if (ret == JOINED)
			walk_chain(walk, chain, i + 1, &joined);
		else if (ret == UNSAYABLE)
			leave_out(walk, chain, rule, match,
				  "what it does not match, and the jump does, cannot be said in one rule");
	}
	free(cases);
}

static void walk_target(struct walk *walk, struct source_chain *target,
			const struct condition *match)
{
	walk->depth++;
	target->busy = true;
	walk_chain(walk, target, 0, match);
	target->busy = false;
	walk->depth--;
}

static bool only_logs(const struct flat_rule *rule, size_t count)
{
	for (; count; rule++, count--)
		if (rule->left_out || !rule->action || strcmp(rule->action, "continue"))
			return false;
	return true;
}

/* The limit of a jump goes to the only rule behind it, which may ask more if it only logs. */
static const char *give_limit(struct flat_rule *rule, size_t count, const struct condition *plain,
			      const struct condition *match)
{
	struct condition joined;

	if (count > 1)
		return only_logs(rule, count) ? "a limit before a jump to several rules that log" :
						"a limit before a jump to several rules";
	if (rule->left_out)
		return NULL;
	if (!only_logs(rule, 1) && !condition_equal(&rule->match, plain))
		return "a limit that counts packets which a later match does not fit";
	if (condition_join(match, &rule->match, &joined) != JOINED)
		return "two limits";
	rule->match = joined;
	return NULL;
}

/* The rules from @from on came of a jump with a limit. */
static void end_counted(struct walk *walk, struct source_chain *chain, struct source_rule *rule,
			size_t from, const struct condition *plain, const struct condition *match)
{
	struct flat_rule *rules = &walk->hook->rules[from];
	size_t count = walk->hook->count - from;
	const char *why = give_limit(rules, count, plain, match);

	if (!why) {
		rules->source = rule;
		return;
	}
	walk->hook->count = from;
	leave_out_so(walk, chain, rule, match, why,
		     only_logs(rules, count) ? "it only logs" : outcome_text(rule));
}

/* A jump with a limit: its chain is walked through without, and the limit is given after. */
static void walk_counted(struct walk *walk, struct source_chain *chain, struct source_rule *rule,
			 struct source_chain *target, const struct condition *match)
{
	size_t decided = walk->decided.count, from = walk->hook->count;
	struct condition plain = *match;

	plain.value[LIMIT] = NULL;
	plain.value[CONN_LIMIT] = NULL;
	plain.value[QUOTA] = NULL;
	walk->counted++;
	walk_target(walk, target, &plain);
	walk->counted--;
	walk->decided.count = decided;
	if (walk->hook->count > from && !walk->full)
		end_counted(walk, chain, rule, from, &plain, match);
}

static void walk_jump(struct walk *walk, struct source_chain *chain, struct source_rule *rule,
		      const struct condition *match)
{
	struct source_chain *target = table_chain(walk->table, rule->target);

	if (!target)
		leave_out(walk, chain, rule, match, keep("there is no chain '%s'", rule->target));
	else if (target->busy || walk->depth == DEPTH_MAX)
		leave_out(walk, chain, rule, match, "the chain jumps to itself");
	else if (condition_counts(match))
		walk_counted(walk, chain, rule, target, match);
	else
		walk_target(walk, target, match);
}

/* Returns whether the packets that match are done with the chain, whatever follows. */
static bool walk_rule(struct walk *walk, struct source_chain *chain, size_t i,
		      const struct condition *match, const struct condition *joined)
{
	struct source_rule *rule = &chain->rules[i];
	bool all = condition_equal(joined, match), leaves;

	switch (rule->outcome) {
	case DECIDED:
		emit(walk, rule, joined);
		if (condition_counts(joined))
			return false;
		if (strncmp(rule->action, "queue", 5))
			decided_add(&walk->decided, joined);
		return all;
	case GOES_ON:
		emit(walk, rule, joined);
		return false;
	default:
		break;
	}
	leaves = rule->outcome != JUMPS;
	if (rule->outcome != RETURNS)
		walk_jump(walk, chain, rule, joined);
	if (leaves && chain == walk->base)
		end_base(walk, rule, joined);
	else if (leaves && !all)
		walk_others(walk, chain, i, match);
	return leaves && (all || chain != walk->base);
}

static void walk_instead(struct walk *walk, struct source_chain *chain, struct source_rule *rule,
			 const struct condition *match, const struct condition *joined)
{
	struct flat_rule *flat;

	leave_out_so(walk, chain, rule, match, rule->why, rule->differing ?
		     keep("what stands in its stead decides otherwise about %s", rule->differing) :
		     "what stands in its stead refuses no less");
	flat = walk->imported->lenient ? emit(walk, rule, joined) : NULL;
	if (flat)
		flat->action = rule->instead;
}

static void walk_chain(struct walk *walk, struct source_chain *chain, size_t from,
		       const struct condition *match)
{
	struct condition joined;
	size_t i;

	for (i = from; i < chain->count && !walk->full; i++) {
		struct source_rule *rule = &chain->rules[i];
		enum joined ret = condition_join(match, &rule->match, &joined);

		if (walk->steps++ == STEPS_MAX)
			fill(walk, rule);
		if (ret == NEVER || (walk->counted && ret == JOINED &&
				     decided_all(&walk->decided, &joined)))
			continue;
		if (rule->why && rule->instead && ret == JOINED)
			walk_instead(walk, chain, rule, match, &joined);
		else if (rule->why)
			leave_out(walk, chain, rule, match, rule->why);
		else if (ret == UNSAYABLE)
			leave_out(walk, chain, rule, match,
				  "what the jump asks and what it asks cannot be said in one rule");
		else if (walk_rule(walk, chain, i, match, &joined))
			return;
	}
}

/**
 * flatten() - the rules of a hook
 * @imported: all that was read
 * @table: the chains
 * @chain: that of the hook
 * @hook: takes them, and its policy
 * @family: of the packets that come by; NULL is both
 */
void flatten(struct imported *imported, struct source_table *table, struct source_chain *chain,
	     struct flat_hook *hook, const char *family)
{
	struct walk walk = {
		.imported = imported, .table = table, .base = chain, .hook = hook,
	};
	struct condition match = {};

	match.value[FAMILY] = family;
	hook->policy = chain->policy ? chain->policy : "accept";
	chain->busy = true;
	walk_chain(&walk, chain, 0, &match);
	chain->busy = false;
}
