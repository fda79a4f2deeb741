/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which csd is whose, what is queued where, and who has to act for it. */
#include "models/guest/csd.h"
#include "sim/base/bitmap.h"

uint32_t csd_for(const struct guest_cpu *cpu, int target)
{
	uint32_t nr_cpus = (uint32_t)cpu->guest->nr_cpus;
	uint32_t slot = (uint32_t)target;

	if (cpu->call.single)
		slot = nr_cpus + (cpu->call.wait ? GUEST_CSD_SINGLE_SYNC : GUEST_CSD_SINGLE_ASYNC);
	return (uint32_t)cpu->index * csd_row_length(cpu->guest) + slot;
}

struct guest_cpu *call_target_of(const struct guest *guest, uint32_t id)
{
	return &guest->cpus[guest->csds[id].target];
}

/* It handles calls, or will as soon as it takes interrupts. */
static bool has_been_told(const struct guest_cpu *cpu)
{
	static const uint8_t vectors[] = {GUEST_VECTOR_CALL_FUNCTION,
					  GUEST_VECTOR_CALL_FUNCTION_SINGLE};
	const struct lapic *lapic = &cpu->vcpu->lapic;

	for (int i = 0; i < 2; i++) {
		if (lapic_vectors_test(&lapic->irr, vectors[i]) ||
		    lapic_vectors_test(&lapic->pir, vectors[i]))
			return true;
	}
	return guest_interrupted(cpu);
}

struct guest_cpu *call_next_to_act(const struct guest *guest, uint32_t id)
{
	struct guest_cpu *target = call_target_of(guest, id);
	uint32_t first = target->calls.first;
	struct guest_cpu *sender;

	if (first == GUEST_NO_CSD || has_been_told(target) ||
	    first >= (uint32_t)guest->nr_cpus * csd_row_length(guest))
		return target;
	sender = csd_owner(guest, first);
	return sender->call.step == CALL_QUEUE || sender->call.step == CALL_SEND ? sender : target;
}

bool call_awaits(const struct guest_cpu *cpu, int target)
{
	const struct guest_call *call = &cpu->call;

	return call->wait && call->step == CALL_WAIT && bitmap_test(call->queued, target) &&
	       cpu->guest->csds[csd_for(cpu, target)].locked;
}

bool call_pending(const struct guest_cpu *cpu)
{
	return cpu->calls.first != GUEST_NO_CSD;
}

bool call_queue_wakeup(struct guest_thread *thread)
{
	struct guest *guest = thread->guest;
	struct guest_cpu *cpu = thread->cpu;
	uint32_t id = (uint32_t)guest->nr_cpus * csd_row_length(guest) +
		      (uint32_t)(thread - guest->threads);
	bool empty = !call_pending(cpu);

	guest->csds[id].target = (uint16_t)cpu->index;
	guest->csds[id].caller = thread;
	guest->csds[id].locked = true;
	csd_push(guest, &cpu->calls, id);
	return empty;
}
