/* SPDX-License-Identifier: GPL-2.0 */
/* What src/ asks of the kernel, for fuzzers: as for the program, with allocations that fail, and packets. */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include "../../tool/kernel/kernel.h"
#include "packets.h"

/* Allocations that still succeed before one fails; negative: none fails. */
extern int kernel_allocations_left;

#endif
