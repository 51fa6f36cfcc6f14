/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_WATCH_H
#define MINIFW_WATCH_H

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/types.h>

struct minifw_part;
struct minifw_set;

/**
 * struct minifw_watch - who has read a set and has to know when that is not true any more
 * @node: among the others of the set; guarded by watch.c
 * @set: the set; the rules that name it hold it
 * @dirty: a row (joint.h) of the rules that are asked whatever was read
 * @rule: the rules of the block that name the set
 * @count: how many
 * @stale: the set has changed since
 */
struct minifw_watch {
	struct list_head node;
	struct minifw_set *set;
	u64 *dirty;
	const u16 *rule;
	u32 count;
	bool stale;
};

/* From now on the rules that name the set are asked. By who guards @node. */
static inline void minifw_watch_mark(struct minifw_watch *watch)
{
	u32 i;

	for (i = 0; i < watch->count; i++) {
		u32 word = watch->rule[i] / 64;

		WRITE_ONCE(watch->dirty[1 + word],
			   watch->dirty[1 + word] | BIT_ULL(watch->rule[i] % 64));
		WRITE_ONCE(watch->dirty[0], watch->dirty[0] | BIT_ULL(word));
	}
	WRITE_ONCE(watch->stale, true);
}

void minifw_watch_start(struct minifw_watch *watch);
void minifw_watch_stop(struct minifw_watch *watch);
bool minifw_watch_read(const struct minifw_watch *watch, u8 family, u8 len,
		       struct minifw_part *part);
void minifw_set_changed(struct minifw_set *set);

#endif
