// SPDX-License-Identifier: GPL-2.0
/*
 * Changes for those who watch: uevents of the module.
 */
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>

#include "event.h"
#include "publish.h"

/**
 * minifw_event() - tell that packets see something else
 * @what: publish, commit, confirm, rollback or expire
 *
 * A `change` uevent with MINIFW_EVENT and MINIFW_GENERATION. Without memory it is lost.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_event(const char *what)
{
	char event[32], number[48];

	snprintf(event, sizeof(event), "MINIFW_EVENT=%s", what);
	snprintf(number, sizeof(number), "MINIFW_GENERATION=%llu", minifw_generation());
	kobject_uevent_env(&THIS_MODULE->mkobj.kobj, KOBJ_CHANGE,
			   (char *[]){ event, number, NULL });
}
