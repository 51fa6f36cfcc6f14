/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_INGRESS_H
#define MINIFW_INGRESS_H

struct minifw_snapshot;
struct net;

int minifw_ingress_init(void);
void minifw_ingress_exit(void);
void minifw_ingress_expect(const struct minifw_snapshot *next);
int minifw_ingress_add(struct net *net);
void minifw_ingress_settle(const struct minifw_snapshot *snapshot,
			   const struct minifw_snapshot *before);

#endif
