// SPDX-License-Identifier: GPL-2.0
/*
 * minifw: a packet filter whose rules are directories.  What comes up in which
 * order, and goes down in the reverse.  README.md beside this file says where to
 * read on.
 */
#include <linux/module.h>

#include "configfs.h"
#include "expiry.h"
#include "log.h"
#include "netns.h"
#include "params.h"
#include "publish.h"
#include "queue.h"
#include "rule.h"
#include "ruleset.h"
#include "set.h"
#include "transaction.h"
#include "selftest/selftest.h"

static int __init minifw_init(void)
{
	int ret = minifw_selftest();

	if (ret)
		return ret;
	minifw_queue_init();
	ret = minifw_live_init();
	if (ret)
		return ret;
	ret = minifw_publish_init();
	if (ret)
		goto err_live;
	ret = minifw_ruleset_init();
	if (ret)
		goto err_publish;
	ret = minifw_netns_init();
	if (ret)
		goto err_publish;
	ret = minifw_configfs_init();
	if (ret)
		goto err_netns;
	minifw_params_ready(true);
	return 0;

err_netns:
	minifw_netns_exit();
err_publish:
	minifw_publish_exit();
err_live:
	minifw_live_exit();
	return ret;
}

static void __exit minifw_exit(void)
{
	minifw_params_ready(false);
	minifw_configfs_exit();
	minifw_transaction_exit();
	minifw_expiry_exit();
	minifw_publish_stop();
	minifw_netns_exit();
	minifw_sets_exit();
	minifw_publish_exit();
	minifw_live_exit();
	minifw_log_exit();
}

module_init(minifw_init);
module_exit(minifw_exit);

MODULE_DESCRIPTION("Packet filter with a configfs directory a rule");
MODULE_AUTHOR("minifw");
MODULE_VERSION(MINIFW_VERSION);
MODULE_LICENSE("GPL");
