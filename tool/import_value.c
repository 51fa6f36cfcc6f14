// SPDX-License-Identifier: GPL-2.0
/*
 * Two values of one attribute: what fits both, as one value; and what fits a value not.
 *
 * A value is a list, perhaps behind `!`. Two lists are joined element by element. Addresses and
 * numbers are ranges, of which the rest may be left; names of interfaces, types of ICMP and words
 * are wholly in an element of the other list, or hold it, or have nothing to do with it.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"
#include "say.h"

#define ELEMENTS_MAX 4096
#define u128 unsigned __int128
#define MASK_BITS_MAX 8		/* more cases than that nobody means */

/**
 * struct range - of numbers, or of addresses of a family
 * @family: AF_INET, AF_INET6, or 0
 * @first: the first
 * @last: the last
 */
struct range {
	int family;
	u128 first;
	u128 last;
};

/**
 * struct list - a value, taken apart
 * @negated: none of it
 * @element: each
 * @count: how many
 */
struct list {
	bool negated;
	char *element[ELEMENTS_MAX];
	size_t count;
};

/* How the elements of an attribute's lists are to each other. */
enum way { WORDS, NAMES, TYPES, NUMBERS, ADDRESSES, MASKED, OPAQUE };

static const enum way ways[FIELDS] = {
	[FAMILY] = WORDS, [IIF] = NAMES, [OIF] = NAMES, [SADDR] = ADDRESSES, [DADDR] = ADDRESSES,
	[SADDR_TYPE] = WORDS, [DADDR_TYPE] = WORDS, [PROTO] = WORDS, [SPORT] = NUMBERS,
	[DPORT] = NUMBERS, [ICMP_TYPE] = TYPES, [ICMPV6_TYPE] = TYPES, [TCP_FLAGS] = MASKED,
	[CT_STATE] = WORDS, [CT_STATUS] = OPAQUE, [CT_MARK] = MASKED, [CT_ORIG_DADDR] = ADDRESSES,
	[CT_ORIG_DPORT] = NUMBERS, [EXTHDR] = OPAQUE, [IPOPT] = OPAQUE, [SADDR_MAC] = WORDS,
	[LENGTH] = NUMBERS,
	[TTL] = NUMBERS, [DSCP] = WORDS, [PKTTYPE] = WORDS, [MARK] = MASKED, [UID] = NUMBERS,
	[GID] = NUMBERS, [RPF] = WORDS, [IPSEC] = OPAQUE, [TIME] = OPAQUE, [CONN_LIMIT] = OPAQUE,
	[LIMIT] = OPAQUE, [QUOTA] = OPAQUE,
};

/* ---- lists ---- */

static bool list_read(const char *value, struct list *list)
{
	char *rest = keep("%s", value), *element;

	*list = (struct list){ .negated = *rest == '!' };
	rest += list->negated;
	while ((element = strsep(&rest, ","))) {
		if (list->count == ELEMENTS_MAX)
			return false;
		list->element[list->count++] = element;
	}
	return true;
}

static const char *list_text(const struct list *list)
{
	size_t len = 2, i;
	char *text, *end;

	for (i = 0; i < list->count; i++)
		len += strlen(list->element[i]) + 1;
	text = need(malloc(len));
	end = stpcpy(text, list->negated ? "!" : "");
	for (i = 0; i < list->count; i++)
		end = stpcpy(stpcpy(end, i ? "," : ""), list->element[i]);
	end = keep("%s", text);
	free(text);
	return end;
}

static bool list_add(struct list *list, const char *element)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!strcmp(list->element[i], element))
			return true;
	if (list->count == ELEMENTS_MAX)
		return false;
	list->element[list->count++] = (char *)element;
	return true;
}

/* ---- elements that are in each other, or apart ---- */

/* Is all that fits @b in @a? */
static bool element_has(enum way way, const char *a, const char *b)
{
	size_t len = strlen(a);

	if (!strcmp(a, b))
		return true;
	if (way == NAMES && len && a[len - 1] == '*')
		return !strncmp(a, b, len - 1);
	return way == TYPES && !strncmp(a, b, len) && b[len] == '/';
}

static bool list_has(enum way way, const struct list *list, const char *element)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (element_has(way, list->element[i], element))
			return true;
	return false;
}

/* Does an element of the list have a part of @element, but not all? */
static bool list_cuts(enum way way, const struct list *list, const char *element)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (element_has(way, element, list->element[i]))
			return true;
	return false;
}

static enum joined both_in(enum way way, const struct list *a, const struct list *b,
			   struct list *joined)
{
	size_t i;

	*joined = (struct list){};
	for (i = 0; i < a->count; i++)
		if (list_has(way, b, a->element[i]) && !list_add(joined, a->element[i]))
			return UNSAYABLE;
	for (i = 0; i < b->count; i++)
		if (list_has(way, a, b->element[i]) && !list_add(joined, b->element[i]))
			return UNSAYABLE;
	return joined->count ? JOINED : NEVER;
}

static enum joined in_but_not(enum way way, const struct list *in, const struct list *not,
			      struct list *joined)
{
	size_t i;

	*joined = (struct list){};
	for (i = 0; i < in->count; i++) {
		if (list_has(way, not, in->element[i]))
			continue;
		if (list_cuts(way, not, in->element[i]) || !list_add(joined, in->element[i]))
			return UNSAYABLE;
	}
	return joined->count ? JOINED : NEVER;
}

static enum joined in_neither(const struct list *a, const struct list *b, struct list *joined)
{
	size_t i;

	*joined = *a;
	for (i = 0; i < b->count; i++)
		if (!list_add(joined, b->element[i]))
			return UNSAYABLE;
	return JOINED;
}

/* ---- ranges ---- */

static u128 address_number(int family, const unsigned char *bytes)
{
	u128 value = 0;
	int i;

	for (i = 0; i < (family == AF_INET ? 4 : 16); i++)
		value = value << 8 | bytes[i];
	return value;
}

static bool address_read(const char *text, int *family, u128 *value)
{
	unsigned char bytes[16];

	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(*family, text, bytes) != 1)
		return false;
	*value = address_number(*family, bytes);
	return true;
}

static u128 all_bits(int family)
{
	return family == AF_INET ? 0xffffffffU : ~(u128)0;
}

static bool prefix_mask(const char *text, int family, u128 *mask)
{
	int bits = family == AF_INET ? 32 : 128, mask_family;
	u128 all = all_bits(family);
	char *end;
	unsigned long len = strtoul(text, &end, 10);

	if (!*text || *end) {
		if (!address_read(text, &mask_family, mask) || mask_family != family)
			return false;
		return !((all & ~*mask) & ((all & ~*mask) + 1));
	}
	if (len > (unsigned long)bits)
		return false;
	*mask = len ? all & ~(((u128)1 << (bits - len)) - 1) : 0;
	return true;
}

/* False also where it is a mask with holes. */
static bool range_read(enum way way, const char *text, struct range *range)
{
	char *first = keep("%s", text), *dash = strchr(first, '-');
	char *slash = strchr(first, '/'), *end;
	u128 mask = 0;
	int family;

	if (dash)
		*dash++ = '\0';
	else if (slash)
		*slash++ = '\0';
	*range = (struct range){};
	if (way == NUMBERS) {
		range->first = strtoul(first, &end, 10);
		range->last = dash ? strtoul(dash, &end, 10) : range->first;
		return !slash && *first && !*end && range->first <= range->last;
	}
	if (!address_read(first, &range->family, &range->first))
		return false;
	range->last = range->first;
	if (dash)
		return address_read(dash, &family, &range->last) && family == range->family &&
		       range->first <= range->last;
	if (!slash)
		return true;
	if (!prefix_mask(slash, range->family, &mask))
		return false;
	range->first &= mask;
	range->last = range->first | (~mask & all_bits(range->family));
	return true;
}

static const char *address_text(int family, u128 value)
{
	unsigned char bytes[16];
	char text[INET6_ADDRSTRLEN];
	int i;

	for (i = family == AF_INET ? 3 : 15; i >= 0; i--, value >>= 8)
		bytes[i] = (unsigned char)value;
	return keep("%s", inet_ntop(family, bytes, text, sizeof(text)));
}

static char *range_text(const struct range *range)
{
	if (!range->family && range->first == range->last)
		return keep("%llu", (unsigned long long)range->first);
	if (!range->family)
		return keep("%llu-%llu", (unsigned long long)range->first,
			    (unsigned long long)range->last);
	if (range->first == range->last)
		return keep("%s", address_text(range->family, range->first));
	return keep("%s-%s", address_text(range->family, range->first),
		    address_text(range->family, range->last));
}

static bool ranges_read(enum way way, const struct list *list, struct range *ranges)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!range_read(way, list->element[i], &ranges[i]))
			return false;
	return true;
}

static bool range_add(struct list *list, const struct range *range)
{
	return list_add(list, range_text(range));
}

static enum joined ranges_in_both(const struct range *a, size_t a_count, const struct range *b,
				  size_t b_count, struct list *joined)
{
	size_t i, j;

	*joined = (struct list){};
	for (i = 0; i < a_count; i++)
		for (j = 0; j < b_count; j++) {
			struct range both = {
				.family = a[i].family,
				.first = a[i].first > b[j].first ? a[i].first : b[j].first,
				.last = a[i].last < b[j].last ? a[i].last : b[j].last,
			};

			if (a[i].family == b[j].family && both.first <= both.last &&
			    !range_add(joined, &both))
				return UNSAYABLE;
		}
	return joined->count ? JOINED : NEVER;
}

/* What is left of a range without those from @not on. */
static bool range_without(struct range range, const struct range *not, size_t count,
			  struct list *joined)
{
	struct range before;

	for (; count; not++, count--) {
		if (not->family != range.family || not->last < range.first ||
		    not->first > range.last)
			continue;
		if (not->first > range.first) {
			before = range;
			before.last = not->first - 1;
			if (!range_without(before, not + 1, count - 1, joined))
				return false;
		}
		if (not->last >= range.last)
			return true;
		range.first = not->last + 1;
	}
	return range_add(joined, &range);
}

static enum joined ranges_in_but_not(const struct range *in, size_t in_count,
				     const struct range *not, size_t not_count, struct list *joined)
{
	size_t i;

	*joined = (struct list){};
	for (i = 0; i < in_count; i++)
		if (!range_without(in[i], not, not_count, joined))
			return UNSAYABLE;
	return joined->count ? JOINED : NEVER;
}

static enum joined join_ranges(enum way way, const struct list *a, const struct list *b,
			       struct list *joined)
{
	struct range *x = need(calloc(2 * ELEMENTS_MAX, sizeof(*x))), *y = x + ELEMENTS_MAX;
	enum joined ret = UNSAYABLE;

	if (!ranges_read(way, a, x) || !ranges_read(way, b, y))
		ret = UNSAYABLE;
	else if (!a->negated && !b->negated)
		ret = ranges_in_both(x, a->count, y, b->count, joined);
	else if (!a->negated)
		ret = ranges_in_but_not(x, a->count, y, b->count, joined);
	else
		ret = ranges_in_but_not(y, b->count, x, a->count, joined);
	free(x);
	return ret;
}

static enum joined join_lists(enum way way, const char *a, const char *b, const char **text)
{
	struct list *x = need(calloc(3, sizeof(*x))), *y = x + 1, *joined = x + 2;
	enum joined ret = UNSAYABLE;

	if (strchr(a, '@') || strchr(b, '@') || !list_read(a, x) || !list_read(b, y))
		ret = UNSAYABLE;
	else if (x->negated && y->negated)
		ret = in_neither(x, y, joined);
	else if (way == NUMBERS || way == ADDRESSES)
		ret = join_ranges(way, x, y, joined);
	else if (!x->negated && !y->negated)
		ret = both_in(way, x, y, joined);
	else
		ret = x->negated ? in_but_not(way, y, x, joined) : in_but_not(way, x, y, joined);
	if (ret == JOINED)
		*text = list_text(joined);
	free(x);
	return ret;
}

/* ---- bits under a mask ---- */

static const char *const flags[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr" };

static unsigned long flags_read(const char *text)
{
	unsigned long bits = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		if (strstr(text, flags[i]))
			bits |= 1UL << i;
	return bits;
}

static const char *flags_text(unsigned long bits)
{
	char text[40] = "", *end = text;
	size_t i;

	for (i = 0; i < 8; i++)
		if (bits >> i & 1)
			end = stpcpy(stpcpy(end, *text ? "," : ""), flags[i]);
	return *text ? keep("%s", text) : "none";
}

static void masked_read(enum field field, const char *value, unsigned long *bits,
			unsigned long *mask)
{
	char *text = keep("%s", value), *slash = strchr(text, '/');

	if (slash)
		*slash++ = '\0';
	if (field == TCP_FLAGS) {
		*bits = flags_read(text);
		*mask = slash ? flags_read(slash) : 0;
	} else {
		*bits = strtoul(text, NULL, 0);
		*mask = slash ? strtoul(slash, NULL, 0) : 0xffffffffUL;
	}
}

static const char *masked_text(enum field field, unsigned long bits, unsigned long mask)
{
	if (field == TCP_FLAGS)
		return keep("%s/%s", flags_text(bits), flags_text(mask));
	return mask == 0xffffffffUL ? keep("0x%lx", bits) : keep("0x%lx/0x%lx", bits, mask);
}

static enum joined join_masked(enum field field, const char *a, const char *b, const char **joined)
{
	unsigned long a_bits, a_mask, b_bits, b_mask;

	masked_read(field, a, &a_bits, &a_mask);
	masked_read(field, b, &b_bits, &b_mask);
	if ((a_bits ^ b_bits) & a_mask & b_mask)
		return NEVER;
	*joined = masked_text(field, a_bits | b_bits, a_mask | b_mask);
	return JOINED;
}

/* The bits are as they should be up to one, which is not. */
static size_t negate_masked(enum field field, const char *value, const char **cases, size_t max)
{
	unsigned long bits, mask, bit, before = 0;
	size_t count = 0;

	masked_read(field, value, &bits, &mask);
	for (bit = 1; bit && bit <= 0x80000000UL; bit <<= 1) {
		if (!(mask & bit))
			continue;
		if (count == max || count == MASK_BITS_MAX)
			return 0;
		cases[count++] = masked_text(field, (bits & before) | (~bits & bit), before | bit);
		before |= bit;
	}
	return count;
}

/**
 * value_join() - what fits two values
 * @field: the attribute
 * @a: one of them; NULL fits all
 * @b: the other
 * @joined: takes the value
 *
 * Return: JOINED; or NEVER or UNSAYABLE, without one.
 */
enum joined value_join(enum field field, const char *a, const char *b, const char **joined)
{
	if (!a || !b) {
		*joined = a ? a : b;
		return JOINED;
	}
	if (!strcmp(a, b) && field != LIMIT && field != CONN_LIMIT && field != QUOTA) {
		*joined = a;
		return JOINED;
	}
	if (ways[field] == OPAQUE)
		return UNSAYABLE;
	if (ways[field] == MASKED)
		return join_masked(field, a, b, joined);
	return join_lists(ways[field], a, b, joined);
}

/* Of these a packet may have none, which fits neither a value nor what it is not. */
static bool may_lack(enum field field)
{
	return field == CT_STATUS || field == CT_MARK || field == CT_ORIG_DADDR ||
	       field == CT_ORIG_DPORT || field == SADDR_MAC || field == UID || field == GID ||
	       field == SADDR_TYPE;
}

static const char *other_of_two(const char *value)
{
	static const char *const pairs[][2] = {
		{ "ip", "ip6" }, { "ip6", "ip" }, { "pass", "fail" }, { "fail", "pass" },
	};
	size_t i;

	for (i = 0; strcmp(pairs[i][0], value); i++)
		;
	return pairs[i][1];
}

/**
 * value_negate() - what does not fit a value
 * @field: the attribute, which the packet has
 * @value: the value
 * @cases: takes values of which one fits each such packet
 * @max: how many there may be
 *
 * Return: how many there are; 0 if it cannot be said.
 */
size_t value_negate(enum field field, const char *value, const char **cases, size_t max)
{
	if (!max || may_lack(field))
		return 0;
	if (field == FAMILY || field == RPF) {
		cases[0] = other_of_two(value);
		return 1;
	}
	if (field == LIMIT) {
		cases[0] = keep("over %s", value);
		if (!strncmp(value, "over ", 5))
			cases[0] = value + 5;
		return 1;
	}
	if (ways[field] == MASKED)
		return negate_masked(field, value, cases, max);
	if (ways[field] == OPAQUE && field != EXTHDR && field != IPOPT)
		return 0;
	cases[0] = keep("!%s", value);
	if (*value == '!')
		cases[0] = value + 1;
	return 1;
}

/* Is each of a list's words in another list? */
static bool words_within(const char *value, const char *all)
{
	size_t len;

	for (;; value += len + 1) {
		const char *at = all;

		len = strcspn(value, ",");
		while (strncmp(at, value, len) || !strchr(",", at[len])) {
			at = strchr(at, ',');
			if (!at)
				return false;
			at++;
		}
		if (!value[len])
			return true;
	}
}

/**
 * value_within() - does all that fits a value fit another?
 * @field: the attribute
 * @value: the value; NULL fits all
 * @all: the other, likewise
 *
 * Return: whether it plainly does: not each that does is seen.
 */
bool value_within(enum field field, const char *value, const char *all)
{
	if (!all)
		return true;
	if (!value)
		return false;
	if (!strcmp(value, all))
		return true;
	return ways[field] == WORDS && *value != '!' && *all != '!' && words_within(value, all);
}
