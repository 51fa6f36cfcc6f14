// SPDX-License-Identifier: GPL-2.0
/*
 * Bounds: what the classifier knows of a rule.  A prefix for each address, a range
 * for each port, one protocol.  Of most rules they say all; of the others
 * they are the hull, and minifw_match() has the last word.
 *
 * A rule with a short list has bounds for each of its elements, so that none of
 * them is made wider than it is: of one list, for two would multiply.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "bounds.h"
#include "compat.h"
#include "leaf.h"
#include "packet.h"
#include "rule.h"

/*
 * What bounds speak of, or no question to a packet: stage and family choose the classifier.
 * Limits are asked by who looks up, when all else matched.
 */
#define BOUNDED ( \
	MINIFW_LIMIT_ATTRS | \
	BIT_ULL(MINIFW_ATTR_priority) | BIT_ULL(MINIFW_ATTR_hook) | BIT_ULL(MINIFW_ATTR_family) | \
	BIT_ULL(MINIFW_ATTR_saddr) | BIT_ULL(MINIFW_ATTR_daddr) | BIT_ULL(MINIFW_ATTR_proto) | \
	BIT_ULL(MINIFW_ATTR_sport) | BIT_ULL(MINIFW_ATTR_dport) | \
	BIT_ULL(MINIFW_ATTR_icmp_type) | BIT_ULL(MINIFW_ATTR_icmpv6_type) | \
	BIT_ULL(MINIFW_ATTR_action) | BIT_ULL(MINIFW_ATTR_comment) | \
	BIT_ULL(MINIFW_ATTR_expires) | MINIFW_EFFECT_ATTRS)

/* The lists of a rule that bounds are made of, in the order in which they are taken apart. */
enum side { SADDR, DADDR, DPORT, SPORT, SIDES };

/**
 * struct lists - the lists of a rule
 * @addrs: SADDR and DADDR; NULL where it is unset
 * @ranges: DPORT and SPORT likewise. ICMP types stand where destination ports do: no
 *          packet has both
 * @addrs_room: where short ones are
 * @ranges_room: likewise
 */
struct lists {
	const struct minifw_addrs *addrs[DADDR + 1];
	const struct minifw_ranges *ranges[SPORT + 1];
	union minifw_addrs_room addrs_room[DADDR + 1];
	union minifw_ranges_room ranges_room[SPORT + 1];
};

static struct minifw_slot dport_of(const struct minifw_spec *spec, enum minifw_family family)
{
	if (minifw_slot_is_set(spec->dport) || !spec->rare)
		return spec->dport;
	return family == MINIFW_IP ? spec->rare->icmp_type : spec->rare->icmpv6_type;
}

static void lists_get(struct lists *lists, const struct minifw_spec *spec,
		      enum minifw_family family)
{
	lists->addrs[SADDR] = minifw_addrs_of(spec->saddr, &lists->addrs_room[SADDR]);
	lists->addrs[DADDR] = minifw_addrs_of(spec->daddr, &lists->addrs_room[DADDR]);
	lists->ranges[DPORT] = minifw_ranges_of(dport_of(spec, family),
						&lists->ranges_room[DPORT]);
	lists->ranges[SPORT] = minifw_ranges_of(spec->sport, &lists->ranges_room[SPORT]);
}

static bool is_addr(enum side side)
{
	return side == SADDR || side == DADDR;
}

/* How many ranges a list has that bounds can speak of; 0 where they cannot. */
static unsigned int elements(const struct lists *lists, enum side side,
			     enum minifw_family family)
{
	const struct minifw_addrs *addrs;
	const struct minifw_ranges *ranges;

	if (is_addr(side)) {
		addrs = lists->addrs[side];
		if (!addrs || addrs->list.set || addrs->list.negated ||
		    addrs->part[family].masks)
			return 0;
		return addrs->part[family].ranges;
	}
	ranges = lists->ranges[side];
	return !ranges || ranges->list.set || ranges->list.negated ? 0 : ranges->list.count;
}

/* The list that is taken apart, or SIDES. */
static enum side side_of(const struct lists *lists, enum minifw_family family)
{
	enum side side;

	for (side = 0; side < SIDES; side++) {
		unsigned int count = elements(lists, side, family);

		if (count > 1 && count <= MINIFW_BOUNDS_MAX)
			break;
	}
	return side;
}

/**
 * minifw_bounds_count() - how many bounds a rule has
 * @rule: the rule, sealed
 * @family: IPv4 or IPv6
 *
 * Context: any.
 * Return: 1 to MINIFW_BOUNDS_MAX.
 */
unsigned int minifw_bounds_count(const struct minifw_live *rule, enum minifw_family family)
{
	struct lists lists __uninitialized;
	enum side side;

	lists_get(&lists, &rule->spec, family);
	side = side_of(&lists, family);
	return side == SIDES ? 1 : elements(&lists, side, family);
}

/* How many bits two addresses have in common, from the first on. */
static unsigned int common_bits(struct minifw_addr a, struct minifw_addr b,
				enum minifw_family family)
{
	u64 hi = a.hi ^ b.hi, lo = a.lo ^ b.lo;

	if (family == MINIFW_IP)
		return 32 - fls64(lo);
	return hi ? 64 - fls64(hi) : 128 - fls64(lo);
}

/* The bounds of elements @first to @last of a list. */

static void bound_addr(const struct minifw_addrs *addrs, unsigned int first, unsigned int last,
		       enum minifw_family family, struct minifw_addr *addr, u8 *len, bool *partial)
{
	const struct minifw_addr_pair *pair = &addrs->pair[addrs->part[family].pair];
	struct minifw_addr from = pair[first].a, to = pair[last].b, mask;

	*len = common_bits(from, to, family);
	mask = minifw_addr_mask(family, *len);
	*addr = minifw_addr_and(from, mask);
	mask.hi = family == MINIFW_IP ? 0 : ~mask.hi;
	mask.lo = family == MINIFW_IP ? (u32)~mask.lo : ~mask.lo;
	if (first != last || minifw_addr_cmp(*addr, from) ||
	    to.hi != (from.hi | mask.hi) || to.lo != (from.lo | mask.lo))
		*partial = true;
}

static void bound_port(const struct minifw_ranges *ranges, unsigned int first, unsigned int last,
		       u16 *port, u16 *span, u8 *len, bool *partial)
{
	*port = ranges->range[first].first;
	*span = ranges->range[last].last - *port;
	*len = 16 - fls(*port ^ ranges->range[last].last);
	if (first != last)
		*partial = true;
}

static void bound_proto(struct minifw_slot slot, struct minifw_bounds *b)
{
	struct minifw_codes room;
	const struct minifw_codes *protos = minifw_codes_of(slot, &room);

	b->any_proto = true;
	if (!protos)
		return;
	if (protos->list.negated || bitmap_weight(protos->bits, 256) > 1) {
		b->partial = true;
		return;
	}
	b->proto = find_first_bit(protos->bits, 256);
	b->any_proto = false;
}

static void bound_side(const struct lists *lists, enum side side, unsigned int first,
		       unsigned int last, enum minifw_family family, struct minifw_bounds *b)
{
	switch (side) {
	case SADDR:
		return bound_addr(lists->addrs[side], first, last, family, &b->saddr,
				  &b->saddr_len, &b->partial);
	case DADDR:
		return bound_addr(lists->addrs[side], first, last, family, &b->daddr,
				  &b->daddr_len, &b->partial);
	case SPORT:
		return bound_port(lists->ranges[side], first, last, &b->sport, &b->sport_span,
				  &b->sport_len, &b->partial);
	default:
		return bound_port(lists->ranges[side], first, last, &b->dport, &b->dport_span,
				  &b->dport_len, &b->partial);
	}
}

static bool is_set(const struct lists *lists, enum side side)
{
	return is_addr(side) ? !!lists->addrs[side] : !!lists->ranges[side];
}

/**
 * minifw_extra_name() - an interface's name as a number
 * @name: the name
 *
 * Context: any; the packet path among others.
 * Return: its hash.
 */
u32 minifw_extra_name(const char *name)
{
	return jhash(name, strnlen(name, IFNAMSIZ), 0);
}

static void bound_iface(const struct minifw_ifaces *ifaces, enum minifw_extra extra,
			struct minifw_bounds *b)
{
	const struct minifw_iface *iface;

	if (!ifaces || ifaces->list.set || ifaces->list.negated || ifaces->list.count != 1)
		return;
	iface = &ifaces->iface[0];
	if (!iface->len || iface->name[iface->len - 1])	/* how names begin */
		return;
	b->extra[extra] = minifw_extra_name(iface->name);
	b->extras |= BIT(extra);
}

static void bound_extras(const struct minifw_spec *spec, struct minifw_bounds *b)
{
	b->extras = BIT(MINIFW_EXTRA_NONE);
	bound_iface(spec->iif, MINIFW_EXTRA_IIF, b);
	bound_iface(spec->oif, MINIFW_EXTRA_OIF, b);
	if (minifw_spec_asks(spec, MINIFW_ATTR_mark) && spec->rare->mark.mask == U32_MAX) {
		b->extra[MINIFW_EXTRA_MARK] = spec->rare->mark.value;
		b->extras |= BIT(MINIFW_EXTRA_MARK);
	}
}

static u8 ct_states_of(const struct minifw_flags *states)
{
	u8 all = BIT(MINIFW_NR_CT_STATES) - 1;

	if (!states->bits)
		return all;
	return states->negated ? all & ~states->bits : states->bits;
}

#define BOTH_ICMPS (BIT_ULL(MINIFW_ATTR_icmp_type) | BIT_ULL(MINIFW_ATTR_icmpv6_type))

/* All of a rule but @apart, which is taken apart. */
static void bound_rest(const struct minifw_spec *spec, const struct lists *lists,
		       enum side apart, enum minifw_family family, struct minifw_bounds *b)
{
	enum side side;

	b->sport_span = U16_MAX;
	b->dport_span = U16_MAX;
	b->needs = spec->needs;
	b->flags = spec->tcp_flags.value;
	b->flags_mask = spec->tcp_flags.mask;
	b->ct_states = ct_states_of(&spec->ct_state);
	b->partial = (spec->attrs & ~BOUNDED) || (spec->attrs & BOTH_ICMPS) == BOTH_ICMPS;
	bound_proto(spec->proto, b);
	bound_extras(spec, b);
	for (side = 0; side < SIDES; side++) {
		unsigned int count = elements(lists, side, family);

		if (count && side != apart)
			bound_side(lists, side, 0, count - 1, family, b);
		else if (!count)
			b->partial |= is_set(lists, side);
	}
}

/**
 * minifw_bounds_make() - the bounds of a rule
 * @rule: the rule, sealed
 * @rank: where it stands
 * @family: IPv4 or IPv6
 * @bounds: takes them; there is room for minifw_bounds_count()
 *
 * Context: any.
 * Return: how many.
 */
unsigned int minifw_bounds_make(const struct minifw_live *rule, u32 rank,
				enum minifw_family family, struct minifw_bounds *bounds)
{
	struct lists lists __uninitialized;
	unsigned int i, count;
	enum side apart;

	lists_get(&lists, &rule->spec, family);
	apart = side_of(&lists, family);
	count = apart == SIDES ? 1 : elements(&lists, apart, family);
	memset(bounds, 0, sizeof(*bounds));
	bounds->rank = rank;
	bound_rest(&rule->spec, &lists, apart, family, bounds);
	for (i = 1; i < count; i++)
		bounds[i] = bounds[0];
	for (i = 0; apart != SIDES && i < count; i++)
		bound_side(&lists, apart, i, i, family, &bounds[i]);
	return count;
}

/* Does it do no more than to count, and accept or drop? */
static bool is_plain(const struct minifw_live *rule)
{
	u8 verdict = rule->spec.action.verdict;

	return (verdict == MINIFW_ACCEPT || verdict == MINIFW_DROP) &&
	       !(rule->spec.attrs & (MINIFW_LIMIT_ATTRS | MINIFW_EFFECT_ATTRS));
}

static void leaf_addrs(struct minifw_leaf *leaf, const struct minifw_bounds *bounds,
		       enum minifw_family family)
{
	if (family == MINIFW_IP) {
		struct minifw_leaf_ip *ip = container_of(leaf, struct minifw_leaf_ip, leaf);

		ip->saddr = bounds->saddr.lo;
		ip->daddr = bounds->daddr.lo;
	} else {
		struct minifw_leaf_ip6 *ip6 = container_of(leaf, struct minifw_leaf_ip6, leaf);

		ip6->saddr = bounds->saddr;
		ip6->daddr = bounds->daddr;
	}
}

/**
 * minifw_bounds_leaf() - bounds as packets are held against them
 * @bounds: the bounds
 * @rule: whose they are
 * @family: IPv4 or IPv6
 * @leaf: takes them, with the family's addresses; alone in its bucket
 *
 * Context: any.
 */
void minifw_bounds_leaf(const struct minifw_bounds *bounds, const struct minifw_live *rule,
			enum minifw_family family, struct minifw_leaf *leaf)
{
	*leaf = (struct minifw_leaf){
		.rank = bounds->rank,
		.partial = bounds->partial, .any_proto = bounds->any_proto,
		.plain = is_plain(rule),
		.accept = rule->spec.action.verdict == MINIFW_ACCEPT,
		.dated = !rule->is_line,
		.sport = bounds->sport, .sport_span = bounds->sport_span,
		.dport = bounds->dport, .dport_span = bounds->dport_span,
		.saddr_len = bounds->saddr_len, .daddr_len = bounds->daddr_len,
		.proto = bounds->proto, .needs = bounds->needs,
		.counters = rule->counters,
	};
	leaf_addrs(leaf, bounds, family);
}
