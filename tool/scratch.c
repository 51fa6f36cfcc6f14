// SPDX-License-Identifier: GPL-2.0
/* What is too long for one write comes to the module by a file, which it reads itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"
#include "scratch.h"
#include "tree.h"

static const char *const folders[] = { "/run", "/tmp", "/" };

/* A file that only its owner reads; -1 where there is no room for one. */
static int scratch_make(char **path)
{
	size_t i;
	int fd;

	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		*path = format_text("%s/minifw-XXXXXX", folders[i]);
		fd = mkstemp(*path);
		if (fd >= 0)
			return fd;
		free(*path);
	}
	return -1;
}

static int fill(int fd, const char *text)
{
	FILE *file = fdopen(fd, "w");

	if (!file)
		return -errno;
	fputs(text, file);
	if (ferror(file) || fclose(file))
		return -errno;
	return 0;
}

/**
 * scratch_load() - have a chain or a set read lines
 * @folder: of the object
 * @object: its name
 * @text: the lines
 *
 * Return: 0, or a negative errno.
 */
int scratch_load(const char *folder, const char *object, const char *text)
{
	char *path;
	int fd = scratch_make(&path), ret;

	if (fd < 0)
		return -errno;
	ret = fill(fd, text);
	if (!ret)
		ret = tree_write(folder, object, "load", path);
	unlink(path);
	free(path);
	return ret;
}
