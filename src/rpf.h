/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_RPF_H
#define MINIFW_RPF_H

#include <linux/types.h>

struct minifw_packet;

bool minifw_rpf_passes(const struct minifw_packet *packet);

#endif
