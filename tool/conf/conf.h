/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../place.h"
#include "language.h"

struct elements;

/* What a line makes, in the order in which they are made. */
enum kind {
	PARAMETER,
	SET,
	RULE,
	CHAIN,
	KINDS
};

/**
 * struct line - a rule of a chain
 * @text: its attributes, in normal form
 * @place: where it is
 */
struct line {
	char *text;
	struct place place;
};

/**
 * struct object - a parameter, set, rule or chain
 * @kind: which of them
 * @name: its name
 * @text: the value of a parameter; the attributes of all else, in normal form
 * @place: where it is
 * @head: of a set: the same as @text
 * @elements: of a set
 * @lines: of a chain
 * @count: how many
 * @room: for how many there is room at @lines
 */
struct object {
	enum kind kind;
	char *name;
	char *text;
	struct place place;
	struct set_head head;
	struct elements *elements;
	struct line *lines;
	size_t count;
	size_t room;
};

/**
 * struct mention - a set that a rule names
 * @what: which rule
 * @attribute: where in it
 * @set: the set's name
 * @types: a bit for each type of set that may be there
 * @place: where it is
 */
struct mention {
	char *what;
	const char *attribute;
	char *set;
	unsigned int types;
	struct place place;
};

/**
 * struct conf - a configuration
 * @objects: of each kind, by name once it was read
 * @count: how many
 * @room: for how many there is room
 * @mentions: sets that rules name
 * @mention_count: how many
 * @mention_room: for how many there is room
 * @files: names of files, which places point to
 * @file_count: how many
 */
struct conf {
	struct object *objects[KINDS];
	size_t count[KINDS];
	size_t room[KINDS];
	struct mention *mentions;
	size_t mention_count;
	size_t mention_room;
	char **files;
	size_t file_count;
};

extern const char *const kind_names[KINDS];

struct conf *conf_new(void);
void conf_free(struct conf *conf);
void conf_read(struct conf *conf, const char *path);
void conf_read_text(struct conf *conf, char *text);
void conf_default(struct conf *conf, const char *parameter, const char *value);
void conf_close(struct conf *conf);
void conf_check(const struct conf *conf);
struct object *conf_find(const struct conf *conf, enum kind kind, const char *name);
void conf_show_object(const struct object *object, FILE *out);
void conf_show(const struct conf *conf, FILE *out);

#endif
