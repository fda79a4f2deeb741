/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mutex and rwsem (kernel/locking/mutex.c, rwsem.c), without clock and events.
 *
 * Who cannot have the lock spins for as long as its owner runs, and else sleeps. Spinners stand in
 * a queue (the OSQ) of which only the first looks at the lock; one whose predecessor's vCPU is
 * reported preempted leaves. An unlock frees the lock and wakes the first sleeper; until that one
 * runs, a spinner or a newcomer may take the lock. A sleeper that was robbed so demands a handoff:
 * of a mutex at once, of an rwsem after 4 ms.
 *
 * Spinners demand nothing: one that never executes while the lock is free, say because its owner
 * shares a host CPU with it, can spin for ever, unless its kernel wants to run another thread.
 *
 * Readers of an rwsem never spin. A writer spins while readers hold it for 10 to 25 us at most;
 * then no writer does until one has had it. When it is a reader's turn, all readers that sleep get
 * the lock with it.
 */
#ifndef MODELS_WORKLOAD_SLEEPING_LOCK_H
#define MODELS_WORKLOAD_SLEEPING_LOCK_H

#include "models/workload/lock.h"

/* What the lock needs from those who run its threads. */
struct sleeping_lock_ops {
	/* waiter executes its spin in this very moment. */
	bool (*spins)(struct exec_waiter *waiter);
	/* The thread is on its CPU as its kernel sees it, and that CPU is not reported preempted.
	 */
	bool (*runs)(struct exec_waiter *waiter);
	/* The CPU of waiter, which spins, is reported preempted. */
	bool (*reported_preempted)(struct exec_waiter *waiter);
	/* The spin of waiter is over: it has the lock (state WAITER_IDLE), or gives up. */
	void (*spin_over)(struct exec_waiter *waiter);
	/* Let the spin of waiter end by itself after ns. */
	void (*bound)(struct exec_waiter *waiter, int64_t ns);
};

/* What a thread that wants the lock does next. */
enum sleeping_result {
	SLEEPING_TAKEN, /* go on: it has the lock */
	SLEEPING_SPIN,	/* spin */
	SLEEPING_SLEEP, /* sleep */
};

/* lock is of a kind that is handled here. */
bool lock_sleeps(const struct sync_lock *lock);

/* May waiter lock (in waiter->lock_mode) or unlock it? Else OVERSUB_BAD_INPUT. */
enum oversub_status sleeping_lock_check(const struct sync_lock *lock,
					const struct exec_waiter *waiter, bool locks,
					struct oversub_error *error);
/*
 * One attempt in waiter->lock_mode. True: taken. Other readers may have got the lock with it: the
 * caller takes them out of lock->granted and wakes them.
 */
bool sleeping_lock_try(struct sync_lock *lock, struct exec_waiter *waiter);
/* After that failed: wait from now (ns) on. Never SLEEPING_TAKEN. */
enum sleeping_result sleeping_lock_wait(struct sync_lock *lock, struct exec_waiter *waiter,
					int64_t now);
/* waiter begins to execute its spin, for the first time or again. */
void sleeping_lock_spins(struct exec_waiter *waiter, int64_t now);
/* The spin of waiter is over, by spin_over() or because it was bounded, or it was woken. */
enum sleeping_result sleeping_lock_continue(struct sync_lock *lock, struct exec_waiter *waiter,
					    int64_t now);
/*
 * waiter holds the lock and releases it. The caller wakes lock->to_wake, if there is one, who will
 * try again, and takes those who have got it out of lock->granted and wakes them.
 */
void sleeping_lock_release(struct sync_lock *lock, struct exec_waiter *waiter, int64_t now);

/*
 * waiter executes its spin for a lock, and its kernel wants to run another thread (need_resched()):
 * it gives up and will sleep. No effect if it does not spin any more.
 */
void sleeping_lock_stop_spinning(struct exec_waiter *waiter, int64_t now);
/* The thread does not run any more in the sense of ops->runs(): those who spin for it give up. */
void sleeping_lock_stops(struct exec_waiter *waiter, int64_t now);

#endif
