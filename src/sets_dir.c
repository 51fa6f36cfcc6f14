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
#include "text.h"

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
	char nothing[] = "";

	if (type < 0)
		return minifw_error_prefix(err, type, "type");
	if (type == set->type)
		return 0;
	if (set->users)
		return minifw_error_set(err, -EBUSY, "type: a rule in force names the set");
	if (minifw_set_count(set))
		return minifw_error_set(err, -EBUSY, "type: the set has elements");
	/* what has expired, but is there, is of the old type */
	type = minifw_set_load(set, nothing, err) ?: type;
	if (type >= 0)
		set->type = type;
	return type < 0 ? type : 0;
}

static int write_timeout(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	struct minifw_set *set = object;
	u32 timeout;
	int ret = minifw_parse_seconds(strim(text), &timeout, err);

	if (ret)
		return minifw_error_prefix(err, ret, "timeout");
	WRITE_ONCE(set->timeout, timeout);
	return 0;
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
	WRITE_ONCE(set->max, max);
	return 0;
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

#define SET_STORE(file_, ...) \
static ssize_t set_##file_##_store(struct config_item *item, const char *page, size_t count) \
{ \
	static const struct minifw_write how = { .name = #file_, __VA_ARGS__ }; \
\
	return set_write(item, &how, page, count); \
}

SET_STORE(type, .write = write_type)
SET_STORE(timeout, .write = write_timeout)
SET_STORE(max, .write = write_max)
SET_STORE(add, .write = write_elements, .id = 0, .lines = true)
SET_STORE(del, .write = write_elements, .id = 1, .lines = true)
SET_STORE(load, .write = write_elements, .id = 2, .file = true)
SET_STORE(flush, .write = write_flush)

/* ---- what can be read ---- */

static ssize_t set_type_show(struct config_item *item, char *page)
{
	struct minifw_text out = { .buf = page, .size = PAGE_SIZE };

	minifw_word_show(&minifw_set_types, READ_ONCE(set_of(item)->type), &out);
	minifw_text_add(&out, "\n");
	return out.len;
}

static ssize_t set_timeout_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", READ_ONCE(set_of(item)->timeout));
}

static ssize_t set_max_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", READ_ONCE(set_of(item)->max));
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
	return minifw_set_elements(set_of(item), "", out);
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
