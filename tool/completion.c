// SPDX-License-Identifier: GPL-2.0
/* completion bash: a script by which bash completes what this program takes. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "conf/language.h"
#include "options.h"
#include "say.h"

static const char head[] =
	"# Completion of minifw(8) for bash: `minifw completion bash` printed it.\n"
	"_minifw()\n"
	"{\n"
	"	local tree=/sys/kernel/config/minifw word=${COMP_WORDS[COMP_CWORD]} words=\n";

static const char tail[] =
	"	case $COMP_CWORD:${COMP_WORDS[1]} in\n"
	"	1:*) words=$commands ;;\n"
	"	2:add) ;;\n"
	"	2:edit) words=$(ls \"$tree/rules\" 2>/dev/null) ;;\n"
	"	*:del | *:reset) words=$(ls \"$tree/rules\" 2>/dev/null) ;;\n"
	"	*:enable | *:disable) words=\"$(ls \"$tree/rules\" 2>/dev/null) $(ls \"$tree/chains\" 2>/dev/null)\" ;;\n"
	"	2:set) words='add del flush replace' ;;\n"
	"	3:set) words=$(ls \"$tree/sets\" 2>/dev/null) ;;\n"
	"	2:list) words='rules chains sets --json --prometheus' ;;\n"
	"	2:export) words=nft ;;\n"
	"	2:completion) words=bash ;;\n"
	"	*:add | *:edit | *:test)\n"
	"		compopt -o nospace\n"
	"		words=$attributes\n"
	"		;;\n"
	"	*)\n"
	"		compopt -o default\n"
	"		return\n"
	"		;;\n"
	"	esac\n"
	"	mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
	"}\n"
	"complete -F _minifw minifw\n";

static void print_script(void)
{
	const struct command *command;
	const char *name;
	unsigned int i;

	fputs(head, stdout);
	fputs("	local commands='", stdout);
	for (command = commands; command->name; command++)
		printf("%s%s", command == commands ? "" : " ", command->name);
	fputs("'\n	local attributes='", stdout);
	for (i = 0; (name = language_attribute(i)); i++)
		printf("%s%s=", i ? " " : "", name);
	fputs("'\n", stdout);
	fputs(tail, stdout);
}

int command_completion(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "bash"))
		return usage("completion: of bash alone");
	print_script();
	return DONE;
}
