/* SPDX-License-Identifier: GPL-2.0 */
#ifndef INVENTORY_H
#define INVENTORY_H

#include <stddef.h>

#define INVENTORY_RULES 1U
#define INVENTORY_CHAINS 2U
#define INVENTORY_SETS 4U
#define INVENTORY_ALL (INVENTORY_RULES | INVENTORY_CHAINS | INVENTORY_SETS)

#define ITEM_FILES_MAX 10

/**
 * struct item - an object, as its files have it
 * @name: its name
 * @text: of a rule or chain, its attributes; "" of a set
 * @files: names of the files that were read; NULL after the last
 * @value: what is in each
 * @priority: of a rule or chain
 */
struct item {
	char *name;
	char *text;
	const char *const *files;
	char *value[ITEM_FILES_MAX];
	long priority;
};

/**
 * struct inventory - all objects, rules and chains in the order in which packets meet them
 * @rules: the rules
 * @rule_count: how many
 * @chains: the chains
 * @chain_count: how many
 * @sets: the sets
 * @set_count: how many
 */
struct inventory {
	struct item *rules;
	size_t rule_count;
	struct item *chains;
	size_t chain_count;
	struct item *sets;
	size_t set_count;
};

void inventory_take(struct inventory *inventory, unsigned int parts);
void inventory_free(struct inventory *inventory);
const char *item_get(const struct item *item, const char *file);

#endif
