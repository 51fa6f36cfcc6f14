// SPDX-License-Identifier: GPL-2.0
/*
 * minifw(8): comfort over the tree in configfs, never another way in. What each command does could
 * be done by hand, and the words that it takes are those of minifw.conf(5).
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "say.h"

const struct command commands[] = {
	{ "load", "[--confirm SECONDS] [FILE]", "put a configuration in force, in one transaction",
	  command_load },
	{ "check", "[FILE]", "say what is wrong with a configuration", command_check },
	{ "diff", "[FILE]", "what loading it would change", command_diff },
	{ "save", "[FILE]", "write down what is in force", command_save },
	{ "list", "[rules|chains|sets] [--json|--prometheus]", "what is in force, and what it counted",
	  command_list },
	{ "status", "", "policies, transaction, versions", command_status },
	{ "add", "NAME ATTRIBUTE=VALUE...", "make a rule, and put it in force", command_add },
	{ "edit", "NAME ATTRIBUTE=VALUE...", "change a rule", command_edit },
	{ "del", "NAME...", "take rules away", command_del },
	{ "enable", "NAME...", "put rules or chains in force", command_enable },
	{ "disable", "NAME...", "take them out of force", command_disable },
	{ "reset", "[NAME...]", "let the counters of rules start again", command_reset },
	{ "set", "add|del|flush|replace SET [FILE|ELEMENT...]", "change what is in a set",
	  command_set },
	{ "test", "[--pcap FILE] [--trace] ATTRIBUTE=VALUE...", "what would become of a packet",
	  command_test },
	{ "top", "", "what matches now, on a terminal", command_top },
	{ "watch", "", "publishes and refused packets, as they happen", command_watch },
	{ "confirm", "", "keep what was committed", command_confirm },
	{ "rollback", "", "take it back", command_rollback },
	{ "import", "iptables|ip6tables|nft|ufw [--lenient] [FILE...]", "say what another filter says",
	  command_import },
	{ "export", "nft [--lenient] [FILE]", "say the same to nft", command_export },
	{ "panic", "[--confirm SECONDS]", "drop everything but this session", command_panic },
	{ "stop", "[--yes]", "take all rules, chains and sets away", command_stop },
	{ "completion", "bash", "a script for bash", command_completion },
	{}
};

static int print_help(FILE *out)
{
	const struct command *command;

	fputs("usage: minifw COMMAND ...\n\n", out);
	for (command = commands; command->name; command++)
		fprintf(out, "  %-10s %-44s %s\n", command->name, command->arguments,
			command->help);
	fputs("\nFILE is /etc/minifw/minifw.conf where none is named. See minifw(8), minifw.conf(5) and minifw(4).\n",
	      out);
	return out == stdout ? DONE : USAGE;
}

static const struct command *command_named(const char *name)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return print_help(stderr);
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return print_help(stdout);
	if (!strcmp(argv[1], "--version")) {
		puts("minifw " MINIFW_VERSION);
		return DONE;
	}
	command = command_named(argv[1]);
	if (!command)
		return usage("'%s' is not a command: see 'minifw help'", argv[1]);
	return command->run(argc - 1, argv + 1);
}
