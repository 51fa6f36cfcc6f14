/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_QUEUE_H
#define MINIFW_QUEUE_H

struct minifw_action;
struct minifw_packet;

void minifw_queue_init(void);
unsigned int minifw_queue(const struct minifw_packet *packet, const struct minifw_action *action);

#endif
