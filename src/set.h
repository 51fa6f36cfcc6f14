/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SET_H
#define MINIFW_SET_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>

#include "element.h"
#include "error.h"
#include "parse.h"

struct config_item;
struct minifw_contents;
struct minifw_text;

/**
 * struct minifw_set - a named set
 * @contents: what packets look into. Written under minifw_ruleset_mutex, read under RCU
 * @type: enum minifw_set_type; stays while there is an element or a user
 * @timeout: seconds that new elements live; 0 for ever
 * @max: elements that it may have
 * @refused: elements of packets for which there was no room
 * @ref: held by the directory, and by each struct minifw_set_ref that is bound to it
 * @users: rules in force that name it
 * @node: in the list of all sets
 * @item: its directory
 * @name: of the directory
 * @error: why the last write was refused
 *
 * Guarded by minifw_ruleset_mutex. Packets read @type, @timeout and @max too, and
 * count in @refused.
 */
struct minifw_set {
	struct minifw_contents __rcu *contents;
	u8 type;
	u32 timeout;
	u32 max;
	atomic64_t refused;
	struct kref ref;
	unsigned int users;
	struct list_head node;
	struct config_item *item;
	char name[MINIFW_NAME_MAX + 1];
	struct minifw_error error;
};

#define MINIFW_SET_MAX		1048576		/* elements, where nobody says otherwise */
#define MINIFW_SET_MAX_MOST	16777216	/* the highest that may be said */

struct minifw_set *minifw_set_create(const char *name, struct config_item *item);
void minifw_set_remove(struct minifw_set *set);
void minifw_set_get(struct minifw_set *set);
void minifw_set_put(struct minifw_set *set);
struct minifw_set *minifw_set_find(const char *name);
struct minifw_set *minifw_set_most_overlaid(void);
int minifw_set_hold(struct minifw_set *set);
void minifw_set_release(struct minifw_set *set);

u32 minifw_set_count(const struct minifw_set *set);
size_t minifw_set_memory(const struct minifw_set *set);
int minifw_set_elements(const struct minifw_set *set, const char *before,
			struct minifw_text *out);
int minifw_sets_show(struct minifw_text *out);

void minifw_sets_sweep(unsigned long delay);
void minifw_sets_exit(void);

#endif
