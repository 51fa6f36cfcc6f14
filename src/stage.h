/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_STAGE_H
#define MINIFW_STAGE_H

#include <linux/bits.h>
#include <linux/netfilter.h>
#include <linux/types.h>

struct net;

/*
 * Where rules stand. The first six are the hooks that a rule can name, five of
 * them by their numbers in netfilter; rules with the action notrack stand before
 * the others of their hook, at a stage of their own.
 */
enum minifw_stage {
	MINIFW_AT_PREROUTING = NF_INET_PRE_ROUTING,
	MINIFW_AT_INPUT = NF_INET_LOCAL_IN,
	MINIFW_AT_FORWARD = NF_INET_FORWARD,
	MINIFW_AT_OUTPUT = NF_INET_LOCAL_OUT,
	MINIFW_AT_POSTROUTING = NF_INET_POST_ROUTING,
	MINIFW_AT_INGRESS,
	MINIFW_AT_RAW_PREROUTING,
	MINIFW_AT_RAW_OUTPUT,
	MINIFW_NR_STAGES
};

/* Those that have shortcuts and a policy, and hooks at all times: the others have rules alone. */
#define MINIFW_POLICY_STAGES \
	(BIT(MINIFW_AT_INPUT) | BIT(MINIFW_AT_FORWARD) | BIT(MINIFW_AT_OUTPUT))

int minifw_stages_add(struct net *net, u8 *there, u8 needed);
void minifw_stages_remove(struct net *net, u8 *there, u8 needed);

#endif
