// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/config/minifw: the root of the tree.
 */
#include <linux/kernel.h>
#include <linux/mutex.h>

#include "configfs.h"
#include "dir.h"
#include "error.h"
#include "publish.h"
#include "ruleset.h"
#include "text.h"
#include "transaction.h"

static ssize_t root_generation_show(struct config_item *item, char *page)
{
	u64 generation;

	mutex_lock(&minifw_ruleset_mutex);
	generation = minifw_generation();
	mutex_unlock(&minifw_ruleset_mutex);
	return sysfs_emit(page, "%llu\n", generation);
}

MINIFW_FILE_RO(root_, generation);

static ssize_t root_transaction_show(struct config_item *item, char *page)
{
	struct minifw_text out = { .buf = page, .size = PAGE_SIZE };

	mutex_lock(&minifw_ruleset_mutex);
	minifw_transaction_show(&out);
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_text_add(&out, "\n");
	return out.len;
}

static int write_verb(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	int ret = minifw_transaction_write(text, err);

	return ret ? minifw_error_prefix(err, ret, "transaction") : 0;
}

static ssize_t root_transaction_store(struct config_item *item, const char *page, size_t count)
{
	static const struct minifw_write how = {
		.name = "transaction", .write = write_verb, .when_locked = true,
	};

	return minifw_dir_write(NULL, &minifw_ruleset_error, &how, page, count);
}

MINIFW_FILE_RW(root_, transaction);

static ssize_t root_last_error_show(struct config_item *item, char *page)
{
	return minifw_dir_error(&minifw_ruleset_error, page);
}

MINIFW_FILE_RO(root_, last_error);

static int print_running(struct config_item *item, struct minifw_text *out)
{
	return minifw_ruleset_show(out);
}

static ssize_t root_running_read(struct config_item *item, void *buffer, size_t size)
{
	return minifw_dir_read(item, buffer, size, print_running);
}

MINIFW_FILE_BIN(root_running_file, "running", root_running_read);

static struct configfs_attribute *root_files[] = {
	&root_transaction_file, &root_generation_file, &root_last_error_file, NULL
};

static struct configfs_bin_attribute *root_bin_files[] = { &root_running_file, NULL };

static const struct config_item_type root_type = {
	.ct_owner = THIS_MODULE,
	.ct_attrs = root_files,
	.ct_bin_attrs = root_bin_files,
};

static struct config_group rules_group, chains_group, sets_group, probes_group;

static struct configfs_subsystem tree = {
	.su_group = {
		.cg_item = { .ci_namebuf = "minifw", .ci_type = &root_type },
	},
};

/**
 * minifw_configfs_pin() - have rmdir of a directory refused with EBUSY
 * @item: the directory
 *
 * It must not be taken for configfs's su_mutex or a directory's lock, of which the
 * caller has none; the tree cannot go while the caller's directory is there.
 *
 * Context: process.
 * Return: 0, or -ENOENT if the directory is not there yet, or no more.
 */
int minifw_configfs_pin(struct config_item *item)
{
	return configfs_depend_item_unlocked(&tree, item);
}

/**
 * minifw_configfs_unpin() - undo minifw_configfs_pin()
 * @item: the directory
 *
 * Context: process.
 */
void minifw_configfs_unpin(struct config_item *item)
{
	configfs_undepend_item(item);
}

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
	config_group_init_type_name(&rules_group, "rules", &minifw_rules_type);
	configfs_add_default_group(&rules_group, &tree.su_group);
	config_group_init_type_name(&chains_group, "chains", &minifw_chains_type);
	configfs_add_default_group(&chains_group, &tree.su_group);
	config_group_init_type_name(&sets_group, "sets", &minifw_sets_type);
	configfs_add_default_group(&sets_group, &tree.su_group);
	config_group_init_type_name(&probes_group, "probes", &minifw_probes_type);
	configfs_add_default_group(&probes_group, &tree.su_group);
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
	minifw_dir_exit();
}
