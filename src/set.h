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
 * @contents: the two slots of slots.c, of which packets look into one. Written under
 *            minifw_ruleset_mutex, read under RCU
 * @split: the slots hold different contents
 * @refused: elements of packets for which there was no room
 * @ref: held by the directory, and by each struct minifw_set_ref that is bound to it
 * @users: rules in force that name it
 * @takers: rules that put packets into it, as long as packets may see them
 * @watches: who has read it and must know when it changes: see watch.c
 * @node: in the list of all sets
 * @item: its directory
 * @name: of the directory
 * @error: why the last write was refused
 *
 * Guarded by minifw_ruleset_mutex. Packets read @split too, and count in @refused.
 */
struct minifw_set {
	struct minifw_contents __rcu *contents[2];
	bool split;
	atomic64_t refused;
	struct kref ref;
	unsigned int users;
	atomic_t takers;
	struct list_head watches;
	struct list_head node;
	struct config_item *item;
	char name[MINIFW_NAME_MAX + 1];
	struct minifw_error error;
};

struct minifw_set *minifw_set_create(const char *name, struct config_item *item);
void minifw_set_remove(struct minifw_set *set);
void minifw_set_get(struct minifw_set *set);
void minifw_set_put(struct minifw_set *set);
struct minifw_set *minifw_set_find(const char *name);
struct minifw_set *minifw_set_next(const struct minifw_set *set);
struct minifw_set *minifw_set_most_overlaid(void);
int minifw_set_hold(struct minifw_set *set);
void minifw_set_release(struct minifw_set *set);

u32 minifw_set_count(const struct minifw_set *set);
size_t minifw_set_memory(const struct minifw_set *set);
int minifw_set_elements(const struct minifw_set *set, struct minifw_text *out);
int minifw_sets_show(struct minifw_text *out);

void minifw_sets_sweep(unsigned long delay);
void minifw_sets_exit(void);

#endif
