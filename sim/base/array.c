/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/array.h"

#include <stdint.h>
#include <stdlib.h>

enum { SMALLEST = 8 };

/* The elements that an array of nr has room for: doubled whenever they are full. */
static size_t capacity_of(size_t nr)
{
	size_t capacity = SMALLEST;

	if (!nr)
		return 0;
	while (capacity < nr)
		capacity *= 2;
	return capacity;
}

bool array_make_room(void *where, size_t nr, size_t wanted, size_t size)
{
	size_t capacity = capacity_of(wanted);
	void *array;

	if (wanted <= capacity_of(nr))
		return true;
	if (capacity > SIZE_MAX / size)
		return false;
	/* Pointers to all types of objects look the same, but may not alias. */
	memcpy(&array, where, sizeof(array));
	array = realloc(array, capacity * size);
	if (!array)
		return false;
	memcpy(where, &array, sizeof(array));
	return true;
}
