/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Older kernels look like the newest: the one place that knows kernel versions.
 * What a macro can tell is asked of the macro; versions are for the rest.
 */
#ifndef MINIFW_COMPAT_H
#define MINIFW_COMPAT_H

#ifdef __KERNEL__

#include <linux/version.h>
#include <net/flow.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/hex.h>
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* A variable that is filled where it is used: the kernel's zeroing of all others takes time. */
#ifndef __uninitialized		/* 6.12 */
#if __has_attribute(__uninitialized__)
#define __uninitialized __attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif

/* 6.18 took the hash table out of the arguments; 6.1 had moved it into the namespace. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define minifw_inet_lookup(net, ...) __inet_lookup_established(net, __VA_ARGS__)
#define minifw_inet6_lookup(net, ...) __inet6_lookup_established(net, __VA_ARGS__)
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
#define minifw_inet_lookup(net, ...) \
	__inet_lookup_established(net, (net)->ipv4.tcp_death_row.hashinfo, __VA_ARGS__)
#define minifw_inet6_lookup(net, ...) \
	__inet6_lookup_established(net, (net)->ipv4.tcp_death_row.hashinfo, __VA_ARGS__)
#else
#include <net/tcp.h>
#define minifw_inet_lookup(net, ...) \
	__inet_lookup_established(net, &tcp_hashinfo, __VA_ARGS__)
#define minifw_inet6_lookup(net, ...) \
	__inet6_lookup_established(net, &tcp_hashinfo, __VA_ARGS__)
#endif

/*
 * Counting connections: 6.12 took the family out of the arguments, for it leaves the hold on
 * conntrack to the caller. Some stable releases of 6.12 and earlier know packets, not tuples.
 */
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_count.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define minifw_conncount_init(net, keylen) nf_conncount_init(net, keylen)
#define minifw_conncount_destroy(net, data) nf_conncount_destroy(net, data)
#else
#define minifw_conncount_init(net, keylen) nf_conncount_init(net, NFPROTO_INET, keylen)
#define minifw_conncount_destroy(net, data) nf_conncount_destroy(net, NFPROTO_INET, data)
#endif

/* Adds @skb's connection to those of @key; NULL looks which of those are still there. */
static inline unsigned int minifw_conncount(struct net *net, const struct sk_buff *skb,
					    const struct nf_conn *ct,
					    struct nf_conncount_data *data, const u32 *key)
{
#ifdef MINIFW_CONNCOUNT_SKB
	return nf_conncount_count_skb(net, skb, nf_ct_l3num(ct), data, key);
#else
	return nf_conncount_count(net, data, key,
				  skb ? &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple : NULL,
				  nf_ct_zone(ct));
#endif
}

/* Calls @fn for each connection of a namespace; those that it returns true for end. */
static inline void minifw_ct_end(struct net *net, int (*fn)(struct nf_conn *ct, void *ctx),
				 void *ctx)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 19, 0)
	const struct nf_ct_iter_data walk = { .net = net, .data = ctx };

	nf_ct_iterate_cleanup_net(fn, &walk);
#else
	nf_ct_iterate_cleanup_net(net, fn, ctx, 0, 0);
#endif
}

/* 6.18 took the hash table out of the arguments here, too. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define minifw_inet_listener(net, ...) __inet_lookup_listener(net, NULL, 0, __VA_ARGS__)
#define minifw_inet6_listener(net, ...) inet6_lookup_listener(net, NULL, 0, __VA_ARGS__)
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
#define minifw_inet_listener(net, ...) \
	__inet_lookup_listener(net, (net)->ipv4.tcp_death_row.hashinfo, NULL, 0, __VA_ARGS__)
#define minifw_inet6_listener(net, ...) \
	inet6_lookup_listener(net, (net)->ipv4.tcp_death_row.hashinfo, NULL, 0, __VA_ARGS__)
#else
#define minifw_inet_listener(net, ...) \
	__inet_lookup_listener(net, &tcp_hashinfo, NULL, 0, __VA_ARGS__)
#define minifw_inet6_listener(net, ...) \
	inet6_lookup_listener(net, &tcp_hashinfo, NULL, 0, __VA_ARGS__)
#endif

/* The device that a socket's last packet came in by; 0 where that is not known. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
#define minifw_rx_ifindex(sk) READ_ONCE((sk)->sk_rx_dst_ifindex)
#else
#define minifw_rx_ifindex(sk) READ_ONCE(inet_sk(sk)->rx_dst_ifindex)
#endif

#include <linux/net.h>

static inline struct socket *minifw_sock_from_file(struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
	return sock_from_file(file);
#else
	int err;

	return sock_from_file(file, &err);
#endif
}

/* 6.18 gave DSCPs a type; before 6.12 routes were chosen by three bits of them. */
#ifdef flowi4_dscp
#define minifw_flow_set_dscp(flow, dscp) \
	((flow)->flowi4_dscp = inet_dsfield_to_dscp((dscp) << 2))
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define minifw_flow_set_dscp(flow, dscp) ((flow)->flowi4_tos = (dscp) << 2)
#else
#define minifw_flow_set_dscp(flow, dscp) ((flow)->flowi4_tos = (dscp) << 2 & IPTOS_RT_MASK)
#endif

/* 5.18, and 5.10 in its later releases */
#ifndef flowi4_l3mdev
#define flowi4_l3mdev flowi4_oif
#endif

#endif /* __KERNEL__ */

#endif
