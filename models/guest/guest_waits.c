/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for whom, read off the waiting CPUs when somebody asks. No edges are kept. */
#include <inttypes.h>
#include <stdio.h>

#include "models/guest/guest_cpu.h"
#include "models/workload/sleeping_lock.h"

/* The CPU whose interrupt handler the current thread of cpu spins for, NULL if it does not. */
static inline struct guest_cpu *called_by(const struct guest_cpu *cpu)
{
	if (cpu->wait.kind != GUEST_WAIT_CSD || !cpu->guest->csds[cpu->wait.csd].locked)
		return NULL;
	return call_target_of(cpu->guest, cpu->wait.csd);
}

static struct guest_cpu *called_cpu(const struct guest_thread *thread)
{
	return thread->cpu->current == thread ? called_by(thread->cpu) : NULL;
}

/* Whom thread waits for besides calls, NULL for nobody. */
static struct guest_thread *holding_thread(const struct guest_thread *thread)
{
	struct exec_waiter *waiter = waiter_waits_for(&thread->waiter);

	return waiter ? guest_thread_of_waiter(waiter) : NULL;
}

/* Whom thread waits for, spinning or asleep, whether or not a handler runs on top of it. */
static struct guest_thread *next_thread(const struct guest_thread *thread)
{
	const struct guest_cpu *called = called_cpu(thread);

	return called ? called->current : holding_thread(thread);
}

/*
 * The CPU on which something has to happen for thread, which has called nobody, to go on. Who
 * sleeps cannot do anything for it, wherever that is; without scheduler he has a CPU of his own,
 * where the chain goes on.
 */
static struct guest_cpu *needed_cpu(const struct guest_thread *thread)
{
	struct guest_thread *next = holding_thread(thread);

	for (int hops = 0; thread->se && next && next->asleep; hops++) {
		if (hops == thread->guest->nr_threads)
			return NULL;
		next = next_thread(next);
	}
	return next && (!next->se || next->cpu != thread->cpu) ? next->cpu : NULL;
}

struct guest_cpu *guest_waits_for(const struct guest_cpu *cpu)
{
	struct guest_cpu *called;

	/* A handler waits for nobody: the CPU itself is what others need. */
	if (!cpu->current || guest_interrupted(cpu))
		return NULL;
	called = called_by(cpu);
	return called ? called : needed_cpu(cpu->current);
}

struct guest_cpu *guest_next_to_act(const struct guest_cpu *cpu)
{
	struct guest_cpu *next = guest_waits_for(cpu);

	if (next && cpu->wait.kind == GUEST_WAIT_CSD)
		next = call_next_to_act(cpu->guest, cpu->wait.csd);
	return next;
}

bool guest_answers(const struct guest_cpu *cpu, const struct guest_cpu *other)
{
	return cpu->wait.kind == GUEST_WAIT_CSD &&
	       call_target_of(cpu->guest, cpu->wait.csd) == other;
}

bool guest_needs(const struct guest_cpu *cpu, const struct guest_cpu *target)
{
	/* A chain longer than the VM is a circle. */
	for (int hops = 0; hops < cpu->guest->nr_cpus; hops++) {
		bool calls = cpu->wait.kind == GUEST_WAIT_CSD;
		const struct guest_cpu *next =
			calls ? guest_next_to_act(cpu) : guest_waits_for(cpu);

		if (!next || next == target)
			return next;
		if (calls && call_awaits(cpu, target->index))
			return true;
		/* An interrupt is enough for next to answer, whatever it waits for itself. */
		if (calls && guest_answers(cpu, next) && next->vcpu->action.interrupts)
			return false;
		cpu = next;
	}
	return false;
}

static enum vcpu_wait lock_wait_kind(const struct exec_waiter *waiter)
{
	if (waiter->state != WAITER_LOCK)
		return VCPU_WAIT_LOCK_HOLDER;
	if (lock_sleeps(waiter->lock))
		return VCPU_WAIT_SLEEPING_LOCK;
	return waiter_behind(waiter) ? VCPU_WAIT_LOCK_QUEUE : VCPU_WAIT_LOCK_HOLDER;
}

enum vcpu_wait guest_wait_kind(const struct guest_cpu *cpu)
{
	if (cpu->frame.step != FRAME_NONE)
		return VCPU_WAIT_OTHER;
	switch (cpu->wait.kind) {
	case GUEST_WAIT_NONE: break;
	case GUEST_WAIT_LOCK: return lock_wait_kind(&cpu->current->waiter);
	case GUEST_WAIT_CSD:
		return cpu->guest->csds[cpu->wait.csd].op->kind == OP_TLB_FLUSH ? VCPU_WAIT_TLB
										: VCPU_WAIT_CSD;
	}
	return VCPU_WAIT_OTHER;
}

static bool has_ended(const struct guest_thread *thread)
{
	return thread->asleep && !thread->op;
}

/* Nothing can end the chain of waits that begins at thread. */
static bool chain_is_vain(const struct guest_thread *thread)
{
	/* Longer than there are threads means in a circle. */
	for (int hops = 0; hops <= thread->guest->nr_threads; hops++) {
		const struct guest_cpu *called = called_cpu(thread);
		const struct guest_thread *next = next_thread(thread);

		/* A call is served by an interrupt, whatever the thread there waits for. */
		if (called && (!next || guest_irqs_on(next)))
			return false;
		if (!next)
			return hops > 0 && has_ended(thread);
		thread = next;
	}
	return true;
}

/* A thread that could use the CPU, if it had one. */
static bool any_runnable(const struct guest *guest)
{
	for (int i = 0; i < guest->nr_threads; i++)
		if (!guest->threads[i].asleep)
			return true;
	return false;
}

bool guest_waits_in_vain(const struct guest *guest, int index)
{
	const struct guest_thread *thread = &guest->threads[index];

	if (!chain_is_vain(thread))
		return false;
	if (!guest->sched)
		return true;
	if (thread->asleep)
		return !any_runnable(guest);
	switch (thread->cpu->wait.kind) {
	case GUEST_WAIT_NONE: return false;
	case GUEST_WAIT_CSD: return true;
	case GUEST_WAIT_LOCK: break;
	}
	/* It may give up its spin, sleep, and let others run. */
	return !lock_sleeps(thread->waiter.lock) || !guest_need_resched(thread->cpu, false);
}

void guest_unfinished_waits(const struct guest *guest, int64_t now, int *count, int64_t *oldest_ns)
{
	*count = 0;
	*oldest_ns = 0;
	for (int i = 0; i < guest->nr_threads; i++) {
		const struct guest_thread *thread = &guest->threads[i];
		const struct guest_cpu *cpu = thread->cpu;
		bool spins = cpu->current == thread && cpu->wait.kind != GUEST_WAIT_NONE;
		bool locks = thread->waiter.state == WAITER_LOCK;
		int64_t since = locks ? thread->waiter.since : cpu->wait.since;

		if (!spins && !locks)
			continue;
		++*count;
		if (now - since > *oldest_ns)
			*oldest_ns = now - since;
	}
}

static void describe_spin(const struct guest_thread *thread, char *buffer, size_t size)
{
	const struct guest_cpu *cpu = thread->cpu, *called = called_cpu(thread);
	int64_t waited = guest_now(cpu->guest) - cpu->wait.since;
	const struct guest_csd *csd = &cpu->guest->csds[cpu->wait.csd];

	if (thread->waiter.state == WAITER_LOCK)
		waiter_describe(&thread->waiter, guest_now(cpu->guest), buffer, size);
	else if (!called)
		snprintf(buffer, size, "waited %" PRId64 " ns and may go on", waited);
	else
		snprintf(buffer, size, "waits %" PRId64 " ns for vcpu%d to run its %s%s", waited,
			 called->index, op_descriptions[csd->op->kind].name,
			 csd->sync ? "" : " of an earlier call");
}

static void describe_sleep(const struct guest_thread *thread, char *buffer, size_t size)
{
	int64_t slept = guest_now(thread->guest) - thread->sleep_start;

	if (!thread->op)
		snprintf(buffer, size, "has ended");
	else if (thread->waiter.state != WAITER_IDLE)
		waiter_describe(&thread->waiter, guest_now(thread->guest), buffer, size);
	else if (thread->timer_armed)
		snprintf(buffer, size, "waits %" PRId64 " ns for its timer", slept);
	else if (thread->io_pending)
		snprintf(buffer, size, "waits %" PRId64 " ns for its device", slept);
	else if (thread->answers_due)
		snprintf(buffer, size, "waits %" PRId64 " ns for %d CPUs to answer", slept,
			 thread->answers_due);
	else
		snprintf(buffer, size, "waits %" PRId64 " ns, now for an interrupt", slept);
}

void guest_describe_wait(const struct guest *guest, int index, char *buffer, size_t size, int *next)
{
	const struct guest_thread *thread = &guest->threads[index], *other = next_thread(thread);
	const struct guest_cpu *cpu = thread->cpu;
	bool on_cpu = cpu->current == thread;
	char what[256];

	*next = other ? (int)(other - guest->threads) : -1;
	if (on_cpu && cpu->wait.kind != GUEST_WAIT_NONE)
		describe_spin(thread, what, sizeof(what));
	else if (thread->asleep)
		describe_sleep(thread, what, sizeof(what));
	else
		snprintf(what, sizeof(what), on_cpu ? "runs" : "is runnable");
	snprintf(buffer, size, "vcpu%d: %s %s%s", cpu->index, thread->name, what,
		 on_cpu && guest_interrupted(cpu) ? ", interrupted by a handler" : "");
}
