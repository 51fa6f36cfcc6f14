// SPDX-License-Identifier: GPL-2.0
/*
 * Keys: what is in sets, as strings of bytes that sort as their values do, so that
 * one code serves addresses of both families, ports, and names.  Pure functions.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"
#include "key.h"

/* ---- as numbers ---- */

/**
 * minifw_key_next() - the key after a key
 * @key: changed to it
 * @len: its bytes
 *
 * Context: any.
 * Return: whether there is one; else @key is the lowest.
 */
bool minifw_key_next(struct minifw_key *key, u8 len)
{
	while (len--)
		if (++key->byte[len])
			return true;
	return false;
}

/**
 * minifw_key_previous() - the key before a key
 * @key: changed to it
 * @len: its bytes
 *
 * Context: any.
 * Return: whether there is one; else @key is the highest.
 */
bool minifw_key_previous(struct minifw_key *key, u8 len)
{
	while (len--)
		if (key->byte[len]--)
			return true;
	return false;
}

/**
 * minifw_key_fill() - the last key of a prefix
 * @key: any key of the prefix; changed to it
 * @len: its bytes
 * @bits: of the prefix
 *
 * Context: any.
 */
void minifw_key_fill(struct minifw_key *key, u8 len, unsigned int bits)
{
	unsigned int i = bits / 8;

	if (i < len)
		key->byte[i++] |= 0xff >> (bits % 8);
	for (; i < len; i++)
		key->byte[i] = 0xff;
}

/**
 * minifw_key_mask() - the first key of a prefix
 * @key: any key of the prefix; changed to it
 * @len: its bytes
 * @bits: of the prefix
 *
 * Context: any.
 */
void minifw_key_mask(struct minifw_key *key, u8 len, unsigned int bits)
{
	unsigned int i = bits / 8;

	if (i < len)
		key->byte[i++] &= ~(0xff >> (bits % 8));
	for (; i < len; i++)
		key->byte[i] = 0;
}

/**
 * minifw_key_block() - the largest prefix that begins an interval
 * @first: the interval's first key
 * @last: its last
 * @len: bytes of a key
 *
 * Context: any.
 * Return: the bits of the prefix that begins at @first and ends at @last or before.
 */
unsigned int minifw_key_block(const struct minifw_key *first, const struct minifw_key *last,
			      u8 len)
{
	unsigned int bits = len * 8;
	struct minifw_key begin, end;

	while (bits) {
		begin = *first;
		end = *first;
		minifw_key_mask(&begin, len, bits - 1);
		minifw_key_fill(&end, len, bits - 1);
		if (minifw_key_cmp(&begin, first) || minifw_key_cmp(&end, last) > 0)
			break;
		bits--;
	}
	return bits;
}

/* ---- of packets ---- */

/**
 * minifw_key_bytes() - a key from bytes as they are on the wire
 * @bytes: the bytes
 * @len: how many
 *
 * Context: any.
 * Return: the key.
 */
struct minifw_key minifw_key_bytes(const void *bytes, u8 len)
{
	struct minifw_key key = {};

	memcpy(key.byte, bytes, len);
	return key;
}

/**
 * minifw_key_addr() - the key of an address
 * @family: IPv4 or IPv6
 * @addr: the address
 *
 * Context: any.
 * Return: the key.
 */
struct minifw_key minifw_key_addr(u8 family, struct minifw_addr addr)
{
	struct minifw_key key = {};

	if (family == MINIFW_IP) {
		put_unaligned_be32(addr.lo, key.byte);
	} else {
		put_unaligned_be64(addr.hi, key.byte);
		put_unaligned_be64(addr.lo, key.byte + 8);
	}
	return key;
}

/**
 * minifw_key_addr_port() - the key of an address and a port
 * @family: IPv4 or IPv6
 * @addr: the address
 * @port: the port
 *
 * Context: any.
 * Return: the key.
 */
struct minifw_key minifw_key_addr_port(u8 family, struct minifw_addr addr, u16 port)
{
	struct minifw_key key = minifw_key_addr(family, addr);

	put_unaligned_be16(port, key.byte + minifw_addr_len(family));
	return key;
}

/**
 * minifw_key_port() - the key of a port
 * @port: the port
 *
 * Context: any.
 * Return: the key.
 */
struct minifw_key minifw_key_port(u16 port)
{
	struct minifw_key key = {};

	put_unaligned_be16(port, key.byte);
	return key;
}

/**
 * minifw_key_name() - the key of an interface
 * @name: its name
 *
 * Context: any.
 * Return: the key.
 */
struct minifw_key minifw_key_name(const char *name)
{
	/* what stands behind the NUL in a device is no part of the name */
	return minifw_key_bytes(name, strnlen(name, IFNAMSIZ));
}

/**
 * minifw_key_to_addr() - the address of a key, or with which it begins
 * @family: IPv4 or IPv6
 * @key: the key
 *
 * Context: any.
 * Return: the address.
 */
struct minifw_addr minifw_key_to_addr(u8 family, const struct minifw_key *key)
{
	if (family == MINIFW_IP)
		return (struct minifw_addr){ .lo = get_unaligned_be32(key->byte) };
	return (struct minifw_addr){
		.hi = get_unaligned_be64(key->byte), .lo = get_unaligned_be64(key->byte + 8),
	};
}
