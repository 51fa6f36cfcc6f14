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
