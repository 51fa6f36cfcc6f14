/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNDO_H
#define UNDO_H

#include <stddef.h>

/**
 * struct undo - drafts that were changed, and how they were
 * @step: what takes each change back
 * @count: how many
 */
struct undo {
	struct undo_step *step;
	size_t count;
};

void undo_made(struct undo *undo, const char *folder, const char *object);
void undo_wrote(struct undo *undo, const char *folder, const char *object, const char *attribute,
		const char *before);
void undo_loaded(struct undo *undo, const char *chain, char *before);
void undo_all(struct undo *undo);
void undo_forget(struct undo *undo);

#endif
