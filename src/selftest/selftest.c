// SPDX-License-Identifier: GPL-2.0
/* The self-tests of a debug build, run before the module does anything else. */
#include <linux/init.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "cases.h"
#include "selftest.h"

/* Who loads the module again and again need not test it each time. */
static bool enabled = true;
module_param_named(selftest, enabled, bool, 0);
MODULE_PARM_DESC(selftest, "run the self-tests when the module is loaded (Y)");

/**
 * minifw_selftest() - test the parts that need no packet and no user
 *
 * A failure names its case in the kernel's log.
 *
 * Context: process.
 * Return: 0, -EINVAL if a case failed, -ENOMEM.
 */
int __init minifw_selftest(void)
{
	unsigned int passed = 0;
	int ret;

	if (!enabled)
		return 0;
	ret = minifw_selftest_parse(&passed);
	if (!ret)
		ret = minifw_selftest_schedule(&passed);
	if (!ret)
		ret = minifw_selftest_classifier(&passed);
	if (!ret)
		ret = minifw_selftest_bucket(&passed);
	if (!ret)
		pr_info("minifw: selftest: %u cases passed\n", passed);
	return ret;
}
