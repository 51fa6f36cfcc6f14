// SPDX-License-Identifier: GPL-2.0
/* What is in force, and what a file would have: both as a configuration. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "module.h"
#include "running.h"
#include "say.h"
#include "tree.h"

/**
 * running_need() - a command wants the module
 *
 * Return: DONE if it is there; or REFUSED, which is told.
 */
int running_need(void)
{
	if (!module_is_loaded())
		return refuse("the module is not loaded: 'modprobe minifw' loads it");
	if (!tree_is_there())
		return refuse("there is no " TREE ": is configfs mounted there, and are you root?");
	return DONE;
}

/**
 * running_read() - what is in force
 *
 * Return: it, closed, for conf_free(); NULL, which is told.
 */
struct conf *running_read(void)
{
	char *text = tree_read(NULL, NULL, "running");
	struct conf *conf;

	if (!text) {
		refuse("running: %s", strerror(errno));
		return NULL;
	}
	conf = conf_new();
	conf_read_text(conf, text);
	conf_close(conf);
	free(text);
	return conf;
}

/* What no line mentions is as modprobe would load the module. */
static void complete(struct conf *conf)
{
	const char *name;
	unsigned int i;

	for (i = 0; (name = language_parameter_name(i)); i++) {
		char *option = module_option(name);

		if (option)
			conf_default(conf, name, option);
		free(option);
	}
}

/**
 * conf_of_file() - what a file would have in force
 * @path: of the file
 *
 * Parameters that it does not mention are as modprobe.d and the kernel command line have them.
 *
 * Return: it, closed and checked, for conf_free(). Faults are told.
 */
struct conf *conf_of_file(const char *path)
{
	struct conf *conf = conf_new();

	conf_read(conf, path);
	complete(conf);
	conf_close(conf);
	conf_check(conf);
	return conf;
}
