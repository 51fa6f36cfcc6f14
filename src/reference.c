// SPDX-License-Identifier: GPL-2.0
/*
 * Sets, as rules name them: `@name` in the place of a list, and `add_to`.  Pure
 * functions; that there is such a set is found out when the rule is enabled.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "error.h"
#include "reference.h"
#include "text.h"

static struct minifw_set_ref *ref_alloc(void)
{
	struct minifw_set_ref *ref = minifw_list_alloc(sizeof(*ref), 0, "");

	if (!ref)
		return NULL;
	ref->list.size = offsetof(struct minifw_set_ref, set);
	ref->list.set = true;
	ref->timeout = MINIFW_TIMEOUT_UNSET;
	return ref;
}

/**
 * minifw_ref_copy() - the same set once more, of no rule yet
 * @ref: the reference
 *
 * Context: may sleep.
 * Return: the copy with one reference and without a set, or NULL.
 */
struct minifw_set_ref *minifw_ref_copy(const struct minifw_set_ref *ref)
{
	struct minifw_set_ref *copy = ref_alloc();

	if (!copy)
		return NULL;
	copy->list.negated = ref->list.negated;
	copy->key = ref->key;
	copy->timeout = ref->timeout;
	strscpy(copy->name, ref->name, sizeof(copy->name));
	return copy;
}

/**
 * minifw_ref_is() - does a value name a set?
 * @text: the value
 *
 * Context: any.
 * Return: whether it begins with `@` or `!@`.
 */
bool minifw_ref_is(const char *text)
{
	if (*text == '!')
		text = skip_spaces(text + 1);
	return *text == '@';
}

static int name_parse(struct minifw_set_ref *ref, const char *token, struct minifw_error *err)
{
	if (strchr(token, ','))
		return minifw_error_set(err, -EINVAL, "'%.80s': a set stands alone", token);
	if (*token != '@' || !minifw_name_valid(token + 1))
		return minifw_error_set(err, -EINVAL, "'%.80s' does not name a set: @NAME", token);
	strscpy(ref->name, token + 1, sizeof(ref->name));
	return 0;
}

/**
 * minifw_ref_parse() - `@name` or `!@name`
 * @text: the text, for which minifw_ref_is() is true
 * @list: takes it
 * @err: takes the reason
 *
 * Context: may sleep.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int minifw_ref_parse(char *text, struct minifw_list **list, struct minifw_error *err)
{
	struct minifw_set_ref *ref = ref_alloc();
	int ret;

	if (!ref)
		return minifw_error_no_memory(err);
	ref->list.negated = *text == '!';
	ret = name_parse(ref, skip_spaces(text + ref->list.negated), err);
	if (ret)
		minifw_list_put(&ref->list);
	else
		*list = &ref->list;
	return ret;
}

/**
 * minifw_ref_show() - the way back
 * @list: a struct minifw_set_ref
 * @out: takes it
 *
 * Context: any.
 */
void minifw_ref_show(const struct minifw_list *list, struct minifw_text *out)
{
	const struct minifw_set_ref *ref = container_of(list, const struct minifw_set_ref, list);

	minifw_text_add(out, "%s@%s", list->negated ? "!" : "", ref->name);
}

/* ---- add_to: `@name key KEY [timeout DURATION]` ---- */

static const struct minifw_word keys_table[] = {
	{ "saddr", MINIFW_ADD_SADDR },
	{ "daddr", MINIFW_ADD_DADDR },
	{ "sport", MINIFW_ADD_SPORT },
	{ "dport", MINIFW_ADD_DPORT },
	{ "iif", MINIFW_ADD_IIF },
	{ "oif", MINIFW_ADD_OIF },
	{ "saddr_mac", MINIFW_ADD_SADDR_MAC },
	{ "saddr,sport", MINIFW_ADD_SADDR_SPORT },
	{ "daddr,dport", MINIFW_ADD_DADDR_DPORT },
	{ "saddr,dport", MINIFW_ADD_SADDR_DPORT },
};

static const u8 key_types[] = {
	[MINIFW_ADD_SADDR] = MINIFW_SET_ADDR,
	[MINIFW_ADD_DADDR] = MINIFW_SET_ADDR,
	[MINIFW_ADD_SPORT] = MINIFW_SET_PORT,
	[MINIFW_ADD_DPORT] = MINIFW_SET_PORT,
	[MINIFW_ADD_IIF] = MINIFW_SET_IFACE,
	[MINIFW_ADD_OIF] = MINIFW_SET_IFACE,
	[MINIFW_ADD_SADDR_MAC] = MINIFW_SET_MAC,
	[MINIFW_ADD_SADDR_SPORT] = MINIFW_SET_ADDR_PORT,
	[MINIFW_ADD_DADDR_DPORT] = MINIFW_SET_ADDR_PORT,
	[MINIFW_ADD_SADDR_DPORT] = MINIFW_SET_ADDR_PORT,
};

/**
 * minifw_ref_type() - the type of set that the key of `add_to` fits in
 * @ref: the `add_to`
 *
 * Context: any.
 * Return: the type.
 */
enum minifw_set_type minifw_ref_type(const struct minifw_set_ref *ref)
{
	return key_types[ref->key];
}

static const struct minifw_words keys = {
	.what = "a key", .word = keys_table, .count = ARRAY_SIZE(keys_table), .single = true,
};

static const struct minifw_word options_table[] = { { "key", 0 }, { "timeout", 1 } };

static const struct minifw_words options = {
	.what = "an option of add_to", .word = options_table, .count = ARRAY_SIZE(options_table),
};

static int option_parse(struct minifw_set_ref *ref, int option, const char *value,
			struct minifw_error *err)
{
	int ret;

	if (!value)
		return minifw_error_set(err, -EINVAL, "'%s' needs a value",
					options_table[option].word);
	if (option)
		return minifw_parse_seconds(value, &ref->timeout, err);
	ret = minifw_parse_word(&keys, value, err);
	if (ret < 0)
		return ret;
	ref->key = ret;
	return 0;
}

/* The next word of @text, or NULL. */
static char *next_word(char **text)
{
	char *word;

	do {
		word = strsep(text, " \t");
	} while (word && !*word);
	return word;
}

static int options_parse(struct minifw_set_ref *ref, char *text, struct minifw_error *err)
{
	bool given[ARRAY_SIZE(options_table)] = {};
	char *word;
	int option, ret;

	while ((word = next_word(&text))) {
		option = minifw_parse_word(&options, word, err);
		if (option < 0)
			return option;
		if (given[option])
			return minifw_error_set(err, -EINVAL, "'%s' stands twice", word);
		given[option] = true;
		ret = option_parse(ref, option, next_word(&text), err);
		if (ret)
			return ret;
	}
	if (!given[0])
		return minifw_error_set(err, -EINVAL, "needs a key: '@%s key saddr', say",
					ref->name);
	return 0;
}

static int add_to_parse(const struct minifw_words *words, char *text, void *value,
			struct minifw_error *err)
{
	struct minifw_set_ref *ref = ref_alloc();
	char *name = next_word(&text);
	int ret;

	if (!ref)
		return minifw_error_no_memory(err);
	ret = name_parse(ref, name, err) ?: options_parse(ref, text, err);
	if (ret)
		minifw_list_put(&ref->list);
	else
		*(struct minifw_set_ref **)value = ref;
	return ret;
}

static void add_to_show(const struct minifw_words *words, struct minifw_text *out,
			const void *value)
{
	const struct minifw_set_ref *ref = *(struct minifw_set_ref *const *)value;

	minifw_text_add(out, "@%s key ", ref->name);
	minifw_word_show(&keys, ref->key, out);
	if (ref->timeout != MINIFW_TIMEOUT_UNSET)
		minifw_text_add(out, " timeout %u", ref->timeout);
}

const struct minifw_kind minifw_kind_add_to = {
	.parse = add_to_parse, .show = add_to_show, .size = sizeof(void *), .list = true,
};
