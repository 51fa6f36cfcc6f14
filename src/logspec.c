// SPDX-License-Identifier: GPL-2.0
/*
 * The attribute `log`, text into value and back:
 *
 *	on [prefix "TEXT"] [level LEVEL] [limit N/UNIT [burst N]]
 *	nflog GROUP [prefix "TEXT"] [limit N/UNIT [burst N]]
 *	off
 *
 * Pure functions, as those of parse.c.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "error.h"
#include "logspec.h"
#include "text.h"

#define LEVEL_DEFAULT	4	/* warning, as nft's */
#define RATE_DEFAULT	10
#define PER_DEFAULT	60
#define BURST_DEFAULT	5
#define RATE_MAX	1000000

static const struct minifw_word targets_table[] = {
	{ "off", MINIFW_LOG_OFF },
	{ "on", MINIFW_LOG_SYSLOG },
	{ "nflog", MINIFW_LOG_NFLOG },
};

static const struct minifw_words targets = {
	.what = "a way to log", .word = targets_table, .count = ARRAY_SIZE(targets_table),
};

/* RFC 5424, 6.2.1, by the kernel's names */
static const struct minifw_word levels_table[] = {
	{ "emerg", 0 }, { "alert", 1 }, { "crit", 2 }, { "err", 3 },
	{ "warning", LEVEL_DEFAULT }, { "notice", 5 }, { "info", 6 }, { "debug", 7 },
	{ "warn", LEVEL_DEFAULT },
};

static const struct minifw_words levels = {
	.what = "a level", .word = levels_table, .count = ARRAY_SIZE(levels_table),
};

static const struct minifw_word units_table[] = {
	{ "second", 0 }, { "minute", 1 }, { "hour", 2 }, { "day", 3 },
};

static const u32 unit_seconds[] = { 1, 60, 3600, 86400 };

static const struct minifw_words units = {
	.what = "a unit", .word = units_table, .count = ARRAY_SIZE(units_table),
};

/**
 * struct log_text - a line that is taken apart
 * @word: the word at hand, NULL behind the last
 * @rest: what follows it
 * @err: takes the reason of a refusal
 */
struct log_text {
	char *word;
	char *rest;
	struct minifw_error *err;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* From the byte behind a quote up to the next one; a backslash takes what follows as it is. */
static int take_quoted(struct log_text *text)
{
	char *from = text->rest, *to = text->rest;

	text->word = to;
	while (*from != '"') {
		if (*from == '\\')
			from++;
		if (!*from)
			return minifw_error_set(text->err, -EINVAL, "a '\"' is left open");
		*to++ = *from++;
	}
	if (from[1] && !is_blank(from[1]))
		return minifw_error_set(text->err, -EINVAL, "'%.40s' follows a '\"' at once",
					from + 1);
	text->rest = from + 1;
	*to = '\0';
	return 0;
}

/* Go on to the next word. */
static int take_word(struct log_text *text)
{
	while (is_blank(*text->rest))
		text->rest++;
	text->word = NULL;
	if (!*text->rest)
		return 0;
	if (*text->rest == '"') {
		text->rest++;
		return take_quoted(text);
	}
	text->word = text->rest;
	while (*text->rest && !is_blank(*text->rest))
		text->rest++;
	if (*text->rest)
		*text->rest++ = '\0';
	return 0;
}

/* Go on to a word that has to be there. */
static int take_value(struct log_text *text, const char *of)
{
	int ret = take_word(text);

	if (!ret && !text->word)
		return minifw_error_set(text->err, -EINVAL, "'%s' needs a value", of);
	return ret;
}

/* A number from @min to @max. */
static int number_of(const char *token, const char *what, u32 min, u32 max, u32 *number,
		     struct minifw_error *err)
{
	int ret = minifw_parse_number(token, max, number);

	if (ret == -ERANGE || (!ret && *number < min))
		return minifw_error_set(err, -ERANGE, "'%.40s' is out of range: %s is %u to %u",
					token, what, min, max);
	if (ret)
		return minifw_error_set(err, ret, "'%.40s' is not %s", token, what);
	return 0;
}

static int take_prefix(struct log_text *text, struct minifw_log *log)
{
	size_t len;
	int ret = take_value(text, "prefix");

	if (ret)
		return ret;
	len = strlen(text->word);
	if (len > MINIFW_LOG_PREFIX_MAX)
		return minifw_error_set(text->err, -E2BIG, "'%.40s…' is longer than %u bytes",
					text->word, MINIFW_LOG_PREFIX_MAX);
	if (minifw_has_control(text->word))
		return minifw_error_set(text->err, -EINVAL, "'%.40s' holds a control character",
					text->word);
	memcpy(log->prefix, text->word, len + 1);
	return take_word(text);
}

static int take_level(struct log_text *text, struct minifw_log *log)
{
	int ret = take_value(text, "level");

	if (!ret)
		ret = minifw_parse_word(&levels, text->word, text->err);
	if (ret < 0)
		return ret;
	log->level = ret;
	return take_word(text);
}

static int take_burst(struct log_text *text, struct minifw_log *log)
{
	u32 burst;
	int ret = take_value(text, "burst");

	if (!ret)
		ret = number_of(text->word, "a burst", 1, U16_MAX, &burst, text->err);
	if (ret)
		return ret;
	log->burst = burst;
	return take_word(text);
}

static int take_limit(struct log_text *text, struct minifw_log *log)
{
	char *slash;
	int ret = take_value(text, "limit");

	if (ret)
		return ret;
	slash = strchr(text->word, '/');
	if (!slash)
		return minifw_error_set(text->err, -EINVAL, "'%.40s' is not a rate: 5/minute",
					text->word);
	*slash = '\0';
	ret = number_of(text->word, "a rate", 1, RATE_MAX, &log->rate, text->err);
	if (!ret)
		ret = minifw_parse_word(&units, slash + 1, text->err);
	if (ret < 0)
		return ret;
	log->per = unit_seconds[ret];
	ret = take_word(text);
	if (!ret && text->word && !strcmp(text->word, "burst"))
		ret = take_burst(text, log);
	return ret;
}

static const struct {
	const char *name;
	int (*take)(struct log_text *text, struct minifw_log *log);
	bool syslog_only;
} options[] = {
	{ "prefix", take_prefix },
	{ "level", take_level, true },
	{ "limit", take_limit },
};

/* The option at hand and its value; @seen has a bit for each that was taken. */
static int take_option(struct log_text *text, struct minifw_log *log, unsigned int *seen)
{
	unsigned int i = 0;

	while (i < ARRAY_SIZE(options) && strcmp(options[i].name, text->word))
		i++;
	if (i == ARRAY_SIZE(options))
		return minifw_error_set(text->err, -EINVAL,
					"'%.40s' is not an option: prefix level limit",
					text->word);
	if (options[i].syslog_only && log->target != MINIFW_LOG_SYSLOG)
		return minifw_error_set(text->err, -EINVAL, "'%s' cannot follow 'nflog'",
					text->word);
	if (*seen & BIT(i))
		return minifw_error_set(text->err, -EINVAL, "'%s' stands there twice", text->word);
	*seen |= BIT(i);
	return options[i].take(text, log);
}

static int take_group(struct log_text *text, struct minifw_log *log)
{
	u32 group;
	int ret = take_value(text, "nflog");

	if (!ret)
		ret = number_of(text->word, "a group", 0, U16_MAX, &group, text->err);
	if (ret)
		return ret;
	log->group = group;
	return 0;
}

/* All that follows the first word. */
static int take_rest(struct log_text *text, struct minifw_log *log)
{
	unsigned int seen = 0;
	int ret = 0;

	if (log->target == MINIFW_LOG_NFLOG)
		ret = take_group(text, log);
	if (!ret)
		ret = take_word(text);
	while (!ret && text->word)
		ret = take_option(text, log, &seen);
	return ret;
}

static struct minifw_log *log_alloc(u8 target)
{
	struct minifw_log *log = minifw_list_alloc(sizeof(*log), MINIFW_LOG_PREFIX_MAX + 1, "");

	if (!log)
		return NULL;
	log->target = target;
	log->level = target == MINIFW_LOG_SYSLOG ? LEVEL_DEFAULT : 0;
	log->rate = RATE_DEFAULT;
	log->per = PER_DEFAULT;
	log->burst = BURST_DEFAULT;
	return log;
}

static int log_parse_target(struct log_text *text, u8 target, void *value)
{
	struct minifw_log *log = log_alloc(target);
	int ret;

	if (!log)
		return minifw_error_no_memory(text->err);
	ret = take_rest(text, log);
	if (ret) {
		minifw_list_put(&log->list);
		return ret;
	}
	log->list.count = strlen(log->prefix);
	log->list.size = sizeof(*log) + log->list.count + 1;	/* equal values are equal bytes */
	*(struct minifw_log **)value = log;
	return 0;
}

static int log_parse(const struct minifw_words *words, char *line, void *value,
		     struct minifw_error *err)
{
	struct log_text text = { .rest = line, .err = err };
	int target = take_word(&text);

	if (!target)
		target = minifw_parse_word(&targets, text.word, err);
	if (target < 0)
		return target;
	if (target != MINIFW_LOG_OFF)
		return log_parse_target(&text, target, value);
	if (take_word(&text) || text.word)
		return minifw_error_set(err, -EINVAL, "nothing can follow 'off'");
	return 0;	/* unset */
}

static const char *unit_of(u32 seconds)
{
	unsigned int i = 0;

	while (unit_seconds[i] != seconds)
		i++;
	return units_table[i].word;
}

static void log_show(const struct minifw_words *words, struct minifw_text *out,
		     const void *value)
{
	const struct minifw_log *log = *(struct minifw_log *const *)value;
	bool by_default = log->rate == RATE_DEFAULT && log->per == PER_DEFAULT;

	if (log->target == MINIFW_LOG_NFLOG)
		minifw_text_add(out, "nflog %u", log->group);
	else
		minifw_text_add(out, "on");
	if (*log->prefix) {
		minifw_text_add(out, " prefix ");
		minifw_text_in_quotes(out, log->prefix);
	}
	if (log->target == MINIFW_LOG_SYSLOG && log->level != LEVEL_DEFAULT)
		minifw_text_add(out, " level %s", levels_table[log->level].word);
	if (!by_default || log->burst != BURST_DEFAULT)
		minifw_text_add(out, " limit %u/%s", log->rate, unit_of(log->per));
	if (log->burst != BURST_DEFAULT)
		minifw_text_add(out, " burst %u", log->burst);
}

const struct minifw_kind minifw_kind_log = {
	.parse = log_parse, .show = log_show, .size = sizeof(void *), .list = true,
};
