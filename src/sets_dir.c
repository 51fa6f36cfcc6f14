// SPDX-License-Identifier: GPL-2.0
/*
 * sets/: a directory for each set.  What the files mean is set.c's and contents.c's.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "contents.h"
#include "dir.h"
#include "error.h"
#include "ruleset.h"
#include "set.h"
#include "set_write.h"
#include "slots.h"
#include "text.h"
#include "transaction.h"

/**
 * struct set_dir - a set's directory
 * @item: configfs's half
 * @set: held
 */
struct set_dir {
	struct config_item item;
	struct minifw_set *set;
};

static struct minifw_set *set_of(struct config_item *item)
{
	return container_of(item, struct set_dir, item)->set;
}

static ssize_t set_write(struct config_item *item, const struct minifw_write *how,
			 const char *page, size_t count)
{
	struct minifw_set *set = set_of(item);

	return minifw_dir_write(set, &set->error, how, page, count);
}

/* ---- what can be written ---- */

static int write_type(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	int type = minifw_parse_word(&minifw_set_types, strim(text), err);
	struct minifw_set *set = object;

	if (type < 0)
		return minifw_error_prefix(err, type, "type");
	if (type == minifw_contents_of(set)->type)
		return 0;
	if (set->users)
		return minifw_error_set(err, -EBUSY, "type: a rule in force names the set");
	if (minifw_set_count(set))
		return minifw_error_set(err, -EBUSY, "type: the set has elements");
	return minifw_set_retype(set, type, err);
}

static int write_timeout(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	struct minifw_set *set = object;
	u32 timeout;
	int ret = minifw_parse_seconds(strim(text), &timeout, err);

	if (ret)
		return minifw_error_prefix(err, ret, "timeout");
	return minifw_set_limit(set, timeout, minifw_contents_of(set)->max, err);
}

static int write_max(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	struct minifw_set *set = object;
	u32 max;
	int ret = minifw_parse_number(strim(text), MINIFW_SET_MAX_MOST, &max);

	if (ret)
		return minifw_error_set(err, ret, "max: '%.40s' is not a number from 0 to %u", text,
					MINIFW_SET_MAX_MOST);
	if (max < minifw_set_count(set))
		return minifw_error_set(err, -EINVAL, "max: %u is less than count", max);
	return minifw_set_limit(set, minifw_contents_of(set)->timeout, max, err);
}

/* What the files that change elements call. */
static int (*const changes[])(struct minifw_set *set, char *lines, struct minifw_error *err) = {
	minifw_set_add, minifw_set_del, minifw_set_load,
};

static const char *const change_names[] = { "add", "del", "load" };

static int write_elements(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	int ret = changes[id](object, text, err);

	if (ret)
		return minifw_error_prefix(err, ret, change_names[id]);
	minifw_sets_sweep(HZ);
	return 0;
}

static int write_flush(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	char nothing[] = "";
	int ret;

	if (strcmp(strim(text), "1"))
		return minifw_error_set(err, -EINVAL, "flush: '%.40s' is not 1", text);
	ret = minifw_set_load(object, nothing, err);
	return ret ? minifw_error_prefix(err, ret, "flush") : 0;
}

/* The files of a set that can be written. */
enum set_file {
	FILE_TYPE,
	FILE_TIMEOUT,
	FILE_MAX,
	FILE_ADD,
	FILE_DEL,
	FILE_LOAD,
	FILE_FLUSH,
};

static const struct {
	minifw_writer write;
	unsigned int id;
} writers[] = {
	[FILE_TYPE] = { write_type },
	[FILE_TIMEOUT] = { write_timeout },
	[FILE_MAX] = { write_max },
	[FILE_ADD] = { write_elements, 0 },
	[FILE_DEL] = { write_elements, 1 },
	[FILE_LOAD] = { write_elements, 2 },
	[FILE_FLUSH] = { write_flush },
};

/* In a transaction, what is written is staged; what is refused leaves nothing staged. */
static int write_staged(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	struct minifw_set *set = object;
	int ret = minifw_transaction_check(err, ""), split;

	if (ret)
		return ret;
	split = minifw_slots_split(set);
	if (split < 0)
		return minifw_error_set(err, split, "out of memory");
	ret = writers[id].write(set, writers[id].id, text, err);
	if (ret && split)
		minifw_slots_join(set);
	return ret;
}

#define SET_STORE(file_, id_, ...) \
static ssize_t set_##file_##_store(struct config_item *item, const char *page, size_t count) \
{ \
	static const struct minifw_write how = { \
		.name = #file_, .write = write_staged, .id = id_, __VA_ARGS__ \
	}; \
\
	return set_write(item, &how, page, count); \
}

SET_STORE(type, FILE_TYPE)
SET_STORE(timeout, FILE_TIMEOUT)
SET_STORE(max, FILE_MAX)
SET_STORE(add, FILE_ADD, .lines = true)
SET_STORE(del, FILE_DEL, .lines = true)
SET_STORE(load, FILE_LOAD, .file = true)
SET_STORE(flush, FILE_FLUSH)

/* ---- what can be read ---- */

/* What a set is beside its elements. */
static struct minifw_contents settings_of(struct config_item *item)
{
	struct minifw_contents settings;

	mutex_lock(&minifw_ruleset_mutex);
	settings = *minifw_contents_of(set_of(item));
	mutex_unlock(&minifw_ruleset_mutex);
	return settings;
}

static ssize_t set_type_show(struct config_item *item, char *page)
{
	struct minifw_text out = { .buf = page, .size = PAGE_SIZE };

	minifw_word_show(&minifw_set_types, settings_of(item).type, &out);
	minifw_text_add(&out, "\n");
	return out.len;
}

static ssize_t set_timeout_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", settings_of(item).timeout);
}

static ssize_t set_max_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", settings_of(item).max);
}

static ssize_t set_count_show(struct config_item *item, char *page)
{
	u32 count;

	mutex_lock(&minifw_ruleset_mutex);
	count = minifw_set_count(set_of(item));
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%u\n", count);
}

static ssize_t set_memory_show(struct config_item *item, char *page)
{
	size_t memory;

	mutex_lock(&minifw_ruleset_mutex);
	memory = minifw_set_memory(set_of(item));
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%zu\n", memory);
}

static ssize_t set_refused_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%lld\n", (long long)atomic64_read(&set_of(item)->refused));
}

static ssize_t set_last_error_show(struct config_item *item, char *page)
{
	return minifw_dir_error(&set_of(item)->error, page);
}

static int print_elements(struct config_item *item, struct minifw_text *out)
{
	return minifw_set_elements(set_of(item), out);
}

static ssize_t set_elements_read(struct config_item *item, void *buffer, size_t size)
{
	return minifw_dir_read(item, buffer, size, print_elements);
}

MINIFW_FILE_RW(set_, type);
MINIFW_FILE_RW(set_, timeout);
MINIFW_FILE_RW(set_, max);
MINIFW_FILE_WO(set_, add);
MINIFW_FILE_WO(set_, del);
MINIFW_FILE_WO(set_, load);
MINIFW_FILE_WO(set_, flush);
MINIFW_FILE_RO(set_, count);
MINIFW_FILE_RO(set_, memory);
MINIFW_FILE_RO(set_, refused);
MINIFW_FILE_RO(set_, last_error);
MINIFW_FILE_BIN(set_elements_file, "elements", set_elements_read);

static struct configfs_attribute *set_files[] = {
	&set_type_file, &set_timeout_file, &set_max_file, &set_add_file, &set_del_file,
	&set_load_file, &set_flush_file, &set_count_file, &set_memory_file, &set_refused_file,
	&set_last_error_file, NULL
};

static struct configfs_bin_attribute *set_bin_files[] = { &set_elements_file, NULL };

static void set_dir_release(struct config_item *item)
{
	struct set_dir *dir = container_of(item, struct set_dir, item);

	minifw_set_put(dir->set);
	kfree(dir);
}

static struct configfs_item_operations set_item_ops = { .release = set_dir_release };

static const struct config_item_type set_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &set_item_ops,
	.ct_attrs = set_files,
	.ct_bin_attrs = set_bin_files,
};

/* ---- sets/ ---- */

static struct set_dir *set_dir_create(const char *name)
{
	struct set_dir *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return NULL;
	dir->set = minifw_set_create(name, &dir->item);
	if (!dir->set) {
		kfree(dir);
		return NULL;
	}
	config_item_init_type_name(&dir->item, name, &set_type);
	if (!config_item_name(&dir->item)) {	/* a long name is an allocation */
		minifw_set_remove(dir->set);
		config_item_put(&dir->item);
		return NULL;
	}
	return dir;
}

static struct config_item *sets_make_item(struct config_group *group, const char *name)
{
	struct minifw_error err = {};
	struct set_dir *dir = NULL;
	int ret = minifw_dir_make(name, &err);

	if (!ret) {
		dir = set_dir_create(name);
		if (!dir)
			ret = minifw_error_set(&err, -ENOMEM, "mkdir: '%.70s': out of memory",
					       name);
	}
	return minifw_dir_made(dir ? &dir->item : NULL, ret, &err);
}

static void sets_drop_item(struct config_group *group, struct config_item *item)
{
	minifw_set_remove(set_of(item));
	config_item_put(item);
}

static struct configfs_group_operations sets_group_ops = {
	.make_item = sets_make_item,
	.drop_item = sets_drop_item,
};

/* The directory sets/. */
const struct config_item_type minifw_sets_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &sets_group_ops,
};
