/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_MATCH_H
#define MINIFW_MATCH_H

#include <linux/types.h>

struct minifw_packet;
struct minifw_spec;

bool minifw_match(const struct minifw_spec *spec, const struct minifw_packet *packet);

#endif
