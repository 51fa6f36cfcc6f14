/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_RADIX_H
#define MINIFW_RADIX_H

#include <linux/types.h>

void minifw_radix_sort(void *base, u32 count, u8 size, u8 len);

#endif
