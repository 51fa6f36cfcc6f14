// SPDX-License-Identifier: GPL-2.0
/*
 * Equal lists of many rules, once: while a chain is loaded, whose lines name the same
 * networks and devices over and over, a hash table of the lists that there are.  Pure
 * functions, which a fuzzer runs in user space.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "parse.h"
#include "share.h"

#define PLACES_MIN 64

/**
 * struct minifw_share_place - a place of the table
 * @list: a list; NULL where it is free. Not held: whoever fills the table holds them
 * @kind: of the list: what is equal as bytes may mean something else in another kind
 * @hash: minifw_list_hash(): that of another list is another, mostly
 */
struct minifw_share_place {
	struct minifw_list *list;
	const struct minifw_kind *kind;
	u32 hash;
};

static bool is_equal(const struct minifw_share_place *a, const struct minifw_share_place *b)
{
	return a->hash == b->hash && a->kind == b->kind && minifw_list_equal(a->list, b->list);
}

/* The place of what is wanted, or of its equal, or the free one where it would be. */
static struct minifw_share_place *place_of(const struct minifw_share *share,
					   const struct minifw_share_place *wanted)
{
	u32 i = wanted->hash & share->mask;

	while (share->place[i].list && !is_equal(&share->place[i], wanted))
		i = (i + 1) & share->mask;
	return &share->place[i];
}

/* A table of twice the size, from the first list on. */
static int grow(struct minifw_share *share)
{
	unsigned int places = share->mask ? 2 * (share->mask + 1) : PLACES_MIN, i;
	struct minifw_share new = { .mask = places - 1, .count = share->count };

	new.place = kvcalloc(places, sizeof(*new.place), GFP_KERNEL);
	if (!new.place)
		return -ENOMEM;
	for (i = 0; share->place && i <= share->mask; i++) {
		const struct minifw_share_place *old = &share->place[i];

		if (old->list)
			*place_of(&new, old) = *old;
	}
	kvfree(share->place);
	*share = new;
	return 0;
}

/**
 * minifw_share_list() - the one list that stands for all that say the same
 * @share: the lists so far; the caller holds all of them until it is cleared
 * @kind: of which kind of value @list is
 * @list: in normal form
 *
 * Context: may sleep.
 * Return: an equal list that was here before, or @list. Without memory for the table
 * it is @list, too.
 */
struct minifw_list *minifw_share_list(struct minifw_share *share, const struct minifw_kind *kind,
				      struct minifw_list *list)
{
	const struct minifw_share_place wanted = {
		.list = list, .kind = kind, .hash = minifw_list_hash(list, 0),
	};
	struct minifw_share_place *place;

	/* half full at the most, a look into it takes a step or two */
	if (2 * share->count >= share->mask && grow(share))
		return list;
	place = place_of(share, &wanted);
	if (!place->list) {
		*place = wanted;
		share->count++;
	}
	return place->list;
}

/**
 * minifw_share_clear() - forget the lists
 * @share: empty after
 *
 * Context: process.
 */
void minifw_share_clear(struct minifw_share *share)
{
	kvfree(share->place);
	*share = (struct minifw_share){};
}
