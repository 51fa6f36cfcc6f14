// SPDX-License-Identifier: GPL-2.0
/*
 * Two rules beside each other: does one, where it is tried first, take all packets of the
 * other, so that the other never sees any?  Pure functions.
 *
 * It does where it decides whatever it matches, stands wherever the other stands, and covers
 * it in each attribute by itself.  That is not all there is: several rules may take
 * together what none takes alone, and what is not certain counts as no.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/in.h>
#include <linux/string.h>

#include "attr.h"
#include "cover.h"
#include "packet.h"
#include "reference.h"
#include "spec.h"

/* With one of these a rule does not always match, or not for ever. */
#define UNSURE_ATTRS ( \
	MINIFW_LIMIT_ATTRS | BIT_ULL(MINIFW_ATTR_time) | BIT_ULL(MINIFW_ATTR_expires))

/* What is no question to a packet; of hooks and families a sealed rule has all that it says. */
#define SILENT_ATTRS ( \
	MINIFW_EFFECT_ATTRS | \
	BIT_ULL(MINIFW_ATTR_priority) | BIT_ULL(MINIFW_ATTR_hook) | BIT_ULL(MINIFW_ATTR_family) | \
	BIT_ULL(MINIFW_ATTR_action) | BIT_ULL(MINIFW_ATTR_comment))

/*
 * Whether a packet has these, @needs tells: where a rule has none, they may still be there,
 * and a value that takes all there is takes them.
 */
#define NEEDED_ATTRS ( \
	BIT_ULL(MINIFW_ATTR_saddr) | BIT_ULL(MINIFW_ATTR_daddr) | BIT_ULL(MINIFW_ATTR_proto) | \
	BIT_ULL(MINIFW_ATTR_sport) | BIT_ULL(MINIFW_ATTR_dport) | BIT_ULL(MINIFW_ATTR_ttl))

/* Does a rule decide each packet that it matches? */
static bool decides(const struct minifw_spec *spec)
{
	switch (spec->action.verdict) {
	case MINIFW_ACCEPT:
	case MINIFW_DROP:
	case MINIFW_REJECT:
	case MINIFW_QUEUE:
		return !(spec->attrs & UNSURE_ATTRS);
	}
	return false;
}

/* All that a packet has which has @needs: as packet.c reads one. */
static u8 has_with(u8 needs)
{
	u8 has = needs;

	if (has & MINIFW_HAS_TCP)
		has |= MINIFW_HAS_PORTS;
	if (has & (MINIFW_HAS_PORTS | MINIFW_HAS_ICMP))
		has |= MINIFW_HAS_PROTO;
	if (has & MINIFW_HAS_PROTO)
		has |= MINIFW_HAS_ADDR;
	return has;
}

/* ---- protocols ---- */

/* The protocols of a family that @protos takes: see match_proto() in match.c. */
static void protos_taken(struct minifw_slot protos, enum minifw_family family,
			 unsigned long *taken)
{
	struct minifw_codes room;
	const struct minifw_codes *codes = minifw_codes_of(protos, &room);

	if (!codes) {
		bitmap_fill(taken, 256);
		return;
	}
	bitmap_copy(taken, codes->bits, 256);
	__clear_bit(family == MINIFW_IP ? IPPROTO_ICMPV6 : IPPROTO_ICMP, taken);
	if (codes->list.negated)
		bitmap_complement(taken, taken, 256);
}

/* Leaves those whose packets can have @needs. */
static void protos_confine(unsigned long *taken, enum minifw_family family, u8 needs)
{
	DECLARE_BITMAP(with, 256);
	unsigned int proto;

	bitmap_zero(with, 256);
	if (needs & MINIFW_HAS_TCP) {
		__set_bit(IPPROTO_TCP, with);
	} else if (needs & MINIFW_HAS_PORTS) {
		for (proto = 0; proto < 256; proto++)
			if (minifw_proto_has_ports(proto))
				__set_bit(proto, with);
	} else if (needs & MINIFW_HAS_ICMP) {
		__set_bit(family == MINIFW_IP ? IPPROTO_ICMP : IPPROTO_ICMPV6, with);
	} else {
		return;
	}
	bitmap_and(taken, taken, with, 256);
}

static bool protos_cover(const struct minifw_spec *a, const struct minifw_spec *b)
{
	DECLARE_BITMAP(x, 256);
	DECLARE_BITMAP(y, 256);
	enum minifw_family family;

	if (a->proto.word == b->proto.word)
		return true;
	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		if (!(b->families & BIT(family)))
			continue;
		protos_taken(a->proto, family, x);
		protos_taken(b->proto, family, y);
		protos_confine(y, family, b->needs);
		if (!bitmap_subset(y, x, 256))
			return false;
	}
	return true;
}

/* ---- all attributes ---- */

/* Of an attribute that @a has a value for. */
static bool attr_covers(enum minifw_attr_id id, const struct minifw_spec *a,
			const struct minifw_spec *b)
{
	const struct minifw_attr *attr = &minifw_attrs[id];
	const struct minifw_set_ref *x = minifw_spec_ref(a, id), *y = minifw_spec_ref(b, id);
	bool both = minifw_spec_asks(b, id);

	if (id == MINIFW_ATTR_proto)
		return protos_cover(a, b);
	if (x || y)	/* what is in a set changes */
		return x && y && minifw_list_equal(&x->list, &y->list);
	if (!attr->kind->covers)
		return both && minifw_attr_equal(id, a, b);
	return attr->kind->covers(attr->words, minifw_attr_value(attr, a),
				  both ? minifw_attr_value(attr, b) : NULL, b->families);
}

/**
 * minifw_spec_covers() - does a rule take all packets of another that is tried later?
 * @a: the rule that is tried first, sealed
 * @b: the other, sealed
 *
 * What neither rule knows is left to the caller: whether a set that both name is the same
 * when @b is tried, and whether the path of a cgroup means the same to both.
 *
 * Context: any.
 * Return: whether it does for certain: @a matches whatever @b would match, and decides it.
 */
bool minifw_spec_covers(const struct minifw_spec *a, const struct minifw_spec *b)
{
	u64 left = a->attrs & ~SILENT_ATTRS;
	const struct minifw_attr *attr;

	if ((b->stages & ~a->stages) || (b->families & ~a->families) ||
	    (left & ~b->attrs & ~NEEDED_ATTRS) || (a->needs & ~has_with(b->needs)) || !decides(a))
		return false;
	while ((attr = minifw_attr_next(&left)))
		if (!attr_covers(attr - minifw_attrs, a, b))
			return false;
	return true;
}
