// SPDX-License-Identifier: GPL-2.0
/*
 * The cgroup of a rule: found by its path when the rule goes live, and held for as
 * long as packets see the rule.  A cgroup that is made in its place later has the
 * same path, but is another one.
 */
#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <net/sock.h>

#include "cgroup.h"
#include "error.h"
#include "spec.h"

#ifdef CONFIG_SOCK_CGROUP_DATA

/**
 * minifw_cgroup_hold() - find the cgroup that a rule names, if it names one
 * @spec: sealed; takes it
 * @err: takes the reason, with the attribute's name
 *
 * Context: may sleep. Paths begin where the writer's cgroup namespace does; before
 * Linux 6.1, at the root.
 * Return: 0; -ENOENT if there is no such cgroup of version 2, -ENOMEM.
 */
int minifw_cgroup_hold(struct minifw_spec *spec, struct minifw_error *err)
{
	const struct minifw_note *path;
	struct cgroup *group;

	if (!minifw_spec_asks(spec, MINIFW_ATTR_cgroup))
		return 0;
	path = spec->rare->cgroup;
	group = cgroup_get_from_path(path->text);
	if (group == ERR_PTR(-ENOMEM))
		return minifw_error_set(err, -ENOMEM, "cgroup: out of memory");
	if (IS_ERR(group))
		return minifw_error_set(err, -ENOENT, "cgroup: there is no cgroup '%.120s'",
					path->text);
	spec->rare->live.group = group;
	return 0;
}

/* The one that is held; or NULL. */
static struct cgroup *group_of(const struct minifw_spec *spec)
{
	return spec->rare ? spec->rare->live.group : NULL;
}

/**
 * minifw_cgroup_release() - undo minifw_cgroup_hold(), whether it held one or not
 * @spec: no packet may still see it
 *
 * Context: process.
 */
void minifw_cgroup_release(struct minifw_spec *spec)
{
	struct cgroup *group = group_of(spec);

	if (!group)
		return;
	cgroup_put(group);
	spec->rare->live.group = NULL;
}

/**
 * minifw_cgroup_is_gone() - was the cgroup of a live rule removed?
 * @spec: what the rule says
 *
 * Context: process.
 * Return: whether it was; false if it names none.
 */
bool minifw_cgroup_is_gone(const struct minifw_spec *spec)
{
	const struct cgroup *group = group_of(spec);

	return group && !(READ_ONCE(group->self.flags) & CSS_ONLINE);
}

/**
 * minifw_cgroup_has() - does a socket belong to a cgroup or to one below it?
 * @group: held
 * @sk: a full socket
 *
 * Context: any.
 * Return: whether it does.
 */
bool minifw_cgroup_has(struct cgroup *group, struct sock *sk)
{
	return cgroup_is_descendant(sock_cgroup_ptr(&sk->sk_cgrp_data), group);
}

#else /* without it, sockets have no cgroup */

int minifw_cgroup_hold(struct minifw_spec *spec, struct minifw_error *err)
{
	if (!minifw_spec_asks(spec, MINIFW_ATTR_cgroup))
		return 0;
	return minifw_error_set(err, -ENOENT,
				"cgroup: this kernel is built without cgroups of sockets");
}

void minifw_cgroup_release(struct minifw_spec *spec)
{
}

bool minifw_cgroup_is_gone(const struct minifw_spec *spec)
{
	return false;
}

bool minifw_cgroup_has(struct cgroup *group, struct sock *sk)
{
	return false;
}

#endif
