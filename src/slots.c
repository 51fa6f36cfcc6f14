// SPDX-License-Identifier: GPL-2.0
/*
 * Sets and transactions: what a commit brings into force, and what a rollback brings back.
 *
 * A set has two slots for its contents. A snapshot has an epoch, 0 or 1, and says by it into
 * which of the two its packets look, of all sets alike. While the other slot holds other
 * contents, a set is split: those are staged while a transaction is open, and are the ones
 * from before while it waits to be confirmed. So a commit, or a rollback, changes rules and
 * all sets by the one pointer to the snapshot, and needs no memory.
 *
 * Of a set that is not split only the slot that packets look into counts: the other, where what
 * it points to may be gone, is brought in line before the epoch changes. Nothing is put there
 * before all packets have left it. Packets put what they add into both slots of a split set.
 */
#include <linux/bottom_half.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/seqlock.h>

#include "contents.h"
#include "ruleset.h"
#include "set.h"
#include "slots.h"
#include "watch.h"

/* All guarded by minifw_ruleset_mutex. */
static u8 epoch;		/* of what packets see; read under RCU, too */
static bool staging;		/* writes go to the other slot */
static seqcount_t changes = SEQCNT_ZERO(changes);	/* of what packets see, in one epoch */
static unsigned long grace;	/* since the last time that packets were told to look elsewhere */

static struct minifw_contents *slot(const struct minifw_set *set, u8 which)
{
	return rcu_dereference_protected(set->contents[which],
					 lockdep_is_held(&minifw_ruleset_mutex));
}

/**
 * minifw_slots_epoch() - the slot that packets look into
 *
 * Context: minifw_ruleset_mutex held.
 * Return: 0 or 1.
 */
u8 minifw_slots_epoch(void)
{
	return epoch;
}

static u8 written(const struct minifw_set *set)
{
	return staging && set->split ? !epoch : epoch;
}

/**
 * minifw_contents_of() - what a set is to who writes and reads its files
 * @set: the set
 *
 * Context: minifw_ruleset_mutex held.
 * Return: its contents; in an open transaction, the staged ones.
 */
struct minifw_contents *minifw_contents_of(const struct minifw_set *set)
{
	return slot(set, written(set));
}

/**
 * minifw_contents_seen() - what a set is to packets
 * @set: the set
 *
 * Context: minifw_ruleset_mutex held.
 * Return: its contents.
 */
struct minifw_contents *minifw_contents_seen(const struct minifw_set *set)
{
	return slot(set, epoch);
}

/**
 * minifw_slots_read() - what a set is to packets, or was a moment ago
 * @set: the set, not split
 *
 * Context: RCU read side, as long as the contents are used.
 * Return: its contents.
 */
const struct minifw_contents *minifw_slots_read(const struct minifw_set *set)
{
	return rcu_dereference(set->contents[READ_ONCE(epoch)]);
}

/**
 * minifw_contents_aside() - what a set may be to packets next
 * @set: the set
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the contents that are staged, or from before; NULL if it is not split.
 */
struct minifw_contents *minifw_contents_aside(const struct minifw_set *set)
{
	return set->split ? slot(set, !epoch) : NULL;
}

/**
 * minifw_slots_replace() - put new contents where a write goes
 * @set: the set
 * @new: its contents from here on
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the ones before, for minifw_contents_retire().
 */
struct minifw_contents *minifw_slots_replace(struct minifw_set *set, struct minifw_contents *new)
{
	struct minifw_contents *old = minifw_contents_of(set);

	/* neither a softirq nor a reader of a higher priority may wait for it on this CPU */
	local_bh_disable();
	preempt_disable();
	write_seqcount_begin(&changes);
	rcu_assign_pointer(set->contents[written(set)], new);
	write_seqcount_end(&changes);
	preempt_enable();
	local_bh_enable();
	return old;
}

/**
 * minifw_slots_seen() - begin to look into sets more than once
 *
 * Context: any but hard interrupts; until minifw_slots_changed() under RCU.
 * Return: what minifw_slots_changed() takes.
 */
unsigned int minifw_slots_seen(void)
{
	return read_seqcount_begin(&changes);
}

/**
 * minifw_slots_changed() - may what has been looked up be half of one write?
 * @seen: what minifw_slots_seen() returned
 *
 * Context: as minifw_slots_seen().
 * Return: whether it has to be looked up again.
 */
bool minifw_slots_changed(unsigned int seen)
{
	return read_seqcount_retry(&changes, seen);
}

/**
 * minifw_slots_init() - the first contents of a set
 * @set: nobody knows it yet
 * @contents: what is in it
 *
 * Context: any.
 */
void minifw_slots_init(struct minifw_set *set, struct minifw_contents *contents)
{
	RCU_INIT_POINTER(set->contents[0], contents);
	RCU_INIT_POINTER(set->contents[1], contents);
}

/**
 * minifw_slots_free() - let go of what is in a set
 * @set: after minifw_slots_end(); no packet may see it
 *
 * Context: process.
 */
void minifw_slots_free(struct minifw_set *set)
{
	minifw_contents_free(rcu_dereference_protected(set->contents[0], true));
}

/**
 * minifw_slots_split() - a set is about to be written to: stage that, if need be
 * @set: the set
 *
 * Packets that still look into the other slot, from before the last commit, are waited for.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 1 if it has been split, 0 if not, or -ENOMEM.
 */
int minifw_slots_split(struct minifw_set *set)
{
	struct minifw_contents *copy;

	if (!staging || set->split)
		return 0;
	copy = minifw_contents_clone(slot(set, epoch));
	if (!copy)
		return -ENOMEM;
	cond_synchronize_rcu(grace);
	rcu_assign_pointer(set->contents[!epoch], copy);
	smp_store_release(&set->split, true);	/* pairs with minifw_set_take() */
	return 1;
}

/**
 * minifw_slots_join() - a set is what packets see, and nothing else
 * @set: the set, split or not
 *
 * The other slot stays as it is: packets that have come before may still look into it.
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_slots_join(struct minifw_set *set)
{
	struct minifw_contents *aside = minifw_contents_aside(set);

	WRITE_ONCE(set->split, false);
	if (aside)
		minifw_contents_retire(aside);
}

/**
 * minifw_slots_end() - a set does not change any more
 * @set: the set, split or not
 *
 * Both slots are good from here on, whatever becomes of the epoch.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_slots_end(struct minifw_set *set)
{
	minifw_slots_join(set);
	cond_synchronize_rcu(grace);
	rcu_assign_pointer(set->contents[!epoch], slot(set, epoch));
}

/**
 * minifw_slots_stage() - from here on, or no longer, writes to sets are staged
 * @staged: which
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_slots_stage(bool staged)
{
	staging = staged;
}

/**
 * minifw_slots_align() - prepare for packets that look into the other slot
 *
 * Nothing may be written to sets between this and minifw_slots_flip().
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_slots_align(void)
{
	struct minifw_set *set;

	cond_synchronize_rcu(grace);
	for (set = minifw_set_next(NULL); set; set = minifw_set_next(set))
		if (set->split)
			minifw_set_changed(set);
		else
			rcu_assign_pointer(set->contents[!epoch], slot(set, epoch));
}

/**
 * minifw_slots_flip() - a snapshot of the other epoch has been published
 *
 * Context: may sleep; minifw_ruleset_mutex held, since minifw_slots_align().
 */
void minifw_slots_flip(void)
{
	struct minifw_set *set;

	WRITE_ONCE(epoch, !epoch);
	grace = get_state_synchronize_rcu();
	for (set = minifw_set_next(NULL); set; set = minifw_set_next(set))
		if (set->split)
			minifw_set_changed(set);
}

/**
 * minifw_slots_settle() - forget what packets do not see
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_slots_settle(void)
{
	struct minifw_set *set;

	for (set = minifw_set_next(NULL); set; set = minifw_set_next(set))
		if (set->split) {
			minifw_slots_join(set);
			minifw_set_changed(set);	/* what was made of it meanwhile */
		}
	grace = get_state_synchronize_rcu();
}

/**
 * minifw_slots_count() - how many sets are split
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the number.
 */
unsigned int minifw_slots_count(void)
{
	const struct minifw_set *set;
	unsigned int count = 0;

	for (set = minifw_set_next(NULL); set; set = minifw_set_next(set))
		count += set->split;
	return count;
}
