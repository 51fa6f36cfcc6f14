/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_PUBLISH_H
#define MINIFW_PUBLISH_H

#include <linux/types.h>

struct minifw_config;
struct minifw_entry;
struct minifw_error;
struct minifw_snapshot;
struct rcu_work;

/**
 * struct minifw_change - what one write does to the order of rules and chains
 * @entry: a rule or a chain: all other forms of it go
 * @in: this one comes
 */
struct minifw_change {
	const struct minifw_entry *entry;
	bool in;
};

int minifw_publish_init(void);
void minifw_publish_stop(void);
void minifw_publish_exit(void);
struct minifw_snapshot *minifw_published(void);
struct minifw_snapshot *minifw_published_before(void);
u64 minifw_generation(void);

struct minifw_snapshot *minifw_snapshot_derive(const struct minifw_snapshot *from,
					       const struct minifw_config *with,
					       const struct minifw_change *change, bool by_right);
int minifw_publish_prepare(struct minifw_snapshot *new, struct minifw_error *err,
			   const char *where);
void minifw_publish_abandon(struct minifw_snapshot *new);
struct minifw_snapshot *minifw_publish_swap(struct minifw_snapshot *new);
void minifw_publish_keep(struct minifw_snapshot *old);
void minifw_publish_settle(struct minifw_snapshot *old);
void minifw_publish_count(void);
void minifw_publish_stale(void);
void minifw_publish_reindex(void);
void minifw_publish_defer(struct rcu_work *work);

#endif
