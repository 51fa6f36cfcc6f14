// SPDX-License-Identifier: GPL-2.0
/*
 * The global toggles as values: one table says what each takes.  Pure functions, which the
 * program runs in user space.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "config.h"
#include "error.h"
#include "parse.h"
#include "text.h"

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
 * struct row - a parameter
 * @name: of its file
 * @offset: of its value in struct minifw_config
 * @words: what it can say; NULL for a number, or for Y and N where @max is 0
 * @min: the least number
 * @max: the highest number
 */
struct row {
	const char *name;
	size_t offset;
	const struct minifw_words *words;
	u32 min;
	u32 max;
};

#define ROW(member, ...) \
	[MINIFW_PARAM_##member] = { \
		.name = #member, .offset = offsetof(struct minifw_config, member), __VA_ARGS__ \
	}

static const struct row rows[MINIFW_NR_PARAMS] = {
	ROW(default_policy, .words = &policies),
	ROW(forward_policy, .words = &forward_policies),
	ROW(output_policy, .words = &policies),
	ROW(accept_established),
	ROW(accept_loopback),
	ROW(accept_control),
	ROW(pickup, .max = 86400),
	ROW(recheck_established),
	ROW(enforce),
	ROW(log_denied),
	ROW(lockout_guard),
	ROW(netns, .words = &netns_modes),
	ROW(max_rules, .min = 1, .max = MINIFW_RULES_MAX),
};

static u32 *value_in(const struct row *row, const struct minifw_config *config)
{
	return (void *)config + row->offset;
}

static int number_parse(const struct row *row, const char *text, u32 *value,
			struct minifw_error *err)
{
	if (!minifw_parse_number(text, row->max, value) && *value >= row->min)
		return 0;
	return minifw_error_set(err, -EINVAL, "'%.40s' is not a number from %u to %u", text,
				row->min, row->max);
}

static int word_parse(const struct row *row, const char *text, u32 *value,
		      struct minifw_error *err)
{
	int ret = minifw_parse_word(row->words, text, err);

	*value = ret;
	return ret < 0 ? ret : 0;
}

static int value_parse(const struct row *row, const char *text, u32 *value,
		       struct minifw_error *err)
{
	bool yes = false;
	int ret;

	if (row->words)
		return word_parse(row, text, value, err);
	if (row->max)
		return number_parse(row, text, value, err);
	ret = minifw_param_parse_bool(text, &yes, err);
	*value = yes;
	return ret;
}

/**
 * minifw_param_parse_bool() - read Y or N
 * @text: what kstrtobool() takes
 * @yes: takes which it is
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int minifw_param_parse_bool(const char *text, bool *yes, struct minifw_error *err)
{
	if (!kstrtobool(text, yes))
		return 0;
	return minifw_error_set(err, -EINVAL, "'%.40s' is neither Y nor N", text);
}

/**
 * minifw_param_name() - what a parameter is called
 * @id: which
 *
 * Context: any.
 * Return: the name of its file.
 */
const char *minifw_param_name(enum minifw_param_id id)
{
	return rows[id].name;
}

/**
 * minifw_param_parse() - write a parameter
 * @config: changed only if the text is good
 * @id: which
 * @text: its value, without blanks around it
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int minifw_param_parse(struct minifw_config *config, enum minifw_param_id id, const char *text,
		       struct minifw_error *err)
{
	u32 value = 0;
	int ret = value_parse(&rows[id], text, &value, err);

	if (!ret)
		*value_in(&rows[id], config) = value;
	return ret;
}

/**
 * minifw_param_show() - the value of a parameter
 * @config: the parameters
 * @id: which
 * @out: takes it
 *
 * Context: any.
 */
void minifw_param_show(const struct minifw_config *config, enum minifw_param_id id,
		       struct minifw_text *out)
{
	const struct row *row = &rows[id];
	u32 value = *value_in(row, config);
	unsigned int i;

	if (!row->words && !row->max)
		minifw_text_add(out, "%c", value ? 'Y' : 'N');
	else if (!row->words)
		minifw_text_add(out, "%u", value);
	for (i = 0; row->words && i < row->words->count; i++)
		if (row->words->word[i].number == value)
			minifw_text_add(out, "%s", row->words->word[i].word);
}

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
 * minifw_config_differences() - how many parameters differ
 * @a: parameters
 * @b: other ones
 *
 * Context: any.
 * Return: the number.
 */
unsigned int minifw_config_differences(const struct minifw_config *a,
				       const struct minifw_config *b)
{
	unsigned int i, count = 0;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		count += *value_in(&rows[i], a) != *value_in(&rows[i], b);
	return count;
}

/**
 * minifw_config_show() - the parameters that differ from their defaults
 * @config: the parameters
 * @out: takes a line of minifw.conf(5) for each
 *
 * Context: any.
 */
void minifw_config_show(const struct minifw_config *config, struct minifw_text *out)
{
	static const struct minifw_config defaults = MINIFW_CONFIG_DEFAULTS;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (*value_in(&rows[i], config) == *value_in(&rows[i], &defaults))
			continue;
		minifw_text_add(out, "parameter %s=", rows[i].name);
		minifw_param_show(config, i, out);
		minifw_text_add(out, "\n");
	}
}
