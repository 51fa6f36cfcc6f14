// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Theory of Operation
 *
 * Problem: among the rules of one stage and family, in order, find the first
 * that matches a packet; and if that one does not decide, the next.
 *
 * Contract, which stays when the inside is replaced:
 *
 * - build(rules in order) makes an object, or fails, without side effects.
 * - lookup(object, packet, position) finds the first matching rule at or after
 *   the position, and leaves the position behind it. Position 0 is the start;
 *   calling again with the same variable goes on from there.
 * - The object is immutable, and holds no reference on rules: the snapshot
 *   that owns it does.
 *
 * Inside: a linear scan, the plainest thing that keeps the contract.  What it
 * scans is a digest of each rule: bounds of its addresses and ports, its one
 * protocol, its TCP flags.  A packet out of bounds is passed over without a look
 * at the rule.  Of most rules the bounds say all (@whole); of the others, lists
 * with gaps, say, minifw_match() has the last word.
 *
 * An address is held against its bounds by one number: all of an IPv4 address,
 * the upper half of an IPv6 address.  So a rule for a prefix up to /64 is whole.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "classifier.h"
#include "match.h"
#include "packet.h"
#include "rule.h"
#include "stage.h"

/**
 * struct digest - what a packet must have to be worth a look at the rule
 * @saddr: the lowest source, as top_of()
 * @saddr_span: the highest, less the lowest
 * @daddr: the lowest destination
 * @daddr_span: likewise
 * @sport: the lowest source port
 * @sport_span: likewise
 * @dport: the lowest destination port
 * @dport_span: likewise
 * @needs: MINIFW_HAS_*
 * @proto: the one protocol
 * @proto_mask: 0xff; or 0 where there is not just one
 * @flags: TCP flags
 * @flags_mask: which of them count
 * @whole: who passes, matches
 * @rule: the rule
 *
 * What the rule does not ask for has bounds that nothing is out of, so that
 * packets without it pass too.
 */
struct digest {
	u64 saddr;
	u64 saddr_span;
	u64 daddr;
	u64 daddr_span;
	u16 sport;
	u16 sport_span;
	u16 dport;
	u16 dport_span;
	u8 needs;
	u8 proto;
	u8 proto_mask;
	u8 flags;
	u8 flags_mask;
	bool whole;
	const struct minifw_live *rule;
};

/**
 * struct minifw_classifier - the rules of one stage and family
 * @family: IPv4 or IPv6
 * @count: how many
 * @digest: in evaluation order
 */
struct minifw_classifier {
	enum minifw_family family;
	unsigned int count;
	struct digest digest[];
};

static u64 top_of(struct minifw_addr addr, enum minifw_family family)
{
	return family == MINIFW_IP ? addr.lo : addr.hi;
}

/* These find the bounds of one thing each, and return whether they say all of it. */

static bool bound_addrs(struct minifw_slot slot, enum minifw_family family, u64 *first, u64 *span)
{
	union minifw_addrs_room room;
	const struct minifw_addrs *addrs = minifw_addrs_of(slot, &room);
	const struct minifw_addr_part *part;
	const struct minifw_addr_pair *lowest, *highest;

	*first = 0;
	*span = U64_MAX;
	if (!addrs)
		return true;
	if (addrs->list.set)
		return false;
	part = &addrs->part[family];
	if (addrs->list.negated || part->masks)
		return false;
	lowest = &addrs->pair[part->pair];
	highest = lowest + part->ranges - 1;
	*first = top_of(lowest->a, family);
	*span = top_of(highest->b, family) - *first;
	return part->ranges == 1 &&
	       (family == MINIFW_IP || (!lowest->a.lo && lowest->b.lo == U64_MAX));
}

static bool bound_ports(struct minifw_slot slot, u16 *first, u16 *span)
{
	union minifw_ranges_room room;
	const struct minifw_ranges *ranges = minifw_ranges_of(slot, &room);

	*first = 0;
	*span = U16_MAX;
	if (!ranges)
		return true;
	if (ranges->list.set || ranges->list.negated)
		return false;
	*first = ranges->range[0].first;
	*span = ranges->range[ranges->list.count - 1].last - *first;
	return ranges->list.count == 1;
}

static bool bound_proto(struct minifw_slot slot, u8 *proto, u8 *mask)
{
	struct minifw_codes room;
	const struct minifw_codes *protos = minifw_codes_of(slot, &room);

	*proto = 0;
	*mask = 0;
	if (!protos)
		return true;
	if (protos->list.negated || bitmap_weight(protos->bits, 256) > 1)
		return false;
	*proto = find_first_bit(protos->bits, 256);
	*mask = 0xff;
	return true;
}

/*
 * What a digest speaks of, or no question to a packet: stage and family choose the classifier.
 * Limits are asked by who looks up, when all else matched.
 */
#define DIGESTED ( \
	MINIFW_LIMIT_ATTRS | \
	BIT_ULL(MINIFW_ATTR_priority) | BIT_ULL(MINIFW_ATTR_hook) | BIT_ULL(MINIFW_ATTR_family) | \
	BIT_ULL(MINIFW_ATTR_saddr) | BIT_ULL(MINIFW_ATTR_daddr) | BIT_ULL(MINIFW_ATTR_proto) | \
	BIT_ULL(MINIFW_ATTR_sport) | BIT_ULL(MINIFW_ATTR_dport) | BIT_ULL(MINIFW_ATTR_tcp_flags) | \
	BIT_ULL(MINIFW_ATTR_action) | BIT_ULL(MINIFW_ATTR_comment) | \
	BIT_ULL(MINIFW_ATTR_expires) | MINIFW_EFFECT_ATTRS)

static void digest_rule(struct digest *digest, const struct minifw_live *rule,
			enum minifw_family family)
{
	const struct minifw_spec *spec = &rule->spec;

	digest->rule = rule;
	digest->needs = spec->needs;
	digest->flags = spec->tcp_flags.value;
	digest->flags_mask = spec->tcp_flags.mask;
	digest->whole = !(spec->attrs & ~DIGESTED);
	digest->whole &= bound_addrs(spec->saddr, family, &digest->saddr, &digest->saddr_span);
	digest->whole &= bound_addrs(spec->daddr, family, &digest->daddr, &digest->daddr_span);
	digest->whole &= bound_ports(spec->sport, &digest->sport, &digest->sport_span);
	digest->whole &= bound_ports(spec->dport, &digest->dport, &digest->dport_span);
	digest->whole &= bound_proto(spec->proto, &digest->proto, &digest->proto_mask);
}

static bool belongs(const struct minifw_live *rule, enum minifw_stage stage,
		    enum minifw_family family)
{
	return (rule->spec.stages & BIT(stage)) && (rule->spec.families & BIT(family));
}

/**
 * minifw_classifier_build() - prepare rules for look-ups
 * @rules: in evaluation order; those of other stages and families are passed over
 * @count: how many
 * @stage: where they stand
 * @family: IPv4 or IPv6
 *
 * Context: may sleep.
 * Return: the object, or NULL without memory.
 */
struct minifw_classifier *minifw_classifier_build(struct minifw_live *const *rules,
						  unsigned int count, enum minifw_stage stage,
						  enum minifw_family family)
{
	struct minifw_classifier *classifier;
	unsigned int i, n = 0;

	for (i = 0; i < count; i++)
		n += belongs(rules[i], stage, family);
	classifier = kvmalloc(struct_size(classifier, digest, n), GFP_KERNEL);
	if (!classifier)
		return NULL;
	classifier->family = family;
	classifier->count = 0;
	for (i = 0; i < count; i++)
		if (belongs(rules[i], stage, family))
			digest_rule(&classifier->digest[classifier->count++], rules[i], family);
	return classifier;
}

/**
 * minifw_classifier_free() - undo minifw_classifier_build()
 * @classifier: the object, or NULL; no packet may still see it
 *
 * Context: process.
 */
void minifw_classifier_free(struct minifw_classifier *classifier)
{
	kvfree(classifier);
}

/**
 * minifw_classifier_empty() - has it no rules at all?
 * @classifier: the object
 *
 * Context: any.
 * Return: whether no look-up can find a rule.
 */
bool minifw_classifier_empty(const struct minifw_classifier *classifier)
{
	return !classifier->count;
}

/**
 * struct question - a packet, as digests are asked about it
 * @packet: the packet, parsed
 * @saddr: its source, as top_of()
 * @daddr: its destination, as top_of()
 */
struct question {
	const struct minifw_packet *packet;
	u64 saddr;
	u64 daddr;
};

static __always_inline bool within_bounds(const struct digest *digest, struct question q)
{
	const struct minifw_packet *packet = q.packet;

	return !(digest->needs & ~packet->has) &&
	       q.saddr - digest->saddr <= digest->saddr_span &&
	       q.daddr - digest->daddr <= digest->daddr_span &&
	       !((packet->proto ^ digest->proto) & digest->proto_mask) &&
	       (u16)(packet->dport - digest->dport) <= digest->dport_span &&
	       (u16)(packet->sport - digest->sport) <= digest->sport_span &&
	       (packet->tcp_flags & digest->flags_mask) == digest->flags;
}

/* From @i on, the first digest within whose bounds the packet is; @count if it is in none. */
static __always_inline unsigned int first_within(const struct minifw_classifier *classifier,
						 unsigned int i, struct question q)
{
	while (i < classifier->count && !within_bounds(&classifier->digest[i], q))
		i++;
	return i;
}

/* The rule of digest @i has the last word; where that says no, the search goes on. */
static noinline unsigned int first_match(const struct minifw_classifier *classifier,
					 unsigned int i, struct question q)
{
	while (i < classifier->count) {
		const struct digest *digest = &classifier->digest[i];

		if (digest->whole || minifw_match(&digest->rule->spec, q.packet))
			break;
		i = first_within(classifier, i + 1, q);
	}
	return i;
}

/**
 * minifw_classifier_lookup() - the first matching rule at or after a position
 * @classifier: the object
 * @packet: the packet, parsed
 * @position: where to begin; left behind the rule that was found
 *
 * Context: the packet path, under RCU; does not sleep.
 * Return: the rule, which may be retired by now, or NULL.
 */
const struct minifw_live *minifw_classifier_lookup(const struct minifw_classifier *classifier,
						   const struct minifw_packet *packet,
						   unsigned int *position)
{
	struct question q = {
		.packet = packet,
		.saddr = top_of(packet->saddr, classifier->family),
		.daddr = top_of(packet->daddr, classifier->family),
	};
	unsigned int i = first_within(classifier, *position, q);

	if (i < classifier->count && !classifier->digest[i].whole)
		i = first_match(classifier, i, q);
	*position = i + 1;
	return i < classifier->count ? classifier->digest[i].rule : NULL;
}
