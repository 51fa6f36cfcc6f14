/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SNAPSHOT_H
#define MINIFW_SNAPSHOT_H

#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "addr.h"
#include "entry.h"
#include "params.h"
#include "spec.h"
#include "stage.h"

struct minifw_classifier;

/**
 * struct minifw_view - a snapshot as seen from one stage
 * @open: no rule and policy accept: there is nothing to ask
 * @policy: what is done where no rule decides
 * @classifier: the rules, by enum minifw_family; NULL at stages without a policy
 *              where @open
 */
struct minifw_view {
	bool open;
	struct minifw_action policy;
	struct minifw_classifier *classifier[MINIFW_NR_FAMILIES];
};

/**
 * struct minifw_snapshot - all that packets see: the wall
 * @config: the parameters
 * @view: by enum minifw_stage
 * @stages: bits by enum minifw_stage: where rules stand
 * @conntrack: packets or rules ask conntrack
 * @work: frees it after a grace period
 * @rules: how many, with the lines of chains
 * @live: the rules of all hooks in evaluation order, lines in the place of their chain
 * @count: entries
 * @entry: the rules and chains in this order, one reference each
 *
 * Immutable once published, but for what retires rules and chains, and counters.
 */
struct minifw_snapshot {
	struct minifw_config config;
	struct minifw_view view[MINIFW_NR_STAGES];
	u8 stages;
	bool conntrack;
	struct rcu_work work;
	unsigned int rules;
	struct minifw_live **live;
	unsigned int count;
	struct minifw_entry entry[];
};

/* What packets see. Written under minifw_ruleset_mutex, read under RCU. */
extern struct minifw_snapshot __rcu *minifw_snapshot;

struct minifw_snapshot *minifw_snapshot_alloc(const struct minifw_config *config,
					      unsigned int capacity);
void minifw_snapshot_add(struct minifw_snapshot *snapshot, const struct minifw_entry *entry);
int minifw_snapshot_build(struct minifw_snapshot *snapshot);
void minifw_snapshot_free(struct minifw_snapshot *snapshot);

#endif
