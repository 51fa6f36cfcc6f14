// SPDX-License-Identifier: GPL-2.0
/*
 * Directories that go when a commit is confirmed by another program than the one that made it:
 * until then a rollback needs them. They are noted in a file, `FOLDER NAME` a line, after the
 * generation that the commit made: what is of another commit is of no interest any more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply.h"
#include "retired.h"
#include "say.h"
#include "tree.h"

#define FILE_NAME "/run/minifw.retired"

/* In the order in which they can go. */
static const struct {
	const char *folder;
	unsigned int index;
} order[] = { { "rules", 1 }, { "chains", 2 }, { "sets", 0 } };

/**
 * retired_note() - note what a change leaves behind
 * @apply: the change
 */
void retired_note(const struct apply *apply)
{
	char *generation = tree_read(NULL, NULL, "generation");
	FILE *file;
	size_t i, j;

	umask(077);
	file = fopen(FILE_NAME, "we");
	if (!file)
		return free(generation);
	fprintf(file, "%s\n", generation);
	free(generation);
	for (i = 0; i < sizeof(order) / sizeof(*order); i++)
		for (j = 0; j < apply->gone[order[i].index].count; j++)
			fprintf(file, "%s %s\n", order[i].folder,
				apply->gone[order[i].index].name[j]);
	fclose(file);
}

/* What somebody has put in force meanwhile stays. */
static void remove_one(const char *folder, const char *name)
{
	char *enabled = tree_read(folder, name, "enabled");

	if (!enabled || strcmp(enabled, "1"))
		tree_remove(folder, name);
	free(enabled);
}

static bool is_of_this_commit(FILE *file)
{
	char noted[32], *generation = tree_read(NULL, NULL, "generation");
	bool same = generation && fscanf(file, "%31s", noted) == 1 && !strcmp(noted, generation);

	free(generation);
	return same;
}

/**
 * retired_remove() - take away what was noted of the commit that is in force
 */
void retired_remove(void)
{
	char folder[16], name[64];
	FILE *file = fopen(FILE_NAME, "re");

	if (!file)
		return;
	if (is_of_this_commit(file))
		while (fscanf(file, "%15s %63s", folder, name) == 2)
			remove_one(folder, name);
	fclose(file);
	retired_forget();
}

/**
 * retired_forget() - what was noted stays
 */
void retired_forget(void)
{
	unlink(FILE_NAME);
}
