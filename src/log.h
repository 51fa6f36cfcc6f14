/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_LOG_H
#define MINIFW_LOG_H

#include <linux/types.h>

#include "logspec.h"

struct minifw_error;
struct minifw_live;
struct minifw_packet;
struct minifw_spec;

void minifw_log_load(u8 target);
enum minifw_log_target minifw_log_target(const struct minifw_spec *spec);
int minifw_log_check(const struct minifw_spec *spec, struct minifw_error *err);
void minifw_log_exit(void);
void minifw_log_match(const struct minifw_live *rule, const struct minifw_packet *packet);
void minifw_log_denied(const struct minifw_packet *packet);

#endif
