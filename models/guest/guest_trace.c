/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace records of what happens inside a guest. */
#include "models/guest/guest_cpu.h"
#include "models/workload/lock.h"

int64_t guest_trace_csd_id(const struct guest *guest, uint32_t csd)
{
	return guest->instance.workload->nr_locks + (int64_t)csd;
}

static int vcpu_of(const struct exec_waiter *waiter)
{
	return waiter ? guest_cpu_of_waiter(waiter)->index : -1;
}

static int thread_of(const struct exec_waiter *waiter)
{
	return waiter ? guest_thread_of_waiter(waiter)->program.index : -1;
}

/* Who was told to come and take it, now that it is free. */
static const struct exec_waiter *heir_of(const struct sync_lock *lock)
{
	if (lock->owner || lock->readers)
		return NULL;
	return lock->to_kick ? lock->to_kick : lock->to_wake;
}

void guest_trace_lock(const struct guest_cpu *by, const struct sync_lock *lock)
{
	const struct exec_waiter *owner = lock->owner ? lock->owner : lock->last_reader;
	const struct exec_waiter *heir = heir_of(lock);

	vcpu_trace(by->vcpu, lock_owner, .lock = lock->description->name,
		   .id = lock - by->guest->instance.locks, .owner_vcpu = vcpu_of(owner),
		   .owner_thread = thread_of(owner), .heir_vcpu = vcpu_of(heir),
		   .heir_thread = thread_of(heir), .readers = (int)lock->readers);
}

void guest_trace_lock_wait(const struct guest_thread *thread, const struct sync_lock *lock,
			   bool begins, int64_t ns)
{
	const struct guest_cpu *cpu = thread->cpu;
	const char *name = lock->description->name;
	int64_t id = lock - cpu->guest->instance.locks;

	if (begins)
		vcpu_trace(cpu->vcpu, lock_wait_begin, .vcpu = cpu->index,
			   .thread = thread->program.index, .lock = name, .id = id,
			   .interrupts = guest_irqs_on(thread));
	else
		vcpu_trace(cpu->vcpu, lock_wait_end, .vcpu = cpu->index,
			   .thread = thread->program.index, .lock = name, .id = id, .ns = ns);
}

void guest_trace_csd(const struct guest_cpu *by, uint32_t csd, int caller, bool unlocked)
{
	const char *op = op_descriptions[by->guest->csds[csd].op->kind].name;
	int64_t id = guest_trace_csd_id(by->guest, csd);

	if (unlocked)
		vcpu_trace(by->vcpu, csd_unlock, .vcpu = by->index, .id = id, .op = op,
			   .caller = caller);
	else
		vcpu_trace(by->vcpu, csd_function_entry, .vcpu = by->index, .id = id, .op = op,
			   .caller = caller);
}
