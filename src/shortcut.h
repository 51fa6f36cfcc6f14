/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SHORTCUT_H
#define MINIFW_SHORTCUT_H

#include "packet.h"

struct minifw_config;

bool minifw_is_loopback(const struct nf_hook_state *state);
bool minifw_is_tracked(const struct sk_buff *skb);
bool minifw_is_older(const struct minifw_packet *packet, const struct nf_hook_state *state,
		     const struct minifw_config *config);
bool minifw_is_control(const struct minifw_packet *packet);

#endif
