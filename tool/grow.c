// SPDX-License-Identifier: GPL-2.0
/* Arrays that grow at their end. */
#include <stdlib.h>

#include "grow.h"
#include "say.h"

/**
 * grow() - make room for one more at the end of an array
 * @array: the array
 * @count: how many it has
 * @room: for how many there is room
 * @size: of one
 *
 * Return: the array.
 */
void *grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? 2 * *room : 16;
	return need(reallocarray(array, *room, size));
}
