// SPDX-License-Identifier: GPL-2.0
/* list --json: the inventory for programs. minifw(8) has the schema. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "conf/language.h"
#include "inventory.h"
#include "json.h"
#include "pairs.h"
#include "say.h"
#include "tree.h"

#define SCHEMA 1	/* grows when something is taken away or means something else */

/* Numbers as such; what says nothing is null. */
static json_t *value_of(const char *text)
{
	char *end;
	long long number = strtoll(text, &end, 10);

	if (!*text)
		return json_null();
	return *end ? json_string(text) : json_integer(number);
}

static json_t *attributes_of(const char *text)
{
	json_t *attributes = json_object();
	struct pairs pairs;
	char why[WHY_MAX];
	size_t i;

	pairs_read(&pairs, text, why);
	for (i = 0; i < pairs.count; i++)
		json_object_set_new(attributes, pairs.name[i], json_string(pairs.value[i]));
	pairs_free(&pairs);
	return attributes;
}

static void add_file(json_t *object, const struct item *item, const char *file)
{
	const char *text = item_get(item, file);
	bool is_prose = !strcmp(file, "comment");

	json_object_set_new(object, file, is_prose ? json_string(text) : value_of(text));
}

static json_t *item_json(const struct item *item)
{
	json_t *object = json_object();
	size_t i;

	json_object_set_new(object, "name", json_string(item->name));
	for (i = 0; item->files[i]; i++)
		add_file(object, item, item->files[i]);
	if (*item->text)
		json_object_set_new(object, "attributes", attributes_of(item->text));
	return object;
}

static void add_items(json_t *root, const char *name, const struct item *items, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; items && i < count; i++)
		json_array_append_new(array, item_json(&items[i]));
	if (items)
		json_object_set_new(root, name, array);
	else
		json_decref(array);
}

static void add_parameter(json_t *object, const char *name)
{
	char *text = parameter_read(name);

	json_object_set_new(object, name, value_of(text ? text : ""));
	free(text);
}

static const char *const totals[] = { "accepted", "dropped", "would_drop" };

static json_t *parameters_json(void)
{
	json_t *parameters = json_object();
	const char *name;
	unsigned int i;

	for (i = 0; (name = language_parameter_name(i)); i++)
		add_parameter(parameters, name);
	return parameters;
}

static json_t *totals_json(void)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < sizeof(totals) / sizeof(*totals); i++)
		add_parameter(object, totals[i]);
	return object;
}

/**
 * json_print() - an inventory as JSON
 * @inventory: the inventory
 * @out: takes it
 */
void json_print(const struct inventory *inventory, FILE *out)
{
	json_t *root = json_object();
	char *generation = tree_read(NULL, NULL, "generation");

	json_object_set_new(root, "schema", json_integer(SCHEMA));
	json_object_set_new(root, "generation", value_of(generation ? generation : ""));
	free(generation);
	json_object_set_new(root, "parameters", parameters_json());
	json_object_set_new(root, "totals", totals_json());
	add_items(root, "rules", inventory->rules, inventory->rule_count);
	add_items(root, "chains", inventory->chains, inventory->chain_count);
	add_items(root, "sets", inventory->sets, inventory->set_count);
	json_dumpf(root, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(root);
}
