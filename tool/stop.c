// SPDX-License-Identifier: GPL-2.0
/* stop: an empty tree, so that the module can be unloaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "options.h"
#include "running.h"
#include "say.h"
#include "tree.h"

static void warn(void)
{
	char *input = parameter_read("default_policy"), *output = parameter_read("output_policy");

	fprintf(stderr, "All rules, chains and sets go. From then on the policies alone decide: input and forward %s, output %s.\n",
		input, output);
	if (input && !strcmp(input, "accept"))
		fputs("Everything that listens can then be reached.\n", stderr);
	else
		fputs("Nobody can log in any more; connections that are open stay.\n", stderr);
	free(input);
	free(output);
}

static int ask(void)
{
	char line[16];

	fputs("Type 'yes' to do it: ", stderr);
	if (fgets(line, sizeof(line), stdin) && !strncmp(line, "yes", 3))
		return DONE;
	return refuse("left as it was");
}

static int empty(const char *folder)
{
	struct names names = tree_names(folder);
	size_t i;
	int error, ret = DONE;

	for (i = 0; i < names.count; i++) {
		error = tree_remove(folder, names.name[i]);
		if (error)
			ret = refuse("%s/%s: %s", folder, names.name[i], strerror(-error));
	}
	names_free(&names);
	return ret;
}

int command_stop(int argc, char **argv)
{
	static const char *const folders[] = { "rules", "chains", "sets", "probes" };
	bool yes = false;
	const struct option_row options[] = { { "yes", &yes, NULL }, {} };
	size_t i;
	int ret = options_read(options, &argc, &argv);

	if (ret == DONE && argc)
		ret = usage("stop: [--yes]");
	if (ret == DONE)
		ret = running_need();
	if (ret != DONE)
		return ret;
	warn();
	if (!yes && ask() != DONE)
		return REFUSED;
	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (empty(folders[i]) != DONE)
			ret = REFUSED;
	return ret;
}
