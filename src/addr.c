// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of addresses: hosts, prefixes, ranges and arbitrary masks of both
 * families in one attribute.  Addresses are numbers here; the network's byte
 * order ends where they are read.
 */
#include <linux/bitops.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "addr.h"
#include "compat.h"
#include "error.h"
#include "text.h"

/* ---- arithmetic on addresses ---- */

/* The @bits lowest bits. */
static struct minifw_addr addr_ones(unsigned int bits)
{
	return (struct minifw_addr){
		.hi = bits > 64 ? GENMASK_ULL(bits - 65, 0) : 0,
		.lo = bits >= 64 ? ~0ULL : bits ? GENMASK_ULL(bits - 1, 0) : 0,
	};
}

static struct minifw_addr addr_xor(struct minifw_addr a, struct minifw_addr b)
{
	return (struct minifw_addr){ .hi = a.hi ^ b.hi, .lo = a.lo ^ b.lo };
}

static struct minifw_addr addr_next(struct minifw_addr a)
{
	a.lo++;
	a.hi += !a.lo;
	return a;
}

static struct minifw_addr addr_previous(struct minifw_addr a)
{
	a.hi -= !a.lo;
	a.lo--;
	return a;
}

/**
 * minifw_addr_from_in6() - an IPv6 address as a number
 * @in6: the address as the network has it
 *
 * Context: any.
 * Return: the number.
 */
struct minifw_addr minifw_addr_from_in6(const struct in6_addr *in6)
{
	return (struct minifw_addr){
		.hi = get_unaligned_be64(&in6->s6_addr[0]),
		.lo = get_unaligned_be64(&in6->s6_addr[8]),
	};
}

/**
 * minifw_addr_to_in6() - an IPv6 address as the network has it
 * @addr: the address
 * @in6: takes it
 *
 * Context: any.
 */
void minifw_addr_to_in6(struct minifw_addr addr, struct in6_addr *in6)
{
	put_unaligned_be64(addr.hi, &in6->s6_addr[0]);
	put_unaligned_be64(addr.lo, &in6->s6_addr[8]);
}

static bool addr_is_zero(struct minifw_addr a)
{
	return !(a.hi | a.lo);
}

/* Is it 0…01…1?  Then *@bits are ones. */
static bool addr_is_ones(struct minifw_addr a, unsigned int *bits)
{
	*bits = hweight64(a.hi) + hweight64(a.lo);
	return !minifw_addr_cmp(a, addr_ones(*bits));
}

/* Is a range a prefix?  Then *@bits of it are the host's. */
static bool pair_is_prefix(const struct minifw_addr_pair *pair, unsigned int *bits)
{
	struct minifw_addr host = addr_xor(pair->a, pair->b);

	return addr_is_ones(host, bits) && addr_is_zero(minifw_addr_and(pair->a, host));
}

static const unsigned int width[MINIFW_NR_FAMILIES] = { 32, 128 };

/**
 * minifw_addr_network() - the network that an address is in
 * @addr: the address
 * @family: its family
 * @len: bits of the network's prefix
 *
 * Context: any.
 * Return: the address with its host bits cleared.
 */
struct minifw_addr minifw_addr_network(struct minifw_addr addr, enum minifw_family family,
				       unsigned int len)
{
	struct minifw_addr host = addr_ones(width[family] - len);

	return minifw_addr_and(addr, addr_xor(host, addr_ones(128)));
}

/* ---- one element ---- */

/* The kernel's in4_pton() takes 010.0.0.1 for 10.0.0.1, others for 8.0.0.1: refuse it. */
static bool has_leading_zero(const char *token)
{
	const char *c;

	for (c = token; *c; c++)
		if (c[0] == '0' && c[1] >= '0' && c[1] <= '9' && (c == token || c[-1] == '.'))
			return true;
	return false;
}

/*
 * The kernel's in6_pton() takes groups of more than four digits (RFC 4291, 2.2), and
 * much behind an IPv4 tail: refuse what is no address to others.
 */
static bool is_strange_ip6(const char *token)
{
	const char *dot = strchr(token, '.'), *c;
	unsigned int digits = 0;

	for (c = token; *c && digits <= 4; c++) {
		digits = isxdigit(*c) ? digits + 1 : 0;
		if (!digits && *c != ':' && *c != '.')
			return true;
	}
	if (digits > 4)
		return true;
	return dot && (strchr(dot, ':') || has_leading_zero(strrchr(token, ':') + 1));
}

static int addr_parse(const char *token, enum minifw_family *family, struct minifw_addr *addr,
		      struct minifw_error *err)
{
	struct in6_addr in6;
	__be32 in4;

	if (!strchr(token, ':')) {
		*family = MINIFW_IP;
		if (has_leading_zero(token) || !in4_pton(token, -1, (u8 *)&in4, '\0', NULL))
			goto refuse;
		addr->hi = 0;
		addr->lo = ntohl(in4);
		return 0;
	}
	*family = MINIFW_IP6;
	if (is_strange_ip6(token) || !in6_pton(token, -1, in6.s6_addr, '\0', NULL))
		goto refuse;
	*addr = minifw_addr_from_in6(&in6);
	return 0;
refuse:
	return minifw_error_set(err, -EINVAL, "'%.45s' is not an address", token);
}

/**
 * struct reading - a list while it is being read
 * @count: elements so far
 * @element: the elements, zeroed: @one, or MINIFW_LIST_MAX of them
 * @one: of a list of one element, as most are
 * @negated: there is a `!` before them
 */
struct reading {
	unsigned int count;
	struct minifw_addr_element *element;
	struct minifw_addr_element one;
	bool negated;
};

static void element_prefix(struct minifw_addr_element *e, unsigned int len)
{
	e->pair.a = minifw_addr_network(e->pair.a, e->family, len);
	e->pair.b = addr_xor(e->pair.a, addr_ones(width[e->family] - len));
}

static int element_mask(struct minifw_addr_element *e, const char *token, struct minifw_error *err)
{
	struct minifw_addr ones = addr_ones(width[e->family]), mask;
	enum minifw_family family;
	unsigned int host;
	int ret;

	ret = addr_parse(token, &family, &mask, err);
	if (ret)
		return ret;
	if (family != e->family)
		return minifw_error_set(err, -EINVAL, "'%.45s' is a mask of the other family",
					token);
	if (addr_is_ones(addr_xor(mask, ones), &host)) {
		element_prefix(e, width[family] - host);
		return 0;
	}
	e->masked = true;
	e->pair.a = minifw_addr_and(e->pair.a, mask);
	e->pair.b = mask;
	return 0;
}

/* What follows the slash: a length or a mask. */
static int element_slash(struct minifw_addr_element *e, const char *token, struct minifw_error *err)
{
	u32 len;
	int ret;

	if (strpbrk(token, ".:"))
		return element_mask(e, token, err);
	ret = minifw_parse_number(token, width[e->family], &len);
	if (ret == -ERANGE)
		return minifw_error_set(err, ret, "'/%.40s' is out of range: a prefix is 0 to %u",
					token, width[e->family]);
	if (ret)
		return minifw_error_set(err, ret, "'/%.40s' is not a prefix length or a mask",
					token);
	element_prefix(e, len);
	return 0;
}

static int element_range(struct minifw_addr_element *e, const char *token, struct minifw_error *err)
{
	enum minifw_family family;
	int ret;

	ret = addr_parse(token, &family, &e->pair.b, err);
	if (ret)
		return ret;
	if (family != e->family)
		return minifw_error_set(err, -EINVAL, "'-%.45s' ends in the other family", token);
	if (minifw_addr_cmp(e->pair.a, e->pair.b) > 0)
		return minifw_error_set(err, -EINVAL, "'-%.45s': the range is upside down", token);
	return 0;
}

/**
 * minifw_parse_addr() - an address, a prefix, a range, or an address under a mask
 * @token: the text; destroyed
 * @e: takes it; zeroed
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0, -EINVAL or -ERANGE.
 */
int minifw_parse_addr(char *token, struct minifw_addr_element *e, struct minifw_error *err)
{
	char *rest = strpbrk(token, "/-");
	char mark = rest ? *rest : '\0';
	int ret;

	if (rest)
		*rest++ = '\0';
	ret = addr_parse(strim(token), &e->family, &e->pair.a, err);
	if (ret)
		return ret;
	e->pair.b = e->pair.a;
	if (mark == '/')
		return element_slash(e, strim(rest), err);
	if (mark == '-')
		return element_range(e, strim(rest), err);
	return 0;
}

static int addr_element(const struct minifw_words *words, char *token, void *ctx,
			struct minifw_error *err)
{
	struct reading *reading = ctx;

	return minifw_parse_addr(token, &reading->element[reading->count++], err);
}

/* ---- normal form ---- */

/* IPv4 before IPv6, ranges before masks, ascending. */
static int element_cmp(const void *a, const void *b)
{
	const struct minifw_addr_element *x = a, *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	if (x->masked != y->masked)
		return x->masked ? 1 : -1;
	return minifw_addr_cmp(x->pair.a, y->pair.a) ?: minifw_addr_cmp(x->pair.b, y->pair.b);
}

/* Can @e, which sorts after @kept, be taken into it?  Then it is. */
static bool element_merge(struct minifw_addr_element *kept, const struct minifw_addr_element *e)
{
	if (kept->family != e->family || kept->masked != e->masked)
		return false;
	if (e->masked)
		return !minifw_addr_cmp(kept->pair.a, e->pair.a) &&
		       !minifw_addr_cmp(kept->pair.b, e->pair.b);
	if (minifw_addr_cmp(e->pair.a, kept->pair.b) > 0 &&
	    minifw_addr_cmp(e->pair.a, addr_next(kept->pair.b)))
		return false;
	if (minifw_addr_cmp(e->pair.b, kept->pair.b) > 0)
		kept->pair.b = e->pair.b;
	return true;
}

static void reading_merge(struct reading *reading)
{
	unsigned int i, kept = 0;

	if (reading->count == 1)
		return;
	sort(reading->element, reading->count, sizeof(*reading->element), element_cmp, NULL);
	for (i = 1; i < reading->count; i++)
		if (!element_merge(&reading->element[kept], &reading->element[i]))
			reading->element[++kept] = reading->element[i];
	reading->count = kept + 1;
}

/* A list as a short one; 0 where it is too long for that. */
static u64 reading_shorten(const struct reading *reading)
{
	const struct minifw_addr_element *e = reading->element;
	unsigned int bits;

	if (reading->count > 1 || e->family != MINIFW_IP || e->masked ||
	    !pair_is_prefix(&e->pair, &bits))
		return 0;
	return MINIFW_SLOT_SHORT | (reading->negated ? MINIFW_SLOT_NEGATED : 0) |
	       (32 - bits) << 8 | e->pair.a.lo << 32;
}

/**
 * minifw_addrs_of() - the list that a slot holds, a short one too
 * @slot: the slot
 * @room: where a short list is written out
 *
 * Context: any.
 * Return: the list, in @room or where it is; NULL where the slot is unset.
 */
const struct minifw_addrs *minifw_addrs_of(struct minifw_slot slot, union minifw_addrs_room *room)
{
	struct minifw_list *list = minifw_slot_list(slot);

	if (!minifw_slot_is_short(slot))
		return list ? container_of(list, struct minifw_addrs, list) : NULL;
	*room = (union minifw_addrs_room){};
	room->addrs.list.size = sizeof(room->bytes);
	room->addrs.list.count = 1;
	room->addrs.list.negated = slot.word & MINIFW_SLOT_NEGATED;
	room->addrs.part[MINIFW_IP].ranges = 1;
	room->addrs.pair[0].a.lo = slot.word >> 32;
	room->addrs.pair[0].b.lo = slot.word >> 32 | ~0ULL >> 32 >> (u8)(slot.word >> 8);
	return &room->addrs;
}

static struct minifw_addrs *reading_close(const struct reading *reading)
{
	size_t size = struct_size((struct minifw_addrs *)NULL, pair, reading->count);
	struct minifw_addrs *addrs = kzalloc(size, GFP_KERNEL);
	unsigned int i;

	if (!addrs)
		return NULL;
	refcount_set(&addrs->list.refs, 1);
	addrs->list.size = size;
	addrs->list.count = reading->count;
	addrs->list.negated = reading->negated;
	for (i = 0; i < reading->count; i++) {
		const struct minifw_addr_element *e = &reading->element[i];
		struct minifw_addr_part *part = &addrs->part[e->family];

		addrs->pair[i] = e->pair;
		if (!part->ranges && !part->masks)
			part->pair = i;
		if (e->masked)
			part->masks++;
		else
			part->ranges++;
	}
	return addrs;
}

/* Are the addresses of @family all there are? */
static bool part_is_all(const struct minifw_addrs *addrs, enum minifw_family family)
{
	const struct minifw_addr_part *part = &addrs->part[family];
	const struct minifw_addr_pair *pair = &addrs->pair[part->pair];

	return part->ranges && addr_is_zero(pair->a) &&
	       !minifw_addr_cmp(pair->b, addr_ones(width[family]));
}

static u8 families_of(const struct minifw_addrs *addrs)
{
	unsigned int family;
	u8 families = 0;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		if (!addrs->part[family].ranges && !addrs->part[family].masks)
			continue;
		if (!addrs->list.negated || !part_is_all(addrs, family))
			families |= BIT(family);
	}
	return families;
}

/**
 * minifw_addrs_families() - the families that a list can match in
 * @slot: holds the list
 *
 * A list speaks of the families that it names.  One that is negated and names
 * all addresses of a family leaves none of it.
 *
 * Context: any.
 * Return: a bit for each enum minifw_family.
 */
u8 minifw_addrs_families(struct minifw_slot slot)
{
	union minifw_addrs_room room;

	return families_of(minifw_addrs_of(slot, &room));
}

/* What was read, into a slot. */
static int reading_keep(const struct reading *reading, struct minifw_slot *slot,
			struct minifw_error *err)
{
	struct minifw_addrs *addrs;

	slot->word = reading_shorten(reading);
	if (!slot->word) {
		addrs = reading_close(reading);
		if (!addrs)
			return minifw_error_no_memory(err);
		*slot = minifw_slot_of_list(&addrs->list);
	}
	if (!reading->negated || minifw_addrs_families(*slot))
		return 0;
	minifw_list_put(minifw_slot_list(*slot));
	slot->word = 0;
	return minifw_error_set(err, -EINVAL, "the list after '!' leaves no address");
}

static int addrs_parse(const struct minifw_words *words, char *text, void *value,
		       struct minifw_error *err)
{
	struct reading reading = { .element = &reading.one };
	int ret;

	if (strchr(text, ','))
		reading.element = kcalloc(MINIFW_LIST_MAX, sizeof(reading.one), GFP_KERNEL);
	if (!reading.element)
		return minifw_error_no_memory(err);
	ret = minifw_parse_list(words, text, addr_element, &reading, &reading.negated, err);
	if (!ret) {
		reading_merge(&reading);
		ret = reading_keep(&reading, value, err);
	}
	if (reading.element != &reading.one)
		kfree(reading.element);
	return ret;
}

/* ---- showing ---- */

static void addr_show(struct minifw_text *out, enum minifw_family family, struct minifw_addr addr)
{
	struct in6_addr in6;
	__be32 in4;

	if (family == MINIFW_IP) {
		in4 = htonl(addr.lo);
		minifw_text_add(out, "%pI4", &in4);
		return;
	}
	minifw_addr_to_in6(addr, &in6);
	minifw_text_add(out, "%pI6c", &in6);
}

/**
 * minifw_addr_show() - an address, a prefix or a range
 * @out: takes it, in normal form
 * @family: of the addresses
 * @pair: the range
 *
 * Context: any.
 */
void minifw_addr_show(struct minifw_text *out, enum minifw_family family,
		      const struct minifw_addr_pair *pair)
{
	unsigned int bits;

	addr_show(out, family, pair->a);
	if (!minifw_addr_cmp(pair->a, pair->b))
		return;
	if (pair_is_prefix(pair, &bits)) {
		minifw_text_add(out, "/%u", width[family] - bits);
		return;
	}
	minifw_text_add(out, "-");
	addr_show(out, family, pair->b);
}

static void mask_show(struct minifw_text *out, enum minifw_family family,
		      const struct minifw_addr_pair *pair)
{
	addr_show(out, family, pair->a);
	minifw_text_add(out, "/");
	addr_show(out, family, pair->b);
}

/* Ranges and masks of a family are kept apart, and shown as one ascending list. */
static void part_show(struct minifw_text *out, const struct minifw_addrs *addrs,
		      enum minifw_family family, const char **before)
{
	const struct minifw_addr_pair *range = &addrs->pair[addrs->part[family].pair];
	const struct minifw_addr_pair *mask = range + addrs->part[family].ranges;
	const struct minifw_addr_pair *last_range = mask;
	const struct minifw_addr_pair *last_mask = mask + addrs->part[family].masks;

	while (range < last_range || mask < last_mask) {
		minifw_text_add(out, "%s", *before);
		*before = ",";
		if (mask == last_mask ||
		    (range < last_range && minifw_addr_cmp(range->a, mask->a) <= 0))
			minifw_addr_show(out, family, range++);
		else
			mask_show(out, family, mask++);
	}
}

static void addrs_show(const struct minifw_words *words, struct minifw_text *out,
		       const void *value)
{
	union minifw_addrs_room room;
	const struct minifw_addrs *addrs =
		minifw_addrs_of(*(const struct minifw_slot *)value, &room);
	const char *before = addrs->list.negated ? "!" : "";

	part_show(out, addrs, MINIFW_IP, &before);
	part_show(out, addrs, MINIFW_IP6, &before);
}

/* ---- lists beside each other: extent.c has the principle ---- */

/**
 * struct elements - one family's share of a list
 * @range: its ranges, ascending and disjoint
 * @mask: its addresses under masks
 * @ranges: how many ranges
 * @masks: how many masks
 */
struct elements {
	const struct minifw_addr_pair *range;
	const struct minifw_addr_pair *mask;
	unsigned int ranges;
	unsigned int masks;
};

static struct elements elements_of(const struct minifw_addrs *addrs, enum minifw_family family)
{
	const struct minifw_addr_part *part = &addrs->part[family];
	const struct minifw_addr_pair *range = &addrs->pair[part->pair];

	return (struct elements){
		.range = range, .ranges = part->ranges,
		.mask = range + part->ranges, .masks = part->masks,
	};
}

/* The lowest bits, of which each may differ between two addresses of a range. */
static struct minifw_addr range_host(const struct minifw_addr_pair *range)
{
	struct minifw_addr differ = addr_xor(range->a, range->b);

	return addr_ones(differ.hi ? 64 + fls64(differ.hi) : fls64(differ.lo));
}

/* The bits in which addresses under a mask may differ. */
static struct minifw_addr mask_host(const struct minifw_addr_pair *mask, enum minifw_family family)
{
	return addr_xor(mask->b, addr_ones(width[family]));
}

/* Is under a mask whatever is @first but for the bits @host? */
static bool mask_has(const struct minifw_addr_pair *mask, struct minifw_addr first,
		     struct minifw_addr host)
{
	return addr_is_zero(minifw_addr_and(mask->b, host)) &&
	       !minifw_addr_cmp(minifw_addr_and(first, mask->b), mask->a);
}

/* Has one of the elements all from @first to @last, which differ in bits of @host at the most? */
static bool elements_have(const struct elements *e, struct minifw_addr first,
			  struct minifw_addr last, struct minifw_addr host)
{
	unsigned int i;

	for (i = 0; i < e->ranges; i++)
		if (minifw_addr_cmp(e->range[i].a, first) <= 0 &&
		    minifw_addr_cmp(last, e->range[i].b) <= 0)
			return true;
	for (i = 0; i < e->masks; i++)
		if (mask_has(&e->mask[i], first, host))
			return true;
	return false;
}

static bool elements_have_range(const struct elements *e, const struct minifw_addr_pair *range)
{
	return elements_have(e, range->a, range->b, range_host(range));
}

static bool elements_within(const struct elements *x, const struct elements *y,
			    enum minifw_family family)
{
	struct minifw_addr host;
	unsigned int i;

	for (i = 0; i < x->ranges; i++)
		if (!elements_have_range(y, &x->range[i]))
			return false;
	for (i = 0; i < x->masks; i++) {
		host = mask_host(&x->mask[i], family);
		if (!elements_have(y, x->mask[i].a, addr_xor(x->mask[i].a, host), host))
			return false;
	}
	return true;
}

/* Is no address @a but for bits of @a_host, and @b but for bits of @b_host? */
static bool bits_apart(struct minifw_addr a, struct minifw_addr a_host, struct minifw_addr b,
		       struct minifw_addr b_host)
{
	struct minifw_addr differ = addr_xor(a, b);

	return (differ.hi & ~a_host.hi & ~b_host.hi) || (differ.lo & ~a_host.lo & ~b_host.lo);
}

static bool ranges_apart(const struct elements *x, const struct elements *y)
{
	unsigned int i, j;

	for (i = 0; i < x->ranges; i++)
		for (j = 0; j < y->ranges; j++)
			if (minifw_addr_cmp(x->range[i].a, y->range[j].b) <= 0 &&
			    minifw_addr_cmp(y->range[j].a, x->range[i].b) <= 0)
				return false;
	return true;
}

/* The masks of @x, and the ranges of @y. */
static bool masks_apart_from_ranges(const struct elements *x, const struct elements *y,
				    enum minifw_family family)
{
	unsigned int i, j;

	for (i = 0; i < x->masks; i++)
		for (j = 0; j < y->ranges; j++)
			if (!bits_apart(x->mask[i].a, mask_host(&x->mask[i], family),
					y->range[j].a, range_host(&y->range[j])))
				return false;
	return true;
}

static bool masks_apart(const struct elements *x, const struct elements *y,
			enum minifw_family family)
{
	unsigned int i, j;

	for (i = 0; i < x->masks; i++)
		for (j = 0; j < y->masks; j++)
			if (!bits_apart(x->mask[i].a, mask_host(&x->mask[i], family),
					y->mask[j].a, mask_host(&y->mask[j], family)))
				return false;
	return true;
}

static bool elements_apart(const struct elements *x, const struct elements *y,
			   enum minifw_family family)
{
	return ranges_apart(x, y) && masks_apart_from_ranges(x, y, family) &&
	       masks_apart_from_ranges(y, x, family) && masks_apart(x, y, family);
}

/* Is each address that the ranges of @y leave in @x? */
static bool elements_fill(const struct elements *x, const struct elements *y,
			  enum minifw_family family)
{
	struct minifw_addr_pair gap = {};
	unsigned int i;

	for (i = 0; i < y->ranges; i++) {
		gap.b = addr_previous(y->range[i].a);
		if (minifw_addr_cmp(gap.a, y->range[i].a) < 0 && !elements_have_range(x, &gap))
			return false;
		if (!minifw_addr_cmp(y->range[i].b, addr_ones(width[family])))
			return true;
		gap.a = addr_next(y->range[i].b);
	}
	gap.b = addr_ones(width[family]);
	return elements_have_range(x, &gap);
}

/* @b may be NULL: all addresses. */
static bool family_covers(const struct minifw_addrs *a, const struct minifw_addrs *b,
			  enum minifw_family family)
{
	struct elements x = elements_of(a, family), y = {};

	if (b)
		y = elements_of(b, family);
	if (a->list.negated && b)
		return b->list.negated ? elements_within(&x, &y, family) :
					 elements_apart(&x, &y, family);
	if (a->list.negated)
		return false;
	return b && !b->list.negated ? elements_within(&y, &x, family) :
				       elements_fill(&x, &y, family);
}

/* A prefix of IPv4 alone, as most lists are. */
static bool is_prefix(struct minifw_slot slot)
{
	return (slot.word & (MINIFW_SLOT_SHORT | MINIFW_SLOT_NEGATED)) == MINIFW_SLOT_SHORT;
}

static bool prefix_covers(struct minifw_slot a, struct minifw_slot b)
{
	struct minifw_addr first = { .lo = b.word >> 32 };

	return (u8)(a.word >> 8) <= (u8)(b.word >> 8) && minifw_short_covers(a, MINIFW_IP, first);
}

static bool addrs_cover(const struct minifw_words *words, const void *a, const void *b,
			u8 families)
{
	const struct minifw_slot *one = a, *other = b;
	union minifw_addrs_room x_room, y_room;
	const struct minifw_addrs *x, *y = NULL;
	enum minifw_family family;

	if (other && is_prefix(*one) && is_prefix(*other))
		return prefix_covers(*one, *other);
	x = minifw_addrs_of(*one, &x_room);
	if (other)
		y = minifw_addrs_of(*other, &y_room);
	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		if ((families & BIT(family)) && !family_covers(x, y, family))
			return false;
	return true;
}

const struct minifw_kind minifw_kind_addrs = {
	.parse = addrs_parse, .show = addrs_show, .covers = addrs_cover,
	.size = sizeof(struct minifw_slot), .slot = true,
};
