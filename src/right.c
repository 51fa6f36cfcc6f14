// SPDX-License-Identifier: GPL-2.0
/*
 * Who may change anything: who has CAP_NET_ADMIN, and nobody any more once the
 * parameter `locked` is Y.
 */
#include <linux/capability.h>
#include <linux/compiler.h>
#include <linux/errno.h>

#include "error.h"
#include "right.h"

static bool locked;	/* written under minifw_ruleset_mutex */

/**
 * minifw_lock() - nothing can be changed from here on
 * @yes: false only before the module's init, where modprobe may say both
 *
 * Context: minifw_ruleset_mutex held: no write is under way.
 */
void minifw_lock(bool yes)
{
	WRITE_ONCE(locked, yes);
}

/**
 * minifw_locked() - can nothing be changed any more?
 *
 * Context: any; who writes asks under minifw_ruleset_mutex.
 * Return: whether it is so.
 */
bool minifw_locked(void)
{
	return READ_ONCE(locked);
}

/**
 * minifw_check_capable() - has the caller the capability to change something?
 * @err: takes the reason if not
 *
 * Context: process.
 * Return: 0 or -EPERM.
 */
int minifw_check_capable(struct minifw_error *err)
{
	if (capable(CAP_NET_ADMIN))
		return 0;
	return minifw_error_set(err, -EPERM, "writing needs CAP_NET_ADMIN");
}

/**
 * minifw_check_unlocked() - can something still be changed?
 * @err: takes the reason if not
 *
 * Context: as minifw_locked().
 * Return: 0 or -EPERM.
 */
int minifw_check_unlocked(struct minifw_error *err)
{
	if (!minifw_locked())
		return 0;
	return minifw_error_set(err, -EPERM,
				"locked until minifw is unloaded or the system restarts");
}

/**
 * minifw_check_right() - may the caller change something?
 * @err: takes the reason if not
 *
 * Context: process, and as minifw_locked().
 * Return: 0 or -EPERM.
 */
int minifw_check_right(struct minifw_error *err)
{
	return minifw_check_capable(err) ?: minifw_check_unlocked(err);
}

/**
 * minifw_has_right() - minifw_check_right() where nothing can be refused
 *
 * Context: as minifw_check_right().
 * Return: whether the caller may.
 */
bool minifw_has_right(void)
{
	return capable(CAP_NET_ADMIN) && !minifw_locked();
}
