/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SLOTS_H
#define MINIFW_SLOTS_H

#include <linux/types.h>

struct minifw_contents;
struct minifw_set;

u8 minifw_slots_epoch(void);
struct minifw_contents *minifw_contents_of(const struct minifw_set *set);
struct minifw_contents *minifw_contents_seen(const struct minifw_set *set);
const struct minifw_contents *minifw_slots_read(const struct minifw_set *set);
struct minifw_contents *minifw_contents_aside(const struct minifw_set *set);
struct minifw_contents *minifw_slots_replace(struct minifw_set *set, struct minifw_contents *new);
unsigned int minifw_slots_seen(void);
bool minifw_slots_changed(unsigned int seen);
void minifw_slots_init(struct minifw_set *set, struct minifw_contents *contents);
void minifw_slots_free(struct minifw_set *set);
int minifw_slots_split(struct minifw_set *set);
void minifw_slots_join(struct minifw_set *set);
void minifw_slots_end(struct minifw_set *set);
void minifw_slots_stage(bool staged);
void minifw_slots_align(void);
void minifw_slots_flip(void);
void minifw_slots_settle(void);
unsigned int minifw_slots_count(void);

#endif
