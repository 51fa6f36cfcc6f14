// SPDX-License-Identifier: GPL-2.0
/*
 * rules/: a directory for each rule.  Files and directories are made and taken
 * apart here; what they mean is rule.c's and ruleset.c's.
 *
 * configfs hands an attribute's functions the directory alone, so each file has
 * two of its own; they are made from MINIFW_ATTRS (spec.h).
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dir.h"
#include "error.h"
#include "right.h"
#include "rule.h"
#include "ruleset.h"
#include "shadow.h"
#include "spec.h"
#include "text.h"

/**
 * struct rule_dir - a rule's directory
 * @item: configfs's half
 * @rule: held
 */
struct rule_dir {
	struct config_item item;
	struct minifw_rule *rule;
};

static struct minifw_rule *rule_of(struct config_item *item)
{
	return container_of(item, struct rule_dir, item)->rule;
}

static ssize_t rule_write(struct config_item *item, const struct minifw_write *how,
			  const char *page, size_t count)
{
	struct minifw_rule *rule = rule_of(item);

	return minifw_dir_write(rule, &rule->error, how, page, count);
}

static int write_attr(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	struct minifw_rule *rule = object;

	return minifw_spec_set(&rule->draft, id, text, err);
}

static int write_enabled(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	struct minifw_rule *rule = object;
	bool enabled;

	if (kstrtobool(strim(text), &enabled))
		return minifw_error_set(err, -EINVAL, "enabled: '%.40s' is neither 0 nor 1", text);
	return enabled ? minifw_ruleset_enable(rule) : minifw_ruleset_disable(rule);
}

static void prepare_enabled(void *object)
{
	minifw_rule_prepare(object);
}

static int write_reset(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	if (strcmp(strim(text), "1"))
		return minifw_error_set(err, -EINVAL, "reset: '%.40s' is not 1", text);
	minifw_rule_reset(object);
	return 0;
}

/* ---- files ---- */

static ssize_t rule_attr_show(struct config_item *item, char *page, enum minifw_attr_id id)
{
	struct minifw_text out = { .buf = page, .size = PAGE_SIZE };

	mutex_lock(&minifw_ruleset_mutex);
	minifw_rule_show(rule_of(item), id, &out);
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_text_add(&out, "\n");
	return out.len > PAGE_SIZE ? -EFBIG : out.len;
}

#define RULE_ATTR_FILE(name) \
static ssize_t rule_##name##_show(struct config_item *item, char *page) \
{ \
	return rule_attr_show(item, page, MINIFW_ATTR_##name); \
} \
static ssize_t rule_##name##_store(struct config_item *item, const char *page, size_t count) \
{ \
	static const struct minifw_write how = { #name, write_attr, MINIFW_ATTR_##name }; \
\
	return rule_write(item, &how, page, count); \
} \
MINIFW_FILE_RW(rule_, name);

MINIFW_ATTRS(RULE_ATTR_FILE)

static ssize_t rule_enabled_show(struct config_item *item, char *page)
{
	bool live;

	mutex_lock(&minifw_ruleset_mutex);
	live = minifw_rule_form(rule_of(item));
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%d\n", live);
}

static ssize_t rule_enabled_store(struct config_item *item, const char *page, size_t count)
{
	static const struct minifw_write how = {
		.name = "enabled", .write = write_enabled, .prepare = prepare_enabled,
	};

	return rule_write(item, &how, page, count);
}

MINIFW_FILE_RW(rule_, enabled);

static ssize_t rule_reset_store(struct config_item *item, const char *page, size_t count)
{
	static const struct minifw_write how = { "reset", write_reset };

	return rule_write(item, &how, page, count);
}

MINIFW_FILE_WO(rule_, reset);

static struct minifw_hits hits_of(struct config_item *item)
{
	struct minifw_hits sum;

	mutex_lock(&minifw_ruleset_mutex);
	minifw_rule_hits(rule_of(item), &sum);
	mutex_unlock(&minifw_ruleset_mutex);
	return sum;
}

static ssize_t rule_packets_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", hits_of(item).counters.packets);
}

MINIFW_FILE_RO(rule_, packets);

static ssize_t rule_bytes_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", hits_of(item).counters.bytes);
}

MINIFW_FILE_RO(rule_, bytes);

static ssize_t rule_last_hit_show(struct config_item *item, char *page)
{
	struct minifw_hits sum = hits_of(item);

	if (!sum.counters.packets)
		return sysfs_emit(page, "never\n");
	return sysfs_emit(page, "%llu\n", div_u64(get_jiffies_64() - sum.last, HZ));
}

MINIFW_FILE_RO(rule_, last_hit);

static ssize_t rule_would_drop_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", hits_of(item).would_drop);
}

MINIFW_FILE_RO(rule_, would_drop);

static ssize_t rule_status_show(struct config_item *item, char *page)
{
	const char *status;

	mutex_lock(&minifw_ruleset_mutex);
	status = minifw_rule_status(rule_of(item));
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%s\n", status);
}

MINIFW_FILE_RO(rule_, status);

static ssize_t rule_shadowed_by_show(struct config_item *item, char *page)
{
	struct minifw_text out = { .buf = page, .size = PAGE_SIZE };
	int ret;

	mutex_lock(&minifw_ruleset_mutex);
	ret = minifw_shadow_show(rule_of(item), &out);
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_text_add(&out, "\n");
	return ret ?: out.len;
}

MINIFW_FILE_RO(rule_, shadowed_by);

static ssize_t rule_last_error_show(struct config_item *item, char *page)
{
	return minifw_dir_error(&rule_of(item)->error, page);
}

MINIFW_FILE_RO(rule_, last_error);

static int print_text(struct config_item *item, struct minifw_text *out)
{
	return minifw_rule_line(rule_of(item)->name, &rule_of(item)->draft, out);
}

static ssize_t rule_text_read(struct config_item *item, void *buffer, size_t size)
{
	return minifw_dir_read(item, buffer, size, print_text);
}

MINIFW_FILE_BIN(rule_text_file, "text", rule_text_read);

#define RULE_ATTR_PTR(name) \
	[MINIFW_ATTR_##name] = &rule_##name##_file,

static struct configfs_attribute *rule_files[] = {
	MINIFW_ATTRS(RULE_ATTR_PTR)
	[MINIFW_NR_ATTRS] = &rule_enabled_file,
	&rule_packets_file,
	&rule_bytes_file,
	&rule_last_hit_file,
	&rule_would_drop_file,
	&rule_reset_file,
	&rule_status_file,
	&rule_shadowed_by_file,
	&rule_last_error_file,
	NULL
};

static struct configfs_bin_attribute *rule_bin_files[] = { &rule_text_file, NULL };

static void rule_dir_release(struct config_item *item)
{
	struct rule_dir *dir = container_of(item, struct rule_dir, item);

	minifw_rule_put(dir->rule);
	kfree(dir);
}

static struct configfs_item_operations rule_item_ops = { .release = rule_dir_release };

static const struct config_item_type rule_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &rule_item_ops,
	.ct_attrs = rule_files,
	.ct_bin_attrs = rule_bin_files,
};

/* ---- rules/ ---- */

static struct rule_dir *rule_dir_create(const char *name)
{
	struct rule_dir *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return NULL;
	dir->rule = minifw_rule_create(name);
	if (!dir->rule) {
		kfree(dir);
		return NULL;
	}
	config_item_init_type_name(&dir->item, name, &rule_type);
	if (!config_item_name(&dir->item)) {	/* a long name is an allocation */
		config_item_put(&dir->item);
		return NULL;
	}
	return dir;
}

static struct config_item *rules_make_item(struct config_group *group, const char *name)
{
	struct minifw_error err = {};
	struct rule_dir *dir = NULL;
	int ret = minifw_dir_make(name, &err);

	if (!ret) {
		dir = rule_dir_create(name);
		if (!dir)
			ret = minifw_error_set(&err, -ENOMEM, "mkdir: '%.70s': out of memory",
					       name);
	}
	return minifw_dir_made(dir ? &dir->item : NULL, ret, &err);
}

/* configfs lets nobody refuse an rmdir: without the right, the rule stays in force. */
static void rules_drop_item(struct config_group *group, struct config_item *item)
{
	mutex_lock(&minifw_ruleset_mutex);
	minifw_ruleset_forsake(rule_of(item), minifw_has_right());
	mutex_unlock(&minifw_ruleset_mutex);
	config_item_put(item);
}

static struct configfs_group_operations rules_group_ops = {
	.make_item = rules_make_item,
	.drop_item = rules_drop_item,
};

/* The directory rules/. */
const struct config_item_type minifw_rules_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &rules_group_ops,
};
