/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SET_REF_H
#define MINIFW_SET_REF_H

#include <linux/types.h>

#include "addr.h"
#include "key.h"

struct minifw_error;
struct minifw_list;
struct minifw_packet;
struct minifw_set_ref;
struct minifw_spec;

int minifw_sets_bind(struct minifw_spec *spec, struct minifw_error *err);
void minifw_sets_release(struct minifw_spec *spec);
int minifw_sets_unbind(struct minifw_spec *spec);
void minifw_sets_put(struct minifw_spec *spec);

bool minifw_set_match(const struct minifw_list *list, const struct minifw_packet *packet, u8 family,
		      struct minifw_key key);
bool minifw_set_match_addr(const struct minifw_list *list, const struct minifw_packet *packet,
			   u8 family, struct minifw_addr addr);
bool minifw_set_match_side(const struct minifw_list *list, const struct minifw_packet *packet,
			   struct minifw_addr addr, u16 port);
void minifw_set_take(const struct minifw_set_ref *ref, const struct minifw_packet *packet);

#endif
