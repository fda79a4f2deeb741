/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace records of what happens inside a guest. */
#include "models/guest/guest_cpu.h"
#include "models/workload/lock.h"

static bool traced(const struct guest_cpu *cpu)
{
	return cpu->vcpu->task.host->trace != NULL;
}

void guest_trace(const struct guest_cpu *cpu, enum trace_kind kind, const int64_t arg[6],
		 const char *text)
{
	const struct host_task *task = &cpu->vcpu->task;
	struct trace_record record = {
		.kind = kind,
		.comm = task->comm,
		.pid = task->pid,
		.text = text,
	};

	if (!traced(cpu))
		return;
	record.time = guest_now(cpu->guest);
	record.cpu = task->cpu->index;
	for (int i = 0; i < 6; i++)
		record.arg[i] = arg[i];
	trace_write(task->host->trace, &record);
}

int64_t guest_trace_csd_id(const struct guest *guest, uint32_t csd)
{
	return guest->instance.workload->nr_locks + (int64_t)csd;
}

void guest_trace_switch(const struct guest_cpu *cpu)
{
	int64_t thread = cpu->current ? cpu->current->program.index : -1;

	guest_trace(cpu, TRACE_GUEST_SWITCH, (int64_t[6]){cpu->index, thread}, NULL);
}

static int64_t vcpu_of(const struct exec_waiter *waiter)
{
	return waiter ? guest_cpu_of_waiter(waiter)->index : -1;
}

static int64_t thread_of(const struct exec_waiter *waiter)
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

	if (!traced(by))
		return;
	guest_trace(by, TRACE_LOCK_OWNER,
		    (int64_t[6]){lock - by->guest->instance.locks, vcpu_of(owner), thread_of(owner),
				 vcpu_of(heir), thread_of(heir), lock->readers},
		    lock->description->name);
}

void guest_trace_lock_wait(const struct guest_thread *thread, const struct sync_lock *lock,
			   bool begins, int64_t ns)
{
	const struct guest_cpu *cpu = thread->cpu;
	int64_t last = begins ? guest_irqs_on(thread) : ns;

	if (!traced(cpu))
		return;
	guest_trace(cpu, begins ? TRACE_LOCK_WAIT_BEGIN : TRACE_LOCK_WAIT_END,
		    (int64_t[6]){cpu->index, thread->program.index,
				 lock - cpu->guest->instance.locks, last},
		    lock->description->name);
}

void guest_trace_csd(const struct guest_cpu *by, enum trace_kind kind, uint32_t csd, int caller)
{
	const struct guest *guest = by->guest;

	if (!traced(by))
		return;
	guest_trace(by, kind, (int64_t[6]){by->index, guest_trace_csd_id(guest, csd), caller},
		    op_descriptions[guest->csds[csd].op->kind].name);
}
