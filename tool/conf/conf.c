// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration: files of minifw.conf(5), or what the module says in `running`, in normal form.
 *
 *   parameter NAME=VALUE …      set NAME ATTRIBUTE=VALUE …    rule NAME ATTRIBUTE=VALUE …
 *   include FILE                element NAME ELEMENT …        chain NAME ATTRIBUTE=VALUE …
 *                                                             in NAME ATTRIBUTE=VALUE …
 *
 * Every fault is told, and reading goes on: nothing may be done with a configuration that had any.
 */
#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"
#include "../say.h"
#include "conf.h"
#include "elements.h"

#define BLANKS " \t\r"
#define DEPTH_MAX 8	/* of files that include files */

const char *const kind_names[KINDS] = { "parameter", "set", "rule", "chain" };

/**
 * struct reading - where a file is being read
 * @conf: what takes it
 * @place: the line
 * @depth: of how many files it is the last that includes the next
 * @recent: of each kind, which object was named last, from 1 on: the next line is often of it
 */
struct reading {
	struct conf *conf;
	struct place place;
	unsigned int depth;
	size_t recent[KINDS];
};

static void read_file(struct reading *from, const char *path);

/* ---- objects ---- */

/**
 * conf_new() - a configuration that says nothing
 *
 * Return: the configuration, for conf_free().
 */
struct conf *conf_new(void)
{
	return need(calloc(1, sizeof(struct conf)));
}

static void object_clear(struct object *object)
{
	size_t i;

	for (i = 0; i < object->count; i++)
		free(object->lines[i].text);
	free(object->lines);
	elements_free(object->elements);
	free(object->name);
	free(object->text);
}

/**
 * conf_free() - let go of a configuration
 * @conf: the configuration
 */
void conf_free(struct conf *conf)
{
	enum kind kind;
	size_t i;

	for (kind = 0; kind < KINDS; kind++) {
		for (i = 0; i < conf->count[kind]; i++)
			object_clear(&conf->objects[kind][i]);
		free(conf->objects[kind]);
	}
	for (i = 0; i < conf->mention_count; i++) {
		free(conf->mentions[i].what);
		free(conf->mentions[i].set);
	}
	free(conf->mentions);
	for (i = 0; i < conf->file_count; i++)
		free(conf->files[i]);
	free(conf->files);
	free(conf);
}

static struct object *object_add(struct reading *reading, enum kind kind, const char *name)
{
	struct conf *conf = reading->conf;
	struct object *object;

	conf->objects[kind] = grow(conf->objects[kind], conf->count[kind], &conf->room[kind],
				   sizeof(*object));
	object = &conf->objects[kind][conf->count[kind]++];
	*object = (struct object){
		.kind = kind, .name = need(strdup(name)), .place = reading->place,
	};
	reading->recent[kind] = conf->count[kind];
	return object;
}

/* Before they are sorted: the last of that name. */
static struct object *object_named(struct reading *reading, enum kind kind, const char *name)
{
	struct object *objects = reading->conf->objects[kind];
	size_t i = reading->recent[kind];

	if (i && !strcmp(objects[i - 1].name, name))
		return &objects[i - 1];
	for (i = reading->conf->count[kind]; i; i--)
		if (!strcmp(objects[i - 1].name, name)) {
			reading->recent[kind] = i;
			return &objects[i - 1];
		}
	return NULL;
}

/* ---- lines ---- */

/* Cuts the next word off; NULL at the end. */
static char *word_take(char **text)
{
	char *word = *text + strspn(*text, BLANKS);
	size_t len = strcspn(word, BLANKS);

	if (!len)
		return NULL;
	*text = word + len + !!word[len];
	word[len] = '\0';
	return word;
}

static void read_parameters(struct reading *reading, char *text)
{
	char why[WHY_MAX], *name, *value;

	while (language_pair(&text, &name, &value, why)) {
		char *normal = language_parameter(name, value, why);

		if (normal)
			object_add(reading, PARAMETER, name)->text = normal;
		else
			fault(&reading->place, "parameter %s", why);
	}
	if (*why)
		fault(&reading->place, "parameter %s", why);
}

static void read_set(struct reading *reading, struct object *set, char *text)
{
	char why[WHY_MAX];

	if (!language_set(text, &set->head, why))
		fault(&reading->place, "set %s: %s", set->name, why);
	set->text = need(language_set_head(&set->head));
	set->elements = elements_new(&set->head);
}

/**
 * struct naming - a rule whose sets are noted
 * @reading: where
 * @what: which rule
 */
struct naming {
	struct reading *reading;
	const char *what;
};

static void note(void *context, const struct reference *reference)
{
	struct naming *naming = context;
	struct conf *conf = naming->reading->conf;

	conf->mentions = grow(conf->mentions, conf->mention_count, &conf->mention_room,
			      sizeof(*conf->mentions));
	conf->mentions[conf->mention_count++] = (struct mention){
		.what = need(strdup(naming->what)), .attribute = reference->attribute,
		.set = need(strdup(reference->set)), .types = reference->types,
		.place = naming->reading->place,
	};
}

/* What a rule says, by one of language.h's functions; a fault and NULL where it is refused. */
static char *read_as(char *(*as)(char *pairs, const struct reader *reader),
		     struct reading *reading, const char *what, char *text)
{
	struct naming naming = { .reading = reading, .what = what };
	char why[WHY_MAX];
	struct reader reader = { .refers = note, .context = &naming, .why = why };
	char *normal = as(text, &reader);

	if (!normal)
		fault(&reading->place, "%s: %s", what, why);
	return normal;
}

static void read_rule(struct reading *reading, struct object *object, char *text)
{
	char *what = format_text("%s %s", kind_names[object->kind], object->name);

	object->text = read_as(object->kind == RULE ? language_rule : language_chain, reading, what,
			       text);
	if (!object->text)
		object->text = need(strdup(""));
	free(what);
}

static void read_object(struct reading *reading, enum kind kind, char *text)
{
	char *name = word_take(&text);
	struct object *object;

	if (!name || !language_name(name)) {
		fault(&reading->place, "%s: '%.70s' is not a name: 1 to 63 of A-Za-z0-9._-, not . or - first",
		      kind_names[kind], name ? name : "");
		return;
	}
	object = object_add(reading, kind, name);
	if (kind == SET)
		read_set(reading, object, text);
	else
		read_rule(reading, object, text);
}

static struct object *owner(struct reading *reading, enum kind kind, const char *name)
{
	struct object *object = name ? object_named(reading, kind, name) : NULL;

	if (!object)
		fault(&reading->place, "no line before says '%s %.70s'", kind_names[kind],
		      name ? name : "");
	return object;
}

/* An element is a word, with the two after it where they are a time-out. */
static char *element_take(char **text)
{
	char *word = word_take(text), *rest, *timeout, *seconds;

	if (!word || *word == '#')
		return NULL;
	rest = need(strdup(*text));
	timeout = rest;
	timeout = word_take(&timeout);
	if (!timeout || strcmp(timeout, "timeout")) {
		free(rest);
		return need(strdup(word));
	}
	free(rest);
	word_take(text);
	seconds = word_take(text);
	return format_text("%s timeout %s", word, seconds ? seconds : "");
}

static void read_elements(struct reading *reading, char *text)
{
	struct object *set = owner(reading, SET, word_take(&text));
	char why[WHY_MAX], *element;

	if (!set)
		return;
	while ((element = element_take(&text))) {
		if (!elements_add(set->elements, element, why))
			fault(&reading->place, "set %s: %s", set->name, why);
		free(element);
	}
}

static void read_line_of_chain(struct reading *reading, char *text)
{
	struct object *chain = owner(reading, CHAIN, word_take(&text));
	char *what, *normal;

	if (!chain)
		return;
	what = format_text("chain %s:%zu", chain->name, chain->count + 1);
	normal = read_as(language_line, reading, what, text);
	free(what);
	if (!normal)
		return;
	chain->lines = grow(chain->lines, chain->count, &chain->room, sizeof(*chain->lines));
	chain->lines[chain->count++] = (struct line){ .text = normal, .place = reading->place };
}

/* Of a folder that a pattern names, those files that are there, in order. */
static void read_included(struct reading *reading, char *text)
{
	char *pattern = word_take(&text), *folder = need(strdup(reading->place.file));
	glob_t found = {};
	size_t i;

	if (!pattern || reading->depth == DEPTH_MAX) {
		fault(&reading->place, pattern ? "include: too deep: does it include itself?" :
						 "include: of what?");
		free(folder);
		return;
	}
	pattern = *pattern == '/' ? need(strdup(pattern)) :
				    format_text("%s/%s", dirname(folder), pattern);
	if (!glob(pattern, 0, NULL, &found))
		for (i = 0; i < found.gl_pathc; i++)
			read_file(reading, found.gl_pathv[i]);
	else if (!strpbrk(pattern, "*?["))
		fault(&reading->place, "include: %s: there is no such file", pattern);
	globfree(&found);
	free(pattern);
	free(folder);
}

static void read_line(struct reading *reading, char *text)
{
	char *word;

	if (language_blank(text))
		return;
	word = word_take(&text);
	if (!strcmp(word, "parameter"))
		read_parameters(reading, text);
	else if (!strcmp(word, "set"))
		read_object(reading, SET, text);
	else if (!strcmp(word, "element"))
		read_elements(reading, text);
	else if (!strcmp(word, "rule"))
		read_object(reading, RULE, text);
	else if (!strcmp(word, "chain"))
		read_object(reading, CHAIN, text);
	else if (!strcmp(word, "in"))
		read_line_of_chain(reading, text);
	else if (!strcmp(word, "include"))
		read_included(reading, text);
	else
		fault(&reading->place, "'%.40s' is none of parameter, set, element, rule, chain, in, include",
		      word);
}

/* ---- files ---- */

static const char *keep_name(struct conf *conf, const char *path)
{
	conf->files = need(reallocarray(conf->files, conf->file_count + 1, sizeof(*conf->files)));
	return conf->files[conf->file_count++] = need(strdup(path));
}

static void read_lines(struct reading *reading, FILE *file)
{
	size_t room = 0;
	char *line = NULL;
	ssize_t len;

	while ((len = getline(&line, &room, file)) > 0) {
		reading->place.line++;
		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) + 1 < (size_t)len)
			fault(&reading->place, "a NUL byte");
		else
			read_line(reading, line);
	}
	free(line);
}

static void read_file(struct reading *from, const char *path)
{
	struct reading reading = {
		.conf = from->conf, .depth = from->depth + 1,
		.place = { .file = keep_name(from->conf, path) },
	};
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;

	if (!file) {
		fault(&reading.place, "%s", strerror(errno));
		return;
	}
	read_lines(&reading, file);
	if (ferror(file))
		fault(&reading.place, "%s", strerror(errno));
	if (file != stdin)
		fclose(file);
}

/**
 * conf_read() - read a file, and those that it includes
 * @conf: not closed yet; takes what they say. Faults are told
 * @path: of the file; `-` is standard input
 */
void conf_read(struct conf *conf, const char *path)
{
	struct reading reading = { .conf = conf };

	read_file(&reading, path);
}

/**
 * conf_read_text() - read what the module says is in force
 * @conf: not closed yet; takes it
 * @text: of `running`; destroyed
 */
void conf_read_text(struct conf *conf, char *text)
{
	/* It includes nothing. */
	struct reading reading = {
		.conf = conf, .place = { .file = "running" }, .depth = DEPTH_MAX,
	};
	char *line;

	while ((line = strsep(&text, "\n"))) {
		reading.place.line++;
		read_line(&reading, line);
	}
}

static int object_cmp(const void *a, const void *b)
{
	const struct object *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Those of one name stay in the order of their lines, by which the fault is told. */
static int object_and_place_cmp(const void *a, const void *b)
{
	const struct object *x = a, *y = b;
	int cmp = object_cmp(a, b);

	if (!cmp && x->place.file != y->place.file)
		return strcmp(x->place.file ? x->place.file : "", y->place.file ? y->place.file : "");
	return cmp ? cmp : (x->place.line > y->place.line) - (x->place.line < y->place.line);
}

/**
 * conf_default() - what a parameter is that no line mentions
 * @conf: all was read, and it is not closed yet
 * @parameter: its name
 * @value: as somebody wrote it; what the module would refuse is no value
 */
void conf_default(struct conf *conf, const char *parameter, const char *value)
{
	struct reading reading = { .conf = conf };
	char why[WHY_MAX], *normal;

	if (object_named(&reading, PARAMETER, parameter))
		return;
	normal = language_parameter(parameter, value, why);
	if (normal)
		object_add(&reading, PARAMETER, parameter)->text = normal;
}

/* Said or not, it is the same. */
static void drop_defaults(struct conf *conf)
{
	struct object *objects = conf->objects[PARAMETER];
	size_t i, kept = 0;

	for (i = 0; i < conf->count[PARAMETER]; i++) {
		char *value = language_default(objects[i].name);

		if (strcmp(objects[i].text, value))
			objects[kept++] = objects[i];
		else
			object_clear(&objects[i]);
		free(value);
	}
	conf->count[PARAMETER] = kept;
}

static void close_kind(struct conf *conf, enum kind kind)
{
	struct object *object = conf->objects[kind];
	size_t i;

	if (object)
		qsort(object, conf->count[kind], sizeof(*object), object_and_place_cmp);
	for (i = 0; i < conf->count[kind]; i++, object++) {
		if (object->elements)
			elements_close(object->elements);
		if (i && !strcmp(object[-1].name, object->name))
			fault(&object->place, "%s %s: is there already, in %s:%u", kind_names[kind],
			      object->name, object[-1].place.file, object[-1].place.line);
	}
}

/**
 * conf_close() - all was read
 * @conf: the configuration; sorted by name after, and in normal form
 */
void conf_close(struct conf *conf)
{
	enum kind kind;

	for (kind = 0; kind < KINDS; kind++)
		close_kind(conf, kind);
	drop_defaults(conf);
}

/**
 * conf_find() - an object by its name
 * @conf: closed
 * @kind: of which kind
 * @name: its name
 *
 * Return: the object, or NULL.
 */
struct object *conf_find(const struct conf *conf, enum kind kind, const char *name)
{
	struct object key = { .name = (char *)name };

	if (!conf->count[kind])
		return NULL;
	return bsearch(&key, conf->objects[kind], conf->count[kind], sizeof(key), object_cmp);
}

/**
 * conf_check() - what no line shows by itself: are the sets there that rules name?
 * @conf: closed. Faults are told
 */
void conf_check(const struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->mention_count; i++) {
		const struct mention *mention = &conf->mentions[i];
		const struct object *set = conf_find(conf, SET, mention->set);

		if (!set)
			fault(&mention->place, "%s: %s: there is no set '%s'", mention->what,
			      mention->attribute, mention->set);
		else if (!(mention->types >> set->head.type & 1))
			fault(&mention->place, "%s: %s: the set '%s' is of type %s", mention->what,
			      mention->attribute, mention->set, language_type(set->head.type));
	}
}

/* ---- showing ---- */

static void show_set(const struct object *set, FILE *out)
{
	char *before = format_text("element %s ", set->name);

	elements_show(set->elements, before, out);
	free(before);
}

/**
 * conf_show_object() - the lines of an object
 * @object: of a closed configuration
 * @out: takes them
 */
void conf_show_object(const struct object *object, FILE *out)
{
	size_t i;

	fprintf(out, "%s %s%s%s\n", kind_names[object->kind], object->name,
		object->kind == PARAMETER ? "=" : *object->text ? " " : "", object->text);
	if (object->kind == SET)
		show_set(object, out);
	for (i = 0; i < object->count; i++)
		fprintf(out, "in %s %s\n", object->name, object->lines[i].text);
}

/**
 * conf_show() - a configuration as a file of minifw.conf(5)
 * @conf: closed
 * @out: takes it
 */
void conf_show(const struct conf *conf, FILE *out)
{
	enum kind kind;
	size_t i;

	for (kind = 0; kind < KINDS; kind++)
		for (i = 0; i < conf->count[kind]; i++)
			conf_show_object(&conf->objects[kind][i], out);
}
