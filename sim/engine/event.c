/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue is a hierarchical timing wheel with exact order: a radix heap with intrusive lists.
 *
 * A time is read as 11 digits of 6 bits. base is the time of the last event fired, and nothing
 * pending is earlier. An event lies in the wheel at the level of the highest digit in which its
 * time differs from base, in the slot of that digit's value; an event whose time equals base
 * lies in the due heap. Hence
 *
 *  - all events of a lower level are earlier than all events of a higher one, and within a level
 *    all events of a lower slot earlier than those of a higher one, so two bit scans find the slot
 *    that holds the earliest event;
 *  - when base advances to that event's time, only events of that one slot change their place,
 *    and each goes to a lower level or becomes due. All other digits compare as they did.
 *
 * So an event is touched at most once per level in its life, in practice two or three times, and
 * a slot with one event in it is never cascaded at all. Those that tie end up in the due heap, a
 * pairing heap in the order (rank, owner, sequence): also a thousand ticks of one instant cost
 * log n each, and an event scheduled for the current instant simply joins them.
 */
#include <assert.h>
#include <string.h>

#include "sim/engine/event.h"

/* Values of sim_event.place; from PLACE_WHEEL on it is the index in wheel[]. */
enum {
	PLACE_NONE, /* not pending */
	PLACE_DUE,
	PLACE_WHEEL,
};

enum { DEFAULT_ZERO_TIME_LIMIT = 10 * 1000 * 1000 };

void sim_engine_init(struct sim_engine *engine, int64_t start)
{
	assert(start >= 0 && start < SIM_TIME_MAX);
	memset(engine, 0, sizeof(*engine));
	engine->now = start;
	engine->base = start;
	engine->zero_time_limit = DEFAULT_ZERO_TIME_LIMIT;
}

void sim_engine_fini(struct sim_engine *engine)
{
	memset(engine, 0, sizeof(*engine));
}

void sim_event_init(struct sim_event *event, enum sim_rank rank, uint32_t owner, sim_event_fn *fn)
{
	*event = (struct sim_event){.fn = fn, .owner = owner, .rank = (uint16_t)rank};
}

/* The order of two events of the same time. */
static inline bool before(const struct sim_event *a, const struct sim_event *b)
{
	uint64_t key_a = (uint64_t)a->rank << 32 | a->owner;
	uint64_t key_b = (uint64_t)b->rank << 32 | b->owner;

	return key_a != key_b ? key_a < key_b : a->sequence < b->sequence;
}

/* Joins two heaps; roots have no siblings. */
static struct sim_event *meld(struct sim_event *a, struct sim_event *b)
{
	if (before(b, a)) {
		struct sim_event *swap = a;

		a = b;
		b = swap;
	}
	b->next = a->child;
	if (b->next)
		b->next->link = &b->next;
	b->link = &a->child;
	a->child = b;
	return a;
}

/* Makes one heap of a list of siblings, pairwise and then from the back, which bounds the cost. */
static struct sim_event *meld_siblings(struct sim_event *first)
{
	struct sim_event *pairs = NULL;
	struct sim_event *root;

	while (first) {
		struct sim_event *a = first;
		struct sim_event *b = a->next;

		first = b ? b->next : NULL;
		if (b)
			a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	root = pairs;
	if (!root)
		return NULL;
	pairs = root->next;
	while (pairs) {
		struct sim_event *next = pairs->next;

		root = meld(root, pairs);
		pairs = next;
	}
	return root;
}

static void set_due(struct sim_engine *engine, struct sim_event *root)
{
	engine->due = root;
	if (root) {
		root->next = NULL;
		root->link = &engine->due;
	}
}

static void due_insert(struct sim_engine *engine, struct sim_event *event)
{
	event->place = PLACE_DUE;
	event->child = NULL;
	set_due(engine, engine->due ? meld(engine->due, event) : event);
}

static void due_remove(struct sim_engine *engine, struct sim_event *event)
{
	struct sim_event *orphans = meld_siblings(event->child);

	if (event == engine->due) {
		set_due(engine, orphans);
		return;
	}
	*event->link = event->next;
	if (event->next)
		event->next->link = event->link;
	if (orphans)
		set_due(engine, meld(engine->due, orphans));
}

/* Where an event of that time belongs. */
static inline unsigned int place_of(const struct sim_engine *engine, int64_t time)
{
	uint64_t difference = (uint64_t)(time ^ engine->base);
	unsigned int level;

	if (!difference)
		return PLACE_DUE;
	level = (63 - (unsigned int)__builtin_clzll(difference)) / SIM_WHEEL_BITS;
	return PLACE_WHEEL + level * SIM_WHEEL_SLOTS +
	       ((uint64_t)time >> (level * SIM_WHEEL_BITS)) % SIM_WHEEL_SLOTS;
}

static inline void wheel_insert(struct sim_engine *engine, struct sim_event *event,
				unsigned int place)
{
	unsigned int index = place - PLACE_WHEEL;
	struct sim_event **head = &engine->wheel[index];

	event->place = (uint16_t)place;
	event->next = *head;
	event->link = head;
	if (event->next)
		event->next->link = &event->next;
	*head = event;
	engine->slots[index / SIM_WHEEL_SLOTS] |= UINT64_C(1) << index % SIM_WHEEL_SLOTS;
	engine->levels |= UINT32_C(1) << index / SIM_WHEEL_SLOTS;
}

/* Takes a slot's whole list out of the wheel. */
static inline void slot_clear(struct sim_engine *engine, unsigned int index)
{
	unsigned int level = index / SIM_WHEEL_SLOTS;

	engine->wheel[index] = NULL;
	engine->slots[level] &= ~(UINT64_C(1) << index % SIM_WHEEL_SLOTS);
	if (!engine->slots[level])
		engine->levels &= ~(UINT32_C(1) << level);
}

static inline void wheel_remove(struct sim_engine *engine, struct sim_event *event)
{
	*event->link = event->next;
	if (event->next)
		event->next->link = event->link;
	else if (!engine->wheel[event->place - PLACE_WHEEL])
		slot_clear(engine, event->place - PLACE_WHEEL);
}

static inline void insert(struct sim_engine *engine, struct sim_event *event, unsigned int place)
{
	if (place == PLACE_DUE)
		due_insert(engine, event);
	else
		wheel_insert(engine, event, place);
}

static inline void dequeue(struct sim_engine *engine, struct sim_event *event)
{
	if (event->place == PLACE_DUE)
		due_remove(engine, event);
	else
		wheel_remove(engine, event);
}

void sim_schedule(struct sim_engine *engine, struct sim_event *event, int64_t time)
{
	unsigned int place = place_of(engine, time);

	assert(time >= engine->now && time < SIM_TIME_MAX);
	if (event->place != PLACE_NONE) {
		if (event->place == place && place != PLACE_DUE) {
			event->time = time;
			event->sequence = ++engine->sequence;
			return;
		}
		dequeue(engine, event);
	}
	event->time = time;
	event->sequence = ++engine->sequence;
	insert(engine, event, place);
}

void sim_cancel(struct sim_engine *engine, struct sim_event *event)
{
	if (event->place == PLACE_NONE)
		return;
	dequeue(engine, event);
	event->place = PLACE_NONE;
}

/* The slot that holds the earliest event of the wheel, which must not be empty. */
static inline unsigned int first_slot(const struct sim_engine *engine)
{
	unsigned int level = (unsigned int)__builtin_ctz(engine->levels);

	return level * SIM_WHEEL_SLOTS + (unsigned int)__builtin_ctzll(engine->slots[level]);
}

/* An event of a list that no other is earlier than. */
static inline struct sim_event *earliest(struct sim_event *list)
{
	struct sim_event *first = list;

	for (struct sim_event *event = list->next; event; event = event->next) {
		if (event->time < first->time)
			first = event;
	}
	return first;
}

int64_t sim_next_time(const struct sim_engine *engine)
{
	if (engine->due)
		return engine->base;
	if (!engine->levels)
		return SIM_TIME_MAX;
	return earliest(engine->wheel[first_slot(engine)])->time;
}

/*
 * Advances to the next instant that has an event, and takes out its first. Nothing must be due.
 * Returns NULL, and leaves all as it was, if that instant is after until or nothing is pending.
 */
static struct sim_event *advance(struct sim_engine *engine, int64_t until)
{
	struct sim_event *list, *first, *next;
	unsigned int index;

	if (!engine->levels)
		return NULL;
	index = first_slot(engine);
	list = engine->wheel[index];
	first = earliest(list);
	if (first->time > until)
		return NULL;

	engine->base = first->time;
	engine->now = first->time;
	engine->instant_start = engine->fired;
	slot_clear(engine, index);
	for (struct sim_event *event = list; event; event = next) {
		next = event->next;
		if (event != first)
			insert(engine, event, place_of(engine, event->time));
	}
	if (engine->due) {
		due_insert(engine, first);
		first = engine->due;
		due_remove(engine, first);
	}
	return first;
}

enum sim_stop sim_run(struct sim_engine *engine, int64_t until)
{
	assert(until >= engine->now);
	engine->stopping = false;
	engine->instant_start = engine->fired;
	while (!engine->stopping) {
		struct sim_event *event = engine->due;

		if (event) {
			if (engine->fired - engine->instant_start >= engine->zero_time_limit)
				return SIM_ZERO_TIME_LOOP;
			due_remove(engine, event);
		} else {
			event = advance(engine, until);
			if (!event)
				break;
		}
		event->place = PLACE_NONE;
		engine->fired++;
		event->fn(engine, event);
	}
	if (engine->stopping)
		return SIM_STOPPED;
	if (!engine->levels)
		return SIM_NO_EVENTS;
	engine->now = until;
	return SIM_REACHED_UNTIL;
}

void sim_stop(struct sim_engine *engine)
{
	engine->stopping = true;
}

void sim_set_zero_time_limit(struct sim_engine *engine, uint64_t limit)
{
	assert(limit >= 1);
	engine->zero_time_limit = limit;
}
