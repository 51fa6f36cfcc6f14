// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that are logged, by netfilter's own loggers: nf_log_syslog for the
 * kernel's log, nfnetlink_log for programs that listen to a group.
 */
#include <linux/errno.h>
#include <linux/kmod.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <net/netfilter/nf_log.h>

#include "error.h"
#include "log.h"
#include "logspec.h"
#include "packet.h"
#include "gcra.h"
#include "rule.h"

/* For log_denied, which may be set before there is any rule. Without it nothing is logged. */
MODULE_SOFTDEP("pre: nf_log_syslog nf_log_ipv4 nf_log_ipv6");	/* the last two: before 5.13 */

/* ---- loggers ---- */

static DEFINE_MUTEX(loggers_mutex);
static bool loggers_held[NF_LOG_TYPE_MAX];	/* set once, for both families */

static enum nf_log_type type_of(u8 target)
{
	return target == MINIFW_LOG_NFLOG ? NF_LOG_TYPE_ULOG : NF_LOG_TYPE_LOG;
}

static int hold_loggers(enum nf_log_type type)
{
	int ret = nf_logger_find_get(NFPROTO_INET, type);

	if (ret != -ENOENT)
		return ret;
	request_module("nf-logger-%u-%u", NFPROTO_IPV4, type);
	request_module("nf-logger-%u-%u", NFPROTO_IPV6, type);
	return nf_logger_find_get(NFPROTO_INET, type);
}

/**
 * minifw_log_load() - have the loggers that rules are about to ask for
 * @target: enum minifw_log_target, not MINIFW_LOG_OFF
 *
 * They are held until minifw_log_exit(). Whether there are any, minifw_log_check() says.
 *
 * Context: may sleep; minifw_ruleset_mutex not held: a logger that is loaded takes
 * the kernel's lock over namespaces, under which that mutex is taken.
 */
void minifw_log_load(u8 target)
{
	enum nf_log_type type = type_of(target);

	mutex_lock(&loggers_mutex);
	if (!loggers_held[type] && !hold_loggers(type))
		WRITE_ONCE(loggers_held[type], true);
	mutex_unlock(&loggers_mutex);
}

/**
 * minifw_log_target() - where does a rule log to?
 * @spec: what it says
 *
 * Context: any.
 * Return: the target; MINIFW_LOG_OFF if it does not log.
 */
enum minifw_log_target minifw_log_target(const struct minifw_spec *spec)
{
	return minifw_spec_asks(spec, MINIFW_ATTR_log) ? spec->rare->log->target : MINIFW_LOG_OFF;
}

/**
 * minifw_log_check() - can a rule log as it says?
 * @spec: the rule
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0, or -ENOENT without the kernel's logger.
 */
int minifw_log_check(const struct minifw_spec *spec, struct minifw_error *err)
{
	enum minifw_log_target target = minifw_log_target(spec);

	if (target == MINIFW_LOG_OFF || READ_ONCE(loggers_held[type_of(target)]))
		return 0;
	return minifw_error_set(err, -ENOENT, "log: this kernel has no %s",
				target == MINIFW_LOG_NFLOG ? "nfnetlink_log" :
							     "nf_log_syslog");
}

/**
 * minifw_log_exit() - let go of the loggers
 *
 * Context: may sleep; no packet comes any more.
 */
void minifw_log_exit(void)
{
	unsigned int type;

	for (type = 0; type < NF_LOG_TYPE_MAX; type++)
		if (loggers_held[type])
			nf_logger_put(NFPROTO_INET, type);
}

/* ---- packets ---- */

/* One limit for all CPUs; who is over it only reads what they share. */
static bool within_limit(struct minifw_gcra *limit, u32 rate, u32 per, u16 burst)
{
	u64 interval = div_u64((u64)per * NSEC_PER_SEC, rate);

	return minifw_gcra_pass(limit, ktime_get_coarse_ns(), interval, interval * burst);
}

static void write_line(const struct minifw_packet *packet, const struct nf_loginfo *info,
		       const char *name, const char *prefix)
{
	const struct nf_hook_state *state = packet->state;
	u8 pf = packet->family == MINIFW_IP ? NFPROTO_IPV4 : NFPROTO_IPV6;

	/* @pf of ingress is another one, which these loggers need not know */
	nf_log_packet(state->net, pf, state->hook, packet->skb, state->in, state->out,
		      info, "minifw: %s: %s", name, prefix);
}

/* A rule's outlives its publishes. */
static struct minifw_gcra *log_limit_of(const struct minifw_live *rule)
{
	return rule->is_line ? &rule->spec.rare->live.log_limit : &rule->rule->log_limit;
}

/**
 * minifw_log_match() - log a packet that a rule matched, within the rule's limit
 * @rule: has `log`
 * @packet: the packet, parsed
 *
 * Context: the packet path; does not sleep.
 */
void minifw_log_match(const struct minifw_live *rule, const struct minifw_packet *packet)
{
	const struct minifw_log *log = rule->spec.rare->log;
	struct nf_loginfo info = { .type = type_of(log->target) };
	char name[MINIFW_LIVE_NAME_SIZE];

	if (!within_limit(log_limit_of(rule), log->rate, log->per, log->burst))
		return;
	if (log->target == MINIFW_LOG_NFLOG) {
		info.u.ulog.group = log->group;
	} else {
		info.u.log.level = log->level;
		info.u.log.logflags = NF_LOG_DEFAULT_MASK;
	}
	minifw_live_name(rule, name, sizeof(name));
	write_line(packet, &info, name, log->prefix);
}

/**
 * minifw_log_denied() - log a packet that a policy refused, within ten a minute
 * @packet: the packet, parsed
 *
 * Context: the packet path; does not sleep.
 */
void minifw_log_denied(const struct minifw_packet *packet)
{
	static struct minifw_gcra limit;
	static const struct nf_loginfo info = {
		.type = NF_LOG_TYPE_LOG,
		.u.log = { .level = LOGLEVEL_WARNING, .logflags = NF_LOG_DEFAULT_MASK },
	};

	if (within_limit(&limit, 10, 60, 10))
		write_line(packet, &info, "policy", "");
}
