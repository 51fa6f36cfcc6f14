// SPDX-License-Identifier: GPL-2.0
/*
 * Text into values and back: numbers, words, lists, and the kinds of value that
 * attributes are made of (addresses have addr.c).  Pure functions: what they
 * are given is all they know, so that a fuzzer can run them in user space.
 *
 * What one value shows by itself is refused here; what needs a second attribute
 * is minifw_spec_seal()'s.
 */
#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/etherdevice.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "compat.h"
#include "error.h"
#include "extent.h"
#include "parse.h"
#include "text.h"

/* ---- names of objects ---- */

/**
 * minifw_name_valid() - may an object be called so?
 * @name: the name
 *
 * Context: any.
 * Return: whether it is 1 to 63 of `A-Za-z0-9._-`, not beginning with `.` or `-`.
 */
bool minifw_name_valid(const char *name)
{
	const char *c;

	if (*name == '.' || *name == '-')
		return false;
	for (c = name; *c; c++)
		if (!isascii(*c) || (!isalnum(*c) && !strchr("._-", *c)))
			return false;
	return c > name && c - name <= MINIFW_NAME_MAX;
}

/* ---- lists ---- */

/**
 * minifw_list_alloc() - room for a list as it is written
 * @header: bytes of the list's own structure
 * @element: bytes of an element
 * @text: the list as text, whose commas are counted
 *
 * Context: may sleep.
 * Return: a zeroed list with one reference and @size set for all of its
 * elements, or NULL.
 */
void *minifw_list_alloc(size_t header, size_t element, const char *text)
{
	struct minifw_list *list;
	unsigned int count = 1;

	for (; *text && count < MINIFW_LIST_MAX; text++)
		count += *text == ',';
	list = kzalloc(header + count * element, GFP_KERNEL);
	if (!list)
		return NULL;
	refcount_set(&list->refs, 1);
	list->size = header + count * element;
	return list;
}

/**
 * minifw_list_get() - hold a list
 * @list: a list, or NULL
 *
 * Context: any.
 */
void minifw_list_get(struct minifw_list *list)
{
	if (list)
		refcount_inc(&list->refs);
}

/**
 * minifw_list_put() - let go of a list; the last one frees it
 * @list: a list, or NULL
 *
 * Context: any; no packet may still see it.
 */
void minifw_list_put(struct minifw_list *list)
{
	if (list && refcount_dec_and_test(&list->refs))
		kfree(list);
}

/**
 * minifw_list_equal() - do two lists say the same?
 * @a: a list in normal form, or NULL
 * @b: another of the same kind, or NULL
 *
 * Context: any.
 * Return: whether they do.
 */
bool minifw_list_equal(const struct minifw_list *a, const struct minifw_list *b)
{
	if (!a || !b)
		return a == b;
	return a->size == b->size && a->count == b->count && a->negated == b->negated &&
	       !memcmp(a + 1, b + 1, a->size - sizeof(*a));
}

/**
 * minifw_list_hash() - a number that lists have in common if they say the same
 * @list: a list in normal form
 * @seed: begins it
 *
 * Context: any.
 * Return: the number.
 */
u32 minifw_list_hash(const struct minifw_list *list, u32 seed)
{
	return jhash(list + 1, list->size - sizeof(*list), seed + list->negated);
}

/* What stands before an element when a list is shown. */
static const char *separator(const struct minifw_list *list, bool first)
{
	if (!first)
		return ",";
	return list->negated ? "!" : "";
}

/* As strsep(), which is slow, for one character. */
static char *next_token(char **text)
{
	char *token = *text;

	if (!token)
		return NULL;
	*text = strchr(token, ',');
	if (*text)
		*(*text)++ = '\0';
	return token;
}

/**
 * minifw_parse_list() - take a list apart
 * @words: handed to @element
 * @text: `[!] element, element …`; destroyed
 * @element: called for each, in the order written
 * @ctx: handed to @element
 * @negated: takes whether there is a `!`; NULL where none is allowed
 * @err: takes the reason
 *
 * Context: as @element.
 * Return: 0, -EINVAL, -E2BIG past MINIFW_LIST_MAX, or what @element returned.
 */
int minifw_parse_list(const struct minifw_words *words, char *text, minifw_element element,
		      void *ctx, bool *negated, struct minifw_error *err)
{
	unsigned int count = 0;
	char *token;
	int ret;

	text = skip_spaces(text);
	if (*text == '!' && negated) {
		*negated = true;
		text++;
	}
	while ((token = next_token(&text))) {
		token = strim(token);
		if (++count > MINIFW_LIST_MAX)
			return minifw_error_set(err, -E2BIG,
						"more than %u elements, from '%.40s' on",
						MINIFW_LIST_MAX, token);
		if (*token == '!' && negated)
			return minifw_error_set(err, -EINVAL,
						"'%.40s': a '!' stands once, before the list",
						token);
		if (*token == '!')
			return minifw_error_set(err, -EINVAL, "'%.40s' cannot be negated",
						token);
		ret = element(words, token, ctx, err);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * struct list_form - how a list of one kind is taken in
 * @header: bytes of the list's own structure
 * @size: bytes of an element
 * @element: reads one; the list is its context
 * @cmp: the order of elements
 * @absorb: can @kept speak for @next, which sorts after it, as well?  Then it does
 * @is_all: is a list all there is, so that its negation is nothing?  Or NULL
 * @none_left: says that it is
 */
struct list_form {
	size_t header;
	size_t size;
	minifw_element element;
	int (*cmp)(const void *a, const void *b);
	bool (*absorb)(void *kept, const void *next);
	bool (*is_all)(const struct minifw_list *list, const struct minifw_words *words);
	const char *none_left;
};

/* Into normal form: in order, and none covered by another. Returns how many are left. */
static unsigned int elements_merge(const struct list_form *form, void *first, unsigned int count)
{
	void *kept = first, *end = first + count * form->size, *next;

	sort(first, count, form->size, form->cmp, NULL);
	for (next = first + form->size; next < end; next += form->size) {
		if (form->absorb(kept, next))
			continue;
		kept += form->size;
		memmove(kept, next, form->size);
	}
	return (kept - first) / form->size + 1;
}

/**
 * union list_room - room for a list of one element, as most are
 * @list: the list
 * @bytes: with an element of the largest kind
 */
union list_room {
	struct minifw_list list;
	u8 bytes[sizeof(struct minifw_ifaces) + sizeof(struct minifw_iface)];
};

/* Undo list_read(). */
static void list_drop(struct minifw_list *list, union list_room *room)
{
	if (list != &room->list)
		minifw_list_put(list);
}

/* Into normal form. The size is that of what is left: equal lists are equal bytes. */
static int list_close(const struct list_form *form, struct minifw_list *list,
		      const struct minifw_words *words, struct minifw_error *err)
{
	if (list->count > 1)
		list->count = elements_merge(form, (void *)list + form->header, list->count);
	list->size = form->header + list->count * form->size;
	if (list->negated && form->is_all && form->is_all(list, words))
		return minifw_error_set(err, -EINVAL, "%s", form->none_left);
	return 0;
}

/* Reads a list: of one element into @room, others into what it allocates. */
static int list_read(const struct list_form *form, const struct minifw_words *words, char *text,
		     union list_room *room, struct minifw_list **list, struct minifw_error *err)
{
	int ret;

	*list = strchr(text, ',') ? minifw_list_alloc(form->header, form->size, text) :
				    &room->list;
	if (!*list)
		return minifw_error_no_memory(err);
	ret = minifw_parse_list(words, text, form->element, *list, &(*list)->negated, err);
	if (!ret)
		ret = list_close(form, *list, words, err);
	if (ret)
		list_drop(*list, room);
	return ret;
}

/* Takes *@list out of @room, if it is there. */
static int list_keep(struct minifw_list **list, union list_room *room, struct minifw_error *err)
{
	if (*list != &room->list)
		return 0;
	refcount_set(&room->list.refs, 1);
	*list = kmemdup(room, room->list.size, GFP_KERNEL);
	return *list ? 0 : minifw_error_no_memory(err);
}

/* Reads a list into *@value, a pointer to one. */
static int list_parse(const struct list_form *form, const struct minifw_words *words, char *text,
		      void *value, struct minifw_error *err)
{
	union list_room room = {};
	struct minifw_list *list;
	int ret = list_read(form, words, text, &room, &list, err) ?:
		  list_keep(&list, &room, err);

	if (!ret)
		*(struct minifw_list **)value = list;
	return ret;
}

/**
 * minifw_has_control() - would a text break its line, or play with a terminal?
 * @text: the text
 *
 * Context: any.
 * Return: whether it holds a control character.
 */
bool minifw_has_control(const char *text)
{
	for (; *text; text++)
		if (iscntrl(*text))
			return true;
	return false;
}

/* ---- numbers and words ---- */

/**
 * minifw_parse_u64() - a decimal number, digits alone
 * @token: the text
 * @max: the highest that is allowed
 * @number: takes it
 *
 * A leading zero is refused: others read such a number as octal.
 *
 * Context: any.
 * Return: 0, -EINVAL if it is no number, -ERANGE past @max.
 */
int minifw_parse_u64(const char *token, u64 max, u64 *number)
{
	const char *c;
	int ret;

	for (c = token; *c; c++)
		if (!isdigit(*c))
			return -EINVAL;
	if (c == token || (token[0] == '0' && token[1]))
		return -EINVAL;
	ret = kstrtou64(token, 10, number);
	if (ret)
		return ret;
	return *number > max ? -ERANGE : 0;
}

/**
 * minifw_parse_number() - minifw_parse_u64() for what has 32 bits
 * @token: the text
 * @max: the highest that is allowed
 * @number: takes it
 *
 * Context: any.
 * Return: as minifw_parse_u64().
 */
int minifw_parse_number(const char *token, u32 max, u32 *number)
{
	u64 wide;
	int ret = minifw_parse_u64(token, max, &wide);

	if (!ret)
		*number = wide;
	return ret;
}

static const struct minifw_word *word_find(const struct minifw_words *words, const char *token)
{
	unsigned int i;

	for (i = 0; i < words->count; i++)
		if (!strcmp(words->word[i].word, token))
			return &words->word[i];
	return NULL;
}

static const struct minifw_word *word_of(const struct minifw_words *words, u8 number)
{
	unsigned int i;

	for (i = 0; i < words->count; i++)
		if (words->word[i].number == number)
			return &words->word[i];
	return NULL;
}

/**
 * minifw_word_show() - the word that stands for a number
 * @words: the list of words
 * @number: the number; nothing is shown where no word stands for it
 * @out: takes it
 *
 * Context: any.
 */
void minifw_word_show(const struct minifw_words *words, u8 number, struct minifw_text *out)
{
	const struct minifw_word *word = word_of(words, number);

	if (word)
		minifw_text_add(out, "%s", word->word);
}

/**
 * minifw_parse_word() - a word of a closed list
 * @words: the list
 * @token: the text
 * @err: takes the reason, with the words that there are
 *
 * Context: any.
 * Return: the word's number, or -EINVAL.
 */
int minifw_parse_word(const struct minifw_words *words, const char *token,
		      struct minifw_error *err)
{
	const struct minifw_word *word = word_find(words, token);
	struct minifw_text out = { .buf = err->text, .size = sizeof(err->text) };
	unsigned int i;

	if (word)
		return word->number;
	minifw_error_set(err, -EINVAL, "'%.40s' is not %s:", token, words->what);
	out.len = strlen(err->text);
	for (i = 0; i < words->count; i++)
		minifw_text_add(&out, " %s", words->word[i].word);
	return -EINVAL;
}

/* A word of @words, or a number that they allow. */
static int parse_code(const struct minifw_words *words, const char *token, u32 *number,
		      struct minifw_error *err)
{
	const struct minifw_word *word = word_find(words, token);
	int ret;

	if (word) {
		*number = word->number;
		return 0;
	}
	ret = minifw_parse_number(token, words->max, number);
	if (ret == -ERANGE)
		return minifw_error_set(err, ret, "'%.40s' is out of range: %s is 0 to %u", token,
					words->what, words->max);
	if (ret)
		return minifw_error_set(err, ret, "'%.40s' is not %s", token, words->what);
	return 0;
}

/* ---- ranges: ports and other numbers, ICMP types ---- */

static int range_cmp(const void *a, const void *b)
{
	const struct minifw_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static bool range_absorb(struct minifw_range *kept, const struct minifw_range *next, u64 gap)
{
	if (next->first > kept->last + gap)
		return false;
	kept->last = max(kept->last, next->last);
	return true;
}

static bool range_absorb_overlapping(void *kept, const void *next)
{
	return range_absorb(kept, next, 0);
}

static bool range_absorb_adjacent(void *kept, const void *next)
{
	return range_absorb(kept, next, 1);
}

/**
 * minifw_parse_range() - a number, or two with a `-` between them
 * @words: words and numbers that are allowed
 * @token: the text; destroyed
 * @range: takes it
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0, -EINVAL or -ERANGE.
 */
int minifw_parse_range(const struct minifw_words *words, char *token, struct minifw_range *range,
		       struct minifw_error *err)
{
	char *dash = strchr(token, '-');
	int ret;

	if (dash)
		*dash++ = '\0';
	ret = parse_code(words, strim(token), &range->first, err);
	range->last = range->first;
	if (!ret && dash)
		ret = parse_code(words, strim(dash), &range->last, err);
	if (ret)
		return ret;
	if (range->first > range->last)
		return minifw_error_set(err, -EINVAL, "'%u-%u' is upside down", range->first,
					range->last);
	return 0;
}

static int range_element(const struct minifw_words *words, char *token, void *ctx,
			 struct minifw_error *err)
{
	struct minifw_ranges *ranges = ctx;
	int ret = minifw_parse_range(words, token, &ranges->range[ranges->list.count], err);

	ranges->list.count += !ret;
	return ret;
}

static bool ranges_are_all(const struct minifw_list *list, const struct minifw_words *words)
{
	const struct minifw_ranges *ranges = container_of(list, const struct minifw_ranges, list);

	return !ranges->range[0].first && ranges->range[0].last == words->max;
}

static const struct list_form ranges_form = {
	.header = sizeof(struct minifw_ranges), .size = sizeof(struct minifw_range),
	.element = range_element, .cmp = range_cmp, .absorb = range_absorb_adjacent,
	.is_all = ranges_are_all, .none_left = "the list after '!' leaves nothing",
};

/* A list as a short one; 0 where it is too long for that. */
static u64 ranges_shorten(const struct minifw_list *list)
{
	const struct minifw_ranges *ranges = container_of(list, const struct minifw_ranges, list);
	const struct minifw_range *range = ranges->range;

	if (list->count > 1 || range->last > U16_MAX)
		return 0;
	return MINIFW_SLOT_SHORT | (list->negated ? MINIFW_SLOT_NEGATED : 0) |
	       range->first << 16 | (u64)range->last << 32;
}

/**
 * minifw_ranges_of() - the list that a slot holds, a short one too
 * @slot: the slot
 * @room: where a short list is written out
 *
 * Context: any.
 * Return: the list, in @room or where it is; NULL where the slot is unset.
 */
const struct minifw_ranges *minifw_ranges_of(struct minifw_slot slot,
					     union minifw_ranges_room *room)
{
	struct minifw_list *list = minifw_slot_list(slot);

	if (!minifw_slot_is_short(slot))
		return list ? container_of(list, struct minifw_ranges, list) : NULL;
	*room = (union minifw_ranges_room){};
	room->ranges.list.size = sizeof(room->bytes);
	room->ranges.list.count = 1;
	room->ranges.list.negated = slot.word & MINIFW_SLOT_NEGATED;
	room->ranges.range[0].first = minifw_short_first(slot);
	room->ranges.range[0].last = minifw_short_last(slot);
	return &room->ranges;
}

static int slot_parse(const struct list_form *form, const struct minifw_words *words, char *text,
		      struct minifw_slot *slot, struct minifw_error *err)
{
	union list_room room = {};
	struct minifw_list *list;
	int ret = list_read(form, words, text, &room, &list, err);

	if (ret)
		return ret;
	slot->word = ranges_shorten(list);
	if (slot->word) {
		list_drop(list, &room);
		return 0;
	}
	ret = list_keep(&list, &room, err);
	if (!ret)
		*slot = minifw_slot_of_list(list);
	return ret;
}

static int ranges_parse(const struct minifw_words *words, char *text, void *value,
			struct minifw_error *err)
{
	return slot_parse(&ranges_form, words, text, value, err);
}

static void each_range_show(struct minifw_text *out, const struct minifw_slot *slot,
			    void (*show)(struct minifw_text *out, const struct minifw_range *r))
{
	union minifw_ranges_room room;
	const struct minifw_ranges *ranges = minifw_ranges_of(*slot, &room);
	const struct minifw_range *r;

	for (r = ranges->range; r < ranges->range + ranges->list.count; r++) {
		minifw_text_add(out, "%s", separator(&ranges->list, r == ranges->range));
		show(out, r);
	}
}

static void range_show(struct minifw_text *out, const struct minifw_range *r)
{
	minifw_text_add(out, "%u", r->first);
	if (r->last != r->first)
		minifw_text_add(out, "-%u", r->last);
}

static void ranges_show(const struct minifw_words *words, struct minifw_text *out,
			const void *value)
{
	each_range_show(out, value, range_show);
}

static const struct minifw_words icmp_codes = { .what = "a code", .max = U8_MAX };

static int icmp_element(const struct minifw_words *words, char *token, void *ctx,
			struct minifw_error *err)
{
	struct minifw_ranges *ranges = ctx;
	struct minifw_range *range = &ranges->range[ranges->list.count];
	char *slash = strchr(token, '/');
	u32 type, code = 0;
	int ret;

	if (slash)
		*slash++ = '\0';
	ret = parse_code(words, strim(token), &type, err);
	if (!ret && slash)
		ret = parse_code(&icmp_codes, strim(slash), &code, err);
	if (ret)
		return ret;
	range->first = type << 8 | code;
	range->last = type << 8 | (slash ? code : U8_MAX);
	ranges->list.count++;
	return 0;
}

/* Types have no order: neighbours stay two. */
static const struct list_form icmp_form = {
	.header = sizeof(struct minifw_ranges), .size = sizeof(struct minifw_range),
	.element = icmp_element, .cmp = range_cmp, .absorb = range_absorb_overlapping,
};

static int icmp_parse(const struct minifw_words *words, char *text, void *value,
		      struct minifw_error *err)
{
	return slot_parse(&icmp_form, words, text, value, err);
}

static void type_show(struct minifw_text *out, const struct minifw_range *r)
{
	minifw_text_add(out, "%u", r->first >> 8);
	if (r->last == r->first)
		minifw_text_add(out, "/%u", r->first & U8_MAX);
}

static void icmp_show(const struct minifw_words *words, struct minifw_text *out,
		      const void *value)
{
	each_range_show(out, value, type_show);
}

const struct minifw_kind minifw_kind_ranges = {
	.parse = ranges_parse, .show = ranges_show, .covers = minifw_ranges_cover,
	.size = sizeof(struct minifw_slot),
	.slot = true,
};

const struct minifw_kind minifw_kind_icmp = {
	.parse = icmp_parse, .show = icmp_show, .covers = minifw_icmp_covers,
	.size = sizeof(struct minifw_slot),
	.slot = true,
};

/* ---- interface names ---- */

/**
 * minifw_parse_iface() - an interface name, or how it begins
 * @token: the text; destroyed
 * @iface: takes it; zeroed
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int minifw_parse_iface(char *token, struct minifw_iface *iface, struct minifw_error *err)
{
	size_t len = strlen(token);
	bool whole = true;

	if (!strcmp(token, "any"))
		return minifw_error_set(err, -EINVAL, "'any' is no interface, it clears the list");
	if (len && token[len - 1] == '*') {
		token[--len] = '\0';
		whole = false;
	}
	if ((len || whole) &&
	    (!dev_valid_name(token) || strpbrk(token, "*!@") || minifw_has_control(token)))
		return minifw_error_set(err, -EINVAL,
					"'%.40s%s' is not an interface name (a '*' may end it)",
					token, whole ? "" : "*");
	memcpy(iface->name, token, len);
	iface->len = len + whole;
	return 0;
}

static int iface_element(const struct minifw_words *words, char *token, void *ctx,
			 struct minifw_error *err)
{
	struct minifw_ifaces *ifaces = ctx;
	int ret = minifw_parse_iface(token, &ifaces->iface[ifaces->list.count], err);

	ifaces->list.count += !ret;
	return ret;
}

static int iface_cmp(const void *a, const void *b)
{
	const struct minifw_iface *x = a, *y = b;
	int cmp = strcmp(x->name, y->name);

	return cmp ?: x->len - y->len;	/* `eth*` before `eth` */
}

/* Sorted, what a beginning covers follows it. */
static bool iface_absorb(void *kept, const void *next)
{
	const struct minifw_iface *x = kept, *y = next;

	return !memcmp(y->name, x->name, x->len);
}

static bool ifaces_are_all(const struct minifw_list *list, const struct minifw_words *words)
{
	return !container_of(list, const struct minifw_ifaces, list)->iface[0].len;
}

static const struct list_form ifaces_form = {
	.header = sizeof(struct minifw_ifaces), .size = sizeof(struct minifw_iface),
	.element = iface_element, .cmp = iface_cmp, .absorb = iface_absorb,
	.is_all = ifaces_are_all, .none_left = "'!*' leaves no interface",
};

static int ifaces_parse(const struct minifw_words *words, char *text, void *value,
			struct minifw_error *err)
{
	return list_parse(&ifaces_form, words, text, value, err);
}

static void ifaces_show(const struct minifw_words *words, struct minifw_text *out,
			const void *value)
{
	const struct minifw_ifaces *ifaces = *(struct minifw_ifaces *const *)value;
	const struct minifw_iface *i;

	for (i = ifaces->iface; i < ifaces->iface + ifaces->list.count; i++)
		minifw_text_add(out, "%s%s%s", separator(&ifaces->list, i == ifaces->iface),
				i->name, i->len == strlen(i->name) ? "*" : "");
}

const struct minifw_kind minifw_kind_ifaces = {
	.parse = ifaces_parse, .show = ifaces_show, .covers = minifw_ifaces_cover,
	.size = sizeof(void *), .list = true,
};

/* ---- Ethernet addresses ---- */

#define MAC_CHARS 17	/* of six bytes, 52:54:00:12:34:56 */

/**
 * minifw_parse_mac() - an Ethernet address
 * @token: the text
 * @mac: takes it
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int minifw_parse_mac(const char *token, struct minifw_mac *mac, struct minifw_error *err)
{
	if (strlen(token) != MAC_CHARS || !mac_pton(token, mac->addr))
		return minifw_error_set(err, -EINVAL, "'%.40s' is not an Ethernet address", token);
	return 0;
}

static int mac_element(const struct minifw_words *words, char *token, void *ctx,
		       struct minifw_error *err)
{
	struct minifw_macs *macs = ctx;
	int ret = minifw_parse_mac(token, &macs->mac[macs->list.count], err);

	macs->list.count += !ret;
	return ret;
}

static int mac_cmp(const void *a, const void *b)
{
	return memcmp(a, b, ETH_ALEN);
}

static bool mac_absorb(void *kept, const void *next)
{
	return !mac_cmp(kept, next);
}

static const struct list_form macs_form = {
	.header = sizeof(struct minifw_macs), .size = sizeof(struct minifw_mac),
	.element = mac_element, .cmp = mac_cmp, .absorb = mac_absorb,
};

static int macs_parse(const struct minifw_words *words, char *text, void *value,
		      struct minifw_error *err)
{
	return list_parse(&macs_form, words, text, value, err);
}

static void macs_show(const struct minifw_words *words, struct minifw_text *out,
		      const void *value)
{
	const struct minifw_macs *macs = *(struct minifw_macs *const *)value;
	const struct minifw_mac *mac;

	for (mac = macs->mac; mac < macs->mac + macs->list.count; mac++) {
		minifw_text_add(out, "%s", separator(&macs->list, mac == macs->mac));
		minifw_text_add(out, "%pM", mac->addr);
	}
}

const struct minifw_kind minifw_kind_macs = {
	.parse = macs_parse, .show = macs_show, .covers = minifw_macs_cover,
	.size = sizeof(void *), .list = true,
};

/* ---- codes: names and numbers ---- */

static int code_element(const struct minifw_words *words, char *token, void *ctx,
			struct minifw_error *err)
{
	struct minifw_codes *codes = ctx;
	u32 number;
	int ret;

	ret = parse_code(words, token, &number, err);
	if (!ret && !test_bit(number, codes->bits)) {
		__set_bit(number, codes->bits);
		codes->list.count++;
	}
	return ret;
}

/* Codes as a short list; 0 where they are too many for that. */
static u64 codes_shorten(const struct minifw_codes *codes)
{
	unsigned int left = codes->list.count, shift = 8, code;
	u64 word = MINIFW_SLOT_SHORT | left << 4;

	if (left > MINIFW_CODES_SHORT)
		return 0;
	if (codes->list.negated)
		word |= MINIFW_SLOT_NEGATED;
	for (code = 0; left; code++) {
		if (!test_bit(code, codes->bits))
			continue;
		word |= (u64)code << shift;
		shift += 8;
		left--;
	}
	return word;
}

/**
 * minifw_codes_of() - the codes that a slot holds, short or not
 * @slot: the slot
 * @room: where short ones are written out
 *
 * Context: any.
 * Return: the codes, in @room or where they are; NULL where the slot is unset.
 */
const struct minifw_codes *minifw_codes_of(struct minifw_slot slot, struct minifw_codes *room)
{
	struct minifw_list *list = minifw_slot_list(slot);
	unsigned int i;

	if (!minifw_slot_is_short(slot))
		return list ? container_of(list, struct minifw_codes, list) : NULL;
	*room = (struct minifw_codes){};
	room->list.size = sizeof(*room);
	room->list.count = minifw_short_codes(slot);
	room->list.negated = slot.word & MINIFW_SLOT_NEGATED;
	for (i = 0; i < room->list.count; i++)
		__set_bit(minifw_short_code(slot, i), room->bits);
	return room;
}

static int codes_parse(const struct minifw_words *words, char *text, void *value,
		       struct minifw_error *err)
{
	struct minifw_codes codes = { .list.size = sizeof(codes) }, *kept;
	struct minifw_slot *slot = value;
	int ret;

	ret = minifw_parse_list(words, text, code_element, &codes, &codes.list.negated, err);
	if (ret)
		return ret;
	if (codes.list.negated && codes.list.count > words->max)
		return minifw_error_set(err, -EINVAL, "the list after '!' leaves nothing");
	slot->word = codes_shorten(&codes);
	if (slot->word)
		return 0;
	refcount_set(&codes.list.refs, 1);
	kept = kmemdup(&codes, sizeof(codes), GFP_KERNEL);
	if (!kept)
		return minifw_error_no_memory(err);
	*slot = minifw_slot_of_list(&kept->list);
	return 0;
}

static void codes_show(const struct minifw_words *words, struct minifw_text *out,
		       const void *value)
{
	struct minifw_codes room;
	const struct minifw_codes *codes =
		minifw_codes_of(*(const struct minifw_slot *)value, &room);
	const char *before = codes->list.negated ? "!" : "";
	unsigned int i;

	for (i = 0; i < words->count; i++) {
		if (word_of(words, words->word[i].number) != &words->word[i] ||
		    !test_bit(words->word[i].number, codes->bits))
			continue;
		minifw_text_add(out, "%s%s", before, words->word[i].word);
		before = ",";
	}
	for (i = 0; i <= words->max; i++) {
		if (!test_bit(i, codes->bits) || word_of(words, i))
			continue;
		minifw_text_add(out, "%s%u", before, i);
		before = ",";
	}
}

const struct minifw_kind minifw_kind_codes = {
	.parse = codes_parse, .show = codes_show, .covers = minifw_codes_cover,
	.size = sizeof(struct minifw_slot),
	.slot = true,
};

/* ---- words of a closed list as bits ---- */

static int flag_element(const struct minifw_words *words, char *token, void *ctx,
			struct minifw_error *err)
{
	int bit = minifw_parse_word(words, token, err);
	u8 *bits = ctx;

	if (bit < 0)
		return bit;
	if (words->single && *bits)
		return minifw_error_set(err, -EINVAL, "'%.40s': one word only", token);
	*bits |= 1U << bit;
	return 0;
}

/**
 * minifw_words_all() - all that flags can be
 * @words: an attribute's
 *
 * Context: any.
 * Return: a bit for each word's number.
 */
u8 minifw_words_all(const struct minifw_words *words)
{
	unsigned int i;
	u8 all = 0;

	for (i = 0; i < words->count; i++)
		all |= 1U << words->word[i].number;
	return all;
}

static int flags_parse(const struct minifw_words *words, char *text, void *value,
		       struct minifw_error *err)
{
	struct minifw_flags *flags = value;
	bool may_negate = !words->single && !words->no_negation;
	int ret;

	ret = minifw_parse_list(words, text, flag_element, &flags->bits,
				may_negate ? &flags->negated : NULL, err);
	if (!ret && flags->negated && !words->any_number && flags->bits == minifw_words_all(words))
		return minifw_error_set(err, -EINVAL, "the list after '!' leaves nothing");
	return ret;
}

/* The words of @bits with commas between them. */
static void bits_show(const struct minifw_words *words, struct minifw_text *out, u8 bits)
{
	unsigned int i;

	for (i = 0; bits && i < words->count; i++) {
		u8 bit = 1U << words->word[i].number;

		if (!(bits & bit))
			continue;
		bits &= ~bit;
		minifw_text_add(out, "%s%s", words->word[i].word, bits ? "," : "");
	}
}

static void flags_show(const struct minifw_words *words, struct minifw_text *out,
		       const void *value)
{
	const struct minifw_flags *flags = value;

	minifw_text_add(out, "%s", flags->negated ? "!" : "");
	bits_show(words, out, flags->bits);
}

const struct minifw_kind minifw_kind_flags = {
	.parse = flags_parse, .show = flags_show, .covers = minifw_flags_cover,
	.size = sizeof(struct minifw_flags),
};

/* ---- TCP flags: value / mask ---- */

static int tcp_flags_parse(const struct minifw_words *words, char *text, void *value,
			   struct minifw_error *err)
{
	struct minifw_tcp_flags *flags = value;
	char *mask = strchr(text, '/');
	int ret = 0;

	if (!mask)
		return minifw_error_set(err, -EINVAL, "'%.40s' is not VALUE / MASK", text);
	*mask++ = '\0';
	text = strim(text);
	mask = strim(mask);
	if (*text && strcmp(text, "none"))
		ret = minifw_parse_list(words, text, flag_element, &flags->value, NULL, err);
	if (!ret)
		ret = minifw_parse_list(words, mask, flag_element, &flags->mask, NULL, err);
	if (!ret && (flags->value & ~flags->mask))
		ret = minifw_error_set(err, -EINVAL, "a flag of the value is not in the mask");
	return ret;
}

static void tcp_flags_show(const struct minifw_words *words, struct minifw_text *out,
			   const void *value)
{
	const struct minifw_tcp_flags *flags = value;

	if (!flags->value)
		minifw_text_add(out, "none");
	bits_show(words, out, flags->value);
	minifw_text_add(out, "/");
	bits_show(words, out, flags->mask);
}

const struct minifw_kind minifw_kind_tcp_flags = {
	.parse = tcp_flags_parse, .show = tcp_flags_show, .covers = minifw_tcp_flags_cover,
	.size = sizeof(struct minifw_tcp_flags),
};

/* ---- marks: value / mask ---- */

/* A 32-bit number, decimal or with 0x. */
static int mark_number(const char *token, u32 *number, struct minifw_error *err)
{
	bool hex = token[0] == '0' && token[1] == 'x';
	const char *c;
	int ret;

	for (c = token + 2; hex && *c; c++)
		if (!isxdigit(*c))
			hex = false;
	ret = hex ? kstrtou32(token + 2, 16, number) : minifw_parse_number(token, U32_MAX, number);
	if (ret == -ERANGE)
		return minifw_error_set(err, ret, "'%.40s' is out of range: a mark is 0 to 0x%x",
					token, U32_MAX);
	if (ret)
		return minifw_error_set(err, ret, "'%.40s' is not a mark", token);
	return 0;
}

static int mark_parse(const struct minifw_words *words, char *text, void *value,
		      struct minifw_error *err)
{
	struct minifw_mark *mark = value;
	char *mask = strchr(text, '/');
	int ret;

	if (mask)
		*mask++ = '\0';
	mark->mask = U32_MAX;
	ret = mark_number(strim(text), &mark->value, err);
	if (!ret && mask)
		ret = mark_number(strim(mask), &mark->mask, err);
	if (ret)
		return ret;
	if (mark->value & ~mark->mask)
		return minifw_error_set(err, -EINVAL, "0x%x has bits that are not in the mask 0x%x",
					mark->value, mark->mask);
	if (!mark->mask)
		return minifw_error_set(err, -EINVAL, "a mask of 0 asks for nothing");
	return 0;
}

static void mark_show(const struct minifw_words *words, struct minifw_text *out,
		      const void *value)
{
	const struct minifw_mark *mark = value;

	minifw_text_add(out, "0x%x", mark->value);
	if (mark->mask != U32_MAX)
		minifw_text_add(out, "/0x%x", mark->mask);
}

const struct minifw_kind minifw_kind_mark = {
	.parse = mark_parse, .show = mark_show, .covers = minifw_mark_covers,
	.size = sizeof(struct minifw_mark),
};

/* ---- text: comments, paths ---- */

static int note_keep(const char *text, void *value, struct minifw_error *err)
{
	size_t len = strlen(text);
	struct minifw_note *note;

	note = minifw_list_alloc(sizeof(*note), len + 1, "");
	if (!note)
		return minifw_error_no_memory(err);
	memcpy(note->text, text, len);
	note->list.count = len;
	*(struct minifw_note **)value = note;
	return 0;
}

static int note_parse(const struct minifw_words *words, char *text, void *value,
		      struct minifw_error *err)
{
	if (strlen(text) > MINIFW_COMMENT_MAX)
		return minifw_error_set(err, -E2BIG, "'%.40s…' is longer than %u bytes", text,
					MINIFW_COMMENT_MAX);
	if (minifw_has_control(text))
		return minifw_error_set(err, -EINVAL, "'%.40s' holds a control character", text);
	return note_keep(text, value, err);
}

static void note_show(const struct minifw_words *words, struct minifw_text *out,
		      const void *value)
{
	const struct minifw_note *note = *(struct minifw_note *const *)value;

	minifw_text_add(out, "%s", note->text);
}

const struct minifw_kind minifw_kind_note = {
	.parse = note_parse, .show = note_show, .size = sizeof(void *), .list = true,
};

/* Names with one slash between them, and none at the ends. In place. */
static char *path_normalise(char *path)
{
	char *from, *to;

	path += strspn(path, "/");
	for (from = path, to = path; *from; from++)
		if (*from != '/' || (from[1] && from[1] != '/'))
			*to++ = *from;
	*to = '\0';
	return path;
}

static int path_parse(const struct minifw_words *words, char *text, void *value,
		      struct minifw_error *err)
{
	if (*text == '!')
		return minifw_error_set(err, -EINVAL, "'%.40s' cannot be negated", text);
	if (minifw_has_control(text))
		return minifw_error_set(err, -EINVAL, "'%.40s' holds a control character", text);
	text = path_normalise(text);
	if (*text && isspace(text[strlen(text) - 1]))
		return minifw_error_set(err, -EINVAL, "'%.40s' ends in a blank", text);
	return note_keep(text, value, err);
}

/* The slash before it tells it from `any`. */
static void path_show(const struct minifw_words *words, struct minifw_text *out,
		      const void *value)
{
	const struct minifw_note *path = *(struct minifw_note *const *)value;

	minifw_text_add(out, "/%s", path->text);
}

const struct minifw_kind minifw_kind_path = {
	.parse = path_parse, .show = path_show, .size = sizeof(void *), .list = true,
};

/* ---- a signed number ---- */

static int s32_parse(const struct minifw_words *words, char *text, void *value,
		     struct minifw_error *err)
{
	const char *digits = *text == '-' ? text + 1 : text;
	u32 number;
	int ret;

	ret = minifw_parse_number(digits, *text == '-' ? 1U << 31 : S32_MAX, &number);
	if (ret == -ERANGE)
		return minifw_error_set(err, ret, "'%.40s' is not within -2147483648 to 2147483647",
					text);
	if (ret)
		return minifw_error_set(err, ret, "'%.40s' is not a number", text);
	*(s32 *)value = *text == '-' ? (s32)-number : (s32)number;
	return 0;
}

static void s32_show(const struct minifw_words *words, struct minifw_text *out,
		     const void *value)
{
	minifw_text_add(out, "%d", *(const s32 *)value);
}

const struct minifw_kind minifw_kind_s32 = {
	.parse = s32_parse, .show = s32_show, .size = sizeof(s32),
};

/* ---- durations ---- */

static const struct {
	char letter;
	u32 seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

/* Takes `NUMBER UNIT` off *@text, with a unit from *@unit on, and adds it to *@sum. */
static int take_duration(const char **text, unsigned int *unit, u64 *sum)
{
	size_t digits = strspn(*text, "0123456789");
	char number[11];	/* of as many digits as U32_MAX has */
	u32 count;
	int ret;

	if (digits >= sizeof(number))
		return -ERANGE;
	memcpy(number, *text, digits);
	number[digits] = '\0';
	ret = minifw_parse_number(number, U32_MAX, &count);
	if (ret)
		return ret;
	while (*unit < ARRAY_SIZE(units) && units[*unit].letter != (*text)[digits])
		++*unit;
	if (*unit == ARRAY_SIZE(units))
		return -EINVAL;
	*sum += (u64)count * units[(*unit)++].seconds;
	*text += digits + 1;
	return *sum > U32_MAX ? -ERANGE : 0;
}

/**
 * minifw_parse_seconds() - a duration
 * @token: seconds, or numbers with the units d, h, m and s, in this order and
 *         each once at the most: `1800`, `30m`, `1h30m`
 * @seconds: takes it; may be 0
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0, -EINVAL if it is none, -ERANGE past 4294967295 seconds.
 */
int minifw_parse_seconds(const char *token, u32 *seconds, struct minifw_error *err)
{
	int ret = minifw_parse_number(token, U32_MAX, seconds);
	const char *text = token;
	unsigned int unit = 0;
	u64 sum = 0;

	if (ret == -EINVAL) {
		do {
			ret = take_duration(&text, &unit, &sum);
		} while (!ret && *text);
		*seconds = sum;
	}
	if (ret == -ERANGE)
		return minifw_error_set(err, ret, "'%.40s' is out of range: up to %u seconds",
					token, U32_MAX);
	if (ret)
		return minifw_error_set(err, ret, "'%.40s' is not a duration: 1800, 30m, 1h30m",
					token);
	return 0;
}

static int seconds_parse(const struct minifw_words *words, char *text, void *value,
			 struct minifw_error *err)
{
	u32 *seconds = value;
	int ret = minifw_parse_seconds(text, seconds, err);

	if (!ret && !*seconds)
		return minifw_error_set(err, -ERANGE, "'%.40s' is out of range: from 1 second on",
					text);
	return ret;
}

static void seconds_show(const struct minifw_words *words, struct minifw_text *out,
			 const void *value)
{
	minifw_text_add(out, "%u", *(const u32 *)value);
}

const struct minifw_kind minifw_kind_seconds = {
	.parse = seconds_parse, .show = seconds_show, .size = sizeof(u32),
};
