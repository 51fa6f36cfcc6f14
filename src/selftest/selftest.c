// SPDX-License-Identifier: GPL-2.0
/* The self-tests of a debug build, run before the module does anything else. */
#include <linux/init.h>
#include <linux/printk.h>

#include "cases.h"
#include "selftest.h"

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
	int ret = minifw_selftest_parse(&passed);

	if (!ret)
		ret = minifw_selftest_classifier(&passed);
	if (!ret)
		ret = minifw_selftest_bucket(&passed);
	if (!ret)
		pr_info("minifw: selftest: %u cases passed\n", passed);
	return ret;
}
