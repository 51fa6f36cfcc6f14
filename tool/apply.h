/* SPDX-License-Identifier: GPL-2.0 */
#ifndef APPLY_H
#define APPLY_H

#include "tree.h"
#include "undo.h"

struct conf;

/**
 * struct apply - from what is in force to what should be
 * @wanted: what should be in force
 * @now: what is
 * @undo: what was changed so far
 * @gone: rules, chains and sets that go; their directories once nobody can want them back
 * @changes: how many
 * @locks: `locked` should be Y in the end
 */
struct apply {
	struct conf *wanted;
	struct conf *now;
	struct undo undo;
	struct names gone[3];
	unsigned int changes;
	bool locks;
};

int apply_stage(struct apply *apply);
void apply_remove_gone(struct apply *apply);
void apply_free(struct apply *apply);

#endif
