// SPDX-License-Identifier: GPL-2.0
/*
 * panic: nothing goes in, out or through any more but the session that says so, neighbour discovery
 * and the loopback. Three rules before all others, and open connections are not let pass by.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "options.h"
#include "running.h"
#include "say.h"
#include "session.h"
#include "transaction.h"
#include "tree.h"
#include "undo.h"

#define SECONDS "60"

/* In the order of their names, at the two lowest priorities. */
#define RULE_IN "minifw-panic-in"
#define RULE_OUT "minifw-panic-out"
#define RULE_DROP "minifw-panic-drop"

static int make(struct undo *undo, const char *rule)
{
	int error = tree_make("rules", rule);

	if (error)
		return refuse("rule %s: is there: 'minifw load' or 'minifw del' ends the last panic",
			      rule);
	undo_made(undo, "rules", rule);
	return DONE;
}

/* A rule of pairs: attribute, value, …, NULL. */
static int put(struct undo *undo, const char *rule, const char *const *pairs)
{
	int error = 0, ret = make(undo, rule);

	for (; ret == DONE && !error && *pairs; pairs += 2)
		error = tree_write("rules", rule, pairs[0], pairs[1]);
	if (ret == DONE && !error)
		error = tree_write("rules", rule, "enabled", "1");
	return error ? tree_refused("rules", rule, error) : ret;
}

static int put_session(struct undo *undo, const struct session *session)
{
	const char *const in[] = {
		"priority", "-2147483648", "proto", "tcp", "saddr", session->client, "sport",
		session->client_port, "daddr", session->server, "dport", session->server_port,
		"action", "accept", NULL,
	};
	const char *const out[] = {
		"priority", "-2147483648", "hook", "output", "proto", "tcp", "saddr",
		session->server, "sport", session->server_port, "daddr", session->client,
		"dport", session->client_port, "action", "accept", NULL,
	};
	int ret = put(undo, RULE_IN, in);

	return ret == DONE ? put(undo, RULE_OUT, out) : ret;
}

static int stage(struct undo *undo)
{
	static const char *const drop[] = {
		"priority", "-2147483647", "hook", "input,forward,output", "action", "drop", NULL,
	};
	struct session session;
	int error, ret = session_find(&session) ? put_session(undo, &session) : DONE;

	if (ret == DONE)
		ret = put(undo, RULE_DROP, drop);
	if (ret != DONE)
		return ret;
	error = parameter_write("accept_established", "N");
	return error ? refuse("accept_established: cannot be written") : DONE;
}

static int commit(const char *seconds)
{
	int ret = interrupted() ? REFUSED : transaction_commit(seconds);

	if (ret != DONE)
		return ret;
	return isatty(STDIN_FILENO) ? transaction_ask(seconds) : transaction_pending(seconds);
}

static int panic(const char *seconds)
{
	struct undo undo = {};
	int ret;

	interrupt_catch();
	ret = transaction_begin();
	if (ret != DONE)
		return ret;
	ret = stage(&undo);
	if (ret == DONE)
		ret = commit(seconds);
	if (ret == DONE) {
		fputs("'minifw load' ends it.\n", stderr);
		undo_forget(&undo);
		return DONE;
	}
	tree_write(NULL, NULL, "transaction", "rollback");
	undo_all(&undo);
	return ret;
}

int command_panic(int argc, char **argv)
{
	const char *seconds = SECONDS;
	const struct option_row options[] = { { "confirm", NULL, &seconds }, {} };
	int ret = options_read(options, &argc, &argv);

	if (ret == DONE && argc)
		ret = usage("panic: [--confirm SECONDS]");
	if (ret == DONE)
		ret = transaction_time(seconds);
	if (ret == DONE)
		ret = running_need();
	return ret == DONE ? panic(seconds) : ret;
}
