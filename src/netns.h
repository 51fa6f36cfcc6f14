/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_NETNS_H
#define MINIFW_NETNS_H

#include <linux/types.h>

struct minifw_snapshot;
struct net;

int minifw_netns_init(void);
void minifw_netns_exit(void);
int minifw_netns_prepare(const struct minifw_snapshot *next);
void minifw_netns_settle(void);
int minifw_netns_each(int (*fn)(struct net *net, unsigned int index, void *ctx), void *ctx);
unsigned int minifw_netns_index(const struct net *net);
bool minifw_netns_pickup(const struct net *net, unsigned int seconds);

#endif
