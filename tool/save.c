// SPDX-License-Identifier: GPL-2.0
/* save: what is in force, as a file of minifw.conf(5). */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "conf/language.h"
#include "module.h"
#include "options.h"
#include "running.h"
#include "say.h"
#include "tree.h"

/*
 * `running` leaves out what is as the module has it by default. Where modprobe.d says otherwise, a
 * file that says nothing would mean that.
 */
static void show_defaults(FILE *out)
{
	const char *name;
	unsigned int i;

	for (i = 0; (name = language_parameter_name(i)); i++) {
		char *option = module_option(name), *value = language_default(name);
		char *now = parameter_read(name);

		if (option && now && !strcmp(now, value) && strcmp(option, value))
			fprintf(out, "parameter %s=%s\n", name, value);
		free(option);
		free(value);
		free(now);
	}
}

static void show(const char *running, FILE *out)
{
	fputs("# What 'minifw save' found in force: see minifw.conf(5).\n", out);
	show_defaults(out);
	fputs(running, out);
	if (*running)
		fputc('\n', out);
}

/* Who reads the file finds the old one or the new one, whatever happens meanwhile. */
static int replace(const char *path, const char *running)
{
	char *beside = format_text("%s.XXXXXX", path);
	int fd = mkstemp(beside), error = 0;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	struct stat old;

	if (!out) {
		error = errno;
		free(beside);
		return refuse("%s: %s", path, strerror(error));
	}
	if (!stat(path, &old))
		fchmod(fd, old.st_mode & 0777);
	show(running, out);
	if (fflush(out) || fsync(fd) || ferror(out))
		error = errno;
	if (fclose(out) && !error)
		error = errno;
	if (!error && rename(beside, path))
		error = errno;
	if (error)
		unlink(beside);
	free(beside);
	return error ? refuse("%s: %s: it is as it was", path, strerror(error)) : DONE;
}

static int print(const char *running)
{
	show(running, stdout);
	return fflush(stdout) ? refuse("%s", strerror(errno)) : DONE;
}

int command_save(int argc, char **argv)
{
	const struct option_row options[] = { {} };
	char *running;
	int ret = options_read(options, &argc, &argv);

	if (ret != DONE)
		return ret;
	if (argc > 1)
		return usage("save: one FILE, or none for standard output");
	ret = running_need();
	if (ret != DONE)
		return ret;
	running = tree_read(NULL, NULL, "running");
	if (!running)
		return refuse("running: %s", strerror(errno));
	ret = argc ? replace(argv[0], running) : print(running);
	free(running);
	return ret;
}
