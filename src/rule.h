/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_RULE_H
#define MINIFW_RULE_H

#include <linux/kref.h>

#include "error.h"
#include "gcra.h"
#include "spec.h"
#include "stats.h"

/* Of what minifw_live_name() gives, with its NUL: a name, or CHAIN:262144. */
#define MINIFW_LIVE_NAME_SIZE (MINIFW_NAME_MAX + 8)

/**
 * struct minifw_rule - a rule as somebody is writing it
 * @ref: held by the directory, and by each struct minifw_live made of it
 * @name: of the directory
 * @hits: matches; they outlive every publish
 * @zero: what @hits held at the last reset, but for @last
 * @log_limit: how close its log is to its limit; it outlives every publish too
 * @draft: what the attribute files say
 * @live: what packets see, or NULL
 * @other: in a transaction, what they may see next (transaction.c), or NULL
 * @abandoned: the directory went in a transaction, or without the right to publish: the
 *             rule stays in force until the next publish
 * @error: why the last write was refused
 *
 * All but @hits and @log_limit is guarded by minifw_ruleset_mutex.
 */
struct minifw_rule {
	struct kref ref;
	char name[MINIFW_NAME_MAX + 1];
	struct minifw_hits __percpu *hits;
	struct minifw_hits zero;
	struct minifw_gcra log_limit;
	struct minifw_spec draft;
	struct minifw_live *live;
	struct minifw_live *other;
	bool abandoned;
	struct minifw_error error;
};

/**
 * struct minifw_gate - what a chain's lines share, from its enabling to its disabling
 * @ref: held by each line, and by the chain's frozen form
 * @retired: set once: no packet sees any of the lines from then on
 * @would_drop: the chain's, which counts for all of its lines
 * @name: of the chain
 */
struct minifw_gate {
	struct kref ref;
	bool retired;
	u64 __percpu *would_drop;
	char name[MINIFW_NAME_MAX + 1];
};

/**
 * struct minifw_live - a rule, or a line of a chain, as packets see it
 * @retired: set once, before the snapshot without it is built; of a line: it has expired
 * @is_line: it is a line of a chain, and no rule
 * @marked: of a line: free to use within one hold of minifw_ruleset_mutex
 * @number: of a line: where it stands in its chain, from 1
 * @ref: held by each snapshot that a rule is in, or by each struct minifw_lines
 * @gate: of a line: held; NULL before it was ready for packets
 * @rule: of a rule: held
 * @counters: the rule's, in its struct minifw_hits; or a line's from a pool, held
 * @spec: what it says, sealed
 *
 * Immutable once packets see it, but for @retired, @marked, @number and what @spec has
 * beside what the rule says.  A line is a draft's as well as its chain's frozen forms'; a
 * draft's is not sealed at first.
 *
 * Two cache lines on 64-bit machines, the first of which is all that a packet touches
 * whose rule an index found by itself.
 */
struct minifw_live {
	bool retired;
	bool is_line;
	bool marked;
	u32 number;
	struct kref ref;
	union {
		struct minifw_gate *gate;
		struct minifw_rule *rule;
	};
	struct minifw_counters __percpu *counters;
	struct minifw_spec spec;
};

struct minifw_rule *minifw_rule_create(const char *name);
void minifw_rule_put(struct minifw_rule *rule);
void minifw_rule_prepare(struct minifw_rule *rule);
void minifw_rule_show(const struct minifw_rule *rule, enum minifw_attr_id id,
		      struct minifw_text *out);
struct minifw_live *minifw_rule_form(const struct minifw_rule *rule);
const char *minifw_rule_status(const struct minifw_rule *rule);
void minifw_rule_hits(const struct minifw_rule *rule, struct minifw_hits *sum);
void minifw_rule_reset(struct minifw_rule *rule);
int minifw_rule_line(const char *name, const struct minifw_spec *spec, struct minifw_text *out);

int minifw_live_init(void);
void minifw_live_exit(void);
struct minifw_live *minifw_live_alloc(bool is_line);
int minifw_live_seal(struct minifw_live *live, const struct minifw_live *older,
		     struct minifw_error *err);
struct minifw_live *minifw_live_create(struct minifw_rule *rule, struct minifw_error *err);
void minifw_live_audit(const struct minifw_live *live);
void minifw_live_name(const struct minifw_live *live, char *name, size_t size);
void minifw_live_get(struct minifw_live *live);
void minifw_live_put(struct minifw_live *live);

struct minifw_gate *minifw_gate_create(const char *name, u64 __percpu *would_drop);
struct minifw_gate *minifw_gate_get(struct minifw_gate *gate);
void minifw_gate_put(struct minifw_gate *gate);

/* Is a rule or line not to be seen any more, whatever snapshot it is in? */
static inline bool minifw_live_retired(const struct minifw_live *live)
{
	return READ_ONCE(live->retired) ||
	       (live->is_line && live->gate && READ_ONCE(live->gate->retired));
}

#endif
