// SPDX-License-Identifier: GPL-2.0
/* The functions of kernel.h that fuzzers have of their own. */
#include "kernel.h"
#include "check.h"
#include "slots.h"

int kernel_allocations_left = -1;

void *kzalloc(size_t size, int flags)
{
	if (!kernel_allocations_left)
		return NULL;
	if (kernel_allocations_left > 0)
		kernel_allocations_left--;
	return calloc(1, size);
}

void *kmemdup(const void *from, size_t size, int flags)
{
	void *to = kzalloc(size, flags);

	return to ? memcpy(to, from, size) : NULL;
}

/* The kernel's own: `run` fetches them. */
#define EXPORT_SYMBOL(name) _Static_assert(1, #name)
#define in4_pton kernel_in4_pton
#define in6_pton kernel_in6_pton
#include "pton.h"
#undef in4_pton
#undef in6_pton

/* They take more than inet_pton(), by which the program reads addresses; addr.c refuses that. */
static void check_agreed(int family, const char *text, int taken, const u8 *address)
{
	u8 other[sizeof(struct in6_addr)];

	CHECK(inet_pton(family, text, other) == taken, "'%s' is an address, or not", text);
	CHECK(!taken || !memcmp(address, other, family == AF_INET ? 4 : sizeof(other)),
	      "'%s' is two addresses", text);
}

int in4_pton(const char *src, int len, u8 *dst, int delimiter, const char **end)
{
	int taken = kernel_in4_pton(src, len, dst, delimiter, end);

	check_agreed(AF_INET, src, taken, dst);
	return taken;
}

int in6_pton(const char *src, int len, u8 *dst, int delimiter, const char **end)
{
	int taken = kernel_in6_pton(src, len, dst, delimiter, end);

	check_agreed(AF_INET6, src, taken, dst);
	return taken;
}

/* Nothing changes while a fuzzer looks into it. */
unsigned int minifw_slots_seen(void)
{
	return 0;
}

bool minifw_slots_changed(unsigned int seen)
{
	return false;
}
