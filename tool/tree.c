// SPDX-License-Identifier: GPL-2.0
/*
 * The configfs tree and the module's parameters, as a shell would read and write them. A folder is
 * `rules`, `chains`, `sets` or `probes`; without an object, an attribute is one of the tree's own.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"
#include "tree.h"

#define AGAIN_MAX 1000	/* times that a file is read which changes under the reader */

/* ---- files ---- */

static ssize_t read_all(int fd, char **text)
{
	size_t len = 0, room = 4096;
	ssize_t got;

	*text = need(malloc(room + 1));
	while ((got = read(fd, *text + len, room - len)) > 0) {
		len += got;
		if (len < room)
			continue;
		room *= 2;
		*text = need(realloc(*text, room + 1));
	}
	(*text)[len] = '\0';
	return got < 0 ? -errno : (ssize_t)len;
}

/**
 * file_read() - what is in a file
 * @path: of the file
 *
 * Some files of the tree say EAGAIN where they changed while they were read.
 *
 * Return: it, without the newline at the end, for free(); NULL with errno set.
 */
char *file_read(const char *path)
{
	unsigned int times;
	ssize_t len = -EAGAIN;
	char *text = NULL;
	int fd;

	for (times = 0; len == -EAGAIN && times < AGAIN_MAX; times++) {
		free(text);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return NULL;
		len = read_all(fd, &text);
		close(fd);
	}
	if (len < 0) {
		free(text);
		errno = -len;
		return NULL;
	}
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

/**
 * file_write() - write a value and a newline, at once
 * @path: of a file that is there
 * @value: what to write
 *
 * Return: 0, or a negative errno.
 */
int file_write(const char *path, const char *value)
{
	char *line = format_text("%s\n", value);
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		ret = -errno;
	if (fd >= 0)
		close(fd);
	free(line);
	return ret;
}

/* ---- the tree ---- */

static char *path_of(const char *folder, const char *object)
{
	return format_text(TREE "/%s/%s", folder, object);
}

static char *file_of(const char *folder, const char *object, const char *attribute)
{
	if (!object)
		return format_text(TREE "/%s", attribute);
	return format_text(TREE "/%s/%s/%s", folder, object, attribute);
}

/**
 * tree_is_there() - is the module loaded, and its tree to be seen?
 *
 * Return: whether it is.
 */
bool tree_is_there(void)
{
	return !access(TREE "/transaction", F_OK);
}

/**
 * tree_read() - what an attribute says
 * @folder: of the object
 * @object: its name; NULL for the tree itself
 * @attribute: which
 *
 * Return: it, without the newline at the end, for free(); NULL with errno set.
 */
char *tree_read(const char *folder, const char *object, const char *attribute)
{
	char *path = file_of(folder, object, attribute);
	char *text = file_read(path);

	free(path);
	return text;
}

/**
 * tree_write() - write an attribute
 * @folder: of the object
 * @object: its name; NULL for the tree itself
 * @attribute: which
 * @value: what to write
 *
 * Return: 0, or a negative errno.
 */
int tree_write(const char *folder, const char *object, const char *attribute, const char *value)
{
	char *path = file_of(folder, object, attribute);
	int ret = file_write(path, value);

	free(path);
	return ret;
}

/**
 * tree_make() - mkdir
 * @folder: of the object
 * @object: its name
 *
 * Return: 0, or a negative errno.
 */
int tree_make(const char *folder, const char *object)
{
	char *path = path_of(folder, object);
	int ret = mkdir(path, 0755) ? -errno : 0;

	free(path);
	return ret;
}

/**
 * tree_remove() - rmdir
 * @folder: of the object
 * @object: its name
 *
 * Return: 0, or a negative errno.
 */
int tree_remove(const char *folder, const char *object)
{
	char *path = path_of(folder, object);
	int ret = rmdir(path) ? -errno : 0;

	free(path);
	return ret;
}

/**
 * tree_has() - is there a directory?
 * @folder: where
 * @object: its name
 *
 * Return: whether it is.
 */
bool tree_has(const char *folder, const char *object)
{
	char *path = path_of(folder, object);
	bool there = !access(path, F_OK);

	free(path);
	return there;
}

/**
 * tree_why() - why the last write to an object was refused
 * @folder: of the object
 * @object: its name; NULL for the tree itself
 * @error: the negative errno that it ended with
 *
 * Return: what the object says, or else what the errno says, for free().
 */
char *tree_why(const char *folder, const char *object, int error)
{
	char *why = tree_read(folder, object, "last_error");

	if (why && *why)
		return why;
	free(why);
	return need(strdup(strerror(-error)));
}

/**
 * tree_refused() - say why the last write to an object was refused
 * @folder: of the object
 * @object: its name
 * @error: the negative errno that it ended with
 *
 * Return: REFUSED.
 */
int tree_refused(const char *folder, const char *object, int error)
{
	char *why = tree_why(folder, object, error);

	refuse("%.*s %s: %s", (int)strlen(folder) - 1, folder, object, why);
	free(why);
	return REFUSED;
}

static int is_name(const struct dirent *entry)
{
	return *entry->d_name != '.' && entry->d_type == DT_DIR;
}

static int name_cmp(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/**
 * tree_names() - all objects of a folder
 * @folder: which
 *
 * Return: their names, for names_free(); none where there is no such folder.
 */
struct names tree_names(const char *folder)
{
	char *path = format_text(TREE "/%s", folder);
	struct names names = {};
	struct dirent **entry;
	int i, count = scandir(path, &entry, is_name, name_cmp);

	free(path);
	if (count <= 0)
		return names;
	names.name = need(calloc(count, sizeof(*names.name)));
	for (i = 0; i < count; i++) {
		names.name[i] = need(strdup(entry[i]->d_name));
		free(entry[i]);
	}
	names.count = count;
	free(entry);
	return names;
}

/**
 * names_free() - let go of names
 * @names: the names
 */
void names_free(struct names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
}

/* ---- parameters ---- */

/**
 * parameter_read() - what a parameter of the module is
 * @name: of the parameter
 *
 * Return: the value, for free(); NULL with errno set.
 */
char *parameter_read(const char *name)
{
	char *path = format_text(PARAMETERS "/%s", name), *value = file_read(path);

	free(path);
	return value;
}

/**
 * parameter_write() - write a parameter of the module
 * @name: of the parameter
 * @value: what to write
 *
 * Return: 0, or a negative errno.
 */
int parameter_write(const char *name, const char *value)
{
	char *path = format_text(PARAMETERS "/%s", name);
	int ret = file_write(path, value);

	free(path);
	return ret;
}
