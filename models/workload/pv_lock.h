/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The paravirtual queued spinlock (kernel/locking/qspinlock_paravirt.h), without clock
 * and events. Used through lock.h, except for what only its waiters do: spin for so long, halt,
 * wake up.
 *
 * A waiter first tries to steal: as long as there is a queue whose head does not claim the lock, it
 * spins outside. Then it queues. Those in the queue spin for a threshold and then halt; earlier, if
 * they see that their predecessor has halted or, if they care, is preempted. The head claims the
 * lock while it spins (the pending bit): nobody steals it then. Before it halts it marks the lock
 * as slow, once per wait, so that the next release kicks it. One that becomes head while it is
 * halted is marked by its predecessor.
 */
#ifndef MODELS_WORKLOAD_PV_LOCK_H
#define MODELS_WORKLOAD_PV_LOCK_H

#include "models/workload/lock.h"

/* What the lock needs from those who run its waiters; every waiter is in WAITER_LOCK. */
struct pv_lock_ops {
	/* waiter executes its spin in this very moment. */
	bool (*spins)(struct exec_waiter *waiter);
	/* waiter spins, or will when it executes again: count its spins anew. */
	void (*restart)(struct exec_waiter *waiter);
	/* The same: it has to look at its predecessor at its next occasion, and give up. */
	void (*hurry)(struct exec_waiter *waiter);
	/* The lock is waiter's own now: its spin is over, whether it executes or not. */
	void (*grant)(struct exec_waiter *waiter);
	/* waiter is known not to execute, so that those behind it had better halt. NULL: nobody
	 * knows. */
	bool (*preempted)(const struct exec_waiter *waiter);
};

/* lock_wait() and lock_release() of a lock of kind pv. */
void pv_lock_wait(struct sync_lock *lock, struct exec_waiter *waiter, int64_t now);
void pv_lock_release(struct sync_lock *lock);

/* waiter begins to execute its spin, for the first time or again. */
void pv_lock_spins(struct exec_waiter *waiter);
/*
 * waiter has spun for the whole threshold, or hurried. True: it halts, with interrupts as they are.
 * False: it spins on, and counts anew.
 */
bool pv_lock_gives_up(struct exec_waiter *waiter);
/* pv_lock_ops.preempted() has become true of waiter, which waits for a lock. */
void pv_lock_preempted(struct exec_waiter *waiter);
/* waiter executes again after its halt, for whatever reason; its spin has been set up. */
void pv_lock_wakes(struct exec_waiter *waiter);

#endif
