// SPDX-License-Identifier: GPL-2.0
/* A line of a chain, as a program or a hand may write it. */
#include "kernel.h"
#include "check.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = input_text(data, size);

	check_line(line);
	free(line);
	return 0;
}
