// SPDX-License-Identifier: GPL-2.0
/* Transactions of the module, and the question whether a change may stay. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "retired.h"
#include "running.h"
#include "say.h"
#include "transaction.h"
#include "tree.h"

/* What else the guard against lock-outs asks for is ours to offer. */
static const char *hint(const char *verb, const char *why)
{
	if (strcmp(verb, "commit") || !strstr(why, "lockout_guard"))
		return "";
	return ": with --confirm SECONDS it is tried, and taken back unless you confirm";
}

/**
 * transaction_verb() - write a verb
 * @verb: which
 *
 * Return: DONE; or REFUSED, which is told.
 */
int transaction_verb(const char *verb)
{
	int ret = tree_write(NULL, NULL, "transaction", verb);
	char *why;

	if (!ret)
		return DONE;
	why = tree_why(NULL, NULL, ret);
	refuse("%s%s", why, hint(verb, why));
	free(why);
	return REFUSED;
}

/**
 * transaction_time() - is it a time that a commit may be left unconfirmed?
 * @seconds: as the command line has it
 *
 * Return: DONE; or USAGE, which is told.
 */
int transaction_time(const char *seconds)
{
	char *end;
	unsigned long number = strtoul(seconds, &end, 10);

	if (*seconds >= '0' && *seconds <= '9' && !*end && number >= 1 && number <= 86400)
		return DONE;
	return usage("--confirm: '%s' is not a number of seconds from 1 to 86400", seconds);
}

/**
 * transaction_begin() - begin one
 *
 * Return: DONE; or REFUSED, which is told: somebody else may be at it.
 */
int transaction_begin(void)
{
	char *state;
	int ret;

	if (!tree_write(NULL, NULL, "transaction", "begin"))
		return DONE;
	state = tree_read(NULL, NULL, "transaction");
	if (state && strcmp(state, "idle"))
		ret = refuse("another change is under way (%s): wait for it, or 'minifw confirm' or 'minifw rollback' it",
			     state);
	else
		ret = transaction_verb("begin");	/* that has ended, or is not why */
	free(state);
	return ret;
}

/**
 * transaction_commit() - commit what is staged
 * @seconds: after which it is taken back if nobody confirms it; NULL for good
 *
 * Return: DONE; or REFUSED, which is told.
 */
int transaction_commit(const char *seconds)
{
	char *verb = format_text("commit%s%s", seconds ? " " : "", seconds ? seconds : "");
	int ret = transaction_verb(verb);

	free(verb);
	return ret;
}

/**
 * transaction_pending() - say that what was committed waits to be confirmed
 * @seconds: for how long
 *
 * Return: DONE.
 */
int transaction_pending(const char *seconds)
{
	fprintf(stderr, "In force for %s seconds: 'minifw confirm' keeps it.\n", seconds);
	return DONE;
}

/* A line from the terminal within some seconds; NULL where none came. */
static char *answer_within(unsigned int seconds)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	static char line[16];

	if (poll(&input, 1, seconds * 1000) <= 0 || interrupted())
		return NULL;
	return fgets(line, sizeof(line), stdin);
}

/**
 * transaction_ask() - ask whether what was committed may stay
 * @seconds: that there are to confirm it in
 *
 * Return: DONE once it is confirmed; else REFUSED, and it is taken back.
 */
int transaction_ask(const char *seconds)
{
	const char *answer;

	fprintf(stderr, "In force for %s seconds. Log in once more: does that work? Then type 'yes': ",
		seconds);
	answer = answer_within(strtoul(seconds, NULL, 10));
	if (answer && !strncmp(answer, "yes", 3))
		return transaction_verb("confirm");
	tree_write(NULL, NULL, "transaction", "rollback");	/* or the time is over already */
	return refuse("taken back: all is as it was");
}

/* confirm: what a `load --confirm` has left for later goes now. */
int command_confirm(int argc, char **argv)
{
	int ret;

	(void)argv;
	if (argc > 1)
		return usage("confirm: takes no arguments");
	ret = running_need();
	if (ret == DONE)
		ret = transaction_verb("confirm");
	if (ret == DONE)
		retired_remove();
	return ret;
}

int command_rollback(int argc, char **argv)
{
	int ret;

	(void)argv;
	if (argc > 1)
		return usage("rollback: takes no arguments");
	ret = running_need();
	if (ret == DONE)
		ret = transaction_verb("rollback");
	if (ret == DONE)
		retired_forget();
	return ret;
}
