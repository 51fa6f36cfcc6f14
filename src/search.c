// SPDX-License-Identifier: GPL-2.0
/*
 * The search of a packet where there is an overlay.
 */
#include "search.h"

/**
 * minifw_search_both() - find the next rule that matches, in base or overlay
 * @search: where the packet is; takes what is found, or NULL
 * @packet: the packet, parsed
 *
 * Context: the packet path, under RCU; does not sleep.
 */
void minifw_search_both(struct minifw_search *search, const struct minifw_packet *packet)
{
	unsigned int rank = search->rank, over = search->over;
	const struct minifw_leaf *new = minifw_classifier_lookup(search->overlay, packet, &over);
	const struct minifw_leaf *old = NULL;

	if (search->base)
		old = minifw_classifier_lookup(search->base, packet, &rank);
	if (new && (!old || search->snapshot->overlay->before[new->rank] <= old->rank)) {
		search->in = search->overlay;
		search->leaf = new;
		search->over = over;
	} else {
		search->in = search->base;
		search->leaf = old;
		search->rank = rank;
	}
}
