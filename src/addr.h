/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_ADDR_H
#define MINIFW_ADDR_H

#include <linux/types.h>

#include "parse.h"

struct in6_addr;
struct minifw_error;
struct minifw_text;

/* The two families, as an index. */
enum minifw_family {
	MINIFW_IP,
	MINIFW_IP6,
	MINIFW_NR_FAMILIES
};

/**
 * struct minifw_addr - an address as a number, in host byte order
 * @hi: upper half of an IPv6 address; 0 for IPv4
 * @lo: lower half; the whole of an IPv4 address
 */
struct minifw_addr {
	u64 hi;
	u64 lo;
};

/**
 * struct minifw_addr_pair - a range, or a value under a mask
 * @a: first address; or the value, with no bit outside the mask
 * @b: last address; or the mask
 */
struct minifw_addr_pair {
	struct minifw_addr a;
	struct minifw_addr b;
};

/**
 * struct minifw_addr_element - an element of an address list, as it is written
 * @family: IPv4 or IPv6
 * @masked: @pair is a value and a mask that is no prefix
 * @pair: as struct minifw_addr_pair
 */
struct minifw_addr_element {
	enum minifw_family family;
	bool masked;
	struct minifw_addr_pair pair;
};

/**
 * struct minifw_addr_part - one family's share of an address list
 * @pair: the ranges, ascending and disjoint, then the masks, ascending
 * @ranges: how many ranges
 * @masks: how many masks
 */
struct minifw_addr_part {
	u16 pair;
	u8 ranges;
	u8 masks;
};

/**
 * struct minifw_addrs - addresses of both families
 * @list: header
 * @part: by enum minifw_family; @pair there is an index into @pair here
 * @pair: IPv4 before IPv6
 *
 * One IPv4 address or prefix is a short list: the prefix's length from bit 8 of its
 * slot on, the address from bit 32 on.
 */
struct minifw_addrs {
	struct minifw_list list;
	struct minifw_addr_part part[MINIFW_NR_FAMILIES];
	struct minifw_addr_pair pair[];
};

/**
 * union minifw_addrs_room - room for a short list as if it were a long one
 * @addrs: the list
 * @bytes: with its pair
 */
union minifw_addrs_room {
	struct minifw_addrs addrs;
	u8 bytes[sizeof(struct minifw_addrs) + sizeof(struct minifw_addr_pair)];
};

extern const struct minifw_kind minifw_kind_addrs;

int minifw_parse_addr(char *token, struct minifw_addr_element *e, struct minifw_error *err);
void minifw_addr_show(struct minifw_text *out, enum minifw_family family,
		      const struct minifw_addr_pair *pair);
const struct minifw_addrs *minifw_addrs_of(struct minifw_slot slot, union minifw_addrs_room *room);
u8 minifw_addrs_families(struct minifw_slot slot);
struct minifw_addr minifw_addr_from_in6(const struct in6_addr *in6);
struct minifw_addr minifw_addr_network(struct minifw_addr addr, enum minifw_family family,
				       unsigned int len);
void minifw_addr_to_in6(struct minifw_addr addr, struct in6_addr *in6);

static inline int minifw_addr_cmp(struct minifw_addr a, struct minifw_addr b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

/* Is an address in the one prefix of a short list, which is IPv4's? */
static inline bool minifw_short_covers(struct minifw_slot slot, enum minifw_family family,
				       struct minifw_addr addr)
{
	u32 host = ~0ULL >> 32 >> (u8)(slot.word >> 8);

	return family == MINIFW_IP && !((addr.lo ^ slot.word >> 32) & ~(u64)host);
}

/* RFC 1112, 4 and RFC 4291, 2.7 */
static inline bool minifw_is_multicast(struct minifw_addr addr, enum minifw_family family)
{
	return family == MINIFW_IP ? addr.lo >> 28 == 0xe : addr.hi >> 56 == 0xff;
}

static inline struct minifw_addr minifw_addr_and(struct minifw_addr a, struct minifw_addr b)
{
	return (struct minifw_addr){ .hi = a.hi & b.hi, .lo = a.lo & b.lo };
}

#endif
