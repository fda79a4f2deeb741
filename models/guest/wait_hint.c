/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the guest publishes for the host, if the VM has guest_hint: read off a CPU on demand. */
#include "models/guest/guest_cpu.h"
#include "models/workload/lock.h"

static unsigned int locks_held(const struct guest_thread *thread)
{
	const struct workload_instance *instance = &thread->guest->instance;
	unsigned int held = 0;

	for (int i = 0; i < instance->workload->nr_locks; i++)
		held += instance->locks[i].owner == &thread->waiter;
	for (int i = 0; i < WAITER_READS; i++)
		held += thread->waiter.reading[i] != NULL;
	return held;
}

void guest_hint(const struct vcpu *vcpu, struct oversub_guest_hint *hint)
{
	const struct guest_cpu *cpu = vcpu->guest;
	const struct guest_cpu *next =
		cpu->wait.kind == GUEST_WAIT_NONE ? NULL : guest_waits_for(cpu);

	hint->waits_for = next ? next->index : -1;
	hint->critical = cpu->frame.step != FRAME_NONE;
	/* A thread that sleeps with a lock is not kept from running by this vCPU's absence. */
	if (cpu->context == GUEST_IN_THREAD)
		hint->critical += locks_held(cpu->current);
}
