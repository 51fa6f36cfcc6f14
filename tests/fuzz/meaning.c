// SPDX-License-Identifier: GPL-2.0
/*
 * What a list of addresses or numbers means, told apart from the parser's own way:
 * by inet_pton() and strtoul(), in 128-bit numbers, an element at a time.
 */
#include "kernel.h"
#include "attr.h"
#include "check.h"
#include "meaning.h"
#include "reference.h"

typedef unsigned __int128 u128;

#define ELEMENTS_MAX 64

/* An element: a range, or a value under a mask. */
struct element {
	int family;
	bool masked;
	u128 a, b;
};

struct meaning {
	bool negated;
	unsigned int count;
	struct element element[ELEMENTS_MAX];
};

static u128 ones(int family)
{
	return family == AF_INET ? 0xffffffff : ~(u128)0;
}

static bool number_of(const char *text, unsigned long most, unsigned long *number)
{
	char *end;

	if (!isdigit(*text) || (text[0] == '0' && text[1]) || strlen(text) > 10)
		return false;
	*number = strtoul(text, &end, 10);
	return !*end && *number <= most;
}

static bool address_of(const char *text, int *family, u128 *address)
{
	u8 bytes[16];
	int i, count;

	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(*family, text, bytes) != 1)
		return false;
	count = *family == AF_INET ? 4 : 16;
	for (*address = 0, i = 0; i < count; i++)
		*address = *address << 8 | bytes[i];
	return true;
}

static bool slash_of(struct element *e, const char *text)
{
	unsigned long length;
	int family;

	e->masked = true;
	if (strpbrk(text, ".:")) {
		if (!address_of(text, &family, &e->b) || family != e->family)
			return false;
	} else {
		if (!number_of(text, e->family == AF_INET ? 32 : 128, &length))
			return false;
		e->b = length ? ones(e->family) << ((e->family == AF_INET ? 32 : 128) - length) : 0;
		e->b &= ones(e->family);
	}
	e->a &= e->b;
	return true;
}

static bool address_element(struct element *e, char *token)
{
	char *mark = strpbrk(token, "-/"), which = mark ? *mark : '\0';
	int family;

	if (mark)
		*mark++ = '\0';
	if (!address_of(token, &e->family, &e->a))
		return false;
	e->masked = false;
	e->b = e->a;
	if (which == '/')
		return slash_of(e, mark);
	if (which == '-')
		return address_of(mark, &family, &e->b) && family == e->family && e->a <= e->b;
	return true;
}

static bool number_element(struct element *e, char *token)
{
	char *dash = strchr(token, '-');
	unsigned long first, last;

	if (dash)
		*dash++ = '\0';
	if (!number_of(token, U32_MAX, &first) || !number_of(dash ?: token, U32_MAX, &last))
		return false;
	*e = (struct element){ .a = first, .b = last };
	return first <= last;
}

static bool covers(const struct element *e, int family, u128 value)
{
	if (e->family != family)
		return false;
	return e->masked ? (value & e->b) == e->a : value >= e->a && value <= e->b;
}

static bool listed(const struct meaning *m, int family, u128 value)
{
	unsigned int i;

	for (i = 0; i < m->count; i++)
		if (covers(&m->element[i], family, value))
			return true;
	return false;
}

static bool read_meaning(struct meaning *m, const char *value,
			 bool (*element)(struct element *e, char *token))
{
	char *text = strdup(value), *rest = text, *token;
	bool good = true;

	m->count = 0;
	m->negated = *rest == '!';
	rest += m->negated;
	while (good && (token = strsep(&rest, ",")))
		good = m->count < ELEMENTS_MAX && element(&m->element[m->count++], token);
	free(text);
	return good;
}

/* ---- what the parser made of it ---- */

static u128 number(struct minifw_addr addr)
{
	return (u128)addr.hi << 64 | addr.lo;
}

static void addresses_made(struct meaning *m, const struct minifw_addrs *addrs)
{
	int family, i;

	m->negated = addrs->list.negated;
	m->count = 0;
	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		const struct minifw_addr_part *part = &addrs->part[family];

		for (i = 0; i < part->ranges + part->masks; i++) {
			const struct minifw_addr_pair *pair = &addrs->pair[part->pair + i];

			m->element[m->count++] = (struct element){
				.family = family == MINIFW_IP ? AF_INET : AF_INET6,
				.masked = i >= part->ranges,
				.a = number(pair->a), .b = number(pair->b),
			};
		}
	}
	CHECK(m->count == addrs->list.count, "%u elements of %u", m->count, addrs->list.count);
}

static void numbers_made(struct meaning *m, const struct minifw_ranges *ranges)
{
	m->negated = ranges->list.negated;
	for (m->count = 0; m->count < ranges->list.count; m->count++)
		m->element[m->count] = (struct element){
			.a = ranges->range[m->count].first, .b = ranges->range[m->count].last,
		};
}

/* ---- do they agree? ---- */

static void agree_on(const struct meaning *a, const struct meaning *b, int family, u128 value,
		     const char *text)
{
	CHECK(listed(a, family, value) == listed(b, family, value),
	      "'%s' on %llx:%llx of family %d", text, (unsigned long long)(value >> 64),
	      (unsigned long long)value, family);
}

/* Where one says yes and the other no, they do so beside an end of an element of either. */
static void agree_around(const struct meaning *a, const struct meaning *b,
			 const struct meaning *around, const char *text)
{
	const struct element *e;
	int step;

	for (e = around->element; e < around->element + around->count; e++) {
		u128 all = ones(e->family), last = e->masked ? e->a | (all & ~e->b) : e->b;

		for (step = -1; step <= 1; step++) {
			agree_on(a, b, e->family, (e->a + step) & all, text);
			agree_on(a, b, e->family, (last + step) & all, text);
		}
	}
}

/* Are they all from 0 to @all? */
static bool is_all_of(const struct meaning *m, int family, u128 all)
{
	u128 next = 0, before;
	unsigned int i;

	do {
		before = next;
		for (i = 0; i < m->count; i++) {
			const struct element *e = &m->element[i];
			u128 last = e->b;

			if (e->masked && (~e->b & all) & ((~e->b & all) + 1))
				continue;	/* no prefix, so no range */
			if (e->masked)
				last = e->a | (all & ~e->b);
			if (e->family != family || e->a > next || last < next)
				continue;
			if (last == all)
				return true;
			next = last + 1;
		}
	} while (next != before);
	return false;
}

/* Lists of addresses that leave none are refused, as far as whole ranges show it. */
static bool leaves_none(const struct meaning *m)
{
	bool named[2] = {};
	unsigned int i;

	if (!m->negated)
		return false;
	for (i = 0; i < m->count; i++)
		named[m->element[i].family == AF_INET6] = true;
	return (!named[0] || is_all_of(m, AF_INET, ones(AF_INET))) &&
	       (!named[1] || is_all_of(m, AF_INET6, ones(AF_INET6)));
}

static void check_addresses(struct minifw_slot slot, const char *value, int ret)
{
	struct meaning written, made;
	union minifw_addrs_room room;

	if (!read_meaning(&written, value, address_element) || leaves_none(&written)) {
		CHECK(ret, "'%s' was taken", value);
		return;
	}
	CHECK(!ret, "'%s' was refused with %d", value, ret);
	addresses_made(&made, minifw_addrs_of(slot, &room));
	CHECK(written.negated == made.negated, "'%s'", value);
	agree_around(&written, &made, &written, value);
	agree_around(&written, &made, &made, value);
}

static bool is_within(const struct meaning *m, u128 max)
{
	unsigned int i;

	for (i = 0; i < m->count; i++)
		if (m->element[i].b > max)
			return false;
	return true;
}

static void check_numbers(struct minifw_slot slot, const char *value, u32 max, int ret)
{
	struct meaning written, made;
	union minifw_ranges_room room;

	if (!read_meaning(&written, value, number_element) || !is_within(&written, max) ||
	    (written.negated && is_all_of(&written, 0, max))) {
		CHECK(ret, "'%s' was taken", value);
		return;
	}
	CHECK(!ret, "'%s' was refused with %d", value, ret);
	numbers_made(&made, minifw_ranges_of(slot, &room));
	CHECK(written.negated == made.negated, "'%s'", value);
	agree_around(&written, &made, &written, value);
	agree_around(&written, &made, &made, value);
}

/* Blanks and what clears an attribute are left to others. */
static bool is_plain(const char *value)
{
	if (!*value || !strcmp(value, "any"))
		return false;
	for (; *value; value++)
		if (isspace(*value))
			return false;
	return true;
}

/* A value that names a set says nothing but its name. */
static bool names_set(const struct minifw_spec *spec, int id, const char *value, int ret)
{
	const struct minifw_set_ref *ref = ret ? NULL : minifw_spec_ref(spec, id);

	if (!ref)
		return false;
	CHECK(ref->list.negated == (*value == '!'), "'%s'", value);
	value += ref->list.negated;
	CHECK(*value == '@' && !strcmp(value + 1, ref->name), "'%s' names '%s'", value, ref->name);
	return true;
}

static struct minifw_slot slot_of(const struct minifw_spec *spec, int id)
{
	if (!minifw_spec_asks(spec, id))
		return (struct minifw_slot){};
	return *(struct minifw_slot *)minifw_attr_value(&minifw_attrs[id], spec);
}

void check_meaning(const struct minifw_spec *spec, int id, const char *value, int ret)
{
	if (!is_plain(value) || names_set(spec, id, value, ret))
		return;
	switch (id) {
	case MINIFW_ATTR_saddr:
	case MINIFW_ATTR_daddr:
	case MINIFW_ATTR_ct_orig_daddr:
		return check_addresses(slot_of(spec, id), value, ret);
	case MINIFW_ATTR_sport:
	case MINIFW_ATTR_dport:
	case MINIFW_ATTR_ct_orig_dport:
	case MINIFW_ATTR_length:
		return check_numbers(slot_of(spec, id), value, U16_MAX, ret);
	case MINIFW_ATTR_uid:
	case MINIFW_ATTR_gid:
		return check_numbers(slot_of(spec, id), value, U32_MAX, ret);
	case MINIFW_ATTR_ttl:
		return check_numbers(slot_of(spec, id), value, U8_MAX, ret);
	}
}
