// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses. The kernel's functions take more than inet_pton(), all of which the module's
 * addr.c refuses before it calls them: a fuzzer sees to it that the two agree.
 */
#include "kernel.h"

int in4_pton(const char *src, int len, u8 *dst, int delimiter, const char **end)
{
	(void)len, (void)delimiter, (void)end;
	return inet_pton(AF_INET, src, dst) == 1;
}

int in6_pton(const char *src, int len, u8 *dst, int delimiter, const char **end)
{
	(void)len, (void)delimiter, (void)end;
	return inet_pton(AF_INET6, src, dst) == 1;
}
