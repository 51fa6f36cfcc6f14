/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_PARAMS_H
#define MINIFW_PARAMS_H

#include <linux/types.h>

#include "spec.h"
#include "stage.h"

struct minifw_text;

/* What a policy parameter can say: a verdict, or forward_policy's "default". */
#define MINIFW_POLICY_DEFAULT MINIFW_UNSET

/* Which network namespaces are filtered. */
enum minifw_netns_mode {
	MINIFW_NETNS_INIT,
	MINIFW_NETNS_ALL,
};

#define MINIFW_RULES_MAX 262144	/* rules and chain lines in all */

/**
 * struct minifw_config - the global toggles
 * @default_policy: enum minifw_verdict; for input and forward
 * @forward_policy: enum minifw_verdict, or MINIFW_POLICY_DEFAULT
 * @output_policy: enum minifw_verdict
 * @accept_established: 0 or 1
 * @accept_loopback: 0 or 1
 * @accept_control: 0 or 1
 * @log_denied: 0 or 1
 * @netns: enum minifw_netns_mode
 * @pickup: seconds
 * @max_rules: rules in force
 *
 * All of one type and without holes, so that two can be compared as bytes.
 */
struct minifw_config {
	u32 default_policy;
	u32 forward_policy;
	u32 output_policy;
	u32 accept_established;
	u32 accept_loopback;
	u32 accept_control;
	u32 log_denied;
	u32 netns;
	u32 pickup;
	u32 max_rules;
};

#define MINIFW_CONFIG_DEFAULTS { \
	.default_policy = MINIFW_ACCEPT, \
	.forward_policy = MINIFW_POLICY_DEFAULT, \
	.output_policy = MINIFW_ACCEPT, \
	.accept_established = 1, \
	.accept_loopback = 1, \
	.accept_control = 1, \
	.netns = MINIFW_NETNS_INIT, \
	.pickup = 60, \
	.max_rules = MINIFW_RULES_MAX, \
}

enum minifw_verdict minifw_config_policy(const struct minifw_config *config,
					 enum minifw_stage stage);
void minifw_params_show(const struct minifw_config *config, struct minifw_text *out);
void minifw_params_ready(bool ready);

#endif
