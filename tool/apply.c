// SPDX-License-Identifier: GPL-2.0
/*
 * Stages, in an open transaction, what makes one configuration of another. Only what differs is
 * touched: rules that stay keep their counters. What goes is disabled, and its directory is left
 * until the change has been committed, or confirmed: a rollback needs it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "conf/conf.h"
#include "conf/elements.h"
#include "interrupt.h"
#include "pairs.h"
#include "say.h"
#include "scratch.h"

static const char *const folders[KINDS] = {
	[SET] = "sets", [RULE] = "rules", [CHAIN] = "chains",
};

/* The fault of a line that the module did not take. */
static int refused(const struct object *object, int error)
{
	char *why = tree_why(folders[object->kind], object->name, error);

	fault(&object->place, "%s %s: %s", kind_names[object->kind], object->name, why);
	free(why);
	return REFUSED;
}

static int put(struct apply *apply, const struct object *object, const char *attribute,
	       const char *before, const char *value)
{
	const char *folder = folders[object->kind];
	int ret = tree_write(folder, object->name, attribute, value);

	if (ret)
		return refused(object, ret);
	if (before)
		undo_wrote(&apply->undo, folder, object->name, attribute, before);
	return DONE;
}

/* A directory for the object; sets *@made if there was none. */
static int make(struct apply *apply, const struct object *object, bool *made)
{
	const char *folder = folders[object->kind];
	char *why;
	int ret;

	*made = !tree_has(folder, object->name);
	if (!*made)
		return DONE;
	ret = tree_make(folder, object->name);
	if (!ret) {
		undo_made(&apply->undo, folder, object->name);
		return DONE;
	}
	why = tree_why(NULL, NULL, ret);
	fault(&object->place, "%s %s: %s", kind_names[object->kind], object->name, why);
	free(why);
	return REFUSED;
}

/* ---- rules and chains ---- */

/* What an attribute says that no line mentions. */
static const char *unsaid(const char *attribute)
{
	if (!strcmp(attribute, "priority"))
		return "0";
	return strcmp(attribute, "hook") ? "" : "input";
}

/* Makes a draft say what a line says. */
static int put_pairs(struct apply *apply, const struct object *object, const struct pairs *draft)
{
	char why[WHY_MAX];
	struct pairs wanted;
	const char *name;
	unsigned int i;
	int ret = DONE;

	pairs_read(&wanted, object->text, why);
	for (i = 0; ret == DONE && (name = language_attribute(i)); i++) {
		const char *value = pairs_get(&wanted, name), *before = pairs_get(draft, name);

		value = value ? value : unsaid(name);
		before = before ? before : unsaid(name);
		if (strcmp(value, before))
			ret = put(apply, object, name, before, value);
	}
	pairs_free(&wanted);
	return ret;
}

/* The draft of a rule, from its `text`. */
static void draft_of_rule(const struct object *rule, struct pairs *draft)
{
	char *text = tree_read("rules", rule->name, "text"), why[WHY_MAX], *pairs;

	pairs = text ? strchr(text, ' ') : NULL;
	pairs = pairs ? strchr(pairs + 1, ' ') : NULL;
	pairs_read(draft, pairs ? pairs : "", why);
	free(text);
}

/* The draft of what a chain says of itself. */
static void draft_of_chain(const struct object *chain, struct pairs *draft)
{
	char *priority = tree_read("chains", chain->name, "priority"), why[WHY_MAX];
	char *comment = tree_read("chains", chain->name, "comment");
	char *quoted = language_quoted("comment", comment ? comment : "");
	char *text = format_text("priority=%s %s", priority ? priority : "0", quoted);

	pairs_read(draft, text, why);
	free(priority);
	free(comment);
	free(quoted);
	free(text);
}

static char *lines_of(const struct object *chain)
{
	char *text;
	size_t size, i;
	FILE *out = need(open_memstream(&text, &size));

	for (i = 0; i < chain->count; i++)
		fprintf(out, "%s\n", *chain->lines[i].text ? chain->lines[i].text : "hook=input");
	fclose(out);
	return need(text);
}

/* The lines of a chain that is new, or whose lines are others. */
static int put_lines(struct apply *apply, const struct object *chain, bool made)
{
	char *lines = lines_of(chain);
	char *before = made ? NULL : tree_read("chains", chain->name, "rules");
	int ret = scratch_load("chains", chain->name, lines);

	free(lines);
	if (ret) {
		free(before);
		return refused(chain, ret);
	}
	if (before)
		undo_loaded(&apply->undo, chain->name, before);
	return DONE;
}

static int put_draft(struct apply *apply, const struct object *object, bool made)
{
	struct pairs draft = {};
	int ret;

	if (!made)
		object->kind == RULE ? draft_of_rule(object, &draft) :
				       draft_of_chain(object, &draft);
	ret = put_pairs(apply, object, &draft);
	pairs_free(&draft);
	if (ret == DONE && object->kind == CHAIN)
		ret = put_lines(apply, object, made);
	return ret;
}

static bool lines_equal(const struct object *a, const struct object *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->lines[i].text, b->lines[i].text))
			return false;
	return true;
}

static bool is_status(const struct object *object, const char *status)
{
	char *now = tree_read(folders[object->kind], object->name, "status");
	bool same = now && !strcmp(now, status);

	free(now);
	return same;
}

/* A rule or chain that is in force as it should be may have a draft that says something else. */
static int stage_rule(struct apply *apply, const struct object *object)
{
	const struct object *now = conf_find(apply->now, object->kind, object->name);
	bool same = now && !strcmp(now->text, object->text) && lines_equal(now, object), made;
	int ret;

	if (same && is_status(object, "live"))
		return DONE;
	ret = make(apply, object, &made);
	if (ret == DONE)
		ret = put_draft(apply, object, made);
	if (ret != DONE || (same && !made))
		return ret;
	apply->changes++;
	return put(apply, object, "enabled", NULL, "1");
}

/* ---- sets ---- */

static char *elements_text(struct elements *elements)
{
	char *text;
	size_t size;
	FILE *out = need(open_memstream(&text, &size));

	elements_show(elements, "", out);
	fclose(out);
	return need(text);
}

static int put_elements(struct apply *apply, const struct object *set, const struct object *now)
{
	char *text;
	int ret;

	if (now)
		elements_keep_timed(set->elements, now->elements);
	text = elements_text(set->elements);
	ret = scratch_load("sets", set->name, text);
	free(text);
	return ret ? refused(set, ret) : DONE;
}

static int put_number(struct apply *apply, const struct object *set, const char *attribute,
		      unsigned int number)
{
	char *text = format_text("%u", number);
	int ret = put(apply, set, attribute, NULL, text);

	free(text);
	return ret;
}

static int put_head(struct apply *apply, const struct object *set)
{
	int ret = put(apply, set, "type", NULL, language_type(set->head.type));

	if (ret == DONE)
		ret = put_number(apply, set, "timeout", set->head.timeout);
	return ret == DONE ? put_number(apply, set, "max", set->head.max) : ret;
}

static int stage_set(struct apply *apply, const struct object *set)
{
	const struct object *now = conf_find(apply->now, SET, set->name);
	bool made;
	int ret;

	if (now && !strcmp(now->text, set->text) && elements_cover(now->elements, set->elements))
		return DONE;
	apply->changes++;
	ret = make(apply, set, &made);
	if (ret == DONE && (!now || strcmp(now->text, set->text)))
		ret = put_head(apply, set);
	return ret == DONE ? put_elements(apply, set, now) : ret;
}

/* ---- parameters ---- */

static int write_parameter(const struct place *place, const char *name, const char *value)
{
	int ret = parameter_write(name, value);
	char *why;

	if (!ret)
		return DONE;
	if (ret == -EACCES)
		return fault(place, "parameter %s: modprobe alone can set it", name);
	why = tree_why(NULL, NULL, ret);
	fault(place, "parameter %s", why);
	free(why);
	return REFUSED;
}

static int stage_parameter(struct apply *apply, const char *name)
{
	static const struct place nowhere;
	const struct object *wanted = conf_find(apply->wanted, PARAMETER, name);
	char *now = parameter_read(name);
	char *value = wanted ? need(strdup(wanted->text)) : language_default(name);
	int ret = DONE;

	if (!now || strcmp(now, value)) {
		apply->changes++;
		ret = write_parameter(wanted ? &wanted->place : &nowhere, name, value);
	}
	free(now);
	free(value);
	return ret;
}

static int stage_parameters(struct apply *apply)
{
	const struct object *locked = conf_find(apply->wanted, PARAMETER, "locked");
	const char *name;
	unsigned int i;
	int ret = DONE;

	apply->locks = locked && *locked->text == 'Y';
	for (i = 0; ret == DONE && (name = language_parameter_name(i)); i++)
		ret = stage_parameter(apply, name);
	return ret;
}

/* ---- what goes ---- */

static void note_gone(struct names *names, const char *name)
{
	names->name = need(reallocarray(names->name, names->count + 1, sizeof(*names->name)));
	names->name[names->count++] = need(strdup(name));
}

/* A rule that is in force without a directory goes with the next publish. */
static int stage_removal(struct apply *apply, const struct object *object)
{
	int ret = DONE;

	if (conf_find(apply->wanted, object->kind, object->name))
		return DONE;
	apply->changes++;
	if (!tree_has(folders[object->kind], object->name))
		return DONE;
	if (object->kind != SET)
		ret = put(apply, object, "enabled", NULL, "0");
	note_gone(&apply->gone[object->kind - SET], object->name);
	return ret;
}

/* ---- all of it ---- */

static int stage_each(struct apply *apply, const struct conf *conf, enum kind kind,
		      int (*stage)(struct apply *apply, const struct object *object))
{
	size_t i;
	int ret = DONE;

	for (i = 0; ret == DONE && i < conf->count[kind]; i++)
		ret = interrupted() ? REFUSED : stage(apply, &conf->objects[kind][i]);
	return ret;
}

/**
 * apply_stage() - stage all that differs
 * @apply: what and how; a transaction is open
 *
 * Return: DONE; or REFUSED, which is told, or where the user broke it off. Drafts may have changed
 * by then: undo_all() takes that back, after a rollback.
 */
int apply_stage(struct apply *apply)
{
	static const enum kind removals[] = { RULE, CHAIN, SET };
	int ret = stage_each(apply, apply->wanted, SET, stage_set);
	size_t i;

	if (ret == DONE)
		ret = stage_each(apply, apply->wanted, RULE, stage_rule);
	if (ret == DONE)
		ret = stage_each(apply, apply->wanted, CHAIN, stage_rule);
	if (ret == DONE)
		ret = stage_parameters(apply);
	for (i = 0; ret == DONE && i < sizeof(removals) / sizeof(*removals); i++)
		ret = stage_each(apply, apply->now, removals[i], stage_removal);
	return ret;
}

/**
 * apply_remove_gone() - take away the directories of what went
 * @apply: committed for good
 */
void apply_remove_gone(struct apply *apply)
{
	static const enum kind order[] = { RULE, CHAIN, SET };
	size_t i, j;

	for (i = 0; i < sizeof(order) / sizeof(*order); i++) {
		struct names *names = &apply->gone[order[i] - SET];

		for (j = 0; j < names->count; j++)
			tree_remove(folders[order[i]], names->name[j]);
	}
}

/**
 * apply_free() - let go of what a change needed
 * @apply: the change
 */
void apply_free(struct apply *apply)
{
	size_t i;

	undo_forget(&apply->undo);
	for (i = 0; i < sizeof(apply->gone) / sizeof(*apply->gone); i++)
		names_free(&apply->gone[i]);
}
