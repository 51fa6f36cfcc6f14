// SPDX-License-Identifier: GPL-2.0
/*
 * Sets change without a publish, and what has been made of their elements is not made
 * anew with them.  So whoever read a set for that (joint.c) watches it: from its next
 * change on, the rules that name it are asked one by one.
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "contents.h"
#include "element.h"
#include "publish.h"
#include "set.h"
#include "slots.h"
#include "timed.h"
#include "watch.h"

/* All lists of watches, and what is marked by way of them. */
static DEFINE_MUTEX(watch_mutex);

/**
 * minifw_watch_start() - watch a set
 * @watch: all but its node filled in; the set is held until minifw_watch_stop()
 *
 * What is read of the set after this is marked when it is not true any more.
 *
 * Context: may sleep; minifw_ruleset_mutex may be held.
 */
void minifw_watch_start(struct minifw_watch *watch)
{
	mutex_lock(&watch_mutex);
	list_add(&watch->node, &watch->set->watches);
	mutex_unlock(&watch_mutex);
}

/**
 * minifw_watch_stop() - watch a set no more
 * @watch: the watch
 *
 * Context: may sleep; minifw_ruleset_mutex may be held.
 */
void minifw_watch_stop(struct minifw_watch *watch)
{
	mutex_lock(&watch_mutex);
	list_del(&watch->node);
	mutex_unlock(&watch_mutex);
}

/**
 * minifw_watch_read() - the elements of a set that stay until somebody writes to it
 * @watch: started
 * @family: of the elements, where the set's type knows families; else 0
 * @len: bytes of a key that are wanted
 * @part: takes a copy, for minifw_part_put()
 *
 * Context: may sleep.
 * Return: false where there are others: elements with a timeout, or of another type; or
 * a rule puts packets there, or a transaction has changed it.
 */
bool minifw_watch_read(const struct minifw_watch *watch, u8 family, u8 len,
		       struct minifw_part *part)
{
	const struct minifw_set *set = watch->set;
	const struct minifw_contents *contents;
	bool lasting;

	/* a rule that takes packets from now on marks the set, as a writer does */
	if (READ_ONCE(set->split) || atomic_read(&set->takers))
		return false;
	rcu_read_lock();
	contents = minifw_slots_read(set);
	lasting = minifw_element_len(contents->type, family) == len &&
		  !atomic_read(&contents->timed->count);
	if (lasting)
		minifw_part_copy(part, &contents->part[family]);
	rcu_read_unlock();
	return lasting;
}

/**
 * minifw_set_changed() - what packets see in a set changes
 * @set: the set
 *
 * To be called twice: before they see it, so that no packet passes over a rule for what the
 * set had before; and after, for whoever has read it in between, for a base to come.  Of what
 * is no change in the end nothing is lost but time.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_set_changed(struct minifw_set *set)
{
	struct minifw_watch *watch;
	bool news = false;

	mutex_lock(&watch_mutex);
	list_for_each_entry(watch, &set->watches, node) {
		news |= !watch->stale;
		minifw_watch_mark(watch);
	}
	mutex_unlock(&watch_mutex);
	if (news)
		minifw_publish_reindex();
}
