/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_ENTRY_H
#define MINIFW_ENTRY_H

#include <linux/types.h>

struct minifw_frozen;
struct minifw_live;
struct minifw_text;

/**
 * struct minifw_entry - a rule, or a chain with its lines: what has a place in the order
 * @rule: the rule, or NULL
 * @chain: the chain, or NULL
 */
struct minifw_entry {
	struct minifw_live *rule;
	struct minifw_frozen *chain;
};

void minifw_entry_get(const struct minifw_entry *entry);
void minifw_entry_put(const struct minifw_entry *entry);
bool minifw_entry_retired(const struct minifw_entry *entry);
bool minifw_entry_holey(const struct minifw_entry *entry);
bool minifw_entry_abandoned(const struct minifw_entry *entry);
bool minifw_entry_same(const struct minifw_entry *a, const struct minifw_entry *b);
int minifw_entry_cmp(const struct minifw_entry *a, const struct minifw_entry *b);
struct minifw_live *minifw_entry_rule(const struct minifw_entry *entry, unsigned int index);
unsigned int minifw_entry_rules(const struct minifw_entry *entry, struct minifw_live **rules);
u64 minifw_entry_attrs(const struct minifw_entry *entry);
u8 minifw_entry_stages(const struct minifw_entry *entry);
void minifw_entry_enter(const struct minifw_entry *entry);
void minifw_entry_leave(const struct minifw_entry *entry);
void minifw_entry_arrive(const struct minifw_entry *entry);
void minifw_entry_retire(const struct minifw_entry *entry);
void minifw_entry_abandon(const struct minifw_entry *entry);
void minifw_entry_release(const struct minifw_entry *entry);
bool minifw_entry_is_live(const struct minifw_entry *entry);
bool minifw_entry_has_live(const struct minifw_entry *entry);
void minifw_entry_stage(const struct minifw_entry *entry);
void minifw_entry_unstage(const struct minifw_entry *entry);
void minifw_entry_begin(const struct minifw_entry *entry);
void minifw_entry_swap(const struct minifw_entry *entry);
int minifw_entry_show(const struct minifw_entry *entry, struct minifw_text *out);

#endif
