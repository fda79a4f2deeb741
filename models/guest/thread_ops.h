/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that carry out the ops of a guest thread share. */
#ifndef MODELS_GUEST_THREAD_OPS_H
#define MODELS_GUEST_THREAD_OPS_H

#include "models/guest/guest_cpu.h"

enum op_result {
	OP_ACTION, /* action is filled in */
	OP_DONE,   /* the op is over, the next may follow in this instant */
	OP_SLEEPS, /* the thread goes to sleep; the op goes on when it was woken */
	OP_YIELDS, /* another thread may run first; the op goes on when it is this one's turn */
	OP_FAILED, /* guest->status says so */
};

/*
 * A step of an op of a current thread, called when its previous action is complete; thread->step
 * says which.
 */
typedef enum op_result op_step_fn(struct guest_thread *thread, struct guest_action *action);

/* A system call without its context switch. */
static inline enum op_result guest_system_call(struct guest_thread *thread,
					       struct guest_action *action)
{
	guest_run_kernel(action, thread->guest->config.syscall_ns, guest_irqs_on(thread));
	return OP_ACTION;
}

/* ---- lock_ops.c ----------------------------------------------------------------------------- */

op_step_fn guest_do_lock, guest_do_unlock;

/* The spin of cpu, which waits for a lock, begins, again: the lock may be free. */
void guest_lock_spins(struct guest_cpu *cpu);
/* cpu is reported preempted from now on; its current thread may wait for a pv lock. */
void guest_lock_preempted(struct guest_cpu *cpu);
/* Before the locks of guest are used. */
void guest_init_locks(struct guest *guest);

/* ---- sleeping_lock_ops.c -------------------------------------------------------------------- */

extern const struct sleeping_lock_ops guest_sleeping_lock_ops;

/* Mutex and rwsem. */
op_step_fn guest_do_sleeping_lock, guest_do_sleeping_unlock;

/* thread went to sleep, or its CPU was reported preempted: those who spin for it stop. */
void guest_thread_stops(struct guest_thread *thread);

/* ---- ipi_ops.c ------------------------------------------------------------------------------ */

/* Calls and TLB flushes, and IPIs that nobody waits for. */
op_step_fn guest_do_call, guest_do_nmi, guest_do_resched, guest_do_irq_work, guest_do_rcu_expedited;

#endif
