/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_META_H
#define MINIFW_META_H

#include <linux/types.h>

struct minifw_packet;
struct minifw_spec;

bool minifw_meta_untold(const struct minifw_packet *packet);
unsigned int minifw_meta_fails(const struct minifw_spec *spec, const struct minifw_packet *packet);

#endif
