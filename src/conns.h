/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CONNS_H
#define MINIFW_CONNS_H

#include <linux/types.h>

struct minifw_conns;
struct minifw_key_value;
struct minifw_packet;
struct net;

struct minifw_conns *minifw_conns_create(void);
struct minifw_conns *minifw_conns_get(struct minifw_conns *conns);
void minifw_conns_put(struct minifw_conns *conns);
bool minifw_conns_over(struct minifw_conns *conns, const struct minifw_packet *packet,
		       const struct minifw_key_value *key, u32 most);

int minifw_conns_enter(struct net *net, unsigned int index);
void minifw_conns_leave(unsigned int index);

#endif
