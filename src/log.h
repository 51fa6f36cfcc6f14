/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_LOG_H
#define MINIFW_LOG_H

#include <linux/types.h>

struct nf_hook_state;
struct sk_buff;

void minifw_log_init(void);
void minifw_log_denied(const struct sk_buff *skb, const struct nf_hook_state *state);

#endif
