/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_BASE_H
#define MINIFW_BASE_H

#include <linux/refcount.h>

#include "addr.h"
#include "entry.h"
#include "stage.h"

struct minifw_classifier;

/**
 * struct minifw_base - rules and chains, prepared for packets
 * @refs: snapshots that are built on it
 * @rules: how many rules, with the lines of chains
 * @rule: the rules of all stages in order, lines in the place of their chain
 * @classifier: by enum minifw_stage and enum minifw_family; NULL at stages without rules
 * @count: entries
 * @entry: the rules and chains in order, one reference each
 *
 * Immutable, but for what it knows of sets that have changed. To make one takes time that
 * grows with the rules, so snapshots share it: what changes since is in their delta.
 */
struct minifw_base {
	refcount_t refs;
	unsigned int rules;
	struct minifw_live **rule;
	struct minifw_classifier *classifier[MINIFW_NR_STAGES][MINIFW_NR_FAMILIES];
	unsigned int count;
	struct minifw_entry entry[];
};

struct minifw_base *minifw_base_create(const struct minifw_entry *entry, unsigned int count);
struct minifw_base *minifw_base_get(struct minifw_base *base);
unsigned int minifw_base_stale(const struct minifw_base *base);
void minifw_base_put(struct minifw_base *base);

#endif
