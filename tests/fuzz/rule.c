// SPDX-License-Identifier: GPL-2.0
/* Many writes, a `name=value` a line, then the rule as a whole. */
#include "kernel.h"
#include "check.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = input_text(data, size), *rest = text, *line;
	struct minifw_spec spec;

	minifw_spec_init(&spec);
	while ((line = strsep(&rest, "\n")))
		check_set(&spec, line);
	check_rule(&spec);
	minifw_spec_clear(&spec);
	free(text);
	return 0;
}
