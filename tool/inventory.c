// SPDX-License-Identifier: GPL-2.0
/* What there is: every directory of the tree, with the files of it that lists are made of. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conf/language.h"
#include "inventory.h"
#include "say.h"
#include "tree.h"

static const char *const rule_files[] = {
	"enabled", "priority", "status", "packets", "bytes", "last_hit", "would_drop", NULL
};

static const char *const chain_files[] = {
	"enabled", "priority", "status", "packets", "bytes", "count", "memory", "would_drop",
	"comment", NULL
};

static const char *const set_files[] = {
	"type", "timeout", "max", "count", "memory", "refused", NULL
};

/**
 * item_get() - what is in a file of an object
 * @item: the object
 * @file: one that was read
 *
 * Return: its contents.
 */
const char *item_get(const struct item *item, const char *file)
{
	size_t i;

	for (i = 0; item->files[i]; i++)
		if (!strcmp(item->files[i], file))
			return item->value[i];
	return "";
}

/* Without the words before the attributes; NULL where it is gone. */
static char *text_of_rule(const char *name)
{
	char *line = tree_read("rules", name, "text"), *rest, *text;

	if (!line)
		return NULL;
	rest = strchr(line, ' ');
	rest = rest ? strchr(rest + 1, ' ') : NULL;
	text = need(strdup(rest ? rest + 1 : ""));
	free(line);
	return text;
}

static char *text_of_chain(const struct item *chain)
{
	const char *comment = item_get(chain, "comment");
	char *quoted = *comment ? language_quoted(" comment", comment) : need(strdup(""));
	char *text = format_text("priority=%ld%s", chain->priority, quoted);

	free(quoted);
	return text;
}

static bool item_read(struct item *item, const char *folder)
{
	size_t i;

	for (i = 0; item->files[i]; i++) {
		item->value[i] = tree_read(folder, item->name, item->files[i]);
		if (!item->value[i])
			return false;
	}
	return true;
}

/* Returns whether it was there until all of it was read. */
static bool item_take(struct item *item, const char *folder, const char *name,
		      const char *const *files)
{
	*item = (struct item){ .name = need(strdup(name)), .files = files };
	if (!item_read(item, folder))
		return false;
	item->priority = strtol(item_get(item, "priority"), NULL, 10);
	if (files == rule_files)
		item->text = text_of_rule(name);
	else if (files == chain_files)
		item->text = text_of_chain(item);
	else
		item->text = need(strdup(""));
	return item->text;
}

static void item_free(struct item *item)
{
	size_t i;

	free(item->name);
	free(item->text);
	for (i = 0; i < ITEM_FILES_MAX; i++)
		free(item->value[i]);
}

static int item_cmp(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return strcmp(x->name, y->name);
}

static size_t take(struct item **items, const char *folder, const char *const *files)
{
	struct names names = tree_names(folder);
	size_t i, count = 0;

	*items = need(calloc(names.count + 1, sizeof(**items)));
	for (i = 0; i < names.count; i++)
		if (item_take(&(*items)[count], folder, names.name[i], files))
			count++;
		else
			item_free(&(*items)[count]);
	qsort(*items, count, sizeof(**items), item_cmp);
	names_free(&names);
	return count;
}

/**
 * inventory_take() - look at what there is; what goes meanwhile is left out
 * @inventory: takes it, for inventory_free()
 * @parts: of which kinds: INVENTORY_…
 */
void inventory_take(struct inventory *inventory, unsigned int parts)
{
	*inventory = (struct inventory){};
	if (parts & INVENTORY_RULES)
		inventory->rule_count = take(&inventory->rules, "rules", rule_files);
	if (parts & INVENTORY_CHAINS)
		inventory->chain_count = take(&inventory->chains, "chains", chain_files);
	if (parts & INVENTORY_SETS)
		inventory->set_count = take(&inventory->sets, "sets", set_files);
}

static void items_free(struct item *items, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		item_free(&items[i]);
	free(items);
}

/**
 * inventory_free() - let go of what was looked at
 * @inventory: the inventory
 */
void inventory_free(struct inventory *inventory)
{
	items_free(inventory->rules, inventory->rule_count);
	items_free(inventory->chains, inventory->chain_count);
	items_free(inventory->sets, inventory->set_count);
}
