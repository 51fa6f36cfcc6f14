/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CHANGE_H
#define MINIFW_CHANGE_H

#include <linux/types.h>

#include "addr.h"
#include "key.h"

struct minifw_contents;
struct minifw_error;
struct minifw_intervals;
struct minifw_timed;

/**
 * struct minifw_change - what a write says, read into the forms of contents
 * @old: what it changes
 * @part: what is permanent
 * @timed: what is not, a list
 * @timed_count: how many of those
 * @now: get_jiffies_64() of the write
 */
struct minifw_change {
	const struct minifw_contents *old;
	struct minifw_intervals *part[MINIFW_NR_FAMILIES];
	struct minifw_timed *timed;
	u32 timed_count;
	u64 now;
};

int minifw_change_read_new(struct minifw_change *change, const struct minifw_contents *old,
			   char *lines, struct minifw_error *err);
int minifw_change_read_gone(struct minifw_change *change, const struct minifw_contents *old,
			    char *lines, struct minifw_error *err);
int minifw_change_add_timed(struct minifw_change *change, u8 family, struct minifw_key first,
			    const struct minifw_key *last, u64 expires, struct minifw_error *err);
bool minifw_change_is_empty(const struct minifw_change *change);
int minifw_change_no_room(const struct minifw_contents *contents, struct minifw_error *err);
void minifw_change_free(struct minifw_change *change);

#endif
