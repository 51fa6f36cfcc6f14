// SPDX-License-Identifier: GPL-2.0
/*
 * A rule as a line of text, `attribute=value …`: the way back from
 * minifw_spec_line().  Pure functions, which a fuzzer runs in user space.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "attr.h"
#include "error.h"
#include "line.h"
#include "spec.h"

/* What a character is in a line: a file of 100,000 lines has millions, each looked up once. */
enum {
	BLANK = 1,
	END = 2,	/* of the line */
	EQUALS = 4,
	SPECIAL = 8,	/* a value with it has to be quoted */
};

static const u8 class_of[256] = {
	['\0'] = END, [' '] = BLANK, ['\t'] = BLANK, ['\r'] = BLANK, ['='] = EQUALS,
	['"'] = SPECIAL, ['\\'] = SPECIAL, ['#'] = SPECIAL,
};

static bool is(char c, u8 classes)
{
	return class_of[(u8)c] & classes;
}

/* The first character from @text on that is of some classes, END among them. */
static char *find(char *text, u8 classes)
{
	while (!is(*text, classes))
		text++;
	return text;
}

static char *skip_blanks(char *text)
{
	while (is(*text, BLANK))
		text++;
	return text;
}

/* What `rules` shows beside a rule, so that it can be read back. */
static bool is_counter(const char *name)
{
	return !strcmp(name, "packets") || !strcmp(name, "bytes");
}

/* Lines have their attributes in the table's order, more often than not: it goes on at @id. */
static int attr_named(const char *name, unsigned int id)
{
	unsigned int left;

	for (left = MINIFW_NR_ATTRS; left; left--) {
		const char *other;

		if (++id >= MINIFW_NR_ATTRS)
			id = 0;
		other = minifw_attrs[id].name;
		if (*other == *name && !strcmp(other, name))
			return id;
	}
	return -EINVAL;
}

/* A character of a value at *@from, or 0 with the reason why it is none. */
static char char_take(char **from, bool quoted, struct minifw_error *err)
{
	char c = *(*from)++;

	if (!quoted && is(c, SPECIAL)) {
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
	bool quoted = **text == '"';
	char *from = *text + quoted, *to;

	*value = from;
	if (!quoted)	/* as nearly all are: nothing to move */
		from = find(from, BLANK | END | SPECIAL);
	to = from;
	while (*from && !(quoted ? *from == '"' : is(*from, BLANK))) {
		*to = char_take(&from, quoted, err);
		if (!*to++)
			return -EINVAL;
	}
	if (quoted && !*from)
		return minifw_error_set(err, -EINVAL, "a quote is left open");
	from += quoted;
	if (*from && !is(*from, BLANK))
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
	equals = find(*name, EQUALS | BLANK | END);
	if (*equals != '=' || equals == *name) {
		*find(*name, BLANK | END) = '\0';
		return minifw_error_set(err, -EINVAL, "'%.40s' is not attribute=value", *name);
	}
	*equals = '\0';
	*text = equals + 1;
	return 0;
}

/**
 * struct reading - a line while it is being read
 * @allowed: a bit for each attribute that it may have
 * @given: a bit for each attribute so far
 * @last: the last of them
 */
struct reading {
	u64 allowed;
	u64 given;
	unsigned int last;
};

/**
 * minifw_pair_take() - take `name=value` off a line
 * @text: at its first character; moved to what follows it. The line is destroyed
 * @name: takes where the name is
 * @value: takes where the value is, without its quotes
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int minifw_pair_take(char **text, char **name, char **value, struct minifw_error *err)
{
	int ret = name_take(text, name, err);

	if (ret)
		return ret;
	ret = value_take(text, value, err);
	return ret ? minifw_error_prefix(err, ret, *name) : 0;
}

/* Takes a pair off *@text into @spec. */
static int pair_take(struct minifw_spec *spec, char **text, struct reading *reading,
		     struct minifw_error *err)
{
	char *name, *value;
	int id, ret = minifw_pair_take(text, &name, &value, err);

	if (ret)
		return ret;
	id = attr_named(name, reading->last);
	if (id < 0 && is_counter(name))
		return 0;
	if (id < 0)
		return minifw_error_set(err, id, "'%.40s' is not an attribute", name);
	if (!(reading->allowed & BIT_ULL(id)))
		return minifw_error_set(err, -EINVAL, "%s: '%.40s': no attribute of such a line",
					name, value);
	if (reading->given & BIT_ULL(id))
		return minifw_error_set(err, -EINVAL, "%s: '%.40s': given twice", name, value);
	reading->given |= BIT_ULL(id);
	reading->last = id;
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
	while (is(*text, BLANK))
		text++;
	return !*text || *text == '#';
}

/**
 * minifw_pairs_parse() - what a line says
 * @spec: a rule that says nothing yet; takes what the line says before what is refused
 * @text: `attribute=value …`, quoted as minifw_text_quote() does; destroyed. `packets=` and
 *        `bytes=` say nothing, and a `#` before an attribute begins a comment
 * @allowed: a bit for each attribute that it may have, by enum minifw_attr_id
 * @err: takes the reason
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if it is no such line; or as minifw_spec_set().
 */
int minifw_pairs_parse(struct minifw_spec *spec, char *text, u64 allowed, struct minifw_error *err)
{
	struct reading reading = { .allowed = allowed };
	int ret = 0;

	while (!ret && !minifw_line_empty(text)) {
		text = skip_blanks(text);
		ret = pair_take(spec, &text, &reading, err);
	}
	return ret;
}
