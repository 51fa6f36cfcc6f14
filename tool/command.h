/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMMAND_H
#define COMMAND_H

/**
 * struct command - a word that the program takes
 * @name: the word
 * @arguments: what may follow it
 * @help: what it does, in one line
 * @run: does it: gets what follows, the word itself first; returns what the program ends with
 */
struct command {
	const char *name;
	const char *arguments;
	const char *help;
	int (*run)(int argc, char **argv);
};

extern const struct command commands[];

int command_load(int argc, char **argv);
int command_check(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_save(int argc, char **argv);
int command_list(int argc, char **argv);
int command_status(int argc, char **argv);
int command_add(int argc, char **argv);
int command_edit(int argc, char **argv);
int command_del(int argc, char **argv);
int command_enable(int argc, char **argv);
int command_disable(int argc, char **argv);
int command_reset(int argc, char **argv);
int command_set(int argc, char **argv);
int command_test(int argc, char **argv);
int command_confirm(int argc, char **argv);
int command_rollback(int argc, char **argv);
int command_stop(int argc, char **argv);
int command_top(int argc, char **argv);
int command_watch(int argc, char **argv);
int command_completion(int argc, char **argv);
int command_import(int argc, char **argv);
int command_export(int argc, char **argv);
int command_panic(int argc, char **argv);

#endif
