/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reference that the engine is measured against: the usual event loop over an indexed 4-ary
 * heap, with the same total order and moving in place. Not part of the simulator.
 *
 * Every timer knows its index. The array holds the times beside the pointers, so that a
 * comparison touches a timer only in a tie.
 */
#ifndef TESTS_BENCH_HEAP_H
#define TESTS_BENCH_HEAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct heap;
struct heap_timer;

typedef void heap_timer_fn(struct heap *heap, struct heap_timer *timer);

struct heap_timer {
	int64_t time; /* ns */
	uint64_t sequence;
	heap_timer_fn *fn;
	uint32_t owner, rank;
	int64_t index; /* in the array; -1 if not pending */
};

struct heap_entry {
	int64_t time;
	struct heap_timer *timer;
};

struct heap {
	int64_t now;
	uint64_t sequence;
	uint64_t fired;
	bool stopping;
	int64_t size;
	struct heap_entry *entries;
};

static inline bool heap_before(const struct heap_entry *a, const struct heap_entry *b)
{
	const struct heap_timer *x = a->timer, *y = b->timer;
	uint64_t key_x, key_y;

	if (a->time != b->time)
		return a->time < b->time;
	key_x = (uint64_t)x->rank << 32 | x->owner;
	key_y = (uint64_t)y->rank << 32 | y->owner;
	return key_x != key_y ? key_x < key_y : x->sequence < y->sequence;
}

static inline void heap_put(struct heap *heap, int64_t index, struct heap_entry entry)
{
	heap->entries[index] = entry;
	entry.timer->index = index;
}

static inline void heap_sift_up(struct heap *heap, int64_t index, struct heap_entry entry)
{
	while (index > 0) {
		int64_t parent = (index - 1) / 4;

		if (!heap_before(&entry, &heap->entries[parent]))
			break;
		heap_put(heap, index, heap->entries[parent]);
		index = parent;
	}
	heap_put(heap, index, entry);
}

static inline void heap_sift_down(struct heap *heap, int64_t index, struct heap_entry entry)
{
	for (;;) {
		int64_t child = 4 * index + 1;
		int64_t end = child + 4 < heap->size ? child + 4 : heap->size;
		int64_t best = child;

		if (child >= heap->size)
			break;
		for (int64_t i = child + 1; i < end; i++) {
			if (heap_before(&heap->entries[i], &heap->entries[best]))
				best = i;
		}
		if (!heap_before(&heap->entries[best], &entry))
			break;
		heap_put(heap, index, heap->entries[best]);
		index = best;
	}
	heap_put(heap, index, entry);
}

/* Puts an entry where it belongs, starting from a hole at index. */
static inline void heap_fill(struct heap *heap, int64_t index, struct heap_entry entry)
{
	if (index > 0 && heap_before(&entry, &heap->entries[(index - 1) / 4]))
		heap_sift_up(heap, index, entry);
	else
		heap_sift_down(heap, index, entry);
}

/* Schedules or moves; never inlined, as a library's function would not be. */
static __attribute__((noinline)) void heap_schedule(struct heap *heap, struct heap_timer *timer,
						    int64_t time)
{
	struct heap_entry entry = {.time = time, .timer = timer};

	timer->time = time;
	timer->sequence = ++heap->sequence;
	if (timer->index < 0)
		heap_sift_up(heap, heap->size++, entry);
	else
		heap_fill(heap, timer->index, entry);
}

static inline void heap_pop(struct heap *heap)
{
	struct heap_entry last;

	heap->entries[0].timer->index = -1;
	last = heap->entries[--heap->size];
	if (heap->size)
		heap_sift_down(heap, 0, last);
}

/* Fires in order until a timer sets heap->stopping. */
static __attribute__((noinline)) void heap_run(struct heap *heap)
{
	heap->stopping = false;
	while (!heap->stopping && heap->size) {
		struct heap_timer *timer = heap->entries[0].timer;

		heap->now = timer->time;
		heap_pop(heap);
		heap->fired++;
		timer->fn(heap, timer);
	}
}

#endif
