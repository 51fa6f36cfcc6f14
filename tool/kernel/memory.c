// SPDX-License-Identifier: GPL-2.0
/* Memory for the module's parsers. A program that has none left ends. */
#include "kernel.h"

void *kzalloc(size_t size, int flags)
{
	void *memory = calloc(1, size);

	(void)flags;
	if (memory || !size)
		return memory;
	fputs("minifw: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

void *kmemdup(const void *from, size_t size, int flags)
{
	return memcpy(kzalloc(size, flags), from, size);
}
