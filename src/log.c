// SPDX-License-Identifier: GPL-2.0
/*
 * Log lines for packets, written by netfilter's own logger (nf_log_syslog).
 */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/ratelimit.h>
#include <net/netfilter/nf_log.h>

#include "log.h"
#include "packet.h"

/* Ten lines a minute on each CPU: a limit that all CPUs share would be a lock. */
static DEFINE_PER_CPU(struct ratelimit_state, denied_limit);
#define DENIED_INTERVAL	(60 * HZ)
#define DENIED_BURST	10

/* Loaded before minifw where the kernel has it; without it nothing is logged. */
MODULE_SOFTDEP("pre: nf_log_syslog nf_log_ipv4 nf_log_ipv6");	/* the last two: before 5.13 */

/**
 * minifw_log_init() - get ready to log
 *
 * Context: before packets come.
 */
void minifw_log_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		ratelimit_state_init(per_cpu_ptr(&denied_limit, cpu), DENIED_INTERVAL,
				     DENIED_BURST);
}

/**
 * minifw_log_denied() - log a packet that a policy refused, within the limit
 * @packet: the packet, parsed
 *
 * Context: the packet path; does not sleep.
 */
void minifw_log_denied(const struct minifw_packet *packet)
{
	const struct nf_hook_state *state = packet->state;
	static const struct nf_loginfo info = {
		.type = NF_LOG_TYPE_LOG,
		.u.log = { .level = LOGLEVEL_WARNING, .logflags = NF_LOG_DEFAULT_MASK },
	};

	if (!__ratelimit(this_cpu_ptr(&denied_limit)))
		return;
	nf_log_packet(state->net, state->pf, state->hook, packet->skb, state->in, state->out,
		      &info, "minifw: policy: ");
}
