/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_RULE_H
#define MINIFW_RULE_H

#include <linux/kref.h>

#include "error.h"
#include "gcra.h"
#include "spec.h"
#include "stats.h"

struct minifw_limits;

/* Of what minifw_live_name() gives, with its NUL: a name, or CHAIN:262144. */
#define MINIFW_LIVE_NAME_SIZE (MINIFW_NAME_MAX + 8)

/**
 * struct minifw_rule - a rule as somebody is writing it
 * @ref: held by the directory, and by each struct minifw_live made of it
 * @name: of the directory
 * @counters: matches; they outlive every publish
 * @zero: what @counters held at the last reset
 * @log_limit: how close its log is to its limit; it outlives every publish too
 * @draft: what the attribute files say
 * @live: what packets see, or NULL
 * @abandoned: the directory went without the right to publish: the rule stays
 *             in force until the next publish
 * @error: why the last write was refused
 *
 * All but @counters and @log_limit is guarded by minifw_ruleset_mutex.
 */
struct minifw_rule {
	struct kref ref;
	char name[MINIFW_NAME_MAX + 1];
	struct minifw_counters __percpu *counters;
	struct minifw_counters zero;
	struct minifw_gcra log_limit;
	struct minifw_spec draft;
	struct minifw_live *live;
	bool abandoned;
	struct minifw_error error;
};

/**
 * struct minifw_live - a rule as packets see it: immutable to them but for @retired and @limits
 * @retired: set once, before the snapshot without it is built
 * @counters: the rule's
 * @log_limit: the rule's
 * @limits: what its limits have counted; NULL where it has none
 * @spec: what it says, sealed
 * @deadline: get_jiffies_64() from which on it has expired; 0 before its first
 *            publish, and where it does not. Guarded by minifw_ruleset_mutex
 * @rule: held
 * @ref: held by each snapshot that it is in
 */
struct minifw_live {
	bool retired;
	struct minifw_counters __percpu *counters;
	struct minifw_gcra *log_limit;
	struct minifw_limits *limits;
	struct minifw_spec spec;
	u64 deadline;
	struct minifw_rule *rule;
	struct kref ref;
};

struct minifw_rule *minifw_rule_create(const char *name);
void minifw_rule_put(struct minifw_rule *rule);
void minifw_rule_prepare(struct minifw_rule *rule);
void minifw_rule_show(const struct minifw_rule *rule, enum minifw_attr_id id,
		      struct minifw_text *out);
const char *minifw_rule_status(const struct minifw_rule *rule);
void minifw_rule_counters(const struct minifw_rule *rule, struct minifw_counters *sum);
void minifw_rule_reset(struct minifw_rule *rule);
int minifw_rule_line(const char *name, const struct minifw_spec *spec, struct minifw_text *out);

struct minifw_live *minifw_live_create(struct minifw_rule *rule, struct minifw_error *err);
void minifw_live_name(const struct minifw_live *live, char *name, size_t size);
void minifw_live_get(struct minifw_live *live);
void minifw_live_put(struct minifw_live *live);
int minifw_live_cmp(const struct minifw_live *a, const struct minifw_live *b);

#endif
