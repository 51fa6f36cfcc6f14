/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SESSION_H
#define MINIFW_SESSION_H

#include <linux/if.h>
#include <linux/types.h>

#include "addr.h"

struct net;
struct sock;

/* Sessions of one writer: who comes by way of this host's own ssh has two. */
#define MINIFW_SESSIONS_MAX 4

/**
 * struct minifw_session - a TCP connection that somebody works by who came from elsewhere
 * @sk: its socket, held
 * @net: the namespace that it is in, for as long as @sk is held
 * @family: enum minifw_family
 * @local: this end's address
 * @remote: the other end's
 * @local_port: this end's port
 * @remote_port: the other end's
 * @iif: device that it comes in by; empty where that is not known
 * @oif: device that it goes out by, likewise
 * @mark: of what it sends
 * @uid: number of the user who owns the socket's file, by the namespace's user namespace
 */
struct minifw_session {
	struct sock *sk;
	struct net *net;
	u8 family;
	struct minifw_addr local;
	struct minifw_addr remote;
	u16 local_port;
	u16 remote_port;
	char iif[IFNAMSIZ];
	char oif[IFNAMSIZ];
	u32 mark;
	u32 uid;
};

bool minifw_is_served(struct net *net, u8 family, struct minifw_addr saddr, u16 sport,
		      struct minifw_addr daddr, u16 dport, int dif);
unsigned int minifw_sessions_find(struct minifw_session *sessions);
void minifw_sessions_put(struct minifw_session *sessions, unsigned int count);

#endif
