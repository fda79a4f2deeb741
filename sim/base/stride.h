/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of bytes whose size only their owner knows, one behind the other. */
#ifndef SIM_BASE_STRIDE_H
#define SIM_BASE_STRIDE_H

#include <stddef.h>

/* From one block of size bytes to the next, so that each may begin with any plain type. */
static inline size_t stride_of(size_t size)
{
	size_t align = _Alignof(max_align_t);

	return (size + align - 1) / align * align;
}

#endif
