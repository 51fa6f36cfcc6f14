/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_LIMIT_H
#define MINIFW_LIMIT_H

#include <linux/types.h>

struct minifw_error;
struct minifw_limits;
struct minifw_live;
struct minifw_packet;
struct minifw_spec;

int minifw_limits_create(struct minifw_live *live, const struct minifw_live *older,
			 struct minifw_error *err);
void minifw_limits_free(struct minifw_limits *limits);
void minifw_limits_reset(struct minifw_limits *limits);
bool minifw_limits_match(const struct minifw_live *rule, const struct minifw_packet *packet);
bool minifw_limits_match_idle(const struct minifw_spec *spec);

#endif
