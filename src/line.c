// SPDX-License-Identifier: GPL-2.0
/*
 * A rule as a line of text, `attribute=value …`: the way back from
 * minifw_spec_line().  Pure functions, which a fuzzer runs in user space.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "error.h"
#include "line.h"
#include "spec.h"

#define BLANKS " \t\r"

static bool is_blank(char c)
{
	return c && strchr(BLANKS, c);
}

/* What `rules` shows beside a rule, so that it can be read back. */
static bool is_counter(const char *name)
{
	return !strcmp(name, "packets") || !strcmp(name, "bytes");
}

static int attr_named(const char *name)
{
	unsigned int id;

	for (id = 0; id < MINIFW_NR_ATTRS; id++)
		if (!strcmp(minifw_attr_name(id), name))
			return id;
	return -EINVAL;
}

/* A character of a value at *@from, or 0 with the reason why it is none. */
static char char_take(char **from, bool quoted, struct minifw_error *err)
{
	char c = *(*from)++;

	if (!quoted && strchr("\"\\#", c)) {
		minifw_error_set(err, -EINVAL, "a value with '%c' has to be quoted", c);
		return '\0';
	}
	if (!quoted || c != '\\')
		return c;
	if (**from == '"' || **from == '\\')
		return *(*from)++;
	minifw_error_set(err, -EINVAL, "'\\%.1s': a backslash stands before '\"' and '\\'", *from);
	return '\0';
}

/* Takes a value off *@text, without its quotes, in place. */
static int value_take(char **text, char **value, struct minifw_error *err)
{
	char *from = *text, *to = from;
	bool quoted = *from == '"';

	*value = to;
	from += quoted;
	while (*from && !(quoted ? *from == '"' : is_blank(*from))) {
		*to = char_take(&from, quoted, err);
		if (!*to++)
			return -EINVAL;
	}
	if (quoted && !*from)
		return minifw_error_set(err, -EINVAL, "a quote is left open");
	from += quoted;
	if (*from && !is_blank(*from))
		return minifw_error_set(err, -EINVAL, "'%.40s' follows a closing quote", from);
	*text = from + !!*from;
	*to = '\0';
	return 0;
}

/* Takes `name=` off *@text. */
static int name_take(char **text, char **name, struct minifw_error *err)
{
	char *equals;

	*name = *text;
	equals = *name + strcspn(*name, "=" BLANKS);
	if (*equals != '=' || equals == *name) {
		(*name)[strcspn(*name, BLANKS)] = '\0';
		return minifw_error_set(err, -EINVAL, "'%.40s' is not attribute=value", *name);
	}
	*equals = '\0';
	*text = equals + 1;
	return 0;
}

/* Takes a pair off *@text into @spec; @given are the attributes of the pairs before. */
static int pair_take(struct minifw_spec *spec, char **text, u64 *given, struct minifw_error *err)
{
	char *name, *value;
	int id, ret = name_take(text, &name, err);

	if (ret)
		return ret;
	ret = value_take(text, &value, err);
	if (ret)
		return minifw_error_prefix(err, ret, name);
	if (is_counter(name))
		return 0;
	id = attr_named(name);
	if (id < 0)
		return minifw_error_set(err, id, "'%.40s' is not an attribute of a line", name);
	if (id == MINIFW_ATTR_priority)
		return minifw_error_set(err, -EINVAL, "priority: '%.40s': it is the chain's",
					value);
	if (*given & BIT_ULL(id))
		return minifw_error_set(err, -EINVAL, "%s: '%.40s': given twice", name, value);
	*given |= BIT_ULL(id);
	return minifw_spec_set(spec, id, value, err);
}

/**
 * minifw_line_empty() - is a line without a rule?
 * @text: the line
 *
 * Context: any.
 * Return: whether it is blank, or only a comment.
 */
bool minifw_line_empty(const char *text)
{
	text += strspn(text, BLANKS);
	return !*text || *text == '#';
}

/**
 * minifw_line_parse() - what a line says
 * @spec: a rule that says nothing yet; takes what the line says before what is refused
 * @text: `attribute=value …`, quoted as minifw_text_quote() does; destroyed. `packets=` and
 *        `bytes=` say nothing, and a `#` before an attribute begins a comment
 * @err: takes the reason
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if it is no such line; or as minifw_spec_set().
 */
int minifw_line_parse(struct minifw_spec *spec, char *text, struct minifw_error *err)
{
	u64 given = 0;
	int ret = 0;

	while (!ret && !minifw_line_empty(text)) {
		text += strspn(text, BLANKS);
		ret = pair_take(spec, &text, &given, err);
	}
	return ret;
}
