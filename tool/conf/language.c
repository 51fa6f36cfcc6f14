// SPDX-License-Identifier: GPL-2.0
/*
 * The words of minifw.conf(5), read by the module's own parsers: what the program takes, and what
 * it says of what it does not take, is what the module would. Whatever is read comes back as
 * text in normal form, so that two lines say the same if they are the same.
 */
#include "attr.h"
#include "config.h"
#include "element.h"
#include "error.h"
#include "language.h"
#include "line.h"
#include "reference.h"
#include "spec.h"
#include "text.h"

/* What each attribute of a chain's head may say. */
#define CHAIN_ATTRS (BIT_ULL(MINIFW_ATTR_priority) | BIT_ULL(MINIFW_ATTR_comment))

/**
 * struct use - where a rule stands
 * @attrs: a bit for each attribute that it may have
 * @sealed: it is checked as a whole, too
 */
struct use {
	u64 attrs;
	bool sealed;
};

static const struct use rule_use = { ~0ULL, true };
static const struct use line_use = { MINIFW_LINE_ATTRS, true };
static const struct use chain_use = { CHAIN_ATTRS, false };

static void tell(char *why, const struct minifw_error *err)
{
	strscpy(why, err->text, sizeof(err->text));
}

/**
 * language_blank() - does a line say nothing?
 * @text: the line
 *
 * Return: whether it is blank, or only a comment.
 */
bool language_blank(const char *text)
{
	return minifw_line_empty(text);
}

/**
 * language_pair() - take `name=value` off a line
 * @text: moved to what follows; the line is destroyed
 * @name: takes the name
 * @value: takes the value, without its quotes
 * @why: takes the reason
 *
 * Return: whether there was one; if not, @why is empty at the end of the line.
 */
bool language_pair(char **text, char **name, char **value, char *why)
{
	struct minifw_error err = {};
	int ret;

	*why = '\0';
	if (minifw_line_empty(*text))
		return false;
	*text = skip_spaces(*text);
	ret = minifw_pair_take(text, name, value, &err);
	tell(why, &err);
	return !ret;
}

/**
 * language_quoted() - `name=value`, quoted where it must be
 * @name: the name
 * @value: the value
 *
 * Return: the text, for free().
 */
char *language_quoted(const char *name, const char *value)
{
	size_t size = strlen(name) + 2 * strlen(value) + sizeof("=\"\"");
	struct minifw_text out = { .buf = kzalloc(size, GFP_KERNEL), .size = size };

	minifw_text_add(&out, "%s=", name);
	minifw_text_quote(&out, value);
	return out.buf;
}

/**
 * language_name() - may an object be called so?
 * @name: the name
 *
 * Return: whether it may.
 */
bool language_name(const char *name)
{
	return minifw_name_valid(name);
}

/**
 * language_attribute() - the attributes of a rule, in the order of its line
 * @index: from 0 on
 *
 * Return: the name, or NULL after the last.
 */
const char *language_attribute(unsigned int index)
{
	return index < MINIFW_NR_ATTRS ? minifw_attrs[index].name : NULL;
}

/**
 * language_parameter_name() - the parameters, but for `locked`
 * @index: from 0 on
 *
 * Return: the name, or NULL after the last.
 */
const char *language_parameter_name(unsigned int index)
{
	return index < MINIFW_NR_PARAMS ? minifw_param_name(index) : NULL;
}

/* ---- rules ---- */

static int spec_read(struct minifw_spec *spec, const struct use *use, char *pairs,
		     struct minifw_error *err)
{
	int ret = minifw_pairs_parse(spec, pairs, use->attrs, err);

	return ret || !use->sealed ? ret : minifw_spec_seal(spec, err);
}

static void refer(const struct minifw_spec *spec, const struct reader *reader)
{
	struct minifw_set_ref *ref;
	enum minifw_attr_id id;
	u64 left = spec->attrs;

	while (reader->refers && (ref = minifw_spec_next_ref(spec, &left, &id))) {
		struct reference reference = {
			.attribute = minifw_attrs[id].name, .set = ref->name,
			.types = minifw_spec_set_types(spec, id),
		};

		reader->refers(reader->context, &reference);
	}
}

/* What @write writes, in memory. */
static char *written(int (*write)(const struct minifw_spec *spec, struct minifw_text *out),
		     const struct minifw_spec *spec)
{
	struct minifw_text out = {};

	write(spec, &out);
	out.size = out.len + 1;
	out.buf = kzalloc(out.size, GFP_KERNEL);
	out.len = 0;
	write(spec, &out);
	return out.buf;
}

static char *read_as(const struct use *use, char *pairs, const struct reader *reader)
{
	struct minifw_error err = {};
	struct minifw_spec spec;
	char *text = NULL;

	minifw_spec_init(&spec);
	if (spec_read(&spec, use, pairs, &err)) {
		tell(reader->why, &err);
	} else {
		refer(&spec, reader);
		text = written(minifw_spec_pairs, &spec);
	}
	minifw_spec_clear(&spec);
	return text;
}

/**
 * language_rule() - what a rule says
 * @pairs: its attributes; destroyed
 * @reader: who hears of it
 *
 * Return: the same in normal form, for free(); NULL if the module would refuse it.
 */
char *language_rule(char *pairs, const struct reader *reader)
{
	return read_as(&rule_use, pairs, reader);
}

/**
 * language_line() - what a line of a chain says
 * @pairs: its attributes; destroyed
 * @reader: who hears of it
 *
 * Return: the same in normal form, for free(); NULL if the module would refuse it.
 */
char *language_line(char *pairs, const struct reader *reader)
{
	return read_as(&line_use, pairs, reader);
}

/**
 * language_chain() - what a chain says of itself
 * @pairs: its attributes; destroyed
 * @reader: who hears of it
 *
 * Return: the same in normal form, for free(); NULL if the module would refuse it.
 */
char *language_chain(char *pairs, const struct reader *reader)
{
	return read_as(&chain_use, pairs, reader);
}

/* ---- parameters ---- */

static char *parameter_show(const struct minifw_config *config, unsigned int id)
{
	struct minifw_text out = { .buf = kzalloc(32, GFP_KERNEL), .size = 32 };

	minifw_param_show(config, id, &out);
	return out.buf;
}

static int parameter_named(const char *name)
{
	int id;

	for (id = 0; id < MINIFW_NR_PARAMS; id++)
		if (!strcmp(name, minifw_param_name(id)))
			return id;
	return -EINVAL;
}

static char *locked_read(const char *value, struct minifw_error *err)
{
	bool yes;

	if (minifw_param_parse_bool(value, &yes, err))
		return NULL;
	return strdup(yes ? "Y" : "N");
}

static char *value_read(const char *name, const char *value, struct minifw_error *err)
{
	struct minifw_config config = MINIFW_CONFIG_DEFAULTS;
	int id = parameter_named(name);

	if (!strcmp(name, "locked"))
		return locked_read(value, err);
	if (id < 0) {
		minifw_error_set(err, -EINVAL, "there is no such parameter");
		return NULL;
	}
	return minifw_param_parse(&config, id, value, err) ? NULL : parameter_show(&config, id);
}

/**
 * language_parameter() - the value of a parameter
 * @name: of the parameter
 * @value: as somebody wrote it
 * @why: takes the reason
 *
 * Return: the same in normal form, for free(); NULL if the module would refuse it.
 */
char *language_parameter(const char *name, const char *value, char *why)
{
	struct minifw_error err = {};
	char *shown = value_read(name, value, &err);

	if (!shown)
		snprintf(why, sizeof(err.text), "%.60s: %s", name, err.text);
	return shown;
}

/**
 * language_default() - what a parameter is where nobody says otherwise
 * @parameter: its name, which there is
 *
 * Return: the value, for free().
 */
char *language_default(const char *parameter)
{
	static const struct minifw_config defaults = MINIFW_CONFIG_DEFAULTS;
	int id = parameter_named(parameter);

	return id < 0 ? strdup("N") : parameter_show(&defaults, id);
}

/* ---- sets ---- */

static int number_read(const char *name, const char *value, u32 most, u32 *number,
		       struct minifw_error *err)
{
	if (!minifw_parse_number(value, most, number))
		return 0;
	return minifw_error_set(err, -EINVAL, "%s: '%.40s' is not a number up to %u", name, value,
				most);
}

static int head_read(struct set_head *head, const char *name, char *value,
		     struct minifw_error *err)
{
	int ret;

	if (!strcmp(name, "type")) {
		ret = minifw_parse_word(&minifw_set_types, value, err);
		if (ret < 0)
			return minifw_error_prefix(err, ret, name);
		head->type = ret;
		return 0;
	}
	if (!strcmp(name, "timeout")) {
		ret = minifw_parse_seconds(value, &head->timeout, err);
		return ret ? minifw_error_prefix(err, ret, name) : 0;
	}
	if (!strcmp(name, "max"))
		return number_read(name, value, MINIFW_SET_MAX_MOST, &head->max, err);
	return minifw_error_set(err, -EINVAL, "'%.40s' is not an attribute of a set", name);
}

/**
 * language_set() - what a set is like
 * @pairs: its attributes; destroyed
 * @head: takes it
 * @why: takes the reason
 *
 * Return: whether the module would take it.
 */
bool language_set(char *pairs, struct set_head *head, char *why)
{
	struct minifw_error err = {};
	char *name, *value;

	*head = (struct set_head){ .type = MINIFW_SET_ADDR, .max = MINIFW_SET_MAX };
	while (language_pair(&pairs, &name, &value, why))
		if (head_read(head, name, value, &err)) {
			tell(why, &err);
			return false;
		}
	return !*why;
}

/**
 * language_type() - what a type of sets is called
 * @type: the type
 *
 * Return: its word.
 */
const char *language_type(int type)
{
	unsigned int i;

	for (i = 0; i < minifw_set_types.count; i++)
		if (minifw_set_types.word[i].number == type)
			return minifw_set_types.word[i].word;
	return "";
}

/**
 * language_set_head() - what a set is like, in normal form
 * @head: of the set
 *
 * Return: the text, for free().
 */
char *language_set_head(const struct set_head *head)
{
	struct minifw_text out = { .buf = kzalloc(64, GFP_KERNEL), .size = 64 };

	minifw_text_add(&out, "type=%s", language_type(head->type));
	if (head->timeout)
		minifw_text_add(&out, " timeout=%u", head->timeout);
	if (head->max != MINIFW_SET_MAX)
		minifw_text_add(&out, " max=%u", head->max);
	return out.buf;
}
