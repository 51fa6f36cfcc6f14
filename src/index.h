/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_INDEX_H
#define MINIFW_INDEX_H

#include <linux/refcount.h>
#include <linux/types.h>

#include "addr.h"
#include "key.h"

struct minifw_intervals;

/* What an index is: by what its keys are. */
enum minifw_index_kind {
	MINIFW_INDEX_INTERVALS,
	MINIFW_INDEX_DXR,
	MINIFW_INDEX_BTREE,
};

/**
 * struct minifw_index - what every index of keys begins with
 * @refs: who holds it
 * @kind: enum minifw_index_kind: what it is the beginning of
 * @len: bytes of a key
 * @joins: keys have neighbours: runs that touch are one
 * @size: bytes of the whole allocation
 *
 * Immutable once it is made.  For a set it is the one place that its keys are in.
 */
struct minifw_index {
	refcount_t refs;
	u8 kind;
	u8 len;
	bool joins;
	size_t size;
};

struct minifw_index *minifw_index_alloc(enum minifw_index_kind kind, u8 len, bool joins,
					size_t size);
struct minifw_index *minifw_index_build(struct minifw_intervals *runs);
struct minifw_index *minifw_index_get(struct minifw_index *index);
void minifw_index_put(struct minifw_index *index);
bool minifw_index_has(const struct minifw_index *index, const struct minifw_key *key);
bool minifw_index_stretch(const struct minifw_index *index, const struct minifw_key *key,
			  struct minifw_key *last);

#endif
