/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SHADOW_H
#define MINIFW_SHADOW_H

struct minifw_rule;
struct minifw_text;

int minifw_shadow_show(struct minifw_rule *rule, struct minifw_text *out);

#endif
