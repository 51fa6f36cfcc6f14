// SPDX-License-Identifier: GPL-2.0
/* `minifw export`: what is in force, or in a file, as another filter says it. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "conf/conf.h"
#include "export.h"
#include "options.h"
#include "running.h"
#include "say.h"

static int export_nft(struct script *script, const char *path)
{
	struct conf *conf;
	int ret = path ? DONE : running_need();

	if (ret != DONE)
		return ret;
	conf = path ? conf_of_file(path) : running_read();
	if (!conf)
		return REFUSED;
	script->conf = conf;
	if (!faults())
		ret = script_show(script, path ? path : "what is in force", stdout);
	conf_free(conf);
	return faults() ? REFUSED : ret;
}

/**
 * command_export() - `export nft [--lenient] [FILE]`
 * @argc: how many words
 * @argv: they
 *
 * Return: DONE, REFUSED or USAGE.
 */
int command_export(int argc, char **argv)
{
	struct script script = {};
	const struct option_row rows[] = { { "lenient", &script.lenient, NULL }, {} };
	int ret = options_read(rows, &argc, &argv);

	if (ret != DONE)
		return ret;
	if (!argc || argc > 2 || strcmp(argv[0], "nft"))
		return usage("export nft [--lenient] [FILE]");
	return export_nft(&script, argc > 1 ? argv[1] : NULL);
}
