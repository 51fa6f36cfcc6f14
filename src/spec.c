// SPDX-License-Identifier: GPL-2.0
/*
 * What a rule says: attributes written, read, compared, and as a line of text.  It
 * knows nothing of configfs, packets or locks, so that user space can run it under a
 * fuzzer.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "attr.h"
#include "error.h"
#include "reference.h"
#include "share.h"
#include "spec.h"
#include "text.h"

/* What an attribute says before anybody wrote it: nothing, but for these. */
static const struct minifw_spec defaults = {
	.attrs = BIT_ULL(MINIFW_ATTR_priority) | BIT_ULL(MINIFW_ATTR_hook),
	.hook = { .bits = BIT(MINIFW_AT_INPUT) },
};

/* The list that a value holds; NULL where there is none. */
static struct minifw_list *list_in(const struct minifw_kind *kind, const void *value)
{
	if (kind->slot)
		return minifw_slot_list(*(const struct minifw_slot *)value);
	return kind->list ? *(struct minifw_list *const *)value : NULL;
}

/* Makes a list, or NULL, all that a value holds. */
static void list_store(const struct minifw_kind *kind, void *value, struct minifw_list *list)
{
	if (kind->slot)
		*(struct minifw_slot *)value = minifw_slot_of_list(list);
	else
		*(struct minifw_list **)value = list;
}

/* Of an attribute that has a value. */
static struct minifw_list *list_of(const struct minifw_attr *attr, const struct minifw_spec *spec)
{
	return list_in(attr->kind, minifw_attr_value(attr, spec));
}

/* Of an attribute that has a value in both. */
static bool value_equal(const struct minifw_attr *attr, const struct minifw_spec *a,
			const struct minifw_spec *b)
{
	const struct minifw_list *x = list_of(attr, a), *y = list_of(attr, b);

	if (x || y)
		return minifw_list_equal(x, y);
	return !memcmp(minifw_attr_value(attr, a), minifw_attr_value(attr, b), attr->kind->size);
}

/**
 * minifw_spec_init() - a rule that says nothing yet
 * @spec: takes the defaults
 *
 * Context: any.
 */
void minifw_spec_init(struct minifw_spec *spec)
{
	*spec = defaults;
}

/**
 * minifw_spec_copy() - say the same
 * @to: what it held is not let go of
 * @from: the original
 *
 * Lists are shared. What a live rule has beside is not copied.
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM with nothing in @to.
 */
int minifw_spec_copy(struct minifw_spec *to, const struct minifw_spec *from)
{
	const struct minifw_attr *attr;
	u64 left = from->attrs;

	*to = *from;
	if (from->rare) {
		to->rare = kmemdup(from->rare, sizeof(*to->rare), GFP_KERNEL);
		if (!to->rare) {
			memset(to, 0, sizeof(*to));
			return -ENOMEM;
		}
		memset(&to->rare->live, 0, sizeof(to->rare->live));
	}
	while ((attr = minifw_attr_next(&left)))
		minifw_list_get(list_of(attr, to));
	return 0;
}

/**
 * minifw_spec_clear() - let go of what a spec holds
 * @spec: says nothing after
 *
 * Context: any; no packet may still see it.
 */
void minifw_spec_clear(struct minifw_spec *spec)
{
	const struct minifw_attr *attr;
	u64 left = spec->attrs;

	while ((attr = minifw_attr_next(&left)))
		minifw_list_put(list_of(attr, spec));
	kfree(spec->rare);
	memset(spec, 0, sizeof(*spec));
}

/**
 * minifw_spec_equal() - do two specs say the same?
 * @a: one
 * @b: the other
 *
 * Context: any.
 * Return: whether they do.
 */
bool minifw_spec_equal(const struct minifw_spec *a, const struct minifw_spec *b)
{
	const struct minifw_attr *attr;
	u64 left = a->attrs;

	if (a->attrs != b->attrs)
		return false;
	while ((attr = minifw_attr_next(&left)))
		if (!value_equal(attr, a, b))
			return false;
	return true;
}

/**
 * minifw_attr_equal() - do two specs say the same in one attribute?
 * @id: which attribute
 * @a: one
 * @b: the other
 *
 * Context: any.
 * Return: whether they do.
 */
bool minifw_attr_equal(enum minifw_attr_id id, const struct minifw_spec *a,
		       const struct minifw_spec *b)
{
	if (!minifw_spec_asks(a, id) || !minifw_spec_asks(b, id))
		return minifw_spec_asks(a, id) == minifw_spec_asks(b, id);
	return value_equal(&minifw_attrs[id], a, b);
}

static u32 value_hash(const struct minifw_attr *attr, const struct minifw_spec *spec, u32 seed)
{
	const struct minifw_list *list = list_of(attr, spec);

	if (list)
		return minifw_list_hash(list, seed);
	return jhash(minifw_attr_value(attr, spec), attr->kind->size, seed);
}

/**
 * minifw_spec_hash() - a number that specs have in common if they say the same
 * @spec: the rule
 *
 * Context: any.
 * Return: the number.
 */
u32 minifw_spec_hash(const struct minifw_spec *spec)
{
	const struct minifw_attr *attr;
	u64 left = spec->attrs;
	u32 hash = 0;

	while ((attr = minifw_attr_next(&left)))
		hash = value_hash(attr, spec, hash ^ (attr - minifw_attrs));
	return hash;
}

/**
 * minifw_spec_share() - have no list of its own that others have, too
 * @spec: the rule; no packet's
 * @share: lists of others, held until it is cleared; takes those of @spec that are new to it
 *
 * Context: may sleep.
 */
void minifw_spec_share(struct minifw_spec *spec, struct minifw_share *share)
{
	const struct minifw_attr *attr;
	struct minifw_list *own, *shared;
	u64 left = spec->attrs;

	while ((attr = minifw_attr_next(&left))) {
		own = list_of(attr, spec);
		if (!own || own->set)
			continue;
		shared = minifw_share_list(share, attr->kind, own);
		if (shared == own)
			continue;
		minifw_list_get(shared);
		minifw_spec_replace(spec, attr - minifw_attrs, shared);
	}
}

/* Of a list that several specs have, each has a part. */
static size_t list_memory(struct minifw_list *list)
{
	return list ? DIV_ROUND_UP(ksize(list), refcount_read(&list->refs)) : 0;
}

/**
 * minifw_spec_memory() - what a rule's lists take, and what few rules say
 * @spec: the rule
 *
 * Context: any.
 * Return: bytes, beside those of the spec itself.
 */
size_t minifw_spec_memory(const struct minifw_spec *spec)
{
	const struct minifw_attr *attr;
	size_t bytes = spec->rare ? ksize(spec->rare) : 0;
	u64 left = spec->attrs;

	while ((attr = minifw_attr_next(&left)))
		bytes += list_memory(list_of(attr, spec));
	return bytes;
}

static bool text_clears(const struct minifw_attr *attr, const char *text)
{
	if (attr->clears == MINIFW_CLEARS_NEVER)
		return false;
	return !*text || (attr->clears == MINIFW_CLEARS_BY_ANY && !strcmp(text, "any"));
}

static int value_parse(const struct minifw_attr *attr, char *text, void *value,
		       struct minifw_error *err)
{
	struct minifw_list *list = NULL;
	int ret;

	if (!attr->sets || !minifw_ref_is(text))
		return attr->kind->parse(attr->words, text, value, err);
	ret = minifw_ref_parse(text, &list, err);
	list_store(attr->kind, value, list);
	return ret;
}

static void value_show(const struct minifw_attr *attr, const struct minifw_spec *spec,
		       struct minifw_text *out)
{
	const struct minifw_list *list = list_of(attr, spec);

	if (attr->sets && list && list->set)
		minifw_ref_show(list, out);
	else
		attr->kind->show(attr->words, out, minifw_attr_value(attr, spec));
}

/* Room for what few rules say, if there is none. */
static int rare_create(struct minifw_spec *spec)
{
	if (!spec->rare)
		spec->rare = kzalloc(sizeof(*spec->rare), GFP_KERNEL);
	return spec->rare ? 0 : -ENOMEM;
}

/* Of an attribute that may have had a value. */
static void value_clear(const struct minifw_attr *attr, struct minifw_spec *spec)
{
	u64 bit = BIT_ULL(attr - minifw_attrs);

	if (!(spec->attrs & bit))
		return;
	minifw_list_put(list_of(attr, spec));
	memset(minifw_attr_value(attr, spec), 0, attr->kind->size);
	spec->attrs &= ~bit;
	if (attr->rare && !memchr_inv(spec->rare, 0, sizeof(*spec->rare))) {
		kfree(spec->rare);
		spec->rare = NULL;
	}
}

/* Puts a value, which is the spec's then, into the attribute's place. */
static int value_store(const struct minifw_attr *attr, struct minifw_spec *spec,
		       const void *value, struct minifw_error *err)
{
	if (attr->rare && rare_create(spec)) {
		minifw_list_put(list_in(attr->kind, value));
		return minifw_error_set(err, -ENOMEM, "%s: out of memory", attr->name);
	}
	if (minifw_spec_asks(spec, attr - minifw_attrs))
		minifw_list_put(list_of(attr, spec));
	memcpy(minifw_attr_value(attr, spec), value, attr->kind->size);
	spec->attrs |= BIT_ULL(attr - minifw_attrs);
	return 0;
}

/* A priority has a value at all times. */
static bool value_is_set(const struct minifw_kind *kind, const void *value)
{
	return kind == &minifw_kind_s32 || memchr_inv(value, 0, kind->size);
}

/**
 * minifw_spec_set() - write an attribute
 * @spec: changed only if the text is good
 * @id: which attribute
 * @text: one line without its newline; destroyed
 * @err: takes the reason, with the attribute's name
 *
 * Context: may sleep; @spec is no packet's.
 * Return: 0, -EINVAL, -ERANGE, -E2BIG or -ENOMEM.
 */
int minifw_spec_set(struct minifw_spec *spec, enum minifw_attr_id id, char *text,
		    struct minifw_error *err)
{
	const struct minifw_attr *attr = &minifw_attrs[id];
	u64 value[MINIFW_VALUE_MAX / sizeof(u64)] = {};
	int ret;

	BUILD_BUG_ON(sizeof(struct minifw_limit) > sizeof(value));	/* the largest */
	if (attr->kind != &minifw_kind_note)
		text = strim(text);
	if (!text_clears(attr, text)) {
		ret = value_parse(attr, text, value, err);
		if (ret)
			return minifw_error_prefix(err, ret, attr->name);
	}
	if (value_is_set(attr->kind, value))
		return value_store(attr, spec, value, err);
	value_clear(attr, spec);
	return 0;
}

/**
 * minifw_spec_show() - read an attribute, in normal form
 * @spec: of which rule
 * @id: which attribute
 * @out: takes it; nothing where it is unset
 *
 * Context: any.
 */
void minifw_spec_show(const struct minifw_spec *spec, enum minifw_attr_id id,
		      struct minifw_text *out)
{
	const struct minifw_attr *attr = &minifw_attrs[id];

	if (minifw_spec_asks(spec, id))
		value_show(attr, spec, out);
}

/* `key=value`, quoted where it must be, and what stands before it. */
static int pair_show(const struct minifw_attr *attr, const struct minifw_spec *spec,
		     const char *before, struct minifw_text *out)
{
	struct minifw_text value = {};

	value_show(attr, spec, &value);
	value.size = value.len + 1;
	value.len = 0;
	value.buf = kvmalloc(value.size, GFP_KERNEL);
	if (!value.buf)
		return -ENOMEM;
	value_show(attr, spec, &value);
	minifw_text_add(out, "%s%s=", before, attr->name);
	minifw_text_quote(out, value.buf);
	kvfree(value.buf);
	return 0;
}

static int pairs_show(const struct minifw_spec *spec, const char *before, struct minifw_text *out)
{
	const struct minifw_attr *attr;
	u64 left = spec->attrs;
	int ret = 0;

	while (!ret && (attr = minifw_attr_next(&left))) {
		if (minifw_attr_equal(attr - minifw_attrs, spec, &defaults))
			continue;
		ret = pair_show(attr, spec, before, out);
		before = " ";
	}
	return ret;
}

/**
 * minifw_spec_line() - what a rule says, as in its line of minifw.conf(5)
 * @spec: the rule
 * @out: takes ` key=value` for each attribute that is not at its default
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_spec_line(const struct minifw_spec *spec, struct minifw_text *out)
{
	return pairs_show(spec, " ", out);
}

/**
 * minifw_spec_pairs() - what a rule says, as a line of its own
 * @spec: the rule
 * @out: takes the same as from minifw_spec_line(), without the first blank
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int minifw_spec_pairs(const struct minifw_spec *spec, struct minifw_text *out)
{
	return pairs_show(spec, "", out);
}

/* ---- sets ---- */

/**
 * minifw_spec_ref() - the set that an attribute names
 * @spec: of which rule
 * @id: which attribute
 *
 * Context: any.
 * Return: the reference, or NULL where the attribute names none.
 */
struct minifw_set_ref *minifw_spec_ref(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	struct minifw_list *list;

	if (!minifw_spec_asks(spec, id))
		return NULL;
	list = list_of(&minifw_attrs[id], spec);
	return list && list->set ? container_of(list, struct minifw_set_ref, list) : NULL;
}

/**
 * minifw_spec_next_ref() - the next set that a rule names
 * @spec: the rule
 * @left: a bit for each attribute that is still to be looked at
 * @id: takes which attribute it is
 *
 * Context: any.
 * Return: the reference, or NULL if none of those attributes names one.
 */
struct minifw_set_ref *minifw_spec_next_ref(const struct minifw_spec *spec, u64 *left,
					    enum minifw_attr_id *id)
{
	const struct minifw_attr *attr;
	struct minifw_set_ref *ref;

	while ((attr = minifw_attr_next(left))) {
		*id = attr - minifw_attrs;
		ref = minifw_spec_ref(spec, *id);
		if (ref)
			return ref;
	}
	return NULL;
}

/**
 * minifw_spec_set_types() - of which type the set that an attribute names must be
 * @spec: of which rule
 * @id: which attribute
 *
 * Context: any.
 * Return: a bit for each enum minifw_set_type.
 */
u8 minifw_spec_set_types(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	if (id == MINIFW_ATTR_add_to)
		return BIT(minifw_ref_type(spec->rare->add_to));
	return minifw_attrs[id].sets;
}

/**
 * minifw_spec_replace() - another list in the place of an attribute's
 * @spec: of which rule
 * @id: which attribute, whose value is a list
 * @list: the list; the caller's reference becomes the rule's
 *
 * Context: any; @spec is no packet's.
 */
void minifw_spec_replace(struct minifw_spec *spec, enum minifw_attr_id id,
			 struct minifw_list *list)
{
	minifw_list_put(list_of(&minifw_attrs[id], spec));
	list_store(minifw_attrs[id].kind, minifw_attr_value(&minifw_attrs[id], spec), list);
}
