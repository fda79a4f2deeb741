/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bitmaps: arrays of 64-bit words; bit 0 is the lowest of word 0. */
#ifndef SIM_BASE_BITMAP_H
#define SIM_BASE_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline int bitmap_words(int bits)
{
	return (bits + 63) / 64;
}

static inline bool bitmap_test(const uint64_t *bitmap, int bit)
{
	return bitmap[bit / 64] >> (bit % 64) & 1;
}

static inline void bitmap_set(uint64_t *bitmap, int bit, bool value)
{
	uint64_t mask = UINT64_C(1) << (bit % 64);

	if (value)
		bitmap[bit / 64] |= mask;
	else
		bitmap[bit / 64] &= ~mask;
}

/* The bits of word number i of a bitmap that lie in from .. to - 1. */
static inline uint64_t bitmap_range(int i, int from, int to)
{
	uint64_t mask = ~UINT64_C(0);

	if (from > i * 64)
		mask <<= from - i * 64;
	if (to < (i + 1) * 64)
		mask &= ~UINT64_C(0) >> ((i + 1) * 64 - to);
	return mask;
}

/* First bit in from .. to - 1 that is set in a and, unless it is NULL, in b; -1 if none. */
static inline int bitmap_first(const uint64_t *a, const uint64_t *b, int from, int to)
{
	if (from >= to)
		return -1;
	for (int i = from / 64; i * 64 < to; i++) {
		uint64_t word = a[i] & (b ? b[i] : ~UINT64_C(0)) & bitmap_range(i, from, to);

		if (word)
			return i * 64 + __builtin_ctzll(word);
	}
	return -1;
}

/* First bit in from .. to - 1 that is set; to if none, as loops want it. */
static inline int bitmap_next(const uint64_t *bitmap, int from, int to)
{
	int first = bitmap_first(bitmap, NULL, from, to);

	return first < 0 ? to : first;
}

/* Number of bits set in from .. to - 1; all of them if the bitmap is NULL. */
static inline int bitmap_weight(const uint64_t *bitmap, int from, int to)
{
	int weight = 0;

	if (from >= to)
		return 0;
	if (!bitmap)
		return to - from;
	for (int i = from / 64; i * 64 < to; i++)
		weight += __builtin_popcountll(bitmap[i] & bitmap_range(i, from, to));
	return weight;
}

#endif
