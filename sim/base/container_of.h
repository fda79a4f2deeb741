/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a pointer to a member back to the structure that contains it. */
#ifndef SIM_BASE_CONTAINER_OF_H
#define SIM_BASE_CONTAINER_OF_H

#include <stddef.h>

/*
 * The structure of the given type whose named member pointer points to. The type check costs
 * nothing: it is never evaluated.
 */
#define container_of(pointer, type, member)                                                        \
	((type *)((char *)(1 ? (pointer) : &((type *)0)->member) - offsetof(type, member)))

#endif
