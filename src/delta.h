/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_DELTA_H
#define MINIFW_DELTA_H

#include <linux/types.h>

#include "addr.h"
#include "stage.h"

struct minifw_base;
struct minifw_classifier;
struct minifw_entry;
struct minifw_live;

/* Changes that a delta has room for: packets pay for each. */
#define MINIFW_DELTA_MAX 64

/**
 * struct minifw_delta - how a snapshot differs from its base
 * @classifier: the rules that the base does not have
 * @count: how many
 * @rule: they, in order
 * @before: of each, the rank in the base of the rule that it stands before
 * @gone: how many rules of the base the snapshot does not have
 * @rank: they, ascending
 *
 * Immutable. It holds no reference on rules: the snapshot does, and its base.
 */
struct minifw_delta {
	struct minifw_classifier *classifier[MINIFW_NR_STAGES][MINIFW_NR_FAMILIES];
	unsigned int count;
	struct minifw_live *rule[MINIFW_DELTA_MAX];
	u32 before[MINIFW_DELTA_MAX];
	unsigned int gone;
	u32 rank[MINIFW_DELTA_MAX];
};

struct minifw_delta *minifw_delta_create(const struct minifw_base *base,
					 const struct minifw_entry *entry, unsigned int count);
void minifw_delta_free(struct minifw_delta *delta);
bool minifw_delta_hides(const struct minifw_delta *delta, u32 rank);

#endif
