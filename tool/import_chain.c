// SPDX-License-Identifier: GPL-2.0
/* Chains of another filter, as they were read. */
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "import.h"
#include "say.h"

/**
 * table_chain() - a chain by its name
 * @table: where
 * @name: its name
 *
 * Return: the chain, or NULL.
 */
struct source_chain *table_chain(const struct source_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		if (!strcmp(table->chains[i]->name, name))
			return table->chains[i];
	return NULL;
}

/**
 * table_add_chain() - a chain, which may be there already
 * @table: where
 * @name: its name
 * @place: where that is said
 *
 * Return: the chain.
 */
struct source_chain *table_add_chain(struct source_table *table, const char *name,
				     const struct place *place)
{
	struct source_chain *chain = table_chain(table, name);

	if (chain)
		return chain;
	chain = need(calloc(1, sizeof(*chain)));
	chain->name = need(strdup(name));
	chain->place = *place;
	table->chains = need(reallocarray(table->chains, table->count + 1, sizeof(*table->chains)));
	return table->chains[table->count++] = chain;
}

/**
 * chain_add() - a rule at the end of a chain
 * @chain: the chain
 * @rule: copied
 *
 * Return: the copy, until the next one.
 */
struct source_rule *chain_add(struct source_chain *chain, const struct source_rule *rule)
{
	chain->rules = grow(chain->rules, chain->count, &chain->room, sizeof(*rule));
	chain->rules[chain->count] = *rule;
	return &chain->rules[chain->count++];
}

/**
 * chain_insert() - a rule before others of a chain
 * @chain: the chain
 * @rule: copied
 * @at: how many are before it; at the end if there are no more
 */
void chain_insert(struct source_chain *chain, const struct source_rule *rule, size_t at)
{
	chain_add(chain, rule);
	if (at >= chain->count - 1)
		return;
	memmove(&chain->rules[at + 1], &chain->rules[at],
		(chain->count - 1 - at) * sizeof(*rule));
	chain->rules[at] = *rule;
}

static bool rule_acts(const struct source_table *table, const struct source_rule *rule)
{
	struct source_chain *target;

	if (rule->why || rule->log)
		return true;
	if (rule->outcome == DECIDED)
		return strcmp(rule->action, "accept");
	if (rule->outcome == GOES_ON)
		return strcmp(rule->action, "continue");
	target = rule->outcome == RETURNS ? NULL : table_chain(table, rule->target);
	return target && chain_acts(table, target);
}

/**
 * chain_acts() - is anything done in a chain, or where it jumps to, but to let packets pass?
 * @table: its chains, whole
 * @chain: the chain
 *
 * Return: whether it is.
 */
bool chain_acts(const struct source_table *table, struct source_chain *chain)
{
	bool acts = chain->policy && strcmp(chain->policy, "accept");
	size_t i;

	if (chain->idle || chain->busy)
		return false;
	chain->busy = true;
	for (i = 0; i < chain->count && !acts; i++)
		acts = rule_acts(table, &chain->rules[i]);
	chain->busy = false;
	chain->idle = !acts;
	return acts;
}

static void table_clear(struct source_table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		free(table->chains[i]->rules);
		free(table->chains[i]->name);
		free(table->chains[i]);
	}
	free(table->chains);
}

/**
 * table_keep() - the chains of a table are whole
 * @imported: keeps them, as long as rules come of them
 * @table: has none after
 */
void table_keep(struct imported *imported, struct source_table *table)
{
	imported->tables = need(reallocarray(imported->tables, imported->table_count + 1,
					     sizeof(*table)));
	imported->tables[imported->table_count++] = *table;
	*table = (struct source_table){};
}

/**
 * tables_clear() - let go of all chains
 * @imported: what was imported
 */
void tables_clear(struct imported *imported)
{
	while (imported->table_count)
		table_clear(&imported->tables[--imported->table_count]);
	free(imported->tables);
}
