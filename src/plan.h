/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_PLAN_H
#define MINIFW_PLAN_H

#include <linux/types.h>

#include "addr.h"
#include "stage.h"
#include "tuple.h"

struct minifw_live;

/**
 * struct minifw_plan - rules on their way into tables
 * @family: IPv4 or IPv6
 * @rules: by rank
 * @bounds: of those that belong, in order
 * @rest: those that are in no table yet, as indices of @bounds, ascending
 * @count: how many
 * @hash: room for a number for each of @rest
 * @cell: room for counting: @cells of them, a power of two
 * @cells: sixteen or more for each of the rules that there were
 * @coverage: what plan.c counts in
 * @work: how many keys may still be hashed, until what is left is not told apart
 */
struct minifw_plan {
	enum minifw_family family;
	struct minifw_live *const *rules;
	struct minifw_bounds *bounds;
	u32 *rest;
	u32 count;
	u32 *hash;
	u8 *cell;
	u32 cells;
	struct minifw_coverage *coverage;
	s64 work;
};

int minifw_plan_init(struct minifw_plan *plan, struct minifw_live *const *rules,
		     unsigned int count, enum minifw_stage stage, enum minifw_family family);
void minifw_plan_clear(struct minifw_plan *plan);
u32 minifw_plan_next(struct minifw_plan *plan, struct minifw_tuple *tuple);

#endif
