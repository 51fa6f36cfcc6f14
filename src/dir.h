/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_DIR_H
#define MINIFW_DIR_H

#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/types.h>

struct minifw_error;
struct minifw_text;

/* A file of a directory; without @show_ it cannot be read, without @store_ not written. */
#define MINIFW_FILE(file, name, mode, show_, store_) \
	static struct configfs_attribute file = { \
		.ca_name = name, .ca_owner = THIS_MODULE, .ca_mode = mode, \
		.show = show_, .store = store_, \
	}

#define MINIFW_FILE_RW(prefix, name) \
	MINIFW_FILE(prefix##name##_file, #name, 0600, prefix##name##_show, prefix##name##_store)
#define MINIFW_FILE_RO(prefix, name) \
	MINIFW_FILE(prefix##name##_file, #name, 0400, prefix##name##_show, NULL)
#define MINIFW_FILE_WO(prefix, name) \
	MINIFW_FILE(prefix##name##_file, #name, 0200, NULL, prefix##name##_store)

/* A file of any size, to be read with minifw_dir_read(). */
#define MINIFW_FILE_BIN(file, name, read_) \
	static struct configfs_bin_attribute file = { \
		.cb_attr = { .ca_name = name, .ca_owner = THIS_MODULE, .ca_mode = 0400 }, \
		.read = read_, \
	}

/**
 * typedef minifw_writer - carries out a write
 * @object: whose directory it is
 * @id: which file it is, to the writer
 * @text: what was written, without the last newline, or what is in the file; writable
 * @err: the object's error: takes the reason of a refusal
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or a negative errno.
 */
typedef int (*minifw_writer)(void *object, unsigned int id, char *text,
			     struct minifw_error *err);

/**
 * typedef minifw_preparer - has loaded what a write will need
 * @object: whose directory it is
 *
 * Context: may sleep; minifw_ruleset_mutex not held.
 */
typedef void (*minifw_preparer)(void *object);

/**
 * struct minifw_write - a file that can be written
 * @name: of the file, for messages
 * @write: carries it out
 * @id: handed to @write
 * @lines: takes more than one line
 * @file: what is written is the absolute path of a file, whose text is handed to @write
 * @when_locked: is carried out though nothing can be changed any more: @write asks
 *               minifw_locked() itself
 * @prepare: called before @write, or NULL
 */
struct minifw_write {
	const char *name;
	minifw_writer write;
	unsigned int id;
	bool lines;
	bool file;
	bool when_locked;
	minifw_preparer prepare;
};

/**
 * typedef minifw_printer - writes all of what a file of any size shows
 * @item: the directory
 * @out: takes it
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
typedef int (*minifw_printer)(struct config_item *item, struct minifw_text *out);

ssize_t minifw_dir_write(void *object, struct minifw_error *error, const struct minifw_write *how,
			 const char *page, size_t count);
ssize_t minifw_dir_read(struct config_item *item, void *buffer, size_t size,
			minifw_printer print);
void minifw_dir_exit(void);
ssize_t minifw_dir_error(const struct minifw_error *error, char *page);
int minifw_dir_make(const char *name, struct minifw_error *err);
struct config_item *minifw_dir_made(struct config_item *item, int ret,
				    const struct minifw_error *err);

extern const struct config_item_type minifw_rules_type, minifw_chains_type, minifw_sets_type,
	minifw_probes_type;

#endif
