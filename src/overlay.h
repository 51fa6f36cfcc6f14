/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_OVERLAY_H
#define MINIFW_OVERLAY_H

#include <linux/refcount.h>
#include <linux/types.h>

#include "key.h"

/* Intervals that an overlay may have. A fuzzer has another opinion. */
#ifndef MINIFW_OVERLAY_MAX
#define MINIFW_OVERLAY_MAX 1024
#endif

/**
 * struct minifw_override - what is true of an interval of keys, whatever lies below
 * @first: the first key
 * @last: the last one
 * @in: they are in
 */
struct minifw_override {
	struct minifw_key first;
	struct minifw_key last;
	bool in;
};

/**
 * struct minifw_overlay - changes of an index
 * @refs: who holds it
 * @count: overrides
 * @capacity: overrides that there is room for
 * @item: disjoint, ascending
 *
 * Immutable once packets see it.
 */
struct minifw_overlay {
	refcount_t refs;
	u32 count;
	u32 capacity;
	struct minifw_override item[];
};

struct minifw_overlay *minifw_overlay_copy(const struct minifw_overlay *from, u32 more);
struct minifw_overlay *minifw_overlay_get(struct minifw_overlay *overlay);
void minifw_overlay_put(struct minifw_overlay *overlay);
size_t minifw_overlay_size(const struct minifw_overlay *overlay);
void minifw_overlay_set(struct minifw_overlay *overlay, const struct minifw_override *what,
			u8 len);
void minifw_overlay_drop(struct minifw_overlay *overlay, const struct minifw_overlay *done);
const struct minifw_override *minifw_overlay_find(const struct minifw_overlay *overlay,
						  const struct minifw_key *key);

#endif
