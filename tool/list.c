// SPDX-License-Identifier: GPL-2.0
/* list: rules, chains and sets with what they counted, for people. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "inventory.h"
#include "json.h"
#include "options.h"
#include "prometheus.h"
#include "running.h"
#include "say.h"
#include "table.h"

static char *copy(const char *text)
{
	return need(strdup(text ? text : "-"));
}

/* 1234567 as 1,234,567. */
static char *grouped(const char *number)
{
	size_t len = strlen(number), i, at = 0;
	char *text = need(malloc(2 * len + 1));

	for (i = 0; i < len; i++) {
		if (i && !((len - i) % 3))
			text[at++] = ',';
		text[at++] = number[i];
	}
	text[at] = '\0';
	return text;
}

/* In seconds, and how a person would say it. */
static char *ago(const char *last_hit)
{
	char *end;
	unsigned long seconds = strtoul(last_hit, &end, 10);

	if (end == last_hit)
		return copy(last_hit);
	if (seconds < 120)
		return format_text("%lus", seconds);
	if (seconds < 2 * 3600)
		return format_text("%lum", seconds / 60);
	if (seconds < 48 * 3600)
		return format_text("%luh", seconds / 3600);
	return format_text("%lud", seconds / 86400);
}

static void list_rules(const struct inventory *inventory)
{
	struct table table = {
		.columns = 6,
		.heading = { "RULE", "STATUS", ">PACKETS", ">BYTES", ">LAST", "SAYS" },
	};
	const struct item *item;

	for (item = inventory->rules; item < inventory->rules + inventory->rule_count; item++) {
		table_add(&table, copy(item->name));
		table_add(&table, copy(item_get(item, "status")));
		table_add(&table, grouped(item_get(item, "packets")));
		table_add(&table, grouped(item_get(item, "bytes")));
		table_add(&table, ago(item_get(item, "last_hit")));
		table_add(&table, copy(item->text));
	}
	table_print(&table, stdout);
}

static void list_chains(const struct inventory *inventory)
{
	struct table table = {
		.columns = 6,
		.heading = { "CHAIN", "STATUS", ">LINES", ">PACKETS", ">BYTES", "SAYS" },
	};
	const struct item *item;

	for (item = inventory->chains; item < inventory->chains + inventory->chain_count; item++) {
		table_add(&table, copy(item->name));
		table_add(&table, copy(item_get(item, "status")));
		table_add(&table, grouped(item_get(item, "count")));
		table_add(&table, grouped(item_get(item, "packets")));
		table_add(&table, grouped(item_get(item, "bytes")));
		table_add(&table, copy(item->text));
	}
	table_print(&table, stdout);
}

static void list_sets(const struct inventory *inventory)
{
	struct table table = {
		.columns = 6,
		.heading = { "SET", "TYPE", ">ELEMENTS", ">BYTES", ">REFUSED", ">TIMEOUT" },
	};
	const struct item *item;

	for (item = inventory->sets; item < inventory->sets + inventory->set_count; item++) {
		table_add(&table, copy(item->name));
		table_add(&table, copy(item_get(item, "type")));
		table_add(&table, grouped(item_get(item, "count")));
		table_add(&table, grouped(item_get(item, "memory")));
		table_add(&table, grouped(item_get(item, "refused")));
		table_add(&table, copy(item_get(item, "timeout")));
	}
	table_print(&table, stdout);
}

static const struct {
	const char *name;
	unsigned int parts;
} what[] = {
	{ "rules", INVENTORY_RULES }, { "chains", INVENTORY_CHAINS }, { "sets", INVENTORY_SETS },
};

static unsigned int parts_named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(what) / sizeof(*what); i++)
		if (!strcmp(what[i].name, name))
			return what[i].parts;
	return 0;
}

static void list(const struct inventory *inventory, unsigned int parts)
{
	if (parts & INVENTORY_RULES)
		list_rules(inventory);
	if (parts & INVENTORY_CHAINS && (inventory->chain_count || parts == INVENTORY_CHAINS))
		list_chains(inventory);
	if (parts & INVENTORY_SETS && (inventory->set_count || parts == INVENTORY_SETS))
		list_sets(inventory);
}

int command_list(int argc, char **argv)
{
	bool json = false, prometheus = false;
	const struct option_row options[] = {
		{ "json", &json, NULL }, { "prometheus", &prometheus, NULL }, {},
	};
	unsigned int parts = INVENTORY_ALL;
	struct inventory inventory;
	int ret = options_read(options, &argc, &argv);

	if (ret != DONE)
		return ret;
	if (argc == 1)
		parts = parts_named(argv[0]);
	if (argc > 1 || !parts || (json && prometheus))
		return usage("list: [rules|chains|sets] [--json|--prometheus]");
	ret = running_need();
	if (ret != DONE)
		return ret;
	inventory_take(&inventory, parts);
	if (json)
		json_print(&inventory, stdout);
	else if (prometheus)
		prometheus_print(&inventory, stdout);
	else
		list(&inventory, parts);
	inventory_free(&inventory);
	return fflush(stdout) ? refuse("standard output: %m") : DONE;
}
