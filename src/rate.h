/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_RATE_H
#define MINIFW_RATE_H

#include <linux/bits.h>
#include <linux/types.h>

#include "addr.h"
#include "parse.h"

#define MINIFW_AMOUNT_MAX	BIT_ULL(60)	/* of packets or bytes that a value may name */
#define MINIFW_RATE_MAX		BIT_ULL(35)	/* of packets or bytes a second */
#define MINIFW_BURST_PACKETS	5		/* where none is named; nft has the same */

/* Of which address each has a count of its own. */
enum minifw_key_addr {
	MINIFW_KEY_NONE,
	MINIFW_KEY_SADDR,
	MINIFW_KEY_DADDR,
};

/**
 * struct minifw_count_key - what has a count of its own
 * @addr: enum minifw_key_addr; MINIFW_KEY_NONE where all packets share one count
 * @dport: and each destination port of it
 * @len: by enum minifw_family, bits of the address that tell one from another; 1 to its width
 */
struct minifw_count_key {
	u8 addr;
	bool dport;
	u8 len[MINIFW_NR_FAMILIES];
};

/**
 * struct minifw_limit - a rate
 * @rate: packets, or bytes if @bytes, in @seconds; 0 where unset
 * @burst: how many may come at once; 1 or more
 * @seconds: of the period
 * @bytes: of packets from the network header on
 * @over: what is above it matches, and not what is under it
 * @key: each has the rate for itself
 */
struct minifw_limit {
	u64 rate;
	u64 burst;
	u32 seconds;
	bool bytes;
	bool over;
	struct minifw_count_key key;
};

/**
 * struct minifw_conn_limit - a number of connections
 * @most: those beyond it match; 0 where unset
 * @key: each has the number for itself
 */
struct minifw_conn_limit {
	u32 most;
	struct minifw_count_key key;
};

/**
 * struct minifw_quota - an amount that is used up
 * @bytes: from the network header on; 0 where unset
 */
struct minifw_quota {
	u64 bytes;
};

extern const struct minifw_kind minifw_kind_limit, minifw_kind_conn_limit, minifw_kind_quota;

#endif
