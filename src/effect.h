/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_EFFECT_H
#define MINIFW_EFFECT_H

struct minifw_live;
struct minifw_packet;

void minifw_effects(const struct minifw_live *rule, const struct minifw_packet *packet);

#endif
