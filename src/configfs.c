// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/config/minifw: the tree.  Directories and files are made and taken
 * apart here, and writes are brought into one form; what they mean is rule.c's
 * and ruleset.c's.
 *
 * configfs hands an attribute's functions the directory alone, so each file has
 * two of its own; they are made from MINIFW_ATTRS (spec.h).
 */
#include <linux/capability.h>
#include <linux/configfs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "configfs.h"
#include "error.h"
#include "rule.h"
#include "ruleset.h"
#include "spec.h"
#include "text.h"

/* configfs hands over at most this much of a write at once. */
#define WRITE_MAX 4095

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

#define FILE_ATTR(file, name, mode, show_, store_) \
	static struct configfs_attribute file = { \
		.ca_name = name, .ca_owner = THIS_MODULE, .ca_mode = mode, \
		.show = show_, .store = store_, \
	}

#define FILE_RW(prefix, name) \
	FILE_ATTR(prefix##name##_file, #name, 0600, prefix##name##_show, prefix##name##_store)
#define FILE_RO(prefix, name) \
	FILE_ATTR(prefix##name##_file, #name, 0400, prefix##name##_show, NULL)
#define FILE_WO(prefix, name) \
	FILE_ATTR(prefix##name##_file, #name, 0200, NULL, prefix##name##_store)

/* ---- writing ---- */

/* One write is one line: its text without the newline, or an ERR_PTR. */
static char *line_of(const char *page, size_t count, struct minifw_error *err)
{
	size_t len = count;
	char *text;

	if (count >= WRITE_MAX && page[count - 1] != '\n')
		return ERR_PTR(minifw_error_set(err, -E2BIG, "longer than %d bytes",
						WRITE_MAX - 1));
	if (memchr(page, '\0', count))
		return ERR_PTR(minifw_error_set(err, -EINVAL, "holds a NUL byte"));
	if (len && page[len - 1] == '\n')
		len--;
	if (memchr(page, '\n', len))
		return ERR_PTR(minifw_error_set(err, -EINVAL, "'%.40s' is more than one line",
						page));
	text = kmemdup_nul(page, len, GFP_KERNEL);
	if (!text)
		return ERR_PTR(minifw_error_set(err, -ENOMEM, "out of memory"));
	return text;
}

/* Carries out one write: @text is the line, writable. */
typedef int (*writer)(struct minifw_rule *rule, unsigned int id, char *text);

/* A write to a rule's file @name: in a line, by who may, under the lock. */
static ssize_t rule_write(struct config_item *item, const char *page, size_t count,
			  const char *name, writer write, unsigned int id)
{
	struct minifw_rule *rule = rule_of(item);
	struct minifw_error err = {};
	char *text = NULL;
	int ret = 0;

	if (!capable(CAP_NET_ADMIN))
		ret = minifw_error_set(&err, -EPERM, "writing needs CAP_NET_ADMIN");
	else
		text = line_of(page, count, &err);
	if (IS_ERR(text))
		ret = PTR_ERR(text);
	mutex_lock(&minifw_ruleset_mutex);
	if (ret) {
		rule->error = err;
		minifw_error_prefix(&rule->error, ret, name);
	} else {
		ret = write(rule, id, text);
	}
	if (!ret)
		minifw_error_clear(&rule->error);
	mutex_unlock(&minifw_ruleset_mutex);
	if (!IS_ERR(text))
		kfree(text);
	return ret ?: count;
}

static int write_attr(struct minifw_rule *rule, unsigned int id, char *text)
{
	return minifw_spec_set(&rule->draft, id, text, &rule->error);
}

static int write_enabled(struct minifw_rule *rule, unsigned int id, char *text)
{
	bool enabled;

	if (kstrtobool(strim(text), &enabled))
		return minifw_error_set(&rule->error, -EINVAL,
					"enabled: '%.40s' is neither 0 nor 1", text);
	if (enabled)
		return minifw_ruleset_enable(rule);
	minifw_ruleset_disable(rule);
	return 0;
}

static int write_reset(struct minifw_rule *rule, unsigned int id, char *text)
{
	if (strcmp(strim(text), "1"))
		return minifw_error_set(&rule->error, -EINVAL, "reset: '%.40s' is not 1", text);
	minifw_rule_reset(rule);
	return 0;
}

/* ---- reading ---- */

static ssize_t rule_attr_show(struct config_item *item, char *page, enum minifw_attr_id id)
{
	struct minifw_text out = { .buf = page, .size = PAGE_SIZE };

	mutex_lock(&minifw_ruleset_mutex);
	minifw_spec_show(&rule_of(item)->draft, id, &out);
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_text_add(&out, "\n");
	return out.len > PAGE_SIZE ? -EFBIG : out.len;
}

/* Writes all of what a binary attribute shows; 0 or -ENOMEM. The mutex is held. */
typedef int (*printer)(struct config_item *item, struct minifw_text *out);

/*
 * configfs asks for the size with @buffer NULL, then for that many bytes.  What
 * changed its size in between cannot be shown whole, and half of it is a lie.
 */
static ssize_t read_whole(struct config_item *item, void *buffer, size_t size, printer print)
{
	struct minifw_text out = {};
	ssize_t ret;

	if (buffer) {
		out.size = size + 1;	/* vsnprintf() wants room for its NUL */
		out.buf = kvmalloc(out.size, GFP_KERNEL);
		if (!out.buf)
			return -ENOMEM;
	}
	mutex_lock(&minifw_ruleset_mutex);
	ret = print(item, &out) ?: out.len;
	mutex_unlock(&minifw_ruleset_mutex);
	if (buffer && ret >= 0 && out.len != size)
		ret = -EAGAIN;
	if (buffer && ret >= 0)
		memcpy(buffer, out.buf, size);
	kvfree(out.buf);
	return ret;
}

/* ---- a rule's files ---- */

#define RULE_ATTR_FILE(name) \
static ssize_t rule_##name##_show(struct config_item *item, char *page) \
{ \
	return rule_attr_show(item, page, MINIFW_ATTR_##name); \
} \
static ssize_t rule_##name##_store(struct config_item *item, const char *page, size_t count) \
{ \
	return rule_write(item, page, count, #name, write_attr, MINIFW_ATTR_##name); \
} \
FILE_RW(rule_, name);

MINIFW_ATTRS(RULE_ATTR_FILE)

static ssize_t rule_enabled_show(struct config_item *item, char *page)
{
	bool live;

	mutex_lock(&minifw_ruleset_mutex);
	live = rule_of(item)->live;
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%d\n", live);
}

static ssize_t rule_enabled_store(struct config_item *item, const char *page, size_t count)
{
	return rule_write(item, page, count, "enabled", write_enabled, 0);
}

FILE_RW(rule_, enabled);

static ssize_t rule_reset_store(struct config_item *item, const char *page, size_t count)
{
	return rule_write(item, page, count, "reset", write_reset, 0);
}

FILE_WO(rule_, reset);

static struct minifw_counters counters_of(struct config_item *item)
{
	struct minifw_counters sum;

	mutex_lock(&minifw_ruleset_mutex);
	minifw_rule_counters(rule_of(item), &sum);
	mutex_unlock(&minifw_ruleset_mutex);
	return sum;
}

static ssize_t rule_packets_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", counters_of(item).packets);
}

FILE_RO(rule_, packets);

static ssize_t rule_bytes_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", counters_of(item).bytes);
}

FILE_RO(rule_, bytes);

static ssize_t rule_last_hit_show(struct config_item *item, char *page)
{
	struct minifw_counters sum = counters_of(item);

	if (!sum.packets)
		return sysfs_emit(page, "never\n");
	return sysfs_emit(page, "%llu\n", div_u64(get_jiffies_64() - sum.last_hit, HZ));
}

FILE_RO(rule_, last_hit);

static ssize_t rule_status_show(struct config_item *item, char *page)
{
	const char *status;

	mutex_lock(&minifw_ruleset_mutex);
	status = minifw_rule_status(rule_of(item));
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%s\n", status);
}

FILE_RO(rule_, status);

static ssize_t error_show(const struct minifw_error *error, char *page)
{
	ssize_t len;

	mutex_lock(&minifw_ruleset_mutex);
	len = sysfs_emit(page, "%s\n", error->text);
	mutex_unlock(&minifw_ruleset_mutex);
	return len;
}

static ssize_t rule_last_error_show(struct config_item *item, char *page)
{
	return error_show(&rule_of(item)->error, page);
}

FILE_RO(rule_, last_error);

static int print_text(struct config_item *item, struct minifw_text *out)
{
	return minifw_rule_line(rule_of(item)->name, &rule_of(item)->draft, out);
}

static ssize_t rule_text_read(struct config_item *item, void *buffer, size_t size)
{
	return read_whole(item, buffer, size, print_text);
}

#define BIN_FILE(file, name, read_) \
	static struct configfs_bin_attribute file = { \
		.cb_attr = { .ca_name = name, .ca_owner = THIS_MODULE, .ca_mode = 0400 }, \
		.read = read_, \
	}

BIN_FILE(rule_text_file, "text", rule_text_read);

#define RULE_ATTR_PTR(name) \
	[MINIFW_ATTR_##name] = &rule_##name##_file,

static struct configfs_attribute *rule_files[] = {
	MINIFW_ATTRS(RULE_ATTR_PTR)
	[MINIFW_NR_ATTRS] = &rule_enabled_file,
	&rule_packets_file,
	&rule_bytes_file,
	&rule_last_hit_file,
	&rule_reset_file,
	&rule_status_file,
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

static int mkdir_allowed(const char *name, struct minifw_error *err)
{
	if (!capable(CAP_NET_ADMIN))
		return minifw_error_set(err, -EPERM, "mkdir: '%.70s' needs CAP_NET_ADMIN", name);
	if (!minifw_name_valid(name))
		return minifw_error_set(err, -EINVAL,
					"mkdir: '%.70s' is not a name: 1 to 63 of A-Za-z0-9._-, not . or - first",
					name);
	return 0;
}

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
	int ret = mkdir_allowed(name, &err);

	if (!ret) {
		dir = rule_dir_create(name);
		if (!dir)
			ret = minifw_error_set(&err, -ENOMEM, "mkdir: '%.70s': out of memory",
					       name);
	}
	mutex_lock(&minifw_ruleset_mutex);
	minifw_ruleset_error = err;
	mutex_unlock(&minifw_ruleset_mutex);
	return ret ? ERR_PTR(ret) : &dir->item;
}

/* configfs lets nobody refuse an rmdir: without the right, the rule stays in force. */
static void rules_drop_item(struct config_group *group, struct config_item *item)
{
	struct minifw_rule *rule = rule_of(item);

	mutex_lock(&minifw_ruleset_mutex);
	if (capable(CAP_NET_ADMIN))
		minifw_ruleset_disable(rule);
	else
		rule->abandoned = true;
	mutex_unlock(&minifw_ruleset_mutex);
	config_item_put(item);
}

static struct configfs_group_operations rules_group_ops = {
	.make_item = rules_make_item,
	.drop_item = rules_drop_item,
};

static const struct config_item_type rules_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &rules_group_ops,
};

static struct config_group rules_group;

/* ---- the root ---- */

static ssize_t root_generation_show(struct config_item *item, char *page)
{
	u64 generation;

	mutex_lock(&minifw_ruleset_mutex);
	generation = minifw_ruleset_generation();
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%llu\n", generation);
}

FILE_RO(root_, generation);

static ssize_t root_last_error_show(struct config_item *item, char *page)
{
	return error_show(&minifw_ruleset_error, page);
}

FILE_RO(root_, last_error);

static int print_running(struct config_item *item, struct minifw_text *out)
{
	return minifw_ruleset_show(out);
}

static ssize_t root_running_read(struct config_item *item, void *buffer, size_t size)
{
	return read_whole(item, buffer, size, print_running);
}

BIN_FILE(root_running_file, "running", root_running_read);

static struct configfs_attribute *root_files[] = {
	&root_generation_file, &root_last_error_file, NULL
};

static struct configfs_bin_attribute *root_bin_files[] = { &root_running_file, NULL };

static const struct config_item_type root_type = {
	.ct_owner = THIS_MODULE,
	.ct_attrs = root_files,
	.ct_bin_attrs = root_bin_files,
};

static struct configfs_subsystem tree = {
	.su_group = {
		.cg_item = { .ci_namebuf = "minifw", .ci_type = &root_type },
	},
};

/**
 * minifw_configfs_init() - make the tree
 *
 * Context: may sleep; there is a snapshot.
 * Return: 0, or a negative errno with nothing left behind.
 */
int minifw_configfs_init(void)
{
	config_group_init(&tree.su_group);
	mutex_init(&tree.su_mutex);
	config_group_init_type_name(&rules_group, "rules", &rules_type);
	configfs_add_default_group(&rules_group, &tree.su_group);
	return configfs_register_subsystem(&tree);
}

/**
 * minifw_configfs_exit() - take the tree away; it is empty, or the module would be pinned
 *
 * Context: may sleep.
 */
void minifw_configfs_exit(void)
{
	configfs_unregister_subsystem(&tree);
}
