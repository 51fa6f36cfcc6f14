/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CONFIG_H
#define MINIFW_CONFIG_H

#include <linux/types.h>

#include "spec.h"
#include "stage.h"

struct minifw_error;
struct minifw_text;

/*
 * The global toggles, in the order of the manual page.  This list makes the parameters of the
 * module; the table in config.c has a row for each.
 */
#define MINIFW_PARAMS(X) \
	X(default_policy) \
	X(forward_policy) \
	X(output_policy) \
	X(accept_established) \
	X(accept_loopback) \
	X(accept_control) \
	X(pickup) \
	X(recheck_established) \
	X(enforce) \
	X(log_denied) \
	X(lockout_guard) \
	X(netns) \
	X(max_rules)

#define MINIFW_PARAM_ENUM(name) MINIFW_PARAM_##name,
enum minifw_param_id {
	MINIFW_PARAMS(MINIFW_PARAM_ENUM)
	MINIFW_NR_PARAMS
};

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
 * @recheck_established: 0 or 1
 * @enforce: 0 or 1
 * @log_denied: 0 or 1
 * @lockout_guard: 0 or 1
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
	u32 recheck_established;
	u32 enforce;
	u32 log_denied;
	u32 lockout_guard;
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
	.enforce = 1, \
	.lockout_guard = 1, \
	.netns = MINIFW_NETNS_INIT, \
	.pickup = 60, \
	.max_rules = MINIFW_RULES_MAX, \
}

const char *minifw_param_name(enum minifw_param_id id);
int minifw_param_parse(struct minifw_config *config, enum minifw_param_id id, const char *text,
		       struct minifw_error *err);
int minifw_param_parse_bool(const char *text, bool *yes, struct minifw_error *err);
void minifw_param_show(const struct minifw_config *config, enum minifw_param_id id,
		       struct minifw_text *out);

enum minifw_verdict minifw_config_policy(const struct minifw_config *config,
					 enum minifw_stage stage);
unsigned int minifw_config_differences(const struct minifw_config *a,
				       const struct minifw_config *b);
void minifw_config_show(const struct minifw_config *config, struct minifw_text *out);

#endif
