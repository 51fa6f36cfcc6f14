/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_ACTION_H
#define MINIFW_ACTION_H

#include "packet.h"
#include "spec.h"

void minifw_untrack(struct sk_buff *skb);
void minifw_reject(const struct minifw_packet *packet, enum minifw_reject how);

#endif
