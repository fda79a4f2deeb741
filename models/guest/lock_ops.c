/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock and unlock ops of guest threads, for spinlocks: who spins, who halts, and who is kicked.
 * Whom a lock goes to is decided in models/workload/lock.c and pv_lock.c.
 */
#include "models/guest/thread_ops.h"
#include "models/workload/lock.h"
#include "models/workload/pv_lock.h"
#include "models/workload/sleeping_lock.h"

/* Passes of the pause loop from one look at the predecessor to the next (PV_PREV_CHECK_MASK). */
#define PASSES_BETWEEN_LOOKS 256

/* ---- Waiters for pv locks ------------------------------------------------------------------- */

static bool pv_spins(struct exec_waiter *waiter)
{
	return guest_spins_now(guest_thread_of_waiter(waiter));
}

static void pv_restart(struct exec_waiter *waiter)
{
	struct guest_cpu *cpu = guest_cpu_of_waiter(waiter);
	const struct guest_config *config = &cpu->guest->config;

	guest_bound_spin(cpu, config->pv_spin_threshold * config->pause_ns);
}

static void pv_hurry(struct exec_waiter *waiter)
{
	struct guest_cpu *cpu = guest_cpu_of_waiter(waiter);
	int64_t left =
		!guest_interrupted(cpu) ? vcpu_spin_left(cpu->vcpu) : guest_saved_action(cpu)->ns;
	int64_t look_ns = PASSES_BETWEEN_LOOKS * cpu->guest->config.pause_ns;

	guest_bound_spin(cpu, look_ns ? left % look_ns : 0);
}

static void pv_grant(struct exec_waiter *waiter)
{
	guest_spin_over(guest_cpu_of_waiter(waiter));
}

static const struct pv_lock_ops pv_ops = {
	.spins = pv_spins,
	.restart = pv_restart,
	.hurry = pv_hurry,
	.grant = pv_grant,
};

static bool pv_preempted(const struct exec_waiter *waiter)
{
	return vcpu_reported_preempted(guest_cpu_of_waiter(waiter)->vcpu);
}

/* Of guests whose waiters look at vcpu_is_preempted(). */
static const struct pv_lock_ops pv_ops_seeing = {
	.spins = pv_spins,
	.restart = pv_restart,
	.hurry = pv_hurry,
	.grant = pv_grant,
	.preempted = pv_preempted,
};

void guest_lock_preempted(struct guest_cpu *cpu)
{
	struct exec_waiter *waiter = cpu->current ? &cpu->current->waiter : NULL;

	if (!waiter || waiter->state != WAITER_LOCK || waiter->lock->kind != LOCK_PV)
		return;
	if (cpu->guest->config.pv_wait_sees_preempted)
		pv_lock_preempted(waiter);
}

void guest_init_locks(struct guest *guest)
{
	for (int i = 0; i < guest->instance.workload->nr_locks; i++) {
		struct sync_lock *lock = &guest->instance.locks[i];

		if (lock->kind == LOCK_SPINLOCK)
			lock->kind = guest_spinlocks(&guest->vm->config, guest->nr_cpus).kind;
		lock->pv_ops = guest->config.pv_wait_sees_preempted ? &pv_ops_seeing : &pv_ops;
		lock->sleeping_ops = &guest_sleeping_lock_ops;
	}
}

/* ---- Lock ----------------------------------------------------------------------------------- */

/* What it does next is to spin on, without bound. */
static void spin_again(const struct guest_thread *thread, struct guest_action *action)
{
	*action = (struct guest_action){
		.kind = GUEST_SPIN, .kernel = true, .interrupts = guest_irqs_on(thread)};
}

static enum op_result acquired(struct guest_thread *thread, bool contended, int64_t waited)
{
	struct guest *guest = thread->guest;
	const struct sync_lock *lock = &guest->instance.locks[thread->op->object];

	workload_count_lock(&guest->instance, contended, waited);
	if (contended)
		guest_trace_lock_wait(thread, lock, false, waited);
	else
		guest_trace_lock(thread->cpu, lock);
	guest->irqsave[thread->op->object] = thread->op->irqsave;
	return OP_DONE;
}

enum op_result guest_do_lock(struct guest_thread *thread, struct guest_action *action)
{
	enum { TRY, SPUN, HALTED };
	struct guest *guest = thread->guest;
	struct sync_lock *lock = &guest->instance.locks[thread->op->object];

	if (lock_sleeps(lock))
		return guest_do_sleeping_lock(thread, action);
	switch (thread->step) {
	case TRY:
		thread->preempt_off++;
		thread->irqs_off += thread->op->irqsave != 0;
		switch (lock_try(lock, &thread->waiter, &guest->error)) {
		case LOCK_TAKEN: return acquired(thread, false, 0);
		case LOCK_BUSY: break;
		case LOCK_ERROR: guest_fail(guest, OVERSUB_BAD_INPUT); return OP_FAILED;
		}
		thread->step = SPUN;
		waiter_set_executing(&thread->waiter, true);
		lock_wait(lock, &thread->waiter, guest_now(guest));
		guest_trace_lock_wait(thread, lock, true, 0);
		guest_begin_spin(thread->cpu, action, GUEST_WAIT_LOCK);
		return OP_ACTION;
	case SPUN:
		if (thread->waiter.state == WAITER_IDLE)
			return acquired(thread, true, guest_end_spin(thread->cpu));
		spin_again(thread, action);
		if (pv_lock_gives_up(&thread->waiter)) {
			thread->step = HALTED;
			guest->stats.lock_halts++;
			action->kind = GUEST_HLT;
		}
		return OP_ACTION;
	default: /* HALTED: kicked, or interrupted. */
		thread->step = SPUN;
		spin_again(thread, action);
		pv_lock_wakes(&thread->waiter);
		return OP_ACTION;
	}
}

static void look_at_lock(struct guest_cpu *cpu, struct exec_waiter *waiter)
{
	if (waiter->lock->kind == LOCK_PV) {
		pv_lock_spins(waiter);
		return;
	}
	if (lock_sleeps(waiter->lock)) {
		sleeping_lock_spins(waiter, guest_now(cpu->guest));
		return;
	}
	/* It was away, though nobody said so at the time: it begins at the end of the line. */
	waiter_set_executing(waiter, false);
	waiter_set_executing(waiter, true);
	if (lock_poll(waiter))
		guest_spin_over(cpu);
}

void guest_lock_spins(struct guest_cpu *cpu)
{
	struct exec_waiter *waiter = &cpu->current->waiter;
	const struct sync_lock *lock = waiter->lock;
	const struct exec_waiter *owner;

	if (waiter->state != WAITER_LOCK)
		return;
	owner = lock->owner;
	look_at_lock(cpu, waiter);
	if (lock->owner != owner)
		guest_trace_lock(cpu, lock);
}

/* ---- Unlock --------------------------------------------------------------------------------- */

/*
 * Nobody tells us when a spinning vCPU leaves its CPU, only when it begins again. So those at the
 * head of the executing waiters that have left since are sorted out when it matters; each is moved
 * at most once per time that it began.
 */
static void demote_absent_waiters(struct sync_lock *lock)
{
	struct exec_waiter *waiter;

	if (lock->kind != LOCK_TAS)
		return;
	while ((waiter = lock->waiters.first) && !guest_spins_now(guest_thread_of_waiter(waiter)))
		waiter_set_executing(waiter, false);
}

/* True: action kicks the first waiter for a pv lock, which has halted. */
static bool kick_waiter(struct guest_thread *thread, struct guest_action *action,
			struct sync_lock *lock)
{
	if (!lock->to_kick)
		return false;
	*action = (struct guest_action){
		.kind = GUEST_HYPERCALL,
		.kernel = true,
		.interrupts = guest_irqs_on(thread),
		.hypercall = HYPERCALL_KICK_CPU,
		.icr.dest = guest_cpu_of_waiter(lock->to_kick)->vcpu->lapic.id,
	};
	lock->to_kick = NULL;
	return true;
}

enum op_result guest_do_unlock(struct guest_thread *thread, struct guest_action *action)
{
	enum { RELEASE, RESTORE, RESTORED };
	struct guest *guest = thread->guest;
	int object = thread->op->object;
	struct sync_lock *lock = &guest->instance.locks[object];
	struct exec_waiter *next;

	if (lock_sleeps(lock))
		return guest_do_sleeping_unlock(thread, action);
	switch (thread->step) {
	case RELEASE:
		demote_absent_waiters(lock);
		if (lock_release(lock, &thread->waiter, &next, &guest->error)) {
			guest_fail(guest, OVERSUB_BAD_INPUT);
			return OP_FAILED;
		}
		guest_trace_lock(thread->cpu, lock);
		if (next)
			guest_spin_over(guest_cpu_of_waiter(next));
		thread->restore_irqs = guest->irqsave[object];
		thread->step = RESTORE;
		if (kick_waiter(thread, action, lock))
			return OP_ACTION;
		/* fall through */
	case RESTORE:
		thread->step = RESTORED;
		thread->preempt_off--;
		if (!thread->restore_irqs || --thread->irqs_off > 0)
			return OP_DONE;
		/* Interrupts are on again: what is pending comes now, not after the next op. */
		guest_run_kernel(action, 0, true);
		return OP_ACTION;
	default: return OP_DONE;
	}
}
