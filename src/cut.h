/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CUT_H
#define MINIFW_CUT_H

#include <linux/types.h>

struct minifw_packet;
struct minifw_probe;
struct net;

void minifw_cut_add(const struct net *net, const struct minifw_probe *probe);
void minifw_cut_forget(void);
bool minifw_is_cut(const struct minifw_packet *packet);

#endif
