/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SNAPSHOT_H
#define MINIFW_SNAPSHOT_H

#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "addr.h"
#include "config.h"
#include "entry.h"
#include "spec.h"
#include "stage.h"

struct minifw_base;
struct minifw_classifier;
struct minifw_delta;

/* What is asked before the rules, and what is done after them, as bits of @asks. */
#define MINIFW_ASKS_LOOPBACK	BIT(0)
#define MINIFW_ASKS_ESTABLISHED	BIT(1)
#define MINIFW_ASKS_CONTROL	BIT(2)
#define MINIFW_LOGS_DENIED	BIT(3)
#define MINIFW_AUDITS		BIT(4)	/* nothing is dropped */
#define MINIFW_ASKS_CUT		BIT(5)	/* is it of a connection that a publish ended? */

/**
 * struct minifw_view - a snapshot as seen from one stage
 * @open: no rule and policy accept: there is nothing to ask
 * @asks: which shortcuts there are, whether what the policy refuses is logged, and
 *        whether drops are no more than counted
 * @policy: what is done where no rule decides
 * @base: the base's rules, by enum minifw_family; NULL where it has none
 * @delta: the delta's; NULL where it has none
 */
struct minifw_view {
	bool open;
	u8 asks;
	struct minifw_action policy;
	const struct minifw_classifier *base[MINIFW_NR_FAMILIES];
	const struct minifw_classifier *delta[MINIFW_NR_FAMILIES];
};

/**
 * struct minifw_snapshot - all that packets see: the wall
 * @config: the parameters
 * @view: by enum minifw_stage
 * @epoch: which slot of each set its packets look into (slots.c)
 * @stages: bits by enum minifw_stage: where rules stand
 * @conntrack: packets or rules ask conntrack
 * @stale: the base may have rules that are not in force
 * @work: frees it after a grace period
 * @rules: how many, with the lines of chains
 * @base: the rules, prepared for packets; held
 * @delta: how they differ from @base; NULL where they do not
 * @count: entries
 * @entry: the rules and chains in this order, one reference each
 *
 * Immutable once published, but for @stale, what retires rules and chains, and counters.
 */
struct minifw_snapshot {
	struct minifw_config config;
	struct minifw_view view[MINIFW_NR_STAGES];
	u8 epoch;
	u8 stages;
	bool conntrack;
	bool stale;
	struct rcu_work work;
	unsigned int rules;
	struct minifw_base *base;
	struct minifw_delta *delta;
	unsigned int count;
	struct minifw_entry entry[];
};

/**
 * struct minifw_walk - a way through the rules of a snapshot
 * @entry: which entry
 * @rule: which rule of it is next
 *
 * Zeroed, it begins.
 */
struct minifw_walk {
	unsigned int entry;
	unsigned int rule;
};

/* What packets see. Written under minifw_ruleset_mutex, read under RCU. */
extern struct minifw_snapshot __rcu *minifw_snapshot;

struct minifw_snapshot *minifw_snapshot_alloc(const struct minifw_config *config,
					      unsigned int capacity);
void minifw_snapshot_add(struct minifw_snapshot *snapshot, const struct minifw_entry *entry);
void minifw_snapshot_remove(struct minifw_snapshot *snapshot, const struct minifw_entry *entry);
bool minifw_snapshot_has(const struct minifw_snapshot *snapshot, const struct minifw_entry *entry);
int minifw_snapshot_build(struct minifw_snapshot *snapshot, struct minifw_base *base);
int minifw_snapshot_build_on(struct minifw_snapshot *snapshot, struct minifw_base *base);
struct minifw_live *minifw_snapshot_walk(const struct minifw_snapshot *snapshot,
					 struct minifw_walk *walk, u64 attrs, u8 stages);
void minifw_snapshot_free(struct minifw_snapshot *snapshot);

#endif
