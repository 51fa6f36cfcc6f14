/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CONTENTS_H
#define MINIFW_CONTENTS_H

#include <linux/types.h>
#include <linux/workqueue.h>

#include "addr.h"
#include "element.h"
#include "part.h"

struct minifw_error;
struct minifw_set;
struct minifw_timed_table;

/**
 * struct minifw_contents - what a set is: immutable but for what is in @timed
 * @type: enum minifw_set_type
 * @timeout: seconds that new elements live; 0 for ever
 * @max: elements that there may be
 * @generation: number of the contents; elements of @timed know in which they are
 * @part: permanent elements, by enum minifw_family
 * @timed: the others
 * @work: frees it after a grace period
 */
struct minifw_contents {
	u8 type;
	u32 timeout;
	u32 max;
	u64 generation;
	struct minifw_part part[MINIFW_NR_FAMILIES];
	struct minifw_timed_table *timed;
	struct rcu_work work;
};

struct minifw_contents *minifw_contents_create(const struct minifw_contents *old);
struct minifw_contents *minifw_contents_after(const struct minifw_contents *old);
struct minifw_contents *minifw_contents_clone(const struct minifw_contents *old);
void minifw_contents_free(struct minifw_contents *contents);
void minifw_contents_share(struct minifw_contents *to, const struct minifw_contents *from);
void minifw_contents_publish(struct minifw_set *set, struct minifw_contents *new);
void minifw_contents_retire(struct minifw_contents *contents);
u64 minifw_contents_count(const struct minifw_contents *contents);
u32 minifw_contents_runs(const struct minifw_contents *contents);

u32 minifw_contents_overlaid(const struct minifw_set *set);
int minifw_contents_rebase(struct minifw_set *set, const struct minifw_timed_table *timed,
			   const struct minifw_part *from, const struct minifw_part *merged);
bool minifw_set_sweep(struct minifw_set *set);

/* Is there more than the set may have? */
static inline bool minifw_contents_is_full(const struct minifw_contents *contents)
{
	return minifw_contents_count(contents) > contents->max;
}

#endif
