/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Spinlocks: who owns them, who waits, who gets them next. No clock and no events: the runner
 * says when, and lets the waiters spin.
 *
 * A queued lock (qspinlock) goes to waiters in the order of their arrival, whether or not they
 * execute at that moment. A test-and-set lock goes to the executing waiter that has spun longest
 * without a break; if none executes it becomes free, and whoever comes first takes it. A pv lock is
 * queued, too, but can be stolen while the first in the queue does not execute, and its waiters
 * halt after a while: see pv_lock.h.
 *
 * These are spinlocks; mutex and rwsem are handled in sleeping_lock.h, not by lock_try() and so on.
 *
 * The pending bit of the native qspinlock makes no difference here: the one who waits with it is
 * simply the first of the queue, and nobody can overtake him either.
 */
#ifndef MODELS_WORKLOAD_LOCK_H
#define MODELS_WORKLOAD_LOCK_H

#include "models/workload/waiter.h"
#include "models/workload/workload.h"

struct pv_lock_ops;
struct sleeping_lock_ops;

struct sync_lock {
	const struct workload_lock *description; /* name, and the kind that was asked for */
	enum lock_kind kind;			 /* what it is; never LOCK_SPINLOCK */
	struct exec_waiter *owner;		 /* NULL = free */
	struct waiter_queue waiters;		 /* queued: all, in order; TAS: those executing */
	struct waiter_queue off_cpu;		 /* TAS: those that do not execute */

	/* pv only. */
	struct waiter_queue stealers;	  /* wait outside the queue */
	bool pending;			  /* the first in the queue claims the lock */
	bool slow;			  /* the next release kicks the first in the queue */
	struct exec_waiter *to_kick;	  /* by the last release: whom it has to kick, or NULL */
	const struct pv_lock_ops *pv_ops; /* set by the owner of the lock before its first use */

	/* mutex and rwsem only. waiters: those who sleep, or were woken and try again. */
	struct waiter_queue spinners;	 /* the OSQ */
	bool handoff;			 /* to the first of the waiters, and nobody else */
	bool nonspinnable;		 /* readers hold it for too long to spin for them */
	int readers;			 /* owner is NULL then */
	struct exec_waiter *last_reader; /* the last that got it, if it still has it, or NULL */
	struct sync_lock *next_held;	 /* by owner */
	struct exec_waiter *to_wake;	 /* by the last release, or NULL */
	struct waiter_queue granted;	 /* asleep, but it is theirs */
	const struct sleeping_lock_ops *sleeping_ops; /* as pv_ops */
};

enum lock_result {
	LOCK_TAKEN, /* the thread owns the lock now */
	LOCK_BUSY,  /* somebody else does: call lock_wait() and spin */
	LOCK_ERROR, /* the program is wrong; *error says how */
};

/*
 * Prepare a free lock. description must outlive it. For LOCK_SPINLOCK the caller then decides what
 * lock->kind is.
 */
void lock_init(struct sync_lock *lock, const struct workload_lock *description);

/*
 * One attempt by a thread that does not wait for it yet. Error: it owns the lock already. A queued
 * lock that is free has no waiters.
 */
enum lock_result lock_try(struct sync_lock *lock, struct exec_waiter *waiter,
			  struct oversub_error *error);

/*
 * After LOCK_BUSY: wait from now (ns) on. tas: waiter->executing must be true to the facts. pv:
 * pv_lock_spins() must follow when the spin begins.
 */
void lock_wait(struct sync_lock *lock, struct exec_waiter *waiter, int64_t now);

/*
 * The owner releases the lock. *next: who owns it now and whose wait is over, or NULL if it is
 * free. Error (OVERSUB_BAD_INPUT): waiter does not own it. pv: *next is always NULL, its new owner
 * has been told by pv_ops; the caller must then kick lock->to_kick.
 */
enum oversub_status lock_release(struct sync_lock *lock, struct exec_waiter *waiter,
				 struct exec_waiter **next, struct oversub_error *error);

/*
 * A waiter that executes (again) looks at the lock. True: the wait is over and the lock is its
 * own; only ever happens with a test-and-set lock. False for a waiter that waits for no lock.
 */
bool lock_poll(struct exec_waiter *waiter);

/*
 * Whom waiter stands behind, in a queue whose order decides who gets the lock; NULL if it is the
 * first, or if the lock has no such queue.
 */
static inline struct exec_waiter *waiter_behind(const struct exec_waiter *waiter)
{
	const struct sync_lock *lock = waiter->lock;
	bool ordered = lock->kind == LOCK_QUEUED || lock->kind == LOCK_PV;

	return ordered && waiter->queue == &lock->waiters ? waiter->previous : NULL;
}

/*
 * Whom waiter waits for: the predecessor in the queue of a queued lock, or else the owner of the
 * lock. NULL if it waits for nothing, for a lock that is free (nobody who could grab it executes),
 * or for something that anybody could do (an event, a barrier, an arrival). Chains may be cyclic.
 */
static inline struct exec_waiter *waiter_waits_for(const struct exec_waiter *waiter)
{
	const struct sync_lock *lock = waiter->lock;

	if (waiter->state != WAITER_LOCK)
		return NULL;
	if (waiter_behind(waiter))
		return waiter_behind(waiter);
	return lock->owner ? lock->owner : lock->last_reader;
}

#endif
