/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/workload/sleeping_lock.h"

#include <assert.h>

/* RWSEM_WAIT_TIMEOUT: a robbed sleeper does not demand a handoff earlier. */
#define RWSEM_HANDOFF_NS INT64_C(4000000)

static bool holds(const struct sync_lock *lock, const struct exec_waiter *waiter)
{
	if (lock->owner == waiter)
		return true;
	for (int i = 0; i < WAITER_READS; i++)
		if (waiter->reading[i] == lock)
			return true;
	return false;
}

enum oversub_status sleeping_lock_check(const struct sync_lock *lock,
					const struct exec_waiter *waiter, bool locks,
					struct oversub_error *error)
{
	const char *name = lock->description->name;
	int reads = 0;

	for (int i = 0; i < WAITER_READS; i++)
		reads += waiter->reading[i] != NULL;
	if (!locks && !holds(lock, waiter))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "thread %s unlocks %s, which it does not hold; lock it first",
				    waiter->name, name);
	if (locks && holds(lock, waiter))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "thread %s locks %s, which it holds already; unlock it first",
				    waiter->name, name);
	if (locks && waiter->lock_mode == LOCK_READ && reads == WAITER_READS)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "thread %s locks %s for reading, and %d others: more than it "
				    "can hold at once",
				    waiter->name, name, reads);
	return OVERSUB_OK;
}

bool lock_sleeps(const struct sync_lock *lock)
{
	return lock->kind == LOCK_MUTEX || lock->kind == LOCK_RWSEM;
}

static bool is_free(const struct sync_lock *lock)
{
	return !lock->owner && !lock->readers;
}

static bool is_first(const struct sync_lock *lock, const struct exec_waiter *waiter)
{
	return lock->waiters.first == waiter;
}

/* ---- Having it ------------------------------------------------------------------------------ */

static void hold_write(struct sync_lock *lock, struct exec_waiter *waiter)
{
	lock->owner = waiter;
	lock->nonspinnable = false;
	lock->next_held = waiter->held;
	waiter->held = lock;
}

static struct sync_lock **read_slot(struct exec_waiter *waiter, const struct sync_lock *lock)
{
	for (int i = 0; i < WAITER_READS; i++)
		if (waiter->reading[i] == lock)
			return &waiter->reading[i];
	return NULL;
}

static void hold_read(struct sync_lock *lock, struct exec_waiter *waiter)
{
	struct sync_lock **slot = read_slot(waiter, NULL);

	assert(slot); /* lock_try() has looked */
	*slot = lock;
	lock->readers++;
	lock->last_reader = waiter;
}

static void drop_write(struct sync_lock *lock, struct exec_waiter *waiter)
{
	struct sync_lock **link = &waiter->held;

	while (*link != lock)
		link = &(*link)->next_held;
	*link = lock->next_held;
	lock->owner = NULL;
}

static void drop_read(struct sync_lock *lock, struct exec_waiter *waiter)
{
	*read_slot(waiter, lock) = NULL;
	lock->readers--;
	if (lock->last_reader == waiter)
		lock->last_reader = NULL;
}

/* waiter stops waiting, wherever it stood, and has the lock. */
static void take(struct sync_lock *lock, struct exec_waiter *waiter)
{
	if (waiter->queue == &lock->waiters)
		lock->handoff = false;
	if (waiter->queue)
		waiter_queue_remove(waiter);
	waiter->state = WAITER_IDLE;
	if (waiter->lock_mode == LOCK_READ)
		hold_read(lock, waiter);
	else
		hold_write(lock, waiter);
}

/* The readers among the sleepers get the lock; writers between them are passed over. */
static void admit_readers(struct sync_lock *lock)
{
	struct exec_waiter *waiter = lock->waiters.first;

	while (waiter) {
		struct exec_waiter *next = waiter->next;

		if (waiter->lock_mode == LOCK_READ) {
			take(lock, waiter);
			waiter_queue_push(&lock->granted, waiter);
		}
		waiter = next;
	}
}

bool sleeping_lock_try(struct sync_lock *lock, struct exec_waiter *waiter)
{
	bool first;

	if (lock->owner || lock->handoff)
		return false;
	if (waiter->lock_mode == LOCK_WRITE) {
		if (lock->readers)
			return false;
		take(lock, waiter);
		return true;
	}
	/* A stream of readers must not starve those who sleep. */
	if (lock->readers && lock->waiters.first)
		return false;
	first = lock->readers == 0;
	take(lock, waiter);
	if (first && lock->waiters.first && lock->waiters.first->lock_mode == LOCK_READ)
		admit_readers(lock);
	return true;
}

/* ---- Spinning ------------------------------------------------------------------------------- */

/* Is it worth while to spin for who holds the lock now? */
static bool may_spin(const struct sync_lock *lock)
{
	if (lock->owner)
		return lock->sleeping_ops->runs(lock->owner);
	return !lock->readers || !lock->nonspinnable;
}

static void give_up(struct sync_lock *lock, struct exec_waiter *waiter)
{
	if (waiter->queue == &lock->spinners)
		waiter_queue_remove(waiter);
	waiter->sleeper_state = SLEEPER_GAVE_UP;
	lock->sleeping_ops->spin_over(waiter);
}

/* How long a writer spins for readers (rwsem_rspin_threshold). */
static int64_t reader_spin_ns(const struct sync_lock *lock)
{
	return (20 + (lock->readers < 30 ? lock->readers : 30)) * INT64_C(1000) / 2;
}

/* If it is readers that hold the lock: has waiter spun for them long enough? */
static bool may_spin_for_readers(struct sync_lock *lock, struct exec_waiter *waiter, int64_t now)
{
	if (!lock->readers) {
		waiter->spin_until = INT64_MAX;
		return true;
	}
	if (waiter->spin_until == INT64_MAX)
		waiter->spin_until = now + reader_spin_ns(lock);
	if (waiter->spin_until <= now) {
		lock->nonspinnable = true;
		return false;
	}
	lock->sleeping_ops->bound(waiter, waiter->spin_until - now);
	return true;
}

/*
 * waiter, the first of the spinners, or the first sleeper, which was woken and spins, looks at the
 * lock. True: it left.
 */
static bool look(struct sync_lock *lock, struct exec_waiter *waiter, int64_t now)
{
	if (is_free(lock) && (!lock->handoff || is_first(lock, waiter))) {
		take(lock, waiter);
		lock->sleeping_ops->spin_over(waiter);
		return true;
	}
	if (!may_spin(lock) || !may_spin_for_readers(lock, waiter, now)) {
		give_up(lock, waiter);
		return true;
	}
	return false;
}

/* Something has changed: those who can see it, because they execute, act upon it. */
static void look_again(struct sync_lock *lock, int64_t now)
{
	struct exec_waiter *first = lock->waiters.first;

	if (first && first->sleeper_state == SLEEPER_SPINS && lock->sleeping_ops->spins(first))
		look(lock, first, now);
	do
		first = lock->spinners.first;
	while (first && lock->sleeping_ops->spins(first) && look(lock, first, now));
}

/* The spinners behind waiter, which is reported preempted, leave one by one. */
static void abandon(struct exec_waiter *waiter)
{
	struct sync_lock *lock = waiter->lock;

	while (waiter->next && lock->sleeping_ops->spins(waiter->next))
		give_up(lock, waiter->next);
}

void sleeping_lock_spins(struct exec_waiter *waiter, int64_t now)
{
	struct sync_lock *lock = waiter->lock;

	if (is_first(lock, waiter) || lock->spinners.first == waiter) {
		/* The next spinner has a look, too, if this one left. */
		if (look(lock, waiter, now))
			look_again(lock, now);
	} else if (lock->sleeping_ops->reported_preempted(waiter->previous)) {
		struct exec_waiter *before = waiter->previous;

		give_up(lock, waiter);
		abandon(before);
	}
}

void sleeping_lock_stop_spinning(struct exec_waiter *waiter, int64_t now)
{
	if (waiter->sleeper_state != SLEEPER_SPINS)
		return;
	give_up(waiter->lock, waiter);
	look_again(waiter->lock, now);
}

void sleeping_lock_stops(struct exec_waiter *waiter, int64_t now)
{
	for (struct sync_lock *lock = waiter->held; lock; lock = lock->next_held)
		look_again(lock, now);
	if (waiter->state == WAITER_LOCK && lock_sleeps(waiter->lock) &&
	    waiter->queue == &waiter->lock->spinners)
		abandon(waiter);
}

/* ---- Waiting -------------------------------------------------------------------------------- */

static enum sleeping_result sleep_at_the_end(struct sync_lock *lock, struct exec_waiter *waiter)
{
	waiter_queue_push(&lock->waiters, waiter);
	waiter->sleeper_state = SLEEPER_SLEEPS;
	return SLEEPING_SLEEP;
}

enum sleeping_result sleeping_lock_wait(struct sync_lock *lock, struct exec_waiter *waiter,
					int64_t now)
{
	waiter->state = WAITER_LOCK;
	waiter->lock = lock;
	waiter->since = now;
	waiter->spin_until = INT64_MAX;
	if (waiter->lock_mode == LOCK_READ || !may_spin(lock))
		return sleep_at_the_end(lock, waiter);
	waiter_queue_push(&lock->spinners, waiter);
	waiter->sleeper_state = SLEEPER_SPINS;
	return SLEEPING_SPIN;
}

/* The first sleeper was woken, but somebody else has the lock. */
static void demand_handoff(struct sync_lock *lock, const struct exec_waiter *waiter, int64_t now)
{
	if (lock->kind == LOCK_MUTEX || now - waiter->since > RWSEM_HANDOFF_NS)
		lock->handoff = true;
}

static enum sleeping_result continue_first(struct sync_lock *lock, struct exec_waiter *waiter,
					   int64_t now)
{
	bool spun = waiter->sleeper_state == SLEEPER_GAVE_UP;

	if (is_free(lock)) {
		take(lock, waiter);
		return SLEEPING_TAKEN;
	}
	demand_handoff(lock, waiter, now);
	waiter->sleeper_state = SLEEPER_SLEEPS;
	if (spun || !lock->handoff || !lock->owner || !may_spin(lock))
		return SLEEPING_SLEEP;
	waiter->sleeper_state = SLEEPER_SPINS;
	waiter->spin_until = INT64_MAX;
	return SLEEPING_SPIN;
}

enum sleeping_result sleeping_lock_continue(struct sync_lock *lock, struct exec_waiter *waiter,
					    int64_t now)
{
	if (waiter->state == WAITER_IDLE)
		return SLEEPING_TAKEN;
	if (waiter->sleeper_state == SLEEPER_SPINS) {
		/* Its spin was bounded. Readers are too slow for all writers then. */
		assert(waiter->queue == &lock->spinners);
		if (lock->owner || !lock->readers) {
			waiter->spin_until = INT64_MAX;
			return SLEEPING_SPIN;
		}
		lock->nonspinnable = true;
		waiter_queue_remove(waiter);
		look_again(lock, now);
		waiter->sleeper_state = SLEEPER_GAVE_UP;
	}
	if (waiter->queue == &lock->waiters)
		return continue_first(lock, waiter, now);
	/* The last attempt before it sleeps. */
	if (is_free(lock) && !lock->handoff) {
		take(lock, waiter);
		return SLEEPING_TAKEN;
	}
	return sleep_at_the_end(lock, waiter);
}

/* ---- Releasing ------------------------------------------------------------------------------ */

static void wake_first(struct sync_lock *lock)
{
	struct exec_waiter *first = lock->waiters.first;

	if (first->sleeper_state != SLEEPER_SLEEPS)
		return;
	first->sleeper_state = SLEEPER_WOKEN;
	lock->to_wake = first;
}

/* The mutex goes straight to the first sleeper, which has demanded it. */
static void hand_off(struct sync_lock *lock)
{
	struct exec_waiter *first = lock->waiters.first;
	enum sleeper_state was = first->sleeper_state;

	take(lock, first);
	if (was == SLEEPER_SPINS)
		lock->sleeping_ops->spin_over(first);
	else if (was == SLEEPER_SLEEPS)
		waiter_queue_push(&lock->granted, first);
}

void sleeping_lock_release(struct sync_lock *lock, struct exec_waiter *waiter, int64_t now)
{
	lock->to_wake = NULL;
	if (lock->owner == waiter)
		drop_write(lock, waiter);
	else
		drop_read(lock, waiter);
	if (!is_free(lock))
		return;
	if (lock->handoff && lock->kind == LOCK_MUTEX) {
		hand_off(lock);
		/* It may not run yet: then nobody spins for it. */
		look_again(lock, now);
		return;
	}
	look_again(lock, now);
	if (!lock->waiters.first)
		return;
	if (lock->waiters.first->lock_mode == LOCK_WRITE) {
		wake_first(lock);
	} else if (!lock->owner) {
		lock->handoff = false;
		admit_readers(lock);
		look_again(lock, now);
	} else {
		demand_handoff(lock, lock->waiters.first, now);
	}
}
