// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/module/minifw/parameters: the global toggles.  What each takes is config.c's; a write
 * is parsed and validated whole, then published like a rule.
 *
 * The kernel sets parameters given at modprobe before the module's init runs:
 * setters must not need it.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "config.h"
#include "error.h"
#include "params.h"
#include "right.h"
#include "ruleset.h"
#include "stats.h"
#include "text.h"
#include "transaction.h"

/* Set once init is through: writes come from users then, not from modprobe. */
static bool params_ready;

/* Parse @text into a copy of the parameters, and have it published. */
static int param_write(unsigned int id, const char *text, struct minifw_error *err)
{
	struct minifw_config config = *minifw_ruleset_config();
	int ret = params_ready ? minifw_check_right(err) : 0;

	if (ret)
		return ret;
	ret = minifw_param_parse(&config, id, text, err);
	return ret ?: minifw_ruleset_configure(&config, err);
}

/*
 * Write again what is so already is no change; modprobe may say first Y, then N. In an open
 * transaction it would lock its end, too; what waits to be confirmed still can be.
 */
static int locked_write(unsigned int id, const char *text, struct minifw_error *err)
{
	int ret = params_ready ? minifw_check_capable(err) : 0;
	bool yes;

	if (!ret)
		ret = minifw_param_parse_bool(text, &yes, err);
	if (!ret && !yes && params_ready)
		ret = minifw_check_unlocked(err);
	if (!ret && yes && minifw_transaction_is_open())
		ret = minifw_error_set(err, -EBUSY,
				       "a transaction is open: commit it, or roll it back");
	if (!ret)
		minifw_lock(yes);
	return ret;
}

static int set_by(int (*write)(unsigned int id, const char *text, struct minifw_error *err),
		  const char *text, unsigned int id, const char *name)
{
	struct minifw_error err = {};
	char *copy = kstrdup(text ?: "", GFP_KERNEL);
	int ret;

	if (!copy)
		return -ENOMEM;
	mutex_lock(&minifw_ruleset_mutex);
	ret = write(id, strim(copy), &err);
	if (ret)
		minifw_error_prefix(&err, ret, name);
	minifw_ruleset_error = err;
	if (ret && !params_ready)
		pr_err("minifw: %s\n", err.text);
	mutex_unlock(&minifw_ruleset_mutex);
	kfree(copy);
	return ret;
}

static int param_set(const char *text, const struct kernel_param *kp)
{
	unsigned int id = (size_t)kp->arg;

	return set_by(param_write, text, id, minifw_param_name(id));
}

static int param_get(char *buffer, const struct kernel_param *kp)
{
	struct minifw_text out = { .buf = buffer, .size = PAGE_SIZE };

	mutex_lock(&minifw_ruleset_mutex);
	minifw_param_show(minifw_ruleset_config(), (size_t)kp->arg, &out);
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_text_add(&out, "\n");
	return out.len;
}

static const struct kernel_param_ops param_ops = { .set = param_set, .get = param_get };

#define MODULE_PARAM(member, mode, description) \
	module_param_cb(member, &param_ops, (void *)MINIFW_PARAM_##member, mode); \
	MODULE_PARM_DESC(member, description)

MODULE_PARAM(default_policy, 0644, "accept, drop or reject at input and forward (accept)");
MODULE_PARAM(forward_policy, 0644, "default, accept, drop or reject at forward (default)");
MODULE_PARAM(output_policy, 0644, "accept, drop or reject at output (accept)");
MODULE_PARAM(accept_established, 0644, "accept established connections before the rules (Y)");
MODULE_PARAM(accept_loopback, 0644, "accept loopback before the rules (Y)");
MODULE_PARAM(accept_control, 0644, "accept neighbour discovery and DHCP before the rules (Y)");
MODULE_PARAM(pickup, 0644, "seconds to take over forwarded connections in (60; 0 is off)");
MODULE_PARAM(recheck_established, 0644,
	     "a publish ends the connections that it would refuse (N)");
MODULE_PARAM(enforce, 0644, "N: count and log what would be dropped, and let it on (Y)");
MODULE_PARAM(log_denied, 0644, "log what a policy refuses, limited (N)");
MODULE_PARAM(lockout_guard, 0644,
	     "refuse what would cut the remote session that writes it, without a way back (Y)");
MODULE_PARAM(netns, 0444, "network namespaces to filter: init or all (init)");
MODULE_PARAM(max_rules, 0644, "rules in force at the most (262144)");

/* No part of the configuration: no publish takes it, and none takes it back. */
static int locked_set(const char *text, const struct kernel_param *kp)
{
	return set_by(locked_write, text, 0, "locked");
}

static int locked_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%c\n", minifw_locked() ? 'Y' : 'N');
}

static const struct kernel_param_ops locked_ops = { .set = locked_set, .get = locked_get };

module_param_cb(locked, &locked_ops, NULL, 0644);
MODULE_PARM_DESC(locked, "Y: nothing can be changed until unload or restart (N)");

static int total_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%llu\n", minifw_totals_sum((size_t)kp->arg));
}

static const struct kernel_param_ops total_ops = { .get = total_get };

#define MODULE_TOTAL(member, description) \
	module_param_cb(member, &total_ops, (void *)offsetof(struct minifw_totals, member), 0444); \
	MODULE_PARM_DESC(member, description)

MODULE_TOTAL(accepted, "packets accepted (read only)");
MODULE_TOTAL(dropped, "packets dropped or rejected (read only)");
MODULE_TOTAL(would_drop, "packets accepted although the rules say drop (read only)");

/**
 * minifw_params_ready() - from here on, or no longer, writes come from users
 * @ready: which
 *
 * Context: may sleep.
 */
void minifw_params_ready(bool ready)
{
	mutex_lock(&minifw_ruleset_mutex);
	params_ready = ready;
	mutex_unlock(&minifw_ruleset_mutex);
}
