/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CGROUP_H
#define MINIFW_CGROUP_H

#include <linux/types.h>

struct cgroup;
struct minifw_error;
struct minifw_spec;
struct sock;

int minifw_cgroup_hold(struct minifw_spec *spec, struct minifw_error *err);
void minifw_cgroup_release(struct minifw_spec *spec);
bool minifw_cgroup_is_gone(const struct minifw_spec *spec);
bool minifw_cgroup_has(struct cgroup *group, struct sock *sk);

#endif
