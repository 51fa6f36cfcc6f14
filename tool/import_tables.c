// SPDX-License-Identifier: GPL-2.0
/* Tables of iptables that were read: what is done at which hook, and what cannot be. */
#include <stdlib.h>
#include <string.h>

#include "import_xt.h"
#include "say.h"

/* The chains of netfilter's hooks. */
static const struct {
	const char *table;
	const char *chain;
	const char *hook;
} bases[] = {
	{ "filter", "INPUT", "input" }, { "filter", "FORWARD", "forward" },
	{ "filter", "OUTPUT", "output" }, { "raw", "PREROUTING", "prerouting" },
	{ "raw", "OUTPUT", "output" },
};

#define BASES (sizeof(bases) / sizeof(*bases))

/**
 * xt_base() - does the kernel make a chain?
 * @chain: its name
 *
 * Return: whether it does, at a hook of a table.
 */
bool xt_base(const char *chain)
{
	static const char *const names[] = {
		"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], chain))
			return true;
	return false;
}

static void refuse_rule(struct imported *imported, const struct xt_table *table,
			struct source_chain *chain, struct source_rule *rule)
{
	const char *where = place_text(&rule->place);

	if (imported->lenient)
		imported_set(imported, where,
			     keep("# left out: %s: the table %s: nothing of it is done here", where,
				  table->name));
	else
		fault(&rule->place, "%s: the table %s cannot be said", chain->name, table->name);
}

/* At a base chain of a table that is not ours, whatever is done is too much. */
static void refuse_table(struct imported *imported, const struct xt_table *table)
{
	size_t i, j;

	for (i = 0; i < table->chains.count; i++) {
		struct source_chain *chain = table->chains.chains[i];

		for (j = 0; j < chain->count; j++)
			refuse_rule(imported, table, chain, &chain->rules[j]);
		if (chain->policy && !strcmp(chain->policy, "drop"))
			fault(&chain->place, "%s: a policy in the table %s", chain->name,
			      table->name);
	}
}

/*
 * Rules with notrack are the first at their hook, whatever the table accepts before them; and all
 * else comes after conntrack, at output among the rules of the table filter.
 */
static const char *why_not_raw(const struct source_chain *chain, const struct source_rule *rule)
{
	const char *const *value = rule->match.value;

	if (value[CT_STATE] || value[CT_STATUS] || value[CT_MARK])
		return "the table raw is before conntrack";
	if (rule->outcome == DECIDED && !strcmp(rule->action, "accept"))
		return "the table raw accepts: what follows would be first";
	if (xt_base(chain->name) && (rule->outcome == RETURNS || rule->outcome == GOES_TO))
		return "the table raw accepts: what follows would be first";
	if (!strcmp(chain->name, "OUTPUT") && rule->outcome != GOES_ON)
		return "the table raw decides at output";
	return NULL;
}

static void check_raw(const struct xt_table *table)
{
	struct source_chain *output = table_chain(&table->chains, "OUTPUT");
	size_t i, j;

	for (i = 0; i < table->chains.count; i++)
		for (j = 0; j < table->chains.chains[i]->count; j++) {
			struct source_rule *rule = &table->chains.chains[i]->rules[j];

			if (!rule->why)
				rule->why = why_not_raw(table->chains.chains[i], rule);
		}
	if (output && output->policy && strcmp(output->policy, "accept"))
		fault(&output->place, "OUTPUT: a policy in the table raw");
}

static void flatten_chain(struct imported *imported, struct xt_table *table,
			  struct source_chain *chain, const char *name)
{
	struct flat_hook *hook = imported_hook(imported, name, table->family);
	const char *policy = hook->policy;

	flatten(imported, &table->chains, chain, hook, table->family);
	if (!strcmp(table->name, "raw") && !strcmp(name, "output"))
		hook->policy = policy;
}

/**
 * xt_table_end() - a table is whole
 * @imported: takes what it does. Faults are told
 * @table: the table; has no chains after
 */
void xt_table_end(struct imported *imported, struct xt_table *table)
{
	size_t i;

	if (strcmp(table->name, "filter") && strcmp(table->name, "raw"))
		refuse_table(imported, table);
	if (!strcmp(table->name, "raw"))
		check_raw(table);
	for (i = 0; i < BASES; i++) {
		struct source_chain *chain = table_chain(&table->chains, bases[i].chain);

		if (!strcmp(bases[i].table, table->name) && chain &&
		    (chain->count || !strcmp(table->name, "filter")))
			flatten_chain(imported, table, chain, bases[i].hook);
	}
	table_keep(imported, &table->chains);
}
