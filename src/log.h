/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_LOG_H
#define MINIFW_LOG_H

struct minifw_packet;

void minifw_log_init(void);
void minifw_log_denied(const struct minifw_packet *packet);

#endif
