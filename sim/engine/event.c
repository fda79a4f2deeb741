/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue is a hierarchical timing wheel with exact order: a radix heap with intrusive lists.
 *
 * A time is read as 8 digits of 8 bits. No pending event is earlier than base, nor is the clock
 * once sim_run() has returned. An event lies in the wheel at the level of the highest digit in
 * which its time differs from base, in the slot of that digit's value; an event whose time equals
 * base lies in the due heap. Hence
 *
 *  - all events of a lower level are earlier than all events of a higher one, and within a level
 *    all events of a lower slot earlier than those of a higher one, so two bit scans find the slot
 *    that holds the earliest events;
 *  - when base advances into that slot, only events of that slot change their place, and each goes
 *    to a lower level or becomes due. All other digits compare as they did.
 *
 * base need not follow the clock. The first slot is searched for its first event as long as it
 * is short, which is cheaper than moving its events; only if it is long does base advance to the
 * slot's start and spread them over the level below. Delays of microseconds to milliseconds are
 * thus moved once or twice, few pending events not at all.
 *
 * Many events that tie end up in the due heap, a pairing heap in the order (rank, owner,
 * sequence): even thousands of ticks of one instant cost log n each, and an event scheduled for
 * the current instant simply joins them.
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

/* The longest list that is searched rather than spread; 4 to 16 measure alike in the churn model.
 */
enum { SEARCH_LIMIT = 8 };

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
	unsigned int level, digit;

	if (!difference)
		return PLACE_DUE;
	level = (63 - (unsigned int)__builtin_clzll(difference)) / SIM_WHEEL_BITS;
	digit = (unsigned int)((uint64_t)time >> level * SIM_WHEEL_BITS) % (1 << SIM_WHEEL_BITS);
	return PLACE_WHEEL + (level << SIM_WHEEL_BITS) + digit;
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
	engine->used[index / 64] |= UINT64_C(1) << index % 64;
	engine->words |= UINT32_C(1) << index / 64;
}

/* Takes a slot's whole list out of the wheel. */
static inline void slot_clear(struct sim_engine *engine, unsigned int index)
{
	unsigned int word = index / 64;

	engine->wheel[index] = NULL;
	engine->used[word] &= ~(UINT64_C(1) << index % 64);
	if (!engine->used[word])
		engine->words &= ~(UINT32_C(1) << word);
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

/* The slot that holds the earliest events of the wheel, which must not be empty. */
static inline unsigned int first_slot(const struct sim_engine *engine)
{
	unsigned int word = (unsigned int)__builtin_ctz(engine->words);

	return word * 64 + (unsigned int)__builtin_ctzll(engine->used[word]);
}

int64_t sim_next_time(const struct sim_engine *engine)
{
	const struct sim_event *event;
	int64_t time = SIM_TIME_MAX;

	if (engine->due)
		return engine->base;
	if (!engine->words)
		return SIM_TIME_MAX;
	for (event = engine->wheel[first_slot(engine)]; event; event = event->next) {
		if (event->time < time)
			time = event->time;
	}
	return time;
}

/* Advances base to the start of the first slot, and finds its events their new places. */
static void spread(struct sim_engine *engine, unsigned int index, int64_t start)
{
	struct sim_event *event = engine->wheel[index];

	slot_clear(engine, index);
	engine->base = start;
	while (event) {
		struct sim_event *next = event->next;

		insert(engine, event, place_of(engine, event->time));
		event = next;
	}
}

/* When the span of the slot begins that holds an event of that time. */
static inline int64_t slot_start(unsigned int index, int64_t time)
{
	unsigned int shift = (index >> SIM_WHEEL_BITS) * SIM_WHEEL_BITS;

	return time >> shift << shift;
}

/* The first event of a list in the full order; NULL if the list is too long to search. */
static inline struct sim_event *search(struct sim_event *list)
{
	struct sim_event *first = list;
	unsigned int length = 1;

	for (struct sim_event *event = list->next; event; event = event->next) {
		if (++length > SEARCH_LIMIT)
			return NULL;
		if (event->time < first->time ||
		    (event->time == first->time && before(event, first)))
			first = event;
	}
	return first;
}

/* Takes out the first event; NULL if there is none or it is after until (>= now). */
static inline struct sim_event *take_first(struct sim_engine *engine, int64_t until)
{
	struct sim_event *first;

	while (!engine->due) {
		unsigned int index;
		int64_t start;

		if (!engine->words)
			return NULL;
		index = first_slot(engine);
		first = search(engine->wheel[index]);
		if (first) {
			if (first->time > until)
				return NULL;
			wheel_remove(engine, first);
			return first;
		}
		/* base may pass the clock here, but not until, which the clock will then show. */
		start = slot_start(index, engine->wheel[index]->time);
		if (start > until)
			return NULL;
		spread(engine, index, start);
	}
	first = engine->due;
	if (first->time > until)
		return NULL;
	due_remove(engine, first);
	return first;
}

/* Has this instant had its share of events, and still more are due? */
static inline bool loops(const struct sim_engine *engine)
{
	return engine->fired - engine->instant_start >= engine->zero_time_limit &&
	       sim_next_time(engine) == engine->now;
}

enum sim_stop sim_run(struct sim_engine *engine, int64_t until)
{
	assert(until >= engine->now);
	engine->stopping = false;
	engine->instant_start = engine->fired;
	for (;;) {
		struct sim_event *event = take_first(engine, until);

		if (!event)
			break;
		if (event->time != engine->now) {
			engine->now = event->time;
			engine->instant_start = engine->fired;
		}
		event->place = PLACE_NONE;
		engine->fired++;
		event->fn(engine, event);
		if (engine->stopping)
			return SIM_STOPPED;
		if (loops(engine))
			return SIM_ZERO_TIME_LOOP;
	}
	if (!engine->words && !engine->due)
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
