// SPDX-License-Identifier: GPL-2.0
/*
 * chains/: a directory for each chain.  Files and directories are made and taken
 * apart here; what they mean is chain.c's and ruleset.c's.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "chain.h"
#include "dir.h"
#include "error.h"
#include "lines.h"
#include "right.h"
#include "ruleset.h"
#include "spec.h"
#include "text.h"

/**
 * struct chain_dir - a chain's directory
 * @item: configfs's half
 * @chain: held
 */
struct chain_dir {
	struct config_item item;
	struct minifw_chain *chain;
};

static struct minifw_chain *chain_of(struct config_item *item)
{
	return container_of(item, struct chain_dir, item)->chain;
}

static ssize_t chain_write(struct config_item *item, const struct minifw_write *how,
			   const char *page, size_t count)
{
	struct minifw_chain *chain = chain_of(item);

	return minifw_dir_write(chain, &chain->error, how, page, count);
}

static int write_attr(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	struct minifw_chain *chain = object;

	return minifw_spec_set(&chain->head, id, text, err);
}

static int write_enabled(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	struct minifw_chain *chain = object;
	bool enabled;

	if (kstrtobool(strim(text), &enabled))
		return minifw_error_set(err, -EINVAL, "enabled: '%.40s' is neither 0 nor 1", text);
	return enabled ? minifw_ruleset_enable_chain(chain) :
			 minifw_ruleset_disable_chain(chain);
}

static void prepare_enabled(void *object)
{
	minifw_chain_prepare(object);
}

static int write_load(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	int ret = minifw_chain_load(object, text, err);

	return ret ? minifw_error_prefix(err, ret, "load") : 0;
}

static int write_add(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	int ret = minifw_chain_add(object, text, err);

	return ret ? minifw_error_prefix(err, ret, "add") : 0;
}

static int write_flush(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	int ret;

	if (strcmp(strim(text), "1"))
		return minifw_error_set(err, -EINVAL, "flush: '%.40s' is not 1", text);
	ret = minifw_chain_flush(object, err);
	return ret ? minifw_error_prefix(err, ret, "flush") : 0;
}

/* ---- files ---- */

static ssize_t chain_attr_show(struct config_item *item, char *page, enum minifw_attr_id id)
{
	struct minifw_text out = { .buf = page, .size = PAGE_SIZE };

	mutex_lock(&minifw_ruleset_mutex);
	minifw_spec_show(&chain_of(item)->head, id, &out);
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_text_add(&out, "\n");
	return out.len;
}

#define CHAIN_STORE(name, ...) \
static ssize_t chain_##name##_store(struct config_item *item, const char *page, size_t count) \
{ \
	static const struct minifw_write how = { #name, __VA_ARGS__ }; \
\
	return chain_write(item, &how, page, count); \
}

#define CHAIN_ATTR_FILE(name) \
static ssize_t chain_##name##_show(struct config_item *item, char *page) \
{ \
	return chain_attr_show(item, page, MINIFW_ATTR_##name); \
} \
CHAIN_STORE(name, write_attr, MINIFW_ATTR_##name) \
MINIFW_FILE_RW(chain_, name)

CHAIN_ATTR_FILE(priority);
CHAIN_ATTR_FILE(comment);

static ssize_t chain_enabled_show(struct config_item *item, char *page)
{
	bool live;

	mutex_lock(&minifw_ruleset_mutex);
	live = minifw_chain_form(chain_of(item));
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%d\n", live);
}

CHAIN_STORE(enabled, write_enabled, .prepare = prepare_enabled)
MINIFW_FILE_RW(chain_, enabled);

CHAIN_STORE(load, write_load, .file = true)
MINIFW_FILE_WO(chain_, load);

CHAIN_STORE(add, write_add, .lines = true)
MINIFW_FILE_WO(chain_, add);

CHAIN_STORE(flush, write_flush)
MINIFW_FILE_WO(chain_, flush);

static ssize_t chain_status_show(struct config_item *item, char *page)
{
	const char *status;

	mutex_lock(&minifw_ruleset_mutex);
	status = minifw_chain_status(chain_of(item));
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%s\n", status);
}

MINIFW_FILE_RO(chain_, status);

static ssize_t chain_count_show(struct config_item *item, char *page)
{
	unsigned int count;

	mutex_lock(&minifw_ruleset_mutex);
	count = chain_of(item)->lines->count;
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%u\n", count);
}

MINIFW_FILE_RO(chain_, count);

static ssize_t chain_memory_show(struct config_item *item, char *page)
{
	size_t bytes;

	mutex_lock(&minifw_ruleset_mutex);
	bytes = minifw_lines_memory(chain_of(item)->lines);
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%zu\n", bytes);
}

MINIFW_FILE_RO(chain_, memory);

static struct minifw_counters counters_of(struct config_item *item)
{
	struct minifw_counters sum;

	mutex_lock(&minifw_ruleset_mutex);
	minifw_chain_counters(chain_of(item), &sum);
	mutex_unlock(&minifw_ruleset_mutex);
	return sum;
}

static ssize_t chain_packets_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", counters_of(item).packets);
}

MINIFW_FILE_RO(chain_, packets);

static ssize_t chain_bytes_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", counters_of(item).bytes);
}

MINIFW_FILE_RO(chain_, bytes);

static ssize_t chain_would_drop_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", minifw_count_sum(chain_of(item)->would_drop));
}

MINIFW_FILE_RO(chain_, would_drop);

static ssize_t chain_last_error_show(struct config_item *item, char *page)
{
	return minifw_dir_error(&chain_of(item)->error, page);
}

MINIFW_FILE_RO(chain_, last_error);

static int print_rules(struct config_item *item, struct minifw_text *out)
{
	return minifw_chain_show(chain_of(item), out);
}

static ssize_t chain_rules_read(struct config_item *item, void *buffer, size_t size)
{
	return minifw_dir_read(item, buffer, size, print_rules);
}

MINIFW_FILE_BIN(chain_rules_file, "rules", chain_rules_read);

static struct configfs_attribute *chain_files[] = {
	&chain_enabled_file, &chain_priority_file, &chain_comment_file,
	&chain_load_file, &chain_add_file, &chain_flush_file,
	&chain_count_file, &chain_memory_file, &chain_packets_file, &chain_bytes_file,
	&chain_would_drop_file,
	&chain_status_file, &chain_last_error_file,
	NULL
};

static struct configfs_bin_attribute *chain_bin_files[] = { &chain_rules_file, NULL };

static void chain_dir_release(struct config_item *item)
{
	struct chain_dir *dir = container_of(item, struct chain_dir, item);

	minifw_chain_put(dir->chain);
	kfree(dir);
}

static struct configfs_item_operations chain_item_ops = { .release = chain_dir_release };

static const struct config_item_type chain_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &chain_item_ops,
	.ct_attrs = chain_files,
	.ct_bin_attrs = chain_bin_files,
};

/* ---- chains/ ---- */

static struct chain_dir *chain_dir_create(const char *name)
{
	struct chain_dir *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return NULL;
	dir->chain = minifw_chain_create(name);
	if (!dir->chain) {
		kfree(dir);
		return NULL;
	}
	config_item_init_type_name(&dir->item, name, &chain_type);
	if (!config_item_name(&dir->item)) {	/* a long name is an allocation */
		config_item_put(&dir->item);
		return NULL;
	}
	return dir;
}

static struct config_item *chains_make_item(struct config_group *group, const char *name)
{
	struct minifw_error err = {};
	struct chain_dir *dir = NULL;
	int ret = minifw_dir_make(name, &err);

	if (!ret) {
		dir = chain_dir_create(name);
		if (!dir)
			ret = minifw_error_set(&err, -ENOMEM, "mkdir: '%.70s': out of memory",
					       name);
	}
	return minifw_dir_made(dir ? &dir->item : NULL, ret, &err);
}

/* As of a rule: without the right, the chain stays in force. */
static void chains_drop_item(struct config_group *group, struct config_item *item)
{
	mutex_lock(&minifw_ruleset_mutex);
	minifw_ruleset_forsake_chain(chain_of(item), minifw_has_right());
	mutex_unlock(&minifw_ruleset_mutex);
	config_item_put(item);
}

static struct configfs_group_operations chains_group_ops = {
	.make_item = chains_make_item,
	.drop_item = chains_drop_item,
};

/* The directory chains/. */
const struct config_item_type minifw_chains_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &chains_group_ops,
};
