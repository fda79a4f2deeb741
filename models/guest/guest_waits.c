/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for whom, read off the waiting CPUs when somebody asks. No edges are kept. */
#include <inttypes.h>
#include <stdio.h>

#include "models/guest/guest_cpu.h"
#include "models/workload/sleeping_lock.h"

/* What the thread of cpu spins or sleeps for, whether or not a handler runs on top of it. */
static struct guest_cpu *thread_waits_for(const struct guest_cpu *cpu)
{
	struct exec_waiter *waiter;

	if (!cpu->current)
		return NULL;
	switch (cpu->wait.kind) {
	case GUEST_WAIT_NONE: /* It may sleep for a mutex. */
	case GUEST_WAIT_LOCK:
		waiter = waiter_waits_for(&cpu->current->waiter);
		return waiter ? guest_cpu_of_waiter(waiter) : NULL;
	case GUEST_WAIT_CSD:
		if (cpu->guest->csds[cpu->wait.csd].locked)
			return call_target_of(cpu->guest, cpu->wait.csd);
		break;
	}
	return NULL;
}

struct guest_cpu *guest_waits_for(const struct guest_cpu *cpu)
{
	/* A handler waits for nobody: the CPU itself is what others need. */
	return !guest_interrupted(cpu) ? thread_waits_for(cpu) : NULL;
}

static enum vcpu_wait lock_wait_kind(const struct exec_waiter *waiter)
{
	if (waiter->state != WAITER_LOCK)
		return VCPU_WAIT_LOCK_HOLDER;
	if (lock_sleeps(waiter->lock))
		return VCPU_WAIT_SLEEPING_LOCK;
	/* As waiter_waits_for() sees it. */
	return waiter->lock->description->kind != LOCK_TAS && waiter->previous
		       ? VCPU_WAIT_LOCK_QUEUE
		       : VCPU_WAIT_LOCK_HOLDER;
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

static bool has_ended(const struct guest_cpu *cpu)
{
	const struct guest_thread *thread = cpu->current;

	return thread && thread->asleep && !thread->op;
}

bool guest_waits_in_vain(const struct guest *guest, int vcpu)
{
	const struct guest_cpu *cpu = &guest->cpus[vcpu];

	/* Longer than there are CPUs means in a circle. */
	for (int hops = 0; hops <= guest->nr_cpus; hops++) {
		const struct guest_cpu *next = thread_waits_for(cpu);

		if (!next)
			return hops > 0 && has_ended(cpu);
		/* A call is served by an interrupt, whatever the thread there waits for. */
		if (cpu->wait.kind == GUEST_WAIT_CSD &&
		    (!next->current || guest_irqs_on(next->current)))
			return false;
		cpu = next;
	}
	return true;
}

void guest_unfinished_waits(const struct guest *guest, int64_t now, int *count, int64_t *oldest_ns)
{
	*count = 0;
	*oldest_ns = 0;
	for (int i = 0; i < guest->nr_threads; i++) {
		const struct guest_thread *thread = &guest->threads[i];
		const struct guest_cpu *cpu = thread->cpu;
		bool locks = thread->waiter.state == WAITER_LOCK;
		int64_t since = locks ? thread->waiter.since : cpu->wait.since;

		if (cpu->wait.kind == GUEST_WAIT_NONE && !locks)
			continue;
		++*count;
		if (now - since > *oldest_ns)
			*oldest_ns = now - since;
	}
}

static void describe_spin(const struct guest_cpu *cpu, const struct guest_cpu *next, char *buffer,
			  size_t size)
{
	int64_t waited = guest_now(cpu->guest) - cpu->wait.since;
	const struct guest_csd *csd = &cpu->guest->csds[cpu->wait.csd];

	if (cpu->current->waiter.state == WAITER_LOCK)
		waiter_describe(&cpu->current->waiter, guest_now(cpu->guest), buffer, size);
	else if (!next)
		snprintf(buffer, size, "waited %" PRId64 " ns and may go on", waited);
	else
		snprintf(buffer, size, "waits %" PRId64 " ns for vcpu%d to run its %s%s", waited,
			 next->index, op_descriptions[csd->op->kind].name,
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
	else
		snprintf(buffer, size, "waits %" PRId64 " ns, now for an interrupt", slept);
}

void guest_describe_wait(const struct guest *guest, int vcpu, char *buffer, size_t size,
			 int *next_vcpu)
{
	const struct guest_cpu *cpu = &guest->cpus[vcpu];
	const struct guest_cpu *next = thread_waits_for(cpu);
	char what[256];

	*next_vcpu = next ? next->index : -1;
	if (!cpu->current) {
		snprintf(buffer, size, "vcpu%d: has no thread", vcpu);
		return;
	}
	if (cpu->wait.kind != GUEST_WAIT_NONE)
		describe_spin(cpu, next, what, sizeof(what));
	else if (cpu->current->asleep)
		describe_sleep(cpu->current, what, sizeof(what));
	else
		snprintf(what, sizeof(what), "runs");
	snprintf(buffer, size, "vcpu%d: %s %s%s", vcpu, cpu->current->name, what,
		 !guest_interrupted(cpu) ? "" : ", interrupted by a handler");
}
