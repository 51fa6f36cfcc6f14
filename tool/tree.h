/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stddef.h>

#define TREE "/sys/kernel/config/minifw"
#define PARAMETERS "/sys/module/minifw/parameters"

/**
 * struct names - the directories of one kind
 * @name: in byte order
 * @count: how many
 */
struct names {
	char **name;
	size_t count;
};

bool tree_is_there(void);
char *tree_read(const char *folder, const char *object, const char *attribute);
int tree_write(const char *folder, const char *object, const char *attribute, const char *value);
int tree_make(const char *folder, const char *object);
int tree_remove(const char *folder, const char *object);
bool tree_has(const char *folder, const char *object);
char *tree_why(const char *folder, const char *object, int error);
int tree_refused(const char *folder, const char *object, int error);
struct names tree_names(const char *folder);
void names_free(struct names *names);

char *parameter_read(const char *name);
int parameter_write(const char *name, const char *value);

char *file_read(const char *path);
int file_write(const char *path, const char *value);

#endif
