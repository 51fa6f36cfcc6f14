// SPDX-License-Identifier: GPL-2.0
/* add, edit, del, enable, disable, reset: single rules. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "conf/language.h"
#include "options.h"
#include "running.h"
#include "say.h"
#include "tree.h"
#include "undo.h"

/* Writes `ATTRIBUTE=VALUE` to a rule; a shell has taken the quotes off. */
static int write_pair(const char *name, char *pair, struct undo *undo)
{
	char *equals = strchr(pair, '='), *before;
	int ret;

	if (!equals || equals == pair || memchr(pair, '/', equals - pair))
		return usage("'%s' is not ATTRIBUTE=VALUE", pair);
	*equals = '\0';
	before = tree_read("rules", name, pair);
	if (!before)
		return refuse("rule %s: '%s' is not an attribute", name, pair);
	ret = tree_write("rules", name, pair, equals + 1);
	if (!ret)
		undo_wrote(undo, "rules", name, pair, before);
	free(before);
	return ret ? tree_refused("rules", name, ret) : DONE;
}

static int write_pairs(const char *name, int count, char **pairs, struct undo *undo)
{
	int i, ret = DONE;

	for (i = 0; ret == DONE && i < count; i++)
		ret = write_pair(name, pairs[i], undo);
	return ret;
}

/* Writes the attributes and publishes; takes both back if either is refused. */
static int change(const char *name, int count, char **pairs, struct undo *undo)
{
	int error, ret = write_pairs(name, count, pairs, undo);

	if (ret == DONE) {
		error = tree_write("rules", name, "enabled", "1");
		ret = error ? tree_refused("rules", name, error) : DONE;
	}
	if (ret == DONE)
		undo_forget(undo);
	else
		undo_all(undo);
	return ret;
}

static int begin(int argc, const char *what)
{
	return argc < 2 ? usage("%s", what) : running_need();
}

int command_add(int argc, char **argv)
{
	struct undo undo = {};
	int error, ret = begin(argc, "add: NAME ATTRIBUTE=VALUE...");

	if (ret != DONE)
		return ret;
	error = tree_make("rules", argv[1]);
	if (error) {
		char *why = tree_why(NULL, NULL, error);

		ret = refuse("rule %s: %s", argv[1], why);
		free(why);
		return ret;
	}
	undo_made(&undo, "rules", argv[1]);
	return change(argv[1], argc - 2, argv + 2, &undo);
}

static int need_rule(const char *name)
{
	return tree_has("rules", name) ? DONE : refuse("rule %s: there is no such rule", name);
}

int command_edit(int argc, char **argv)
{
	struct undo undo = {};
	int ret = begin(argc, "edit: NAME ATTRIBUTE=VALUE...");

	if (ret == DONE)
		ret = need_rule(argv[1]);
	return ret == DONE ? change(argv[1], argc - 2, argv + 2, &undo) : ret;
}

/* Does something to each rule that is named; goes on after one that is refused. */
static int for_each(int argc, char **argv, int (*act)(const char *name))
{
	int i, ret = begin(argc, "which? NAME...");

	for (i = 1; ret != USAGE && i < argc; i++)
		if (act(argv[i]) != DONE)
			ret = REFUSED;
	return ret;
}

static int del(const char *name)
{
	int error = tree_remove("rules", name);

	return error ? refuse("rule %s: %s", name, strerror(-error)) : DONE;
}

int command_del(int argc, char **argv)
{
	return for_each(argc, argv, del);
}

/* A rule; or the chain, where no rule has that name. */
static int set_enabled(const char *name, const char *value)
{
	const char *folder = !tree_has("rules", name) && tree_has("chains", name) ? "chains" :
										   "rules";
	int error = tree_write(folder, name, "enabled", value);

	return error ? tree_refused(folder, name, error) : DONE;
}

static int enable(const char *name)
{
	return set_enabled(name, "1");
}

static int disable(const char *name)
{
	return set_enabled(name, "0");
}

int command_enable(int argc, char **argv)
{
	return for_each(argc, argv, enable);
}

int command_disable(int argc, char **argv)
{
	return for_each(argc, argv, disable);
}

static int reset(const char *name)
{
	int error = tree_write("rules", name, "reset", "1");

	return error ? tree_refused("rules", name, error) : DONE;
}

int command_reset(int argc, char **argv)
{
	struct names names;
	size_t i;
	int ret;

	if (argc > 1)
		return for_each(argc, argv, reset);
	ret = running_need();
	names = tree_names("rules");
	for (i = 0; i < names.count; i++)
		if (reset(names.name[i]) != DONE)
			ret = REFUSED;
	names_free(&names);
	return ret;
}
