/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet's way through the rules of a snapshot: what matches, one after the other, be
 * it in the base or in the delta.
 */
#ifndef MINIFW_SEARCH_H
#define MINIFW_SEARCH_H

#include "classifier.h"
#include "leaf.h"
#include "delta.h"
#include "rule.h"
#include "snapshot.h"

/**
 * struct minifw_search - where a packet is among the rules
 * @snapshot: what is in force
 * @base: the base's rules of the stage and family
 * @delta: the delta's, or NULL
 * @rank: in the base, where to go on
 * @over: likewise in the delta
 * @leaf: what was found last
 * @in: which of @base and @delta it is in
 */
struct minifw_search {
	const struct minifw_snapshot *snapshot;
	const struct minifw_classifier *base;
	const struct minifw_classifier *delta;
	u32 rank;
	u32 over;
	const struct minifw_leaf *leaf;
	const struct minifw_classifier *in;
};

static __always_inline void minifw_search_init(struct minifw_search *search,
					       const struct minifw_snapshot *snapshot,
					       const struct minifw_view *view,
					       enum minifw_family family)
{
	search->snapshot = snapshot;
	search->base = view->base[family];
	search->delta = view->delta[family];
	search->rank = 0;
	search->over = 0;
}

struct minifw_search minifw_search_both(struct minifw_search search,
					const struct minifw_packet *packet);

/* Finds the next rule that matches; false where there is none. */
static __always_inline bool minifw_search_next(struct minifw_search *search,
					       const struct minifw_packet *packet)
{
	if (unlikely(search->delta)) {
		*search = minifw_search_both(*search, packet);
		return search->leaf;
	}
	search->in = search->base;
	search->leaf = NULL;
	if (search->base)
		search->leaf = minifw_classifier_lookup(search->base, packet, search->rank);
	if (search->leaf)
		search->rank = search->leaf->rank + 1;
	return search->leaf;
}

/* The rule that was found. */
static __always_inline const struct minifw_live *
minifw_search_rule(const struct minifw_search *search)
{
	return minifw_classifier_rule(search->in, search->leaf);
}

/* Is what was found not in force any more?  Asked of snapshots that are stale alone. */
static inline bool minifw_search_is_gone(const struct minifw_search *search)
{
	const struct minifw_delta *delta = search->snapshot->delta;

	return minifw_live_retired(minifw_search_rule(search)) ||
	       (delta && search->in == search->base &&
		minifw_delta_hides(delta, search->leaf->rank));
}

#endif
