/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzer makes up, as a string: a write holds no NUL. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include "kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The caller frees it. */
static inline char *input_text(const uint8_t *data, size_t size)
{
	return strndup((const char *)data, size);
}

#endif
