/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_HOOK_H
#define MINIFW_HOOK_H

#include <linux/netfilter.h>

/* Three hooks of two families. */
#define MINIFW_NR_HOOK_OPS 6

extern const struct nf_hook_ops minifw_hook_ops[MINIFW_NR_HOOK_OPS];

#endif
