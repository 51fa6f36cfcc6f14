// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody locks himself out unawares: may who publishes go on after it, and come in again?
 *
 * Packets of the writer's remote sessions (session.c), and those of a next login to the same
 * port, are judged as probes are, by what packets see and by what they are to see.  What is
 * refused already is no reason to refuse a change.
 */
#include <linux/kernel.h>
#include <linux/netfilter.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "addr.h"
#include "error.h"
#include "guard.h"
#include "judge.h"
#include "packet.h"
#include "publish.h"
#include "session.h"
#include "snapshot.h"
#include "text.h"

/**
 * struct question - what is asked about one session
 * @judge: in the session's namespace
 * @session: the session
 * @login: is it about the next one?
 * @answer: by what it would be refused
 */
struct question {
	struct minifw_judge *judge;
	const struct minifw_session *session;
	bool login;
	struct minifw_judgement answer;
};

/* The ways of a packet to a local socket, and from one. */
static const u8 ways_in[] = { MINIFW_AT_INGRESS, MINIFW_AT_PREROUTING, MINIFW_AT_INPUT };
static const u8 ways_out[] = { MINIFW_AT_OUTPUT, MINIFW_AT_POSTROUTING };

static bool refuses(struct question *question, const struct minifw_snapshot *snapshot,
		    const struct minifw_probe *probe, struct minifw_judgement *answer)
{
	if (!snapshot->config.enforce)
		return false;
	minifw_judge_ask(question->judge, snapshot, probe, answer);
	return minifw_verdict_refuses(answer->verdict);
}

/* Would a packet be refused, where it is not refused now, or as what it passes for now? */
static bool is_lost(struct question *question, const struct minifw_snapshot *new,
		    const struct minifw_probe *probe, const struct minifw_probe *now)
{
	struct minifw_judgement before;

	return refuses(question, new, probe, &question->answer) &&
	       !refuses(question, minifw_published(), now, &before);
}

/* A login comes from another port. */
static u16 remote_port(const struct question *question)
{
	u16 port = question->session->remote_port;

	if (!question->login)
		return port;
	return port == U16_MAX ? port - 1 : port + 1;
}

static struct minifw_probe segment_in(const struct question *question)
{
	const struct minifw_session *session = question->session;
	struct minifw_probe probe = {
		.family = session->family, .proto = IPPROTO_TCP,
		.saddr = session->remote, .sport = remote_port(question),
		.daddr = session->local, .dport = session->local_port,
		.tcp_flags = question->login ? MINIFW_TCP_SYN : MINIFW_TCP_ACK,
		.ct_state = question->login ? MINIFW_CT_NEW : MINIFW_CT_ESTABLISHED,
	};

	strscpy(probe.iif, session->iif, sizeof(probe.iif));
	return probe;
}

static struct minifw_probe segment_out(const struct question *question)
{
	const struct minifw_session *session = question->session;
	struct minifw_probe probe = {
		.family = session->family, .proto = IPPROTO_TCP,
		.saddr = session->local, .sport = session->local_port,
		.daddr = session->remote, .dport = remote_port(question),
		.tcp_flags = (question->login ? MINIFW_TCP_SYN : 0) | MINIFW_TCP_ACK,
		.ct_state = MINIFW_CT_ESTABLISHED,
		.mark = session->mark, .has_uid = true, .uid = session->uid,
	};

	strscpy(probe.oif, session->oif, sizeof(probe.oif));
	return probe;
}

/* With recheck_established a publish judges the session as if it came anew. */
static bool is_ended(struct question *question, const struct minifw_snapshot *new)
{
	struct minifw_probe now = segment_in(question), first;

	if (!new->config.recheck_established || question->login)
		return false;
	now.hook = MINIFW_AT_INPUT;
	first = now;
	first.tcp_flags = MINIFW_TCP_SYN;
	first.ct_state = MINIFW_CT_NEW;
	return is_lost(question, new, &first, &now);
}

static bool is_cut(struct question *question, const struct minifw_snapshot *new)
{
	struct minifw_probe in = segment_in(question), out = segment_out(question);
	unsigned int i;

	if (is_ended(question, new))
		return true;
	for (i = 0; i < ARRAY_SIZE(ways_in); i++) {
		in.hook = ways_in[i];
		if (is_lost(question, new, &in, &in))
			return true;
	}
	for (i = 0; i < ARRAY_SIZE(ways_out); i++) {
		out.hook = ways_out[i];
		if (is_lost(question, new, &out, &out))
			return true;
	}
	return false;
}

/* ---- what is said of it ---- */

static int tell(const struct question *question, struct minifw_error *err)
{
	const struct minifw_session *session = question->session;
	struct minifw_addr_pair pair = { session->remote, session->remote };
	char client[64];
	struct minifw_text out = { .buf = client, .size = sizeof(client) };

	minifw_addr_show(&out, session->family, &pair);
	return minifw_error_set(err, -EPERM, "%s would refuse your %s from %s to port %u",
				question->answer.by, question->login ? "next login" : "session",
				client, session->local_port);
}

/* Returns 0, -EPERM or -ENOMEM. */
static int ask_one(const struct minifw_session *session, const struct minifw_snapshot *new,
		   struct minifw_error *err)
{
	struct question question = { .session = session };
	bool cut;

	question.judge = minifw_judge_create(session->net);
	if (!question.judge)
		return -ENOMEM;
	cut = is_cut(&question, new);
	if (!cut) {
		question.login = true;
		cut = is_cut(&question, new);
	}
	minifw_judge_free(question.judge);
	return cut ? tell(&question, err) : 0;
}

static int ask(const struct minifw_snapshot *new, struct minifw_error *err)
{
	struct minifw_session sessions[MINIFW_SESSIONS_MAX];
	unsigned int i, count;
	int ret = 0;

	if (!new->config.lockout_guard || !minifw_published())
		return 0;
	count = minifw_sessions_find(sessions);
	for (i = 0; i < count && !ret; i++)
		ret = ask_one(&sessions[i], new, err);
	minifw_sessions_put(sessions, count);
	return ret;
}

/**
 * minifw_guard_check() - would the caller lose its remote session, or its next login?
 * @new: what packets are to see, prepared
 * @err: takes the reason
 * @where: begins it
 *
 * Context: process; may sleep; minifw_ruleset_mutex held.
 * Return: 0, also where there is no such session or the parameter lockout_guard is N;
 * -EPERM, or -ENOMEM.
 */
int minifw_guard_check(const struct minifw_snapshot *new, struct minifw_error *err,
		       const char *where)
{
	struct minifw_error why = {};
	int ret = ask(new, &why);

	if (ret == -ENOMEM)
		return minifw_error_set(err, ret, "%sout of memory", where);
	if (!ret)
		return 0;
	return minifw_error_set(err, ret,
				"%slockout_guard: use a transaction and 'commit SECONDS': %s",
				where, why.text);
}

/**
 * minifw_guard_warn() - minifw_guard_check() where nothing can be refused: in the kernel's log
 * @new: what packets are to see, prepared
 *
 * Context: as minifw_guard_check().
 */
void minifw_guard_warn(const struct minifw_snapshot *new)
{
	struct minifw_error why = {};

	if (ask(new, &why) == -EPERM)
		pr_warn("minifw: lockout_guard: after this rmdir, %s\n", why.text);
}
