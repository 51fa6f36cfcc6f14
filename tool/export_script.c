// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration as a script of nft: a table of its own, with a chain at each hook, where rules
 * stand in the order in which minifw tries them.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "export.h"
#include "grow.h"
#include "say.h"

/* Where minifw's hooks are: src/stage.c. */
static const struct {
	const char *hook;
	bool raw;
	const char *priority;
} places[] = {
	{ "ingress", false, "-2147483648" }, { "prerouting", true, "raw" },
	{ "prerouting", false, "mangle" }, { "input", false, "filter - 1" },
	{ "forward", false, "filter - 1" }, { "output", true, "raw" },
	{ "output", false, "filter - 1" }, { "postrouting", false, "filter - 1" },
};

#define PLACES (sizeof(places) / sizeof(*places))

/**
 * script_base() - the chain at a hook
 * @script: has it, or gets it
 * @hook: as minifw calls it
 * @raw: before conntrack
 * @device: of ingress; else NULL
 *
 * Return: the chain.
 */
struct base *script_base(struct script *script, const char *hook, bool raw, const char *device)
{
	struct base *base;
	size_t i;

	for (i = 0; i < script->count; i++) {
		base = script->bases[i];
		if (!strcmp(base->hook, hook) && base->raw == raw &&
		    !strcmp(base->device ? base->device : "", device ? device : ""))
			return base;
	}
	base = need(calloc(1, sizeof(*base)));
	for (i = 0; i < PLACES; i++)
		if (!strcmp(places[i].hook, hook))
			base->hook = places[i].hook;
	base->raw = raw;
	base->device = device ? need(strdup(device)) : NULL;
	base->index = script->count;
	base->out = need(open_memstream(&base->text, &base->size));
	script->bases = grow(script->bases, script->count, &script->room, sizeof(base));
	return script->bases[script->count++] = base;
}

/* ---- rules and chains, in the order in which they are tried ---- */

/**
 * struct turn - when a rule or a chain is tried
 * @priority: first
 * @object: by its name, then
 */
struct turn {
	long priority;
	const struct object *object;
};

static long priority_of(const struct object *object)
{
	struct pairs pairs;
	const char *priority = NULL;
	char why[WHY_MAX];
	long number;

	if (pairs_read(&pairs, object->text, why))
		priority = pairs_get(&pairs, "priority");
	number = priority ? strtol(priority, NULL, 10) : 0;
	pairs_free(&pairs);
	return number;
}

static int turn_cmp(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;
	int cmp = (x->priority > y->priority) - (x->priority < y->priority);

	if (!cmp)
		cmp = strcmp(x->object->name, y->object->name);
	return cmp ? cmp : (int)x->object->kind - (int)y->object->kind;
}

static struct turn *turns_of(const struct conf *conf, size_t *count)
{
	static const enum kind kinds[] = { RULE, CHAIN };
	struct turn *turns;
	size_t i, j;

	turns = need(calloc(conf->count[RULE] + conf->count[CHAIN] + 1, sizeof(*turns)));
	*count = 0;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		for (j = 0; j < conf->count[kinds[i]]; j++) {
			const struct object *object = &conf->objects[kinds[i]][j];

			turns[(*count)++] = (struct turn){ priority_of(object), object };
		}
	qsort(turns, *count, sizeof(*turns), turn_cmp);
	return turns;
}

static void export_object(struct script *script, const struct object *object)
{
	size_t i;

	if (object->kind == RULE)
		export_rule(script, &object->place, object->name, object->text);
	for (i = 0; i < object->count; i++) {
		char *name = format_text("%s:%zu", object->name, i + 1);

		export_rule(script, &object->lines[i].place, name, object->lines[i].text);
		free(name);
	}
}

static void export_rules(struct script *script)
{
	size_t count, i;
	struct turn *turns = turns_of(script->conf, &count);

	for (i = 0; i < count; i++)
		export_object(script, turns[i].object);
	free(turns);
}

/* ---- sets that packets are put into ---- */

static void note_added(struct script *script, const char *text)
{
	struct pairs pairs;
	const char *add_to;
	char why[WHY_MAX];

	if (!strstr(text, "add_to="))
		return;
	add_to = pairs_read(&pairs, text, why) ? pairs_get(&pairs, "add_to") : NULL;
	if (add_to) {
		script->added = grow(script->added, script->added_count, &script->added_room,
				     sizeof(*script->added));
		script->added[script->added_count++] =
			format_text("%.*s", (int)strcspn(add_to + 1, " "), add_to + 1);
	}
	pairs_free(&pairs);
}

static void note_all_added(struct script *script)
{
	const struct conf *conf = script->conf;
	size_t i, j;

	for (i = 0; i < conf->count[RULE]; i++)
		note_added(script, conf->objects[RULE][i].text);
	for (i = 0; i < conf->count[CHAIN]; i++)
		for (j = 0; j < conf->objects[CHAIN][i].count; j++)
			note_added(script, conf->objects[CHAIN][i].lines[j].text);
}

/* ---- the script ---- */

static void show_base(const struct script *script, const struct base *base, const char *priority,
		      FILE *out)
{
	bool drop = !strcmp(policy_of(script, base), "drop");

	fprintf(out, "\tchain %s%s%s%s {\n\t\ttype filter hook %s", base->raw ? "raw-" : "",
		base->hook, base->device ? "-" : "", base->device ? base->device : "", base->hook);
	if (base->device)
		fprintf(out, " device \"%s\"", base->device);
	fprintf(out, " priority %s; policy %s;\n", priority, drop ? "drop" : "accept");
	shortcuts_export(script, base, out);
	fputs(base->text, out);
	policy_export(script, base, out);
	fprintf(out, "\t}\n\n");
}

static void show_bases(const struct script *script, FILE *out)
{
	size_t i, j;

	for (i = 0; i < PLACES; i++)
		for (j = 0; j < script->count; j++) {
			const struct base *base = script->bases[j];

			fflush(base->out);
			if (!strcmp(base->hook, places[i].hook) && base->raw == places[i].raw)
				show_base(script, base, places[i].priority, out);
		}
}

/* Where something is refused without any rule. */
static void add_policies(struct script *script)
{
	static const char *const hooks[] = { "input", "forward", "output" };
	size_t i;

	for (i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		const struct base base = { .hook = hooks[i] };

		if (strcmp(policy_of(script, &base), "accept"))
			script_base(script, hooks[i], false, NULL);
	}
}

static void write_all(struct script *script)
{
	note_all_added(script);
	sets_show(script);
	add_policies(script);
	export_rules(script);
}

static void clear(struct script *script)
{
	size_t i;

	for (i = 0; i < script->count; i++) {
		fclose(script->bases[i]->out);
		free(script->bases[i]->text);
		free(script->bases[i]->device);
		free(script->bases[i]);
	}
	free(script->bases);
	for (i = 0; i < script->added_count; i++)
		free(script->added[i]);
	free(script->added);
	free(script->parts);
}

static void show_all(struct script *script, const char *path, FILE *out)
{
	char *objects, *chains;
	size_t objects_size, chains_size;

	fprintf(out, "# What 'minifw export nft' made of %s.\n", path);
	parameters_export(script, out);
	script->objects = need(open_memstream(&objects, &objects_size));
	script->chains = need(open_memstream(&chains, &chains_size));
	write_all(script);
	fclose(script->objects);
	fclose(script->chains);
	if (script->hours)
		fprintf(out, "# Times are in UTC: load it with 'TZ=UTC nft -f'.\n");
	fprintf(out, "\ntable inet minifw\ndelete table inet minifw\n\ntable inet minifw {\n%s%s",
		objects, chains);
	show_bases(script, out);
	fprintf(out, "}\n");
	free(objects);
	free(chains);
}

/**
 * script_show() - all of a configuration, or nothing
 * @script: says of which
 * @path: where that came from
 * @out: takes it, if there was no fault
 *
 * Return: DONE or REFUSED.
 */
int script_show(struct script *script, const char *path, FILE *out)
{
	char *text;
	size_t size;
	FILE *whole = need(open_memstream(&text, &size));

	show_all(script, path, whole);
	fclose(whole);
	if (!faults())
		fputs(text, out);
	free(text);
	clear(script);
	return faults() ? REFUSED : DONE;
}
