// SPDX-License-Identifier: GPL-2.0
/*
 * The search of a packet where there is a delta.
 */
#include "search.h"

/**
 * minifw_search_both() - find the next rule that matches, in base or delta
 * @search: where the packet is
 * @packet: the packet, parsed
 *
 * Context: the packet path, under RCU; does not sleep.
 * Return: where it is then, with what was found, or NULL. By value, so that a search
 * without a delta can live in registers.
 */
struct minifw_search minifw_search_both(struct minifw_search search,
					const struct minifw_packet *packet)
{
	const struct minifw_leaf *new = minifw_classifier_lookup(search.delta, packet,
								 search.over);
	const struct minifw_leaf *old = NULL;

	if (search.base)
		old = minifw_classifier_lookup(search.base, packet, search.rank);
	if (new && (!old || search.snapshot->delta->before[new->rank] <= old->rank)) {
		search.in = search.delta;
		search.leaf = new;
		search.over = new->rank + 1;
	} else {
		search.in = search.base;
		search.leaf = old;
		search.rank = old ? old->rank + 1 : search.rank;
	}
	return search;
}
