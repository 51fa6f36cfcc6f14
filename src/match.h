/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_MATCH_H
#define MINIFW_MATCH_H

#include <linux/types.h>

#include "addr.h"
#include "parse.h"
#include "spec.h"

struct minifw_packet;
struct sk_buff;

/* What of a rule does not match: beside enum minifw_attr_id, nothing, or not even that is there. */
#define MINIFW_MATCHES	MINIFW_NR_ATTRS
#define MINIFW_LACKS	(MINIFW_NR_ATTRS + 1)

bool minifw_match_addr(struct minifw_slot slot, const struct minifw_packet *packet, u8 family,
		       struct minifw_addr addr);
bool minifw_match_range(struct minifw_slot slot, const struct minifw_packet *packet, u32 number);
enum minifw_ct_state minifw_ct_state_of(const struct sk_buff *skb);
bool minifw_match(const struct minifw_spec *spec, const struct minifw_packet *packet);
unsigned int minifw_match_fails(const struct minifw_spec *spec, const struct minifw_packet *packet);

/* Are some of @bits among the flags?  Negated: none? */
static inline bool minifw_match_flags(const struct minifw_flags *flags, u8 bits)
{
	return !!(flags->bits & bits) != flags->negated;
}

/* Is a mark as it must be? */
static inline bool minifw_match_mark(const struct minifw_mark *wanted, u32 mark)
{
	return (mark & wanted->mask) == wanted->value;
}

#endif
