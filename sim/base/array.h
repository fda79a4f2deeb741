/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrays that grow: a pointer and a number of elements, both owned by the caller and both zero at
 * the beginning; free() frees the array. How much room there is follows from the number: there is
 * no capacity to keep. An array must have grown by these functions alone; elements at its end may
 * be dropped by a smaller number.
 */
#ifndef SIM_BASE_ARRAY_H
#define SIM_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * What the macros call: room for wanted elements of size bytes in the array whose pointer is at
 * where and which holds nr. False without memory; the array is then as it was.
 */
bool array_make_room(void *where, size_t nr, size_t wanted, size_t size);

/*
 * A new element at the end of array, zeroed and counted in nr (any type of integer): a pointer to
 * it, which is good until the array grows again, or NULL without memory.
 */
#define array_add(array, nr)                                                                       \
	(array_make_room(&(array), (size_t)(nr), (size_t)(nr) + 1, sizeof(*(array)))               \
		 ? memset(&(array)[(nr)++], 0, sizeof(*(array)))                                   \
		 : NULL)

/* Make array long enough for index: new elements are zeroed, nr counts them. False: no memory. */
#define array_reach(array, nr, index)                                                              \
	((index) < (nr) ||                                                                         \
	 (array_make_room(&(array), (size_t)(nr), (size_t)(index) + 1, sizeof(*(array))) &&        \
	  memset(&(array)[nr], 0, ((size_t)(index) + 1 - (size_t)(nr)) * sizeof(*(array))) &&      \
	  ((nr) = (index) + 1, true)))

#endif
