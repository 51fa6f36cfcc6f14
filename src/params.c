// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/module/minifw/parameters: the global toggles.  One table says what each
 * takes; a write is parsed and validated whole, then published like a rule.
 *
 * The kernel sets parameters given at modprobe before the module's init runs:
 * setters must not need it.
 */
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "error.h"
#include "params.h"
#include "parse.h"
#include "ruleset.h"
#include "stats.h"
#include "text.h"

/* Set once init is through: writes come from users then, not from modprobe. */
static bool params_ready;

static const struct minifw_word policy_words[] = {
	{ "accept", MINIFW_ACCEPT }, { "drop", MINIFW_DROP }, { "reject", MINIFW_REJECT },
};

static const struct minifw_words policies = {
	.what = "a policy", .word = policy_words, .count = ARRAY_SIZE(policy_words),
};

static const struct minifw_word forward_policy_words[] = {
	{ "default", MINIFW_POLICY_DEFAULT },
	{ "accept", MINIFW_ACCEPT }, { "drop", MINIFW_DROP }, { "reject", MINIFW_REJECT },
};

static const struct minifw_words forward_policies = {
	.what = "a policy", .word = forward_policy_words, .count = ARRAY_SIZE(forward_policy_words),
};

static const struct minifw_word netns_words[] = {
	{ "init", MINIFW_NETNS_INIT }, { "all", MINIFW_NETNS_ALL },
};

static const struct minifw_words netns_modes = {
	.what = "a choice", .word = netns_words, .count = ARRAY_SIZE(netns_words),
};

/**
 * struct param - a row: a parameter that can be set
 * @name: of its file
 * @offset: of its value in struct minifw_config
 * @words: what it can say; NULL for a number, or for Y and N where @max is 0
 * @min: the least number
 * @max: the highest number
 */
struct param {
	const char *name;
	size_t offset;
	const struct minifw_words *words;
	u32 min;
	u32 max;
};

#define PARAM(member, ...) \
	static const struct param param_##member = { \
		.name = #member, .offset = offsetof(struct minifw_config, member), __VA_ARGS__ \
	}

PARAM(default_policy, .words = &policies);
PARAM(forward_policy, .words = &forward_policies);
PARAM(output_policy, .words = &policies);
PARAM(accept_established);
PARAM(accept_loopback);
PARAM(accept_control);
PARAM(pickup, .max = 86400);
PARAM(log_denied);
PARAM(netns, .words = &netns_modes);
PARAM(max_rules, .min = 1, .max = MINIFW_RULES_MAX);

/* In the order of the manual page. */
static const struct param *const params[] = {
	&param_default_policy, &param_forward_policy, &param_output_policy,
	&param_accept_established, &param_accept_loopback, &param_accept_control,
	&param_pickup, &param_log_denied, &param_netns, &param_max_rules,
};

static u32 *param_value(const struct param *param, const struct minifw_config *config)
{
	return (void *)config + param->offset;
}

static void param_show(const struct param *param, u32 value, struct minifw_text *out)
{
	unsigned int i;

	if (!param->words && !param->max)
		minifw_text_add(out, "%c", value ? 'Y' : 'N');
	else if (!param->words)
		minifw_text_add(out, "%u", value);
	for (i = 0; param->words && i < param->words->count; i++)
		if (param->words->word[i].number == value)
			minifw_text_add(out, "%s", param->words->word[i].word);
}

static int number_parse(const struct param *param, const char *text, u32 *value,
			struct minifw_error *err)
{
	if (!minifw_parse_number(text, param->max, value) && *value >= param->min)
		return 0;
	return minifw_error_set(err, -EINVAL, "'%.40s' is not a number from %u to %u", text,
				param->min, param->max);
}

static int param_parse(const struct param *param, const char *text, u32 *value,
		       struct minifw_error *err)
{
	bool yes;
	int ret;

	if (param->words) {
		ret = minifw_parse_word(param->words, text, err);
		*value = ret;
		return ret < 0 ? ret : 0;
	}
	if (param->max)
		return number_parse(param, text, value, err);
	if (kstrtobool(text, &yes))
		return minifw_error_set(err, -EINVAL, "'%.40s' is neither Y nor N", text);
	*value = yes;
	return 0;
}

/* Parse @text into a copy of the parameters, and have it published. */
static int param_write(const struct param *param, const char *text, struct minifw_error *err)
{
	struct minifw_config config = *minifw_ruleset_config();
	int ret;

	if (params_ready && !capable(CAP_NET_ADMIN))
		return minifw_error_set(err, -EPERM, "writing needs CAP_NET_ADMIN");
	ret = param_parse(param, text, param_value(param, &config), err);
	return ret ?: minifw_ruleset_configure(&config, err);
}

static int param_set(const char *text, const struct kernel_param *kp)
{
	const struct param *param = kp->arg;
	struct minifw_error err = {};
	char *copy = kstrdup(text ?: "", GFP_KERNEL);
	int ret;

	if (!copy)
		return -ENOMEM;
	mutex_lock(&minifw_ruleset_mutex);
	ret = param_write(param, strim(copy), &err);
	if (ret)
		minifw_error_prefix(&err, ret, param->name);
	minifw_ruleset_error = err;
	if (ret && !params_ready)
		pr_err("minifw: %s\n", err.text);
	mutex_unlock(&minifw_ruleset_mutex);
	kfree(copy);
	return ret;
}

static int param_get(char *buffer, const struct kernel_param *kp)
{
	struct minifw_text out = { .buf = buffer, .size = PAGE_SIZE };
	const struct param *param = kp->arg;

	mutex_lock(&minifw_ruleset_mutex);
	param_show(param, *param_value(param, minifw_ruleset_config()), &out);
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_text_add(&out, "\n");
	return out.len;
}

static const struct kernel_param_ops param_ops = { .set = param_set, .get = param_get };

#define MODULE_PARAM(member, mode, description) \
	module_param_cb(member, &param_ops, (void *)&param_##member, mode); \
	MODULE_PARM_DESC(member, description)

MODULE_PARAM(default_policy, 0644, "accept, drop or reject at input and forward (accept)");
MODULE_PARAM(forward_policy, 0644, "default, accept, drop or reject at forward (default)");
MODULE_PARAM(output_policy, 0644, "accept, drop or reject at output (accept)");
MODULE_PARAM(accept_established, 0644, "accept established connections before the rules (Y)");
MODULE_PARAM(accept_loopback, 0644, "accept loopback before the rules (Y)");
MODULE_PARAM(accept_control, 0644, "accept neighbour discovery and DHCP before the rules (Y)");
MODULE_PARAM(pickup, 0644, "seconds to take over forwarded connections in (60; 0 is off)");
MODULE_PARAM(log_denied, 0644, "log what a policy refuses, limited (N)");
MODULE_PARAM(netns, 0444, "network namespaces to filter: init or all (init)");
MODULE_PARAM(max_rules, 0644, "rules in force at the most (262144)");

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
 * minifw_config_policy() - what is done with a packet that no rule decides
 * @config: the parameters
 * @stage: where
 *
 * Context: any.
 * Return: MINIFW_ACCEPT, MINIFW_DROP or MINIFW_REJECT.
 */
enum minifw_verdict minifw_config_policy(const struct minifw_config *config,
					 enum minifw_stage stage)
{
	if (!(MINIFW_POLICY_STAGES & BIT(stage)))
		return MINIFW_ACCEPT;
	if (stage == MINIFW_AT_OUTPUT)
		return config->output_policy;
	if (stage == MINIFW_AT_FORWARD && config->forward_policy != MINIFW_POLICY_DEFAULT)
		return config->forward_policy;
	return config->default_policy;
}

/**
 * minifw_params_show() - the parameters that differ from their defaults
 * @config: the parameters
 * @out: takes a line of minifw.conf(5) for each
 *
 * Context: any.
 */
void minifw_params_show(const struct minifw_config *config, struct minifw_text *out)
{
	static const struct minifw_config defaults = MINIFW_CONFIG_DEFAULTS;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		u32 value = *param_value(params[i], config);

		if (value == *param_value(params[i], &defaults))
			continue;
		minifw_text_add(out, "parameter %s=", params[i]->name);
		param_show(params[i], value, out);
		minifw_text_add(out, "\n");
	}
}

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
