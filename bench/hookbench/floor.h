/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Empty hooks: the least that a packet filter can cost.
 */
#ifndef HOOKBENCH_FLOOR_H
#define HOOKBENCH_FLOOR_H

int hookbench_floor_set(const char *name);
void hookbench_floor_remove(void);

#endif
