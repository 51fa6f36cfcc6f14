// SPDX-License-Identifier: GPL-2.0
/*
 * Who writes from elsewhere?  A remote session is a TCP connection that was accepted here, by
 * sshd and its like, and whose socket the writer or one of its ancestors has open.
 *
 * Who was let go of by the server has none: a terminal that lives on by itself (tmux, screen),
 * a service, a timer.  So has a console.
 */
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <net/dst.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>

#include "compat.h"
#include "ruleset.h"
#include "session.h"

/* ---- sockets of ancestors ---- */

/**
 * struct finding - what has been found so far
 * @sessions: with @sk, @net and @uid alone; room for MINIFW_SESSIONS_MAX
 * @count: how many
 */
struct finding {
	struct minifw_session *sessions;
	unsigned int count;
};

static bool is_known(const struct finding *found, const struct sock *sk)
{
	unsigned int i;

	for (i = 0; i < found->count; i++)
		if (found->sessions[i].sk == sk)
			return true;
	return false;
}

static bool is_connection(const struct sock *sk)
{
	return sk && (sk->sk_family == AF_INET || sk->sk_family == AF_INET6) &&
	       sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP &&
	       ((1 << READ_ONCE(sk->sk_state)) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT));
}

/* As xt_owner and nft's skuid have it. */
static u32 owner_of(const struct file *file, const struct net *net)
{
	return from_kuid_munged(net->user_ns, file->f_cred->fsuid);
}

/* Called under a spinlock, which keeps the file there. */
static int consider(const void *data, struct file *file, unsigned int fd)
{
	struct finding *found = (void *)data;
	struct socket *sock = minifw_sock_from_file(file);
	struct sock *sk = sock ? sock->sk : NULL;

	if (!is_connection(sk) || !minifw_ruleset_filters(sock_net(sk)) || is_known(found, sk))
		return 0;
	sock_hold(sk);
	found->sessions[found->count++] = (struct minifw_session){
		.sk = sk, .net = sock_net(sk), .uid = owner_of(file, sock_net(sk)),
	};
	return found->count == MINIFW_SESSIONS_MAX;
}

static void look_into(struct task_struct *task, struct finding *found)
{
	task_lock(task);
	if (task->files && found->count < MINIFW_SESSIONS_MAX)
		iterate_fd(task->files, 0, consider, found);
	task_unlock(task);
}

/* Gives @task back. */
static struct task_struct *parent_of(struct task_struct *task)
{
	struct task_struct *parent;

	rcu_read_lock();
	parent = rcu_dereference(task->real_parent);
	get_task_struct(parent);
	rcu_read_unlock();
	put_task_struct(task);
	return parent;
}

/* The first process of all has the sockets of services that it starts, and no session. */
static void look_into_ancestors(struct finding *found)
{
	struct task_struct *task = current;

	get_task_struct(task);
	while (task->pid && !is_global_init(task)) {
		look_into(task, found);
		cond_resched();
		task = parent_of(task);
	}
	put_task_struct(task);
}

/* ---- which of them were accepted ---- */

static bool is_ip(const struct sock *sk)
{
	return sk->sk_family == AF_INET || ipv6_addr_v4mapped(&sk->sk_v6_daddr);
}

static void set_addresses(struct minifw_session *session)
{
	const struct sock *sk = session->sk;
	const struct inet_sock *inet = inet_sk(sk);

	session->family = is_ip(sk) ? MINIFW_IP : MINIFW_IP6;
	session->local_port = inet->inet_num;
	session->remote_port = ntohs(inet->inet_dport);
	if (session->family == MINIFW_IP) {
		session->local.lo = ntohl(inet->inet_rcv_saddr);
		session->remote.lo = ntohl(inet->inet_daddr);
	} else {
		session->local = minifw_addr_from_in6(&sk->sk_v6_rcv_saddr);
		session->remote = minifw_addr_from_in6(&sk->sk_v6_daddr);
	}
}

/**
 * minifw_is_served() - does a segment go where somebody accepts connections?
 * @net: the namespace
 * @family: enum minifw_family
 * @saddr: who sends it
 * @sport: its port
 * @daddr: this host
 * @dport: its port
 * @dif: number of the device that it comes in by; 0 where that is not known
 *
 * Nobody connects from a port that only services may use, but listeners may have gone.
 *
 * Context: any but hard interrupts.
 * Return: whether somebody listens there, or it is such a port.
 */
bool minifw_is_served(struct net *net, u8 family, struct minifw_addr saddr, u16 sport,
		      struct minifw_addr daddr, u16 dport, int dif)
{
	struct in6_addr from, to;
	const struct sock *listener;

	if (inet_port_requires_bind_service(net, dport))
		return true;
	minifw_addr_to_in6(saddr, &from);
	minifw_addr_to_in6(daddr, &to);
	rcu_read_lock();
	if (family == MINIFW_IP)
		listener = minifw_inet_listener(net, htonl(saddr.lo), htons(sport),
						htonl(daddr.lo), dport, dif, 0);
	else
		listener = minifw_inet6_listener(net, &from, htons(sport), &to, dport, dif, 0);
	rcu_read_unlock();
	return listener;
}

static bool is_accepted(const struct minifw_session *session)
{
	const struct sock *sk = session->sk;

	return minifw_is_served(session->net, session->family, session->remote,
				session->remote_port, session->local, session->local_port,
				READ_ONCE(sk->sk_bound_dev_if) ?: minifw_rx_ifindex(sk));
}

/* ---- what packets of theirs look like ---- */

static struct dst_entry *route_to(const struct minifw_session *session)
{
	const struct sock *sk = session->sk;
	struct dst_entry *route = NULL;
	struct flowi flow = {};

	flow.flowi_oif = READ_ONCE(sk->sk_bound_dev_if);
	flow.flowi_mark = session->mark;
	if (session->family == MINIFW_IP) {
		flow.u.ip4.daddr = inet_sk(sk)->inet_daddr;
		flow.u.ip4.saddr = inet_sk(sk)->inet_rcv_saddr;
	} else {
		flow.u.ip6.daddr = sk->sk_v6_daddr;
		flow.u.ip6.saddr = sk->sk_v6_rcv_saddr;
	}
	if (nf_route(session->net, &route, &flow, false,
		     session->family == MINIFW_IP ? AF_INET : AF_INET6))
		return NULL;
	return route;
}

/* Where the last segment did not tell, they come in by where they go out. */
static void set_devices(struct minifw_session *session)
{
	int ifindex = minifw_rx_ifindex(session->sk);
	struct dst_entry *route = route_to(session);
	struct net_device *dev;

	if (route) {
		strscpy(session->oif, route->dev->name, IFNAMSIZ);
		strscpy(session->iif, route->dev->name, IFNAMSIZ);
		dst_release(route);
	}
	rcu_read_lock();
	dev = dev_get_by_index_rcu(session->net, ifindex);
	if (dev)
		strscpy(session->iif, dev->name, IFNAMSIZ);
	rcu_read_unlock();
}

static void describe(struct minifw_session *session)
{
	session->mark = READ_ONCE(session->sk->sk_mark);
	set_devices(session);
}

/**
 * minifw_sessions_find() - by which sessions does the caller work?
 * @sessions: takes them; room for MINIFW_SESSIONS_MAX, of which the nearest are taken
 *
 * Of namespaces that are filtered.
 *
 * Context: process; may sleep.
 * Return: how many there are, for minifw_sessions_put().
 */
unsigned int minifw_sessions_find(struct minifw_session *sessions)
{
	struct finding found = { .sessions = sessions };
	unsigned int i, count = 0;

	look_into_ancestors(&found);
	for (i = 0; i < found.count; i++) {
		set_addresses(&sessions[i]);
		if (!is_accepted(&sessions[i])) {
			sock_put(sessions[i].sk);
			continue;
		}
		sessions[count] = sessions[i];
		describe(&sessions[count++]);
	}
	return count;
}

/**
 * minifw_sessions_put() - let go of sessions
 * @sessions: what minifw_sessions_find() found
 * @count: how many
 *
 * Context: process.
 */
void minifw_sessions_put(struct minifw_session *sessions, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		sock_put(sessions[i].sk);
}
