// SPDX-License-Identifier: GPL-2.0
/* load, check, diff: a file against what is in force. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply.h"
#include "command.h"
#include "conf/conf.h"
#include "interrupt.h"
#include "module.h"
#include "options.h"
#include "retired.h"
#include "running.h"
#include "say.h"
#include "transaction.h"

/* The configuration of the only argument, or of the usual file; NULL where it has faults. */
static struct conf *conf_wanted(int argc, char **argv)
{
	struct conf *conf = conf_of_file(argc ? argv[0] : CONF_FILE);

	if (!faults())
		return conf;
	conf_free(conf);
	return NULL;
}

/* ---- load ---- */

/* Back to where it began, drafts too. */
static int give_up(struct apply *apply)
{
	tree_write(NULL, NULL, "transaction", "rollback");
	undo_all(&apply->undo);
	if (!faults())
		refuse("broken off: all is as it was");
	return REFUSED;
}

/* For good, so that what went can go; `locked` is last, as nothing is possible after it. */
static int settle(struct apply *apply)
{
	apply_remove_gone(apply);
	if (apply->locks && parameter_write("locked", "Y"))
		return refuse("parameter locked: refused");
	return DONE;
}

static int confirm(struct apply *apply, const char *seconds)
{
	int ret;

	if (!isatty(STDIN_FILENO)) {
		retired_note(apply);
		return transaction_pending(seconds);
	}
	ret = transaction_ask(seconds);
	if (ret == DONE)
		return settle(apply);
	undo_all(&apply->undo);
	return ret;
}

static int commit(struct apply *apply, const char *seconds)
{
	if (transaction_commit(seconds) != DONE)
		return give_up(apply);
	return seconds ? confirm(apply, seconds) : settle(apply);
}

/* A transaction is open. */
static int change(struct apply *apply, const char *seconds)
{
	apply->now = running_read();
	if (!apply->now || apply_stage(apply) != DONE || interrupted())
		return give_up(apply);
	if (apply->changes)
		return commit(apply, seconds);
	tree_write(NULL, NULL, "transaction", "rollback");
	return apply->locks ? settle(apply) : DONE;
}

static int load(struct conf *wanted, const char *seconds)
{
	struct apply apply = { .wanted = wanted };
	int ret = module_is_loaded() ? DONE : module_load();

	if (ret == DONE)
		ret = running_need();
	if (ret != DONE)
		return ret;
	interrupt_catch();
	ret = transaction_begin();
	if (ret == DONE)
		ret = change(&apply, seconds);
	if (apply.now)
		conf_free(apply.now);
	apply_free(&apply);
	return ret;
}

int command_load(int argc, char **argv)
{
	const char *seconds = NULL;
	const struct option_row options[] = { { "confirm", NULL, &seconds }, {} };
	struct conf *wanted;
	int ret = options_read(options, &argc, &argv);

	if (ret != DONE)
		return ret;
	if (argc > 1)
		return usage("load: one FILE, which may include others");
	if (seconds && transaction_time(seconds) != DONE)
		return USAGE;
	wanted = conf_wanted(argc, argv);
	if (!wanted)
		return REFUSED;
	ret = load(wanted, seconds);
	conf_free(wanted);
	return ret;
}

/* ---- check ---- */

int command_check(int argc, char **argv)
{
	const struct option_row options[] = { {} };
	int ret = options_read(options, &argc, &argv);

	if (ret != DONE)
		return ret;
	if (argc > 1)
		return usage("check: one FILE, which may include others");
	conf_free(conf_of_file(argc ? argv[0] : CONF_FILE));
	return faults() ? REFUSED : DONE;
}

/* ---- diff ---- */

/* A file without a name that holds a configuration in normal form. */
static int shown(const struct conf *conf)
{
	int fd = memfd_create("minifw", 0);
	FILE *file = fd < 0 ? NULL : fdopen(dup(fd), "w");

	if (!file)
		return -1;
	conf_show(conf, file);
	fclose(file);
	return fd;
}

/* diff(1) tells, as it does best. */
static int run_diff(int old, int new, const char *name)
{
	char *from = format_text("/proc/self/fd/%d", old);
	char *to = format_text("/proc/self/fd/%d", new);
	int status = 0;
	pid_t child = fork();

	if (!child) {
		execlp("diff", "diff", "-u", "--label", "running", "--label", name, from, to,
		       NULL);
		refuse("diff: %s", strerror(errno));
		_exit(REFUSED);
	}
	free(from);
	free(to);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return refuse("diff: %s", strerror(errno));
	return status ? REFUSED : DONE;
}

int command_diff(int argc, char **argv)
{
	const struct option_row options[] = { {} };
	struct conf *wanted, *now = NULL;
	int ret = options_read(options, &argc, &argv);

	if (ret != DONE)
		return ret;
	if (argc > 1)
		return usage("diff: one FILE, which may include others");
	wanted = conf_wanted(argc, argv);
	ret = wanted ? running_need() : REFUSED;
	if (ret == DONE)
		now = running_read();
	ret = now ? run_diff(shown(now), shown(wanted), argc ? argv[0] : CONF_FILE) : REFUSED;
	if (wanted)
		conf_free(wanted);
	if (now)
		conf_free(now);
	return ret;
}
