// SPDX-License-Identifier: GPL-2.0
/*
 * The way back. A rollback restores what packets see, and leaves drafts as they were written: what
 * the program made of them is taken back here, so that a refused change leaves no trace.
 */
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "scratch.h"
#include "tree.h"
#include "undo.h"

/**
 * struct undo_step - what takes a change back
 * @folder: of the object that was changed
 * @object: its name
 * @attribute: what to write; NULL where the directory was made; `load` for the lines of a chain
 * @before: what it said
 */
struct undo_step {
	const char *folder;
	char *object;
	const char *attribute;
	char *before;
};

static void add(struct undo *undo, const char *folder, const char *object, const char *attribute,
		char *before)
{
	undo->step = need(reallocarray(undo->step, undo->count + 1, sizeof(*undo->step)));
	undo->step[undo->count++] = (struct undo_step){
		.folder = folder, .object = need(strdup(object)), .attribute = attribute,
		.before = before,
	};
}

/**
 * undo_made() - a directory was made
 * @undo: takes it
 * @folder: where; the text outlives @undo
 * @object: its name
 */
void undo_made(struct undo *undo, const char *folder, const char *object)
{
	add(undo, folder, object, NULL, NULL);
}

/**
 * undo_wrote() - an attribute of a draft was written
 * @undo: takes it
 * @folder: of the object; the text outlives @undo
 * @object: its name
 * @attribute: which; likewise
 * @before: what it said
 */
void undo_wrote(struct undo *undo, const char *folder, const char *object, const char *attribute,
		const char *before)
{
	add(undo, folder, object, attribute, need(strdup(before)));
}

/**
 * undo_loaded() - the lines of a chain were replaced
 * @undo: takes it
 * @chain: its name
 * @before: its lines; @undo's from here on
 */
void undo_loaded(struct undo *undo, const char *chain, char *before)
{
	add(undo, "chains", chain, "load", before);
}

static void step_free(struct undo_step *step)
{
	free(step->object);
	free(step->before);
}

/* What cannot be taken back stays a draft, which no packet sees. */
static void step_back(const struct undo_step *step)
{
	if (!step->attribute)
		tree_remove(step->folder, step->object);
	else if (!strcmp(step->attribute, "load"))
		scratch_load(step->folder, step->object, step->before);
	else
		tree_write(step->folder, step->object, step->attribute, step->before);
}

/**
 * undo_all() - take all changes back, the last one first
 * @undo: says nothing after
 */
void undo_all(struct undo *undo)
{
	while (undo->count) {
		step_back(&undo->step[--undo->count]);
		step_free(&undo->step[undo->count]);
	}
	undo_forget(undo);
}

/**
 * undo_forget() - the changes are there to stay
 * @undo: says nothing after
 */
void undo_forget(struct undo *undo)
{
	while (undo->count)
		step_free(&undo->step[--undo->count]);
	free(undo->step);
	undo->step = NULL;
}
