// SPDX-License-Identifier: GPL-2.0
/* set add, del, flush, replace: what is in a set, from a file or from the command line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "conf/elements.h"
#include "conf/language.h"
#include "running.h"
#include "say.h"
#include "scratch.h"
#include "tree.h"

#define WRITE_MAX 4000	/* bytes of elements in one write: the module takes 4095 */

/* ---- what is to be written ---- */

/* Lines of a file, each checked, so that a fault has its place. */
static int read_lines(const char *path, FILE *file, const struct set_head *head, FILE *out)
{
	struct elements *elements = elements_new(head);
	struct place place = { .file = path };
	char *line = NULL, why[WHY_MAX];
	size_t room = 0;

	while (getline(&line, &room, file) > 0) {
		place.line++;
		line[strcspn(line, "\r\n#")] = '\0';
		if (language_blank(line))
			continue;
		if (!elements_add(elements, line, why))
			fault(&place, "%s", why);
		else
			fprintf(out, "%s\n", line);
	}
	free(line);
	elements_free(elements);
	return faults() ? REFUSED : DONE;
}

static int read_file(const char *path, const struct set_head *head, FILE *out)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int ret;

	if (!file)
		return refuse("%s: is no element, and no file: %s", path, strerror(errno));
	ret = read_lines(path, file, head, out);
	if (file != stdin)
		fclose(file);
	return ret;
}

/* What reads as an element is one; all else names a file. */
static int read_argument(const char *argument, const struct set_head *head, FILE *out)
{
	struct elements *elements = elements_new(head);
	char why[WHY_MAX];
	bool good = elements_add(elements, argument, why);

	elements_free(elements);
	if (!good)
		return read_file(argument, head, out);
	fprintf(out, "%s\n", argument);
	return DONE;
}

/* What the arguments say, an element a line; NULL, which is told. */
static char *elements_of(const char *name, int count, char **arguments)
{
	struct set_head head;
	char why[WHY_MAX], *type, *pairs, *text;
	size_t size;
	FILE *out;
	int i, ret = DONE;

	type = tree_read("sets", name, "type");
	pairs = format_text("type=%s", type ? type : "addr");
	language_set(pairs, &head, why);
	free(type);
	free(pairs);
	out = need(open_memstream(&text, &size));
	for (i = 0; ret == DONE && i < count; i++)
		ret = read_argument(arguments[i], &head, out);
	fclose(out);
	if (ret == DONE)
		return text;
	free(text);
	return NULL;
}

/* ---- writing ---- */

/* As many lines of @text as go into one write; the write is all of them or none. */
static char *portion(char **text)
{
	char *from = *text, *end = from, *line;

	if (!*from)
		return NULL;
	while ((line = strchr(end, '\n')) && line - from < WRITE_MAX)
		end = line + 1;
	end[-1] = '\0';
	*text = end;
	return from;
}

static int write_portions(const char *name, const char *attribute, char *text)
{
	char *lines;
	int ret;

	while ((lines = portion(&text))) {
		ret = tree_write("sets", name, attribute, lines);
		if (ret)
			return tree_refused("sets", name, ret);
	}
	return DONE;
}

static int write_elements(const char *name, const char *verb, int count, char **arguments)
{
	char *text = elements_of(name, count, arguments);
	int ret, error;

	if (!text)
		return REFUSED;
	if (strcmp(verb, "replace")) {
		ret = write_portions(name, verb, text);
	} else {
		error = scratch_load("sets", name, text);
		ret = error ? tree_refused("sets", name, error) : DONE;
	}
	free(text);
	return ret;
}

static int flush(const char *name)
{
	int error = tree_write("sets", name, "flush", "1");

	return error ? tree_refused("sets", name, error) : DONE;
}

static bool is_verb(const char *word)
{
	return !strcmp(word, "add") || !strcmp(word, "del") || !strcmp(word, "replace");
}

int command_set(int argc, char **argv)
{
	bool flushes = argc == 3 && !strcmp(argv[1], "flush");
	int ret;

	if (!flushes && (argc < 4 || !is_verb(argv[1])))
		return usage("set: add|del|replace SET FILE|ELEMENT..., or flush SET");
	ret = running_need();
	if (ret != DONE)
		return ret;
	if (!tree_has("sets", argv[2]))
		return refuse("set %s: there is no such set", argv[2]);
	return flushes ? flush(argv[2]) : write_elements(argv[2], argv[1], argc - 3, argv + 3);
}
