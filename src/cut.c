// SPDX-License-Identifier: GPL-2.0
/*
 * TCP connections that a publish has ended: they do not go on by their next segment.
 * Conntrack takes one for a new connection, and so it would pass: by the socket that has it
 * (shortcut.c), or by rules that refuse the one direction and accept the other.
 *
 * A Bloom filter: what was added is found, and of what was not, little is.  That is refused
 * as well, if conntrack does not know it and it does not begin with a SYN.
 */
#include <linux/bitmap.h>
#include <linux/jhash.h>
#include <linux/netfilter.h>
#include <linux/once.h>
#include <net/net_namespace.h>
#include <net/netns/hash.h>

#include "cut.h"
#include "judge.h"
#include "packet.h"
#include "shortcut.h"

/* 10,000 connections set 15 % of the bits: of others, 2 % are found then. */
#define CUT_BITS_LOG 17
#define CUT_BITS BIT(CUT_BITS_LOG)

static DECLARE_BITMAP(cut, CUT_BITS);
static bool any;	/* guarded by minifw_ruleset_mutex */

static u32 seed __read_mostly;

static u32 hash_of_end(const struct net *net, struct minifw_addr addr, u16 port)
{
	const u32 words[] = {
		addr.hi >> 32, addr.hi, addr.lo >> 32, addr.lo, port, net_hash_mix(net),
	};

	net_get_random_once(&seed, sizeof(seed));
	return jhash2(words, ARRAY_SIZE(words), seed);
}

/* The same for both directions. */
static u32 hash_of(const struct net *net, struct minifw_addr a, u16 a_port, struct minifw_addr b,
		   u16 b_port)
{
	return hash_of_end(net, a, a_port) + hash_of_end(net, b, b_port);
}

static unsigned int first_bit(u32 hash)
{
	return hash % CUT_BITS;
}

static unsigned int second_bit(u32 hash)
{
	return jhash_1word(hash, seed) % CUT_BITS;
}

/**
 * minifw_cut_add() - a connection ends
 * @net: its namespace
 * @probe: its first packet; what is not TCP is left out
 *
 * Context: any; minifw_ruleset_mutex held.
 */
void minifw_cut_add(const struct net *net, const struct minifw_probe *probe)
{
	u32 hash;

	if (probe->proto != IPPROTO_TCP)
		return;
	hash = hash_of(net, probe->saddr, probe->sport, probe->daddr, probe->dport);
	set_bit(first_bit(hash), cut);
	set_bit(second_bit(hash), cut);
	any = true;
}

/**
 * minifw_cut_forget() - what has ended may go on where rules let it
 *
 * Context: any; minifw_ruleset_mutex held.
 */
void minifw_cut_forget(void)
{
	if (any)
		bitmap_zero(cut, CUT_BITS);
	any = false;
}

/**
 * minifw_is_cut() - is a segment of a connection that has ended?
 * @packet: the packet, parsed
 *
 * What begins anew, with a SYN, is not.
 *
 * Context: the packet path; does not sleep.
 * Return: whether it is.
 */
bool minifw_is_cut(const struct minifw_packet *packet)
{
	u32 hash;

	if (!(packet->has & MINIFW_HAS_TCP) || (packet->tcp_flags & MINIFW_TCP_SYN) ||
	    minifw_is_tracked(packet->skb))
		return false;
	hash = hash_of(packet->state->net, packet->saddr, packet->sport, packet->daddr,
		       packet->dport);
	return test_bit(first_bit(hash), cut) && test_bit(second_bit(hash), cut);
}
