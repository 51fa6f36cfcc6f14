/* SPDX-License-Identifier: GPL-2.0 */
#ifndef GROW_H
#define GROW_H

#include <stddef.h>

void *grow(void *array, size_t count, size_t *room, size_t size);

#endif
