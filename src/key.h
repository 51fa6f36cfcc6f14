/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_KEY_H
#define MINIFW_KEY_H

#include <linux/types.h>

#include "addr.h"
#include "compat.h"

#define MINIFW_KEY_MAX 18	/* bytes of an IPv6 address and a port */

/**
 * struct minifw_key - what a set is asked for, as bytes that sort as the values do
 * @byte: big-endian; those behind the key's length are 0
 */
struct minifw_key {
	u8 byte[MINIFW_KEY_MAX];
};

/* Bytes of an address as a key. */
static inline u8 minifw_addr_len(u8 family)
{
	return family == MINIFW_IP ? sizeof(u32) : 2 * sizeof(u64);
}

/* The order of keys of one length. */
static inline int minifw_key_cmp(const struct minifw_key *a, const struct minifw_key *b)
{
	u64 x = get_unaligned_be64(a->byte), y = get_unaligned_be64(b->byte);

	if (x == y) {
		x = get_unaligned_be64(a->byte + 8);
		y = get_unaligned_be64(b->byte + 8);
	}
	if (x == y) {
		x = get_unaligned_be16(a->byte + 16);
		y = get_unaligned_be16(b->byte + 16);
	}
	return x < y ? -1 : x > y;
}

/* Keys as numbers of @len bytes. Each returns false where there is no neighbour on that side. */
bool minifw_key_next(struct minifw_key *key, u8 len);
bool minifw_key_previous(struct minifw_key *key, u8 len);

/* Set, or clear, all bits of a key of @len bytes but its first @bits. */
void minifw_key_fill(struct minifw_key *key, u8 len, unsigned int bits);
void minifw_key_mask(struct minifw_key *key, u8 len, unsigned int bits);

unsigned int minifw_key_block(const struct minifw_key *first, const struct minifw_key *last,
			      u8 len);

/* Keys from what packets have, and back. */
struct minifw_key minifw_key_addr(u8 family, struct minifw_addr addr);
struct minifw_key minifw_key_addr_port(u8 family, struct minifw_addr addr, u16 port);
struct minifw_key minifw_key_port(u16 port);
struct minifw_key minifw_key_name(const char *name);
struct minifw_key minifw_key_bytes(const void *bytes, u8 len);
struct minifw_addr minifw_key_to_addr(u8 family, const struct minifw_key *key);

#endif
