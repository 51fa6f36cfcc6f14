/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_HOOK_H
#define MINIFW_HOOK_H

#include <linux/netfilter.h>

/* What netfilter calls: stage.c and ingress.c say where. */
nf_hookfn minifw_hook_ip, minifw_hook_ip6, minifw_hook_rules, minifw_hook_raw, minifw_hook_ingress;

#endif
