/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/call_function.h"

#include <stdlib.h>

#include "models/guest/csd.h"
#include "models/guest/tlb.h"
#include "sim/base/bitmap.h"

enum oversub_status call_function_init(struct guest *guest, struct oversub_error *error)
{
	size_t nr = (size_t)guest->nr_cpus;
	size_t nr_wakeups = guest_needs_sched(guest) ? (size_t)guest->nr_threads : 0;
	size_t words = (size_t)bitmap_words(guest->nr_cpus);

	if (nr > UINT16_MAX)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "vm %s: %zu vCPUs are too many for the guest kernel, the limit "
				    "is %d",
				    guest->vm->name, nr, UINT16_MAX);
	guest->csds = calloc(nr * (nr + GUEST_CSD_SINGLES) + nr_wakeups, sizeof(*guest->csds));
	guest->call_masks = calloc(nr * words * 2, sizeof(*guest->call_masks));
	if (!guest->csds || !guest->call_masks)
		return oversub_fail(error, OVERSUB_FAILED,
				    "vm %s: no memory for the call queues of %zu vCPUs",
				    guest->vm->name, nr);
	for (size_t i = 0; i < nr; i++) {
		struct guest_cpu *cpu = &guest->cpus[i];

		cpu->calls = (struct guest_csd_list){GUEST_NO_CSD, GUEST_NO_CSD};
		cpu->call.queued = guest->call_masks + i * words * 2;
		cpu->call.ipis = cpu->call.queued + words;
	}
	return OVERSUB_OK;
}

void call_function_fini(struct guest *guest)
{
	free(guest->csds);
	free(guest->call_masks);
}

/* ---- The caller ----------------------------------------------------------------------------- */

void call_begin(struct guest_cpu *cpu, const struct op *op, int target)
{
	struct guest_call *call = &cpu->call;
	int words = bitmap_words(cpu->guest->nr_cpus);
	bool flush = op->kind == OP_TLB_FLUSH;

	for (int i = 0; i < words; i++)
		call->queued[i] = call->ipis[i] = 0;
	call->step = CALL_QUEUE;
	call->op = op;
	call->target = target;
	call->single = !flush && target >= 0;
	call->wait = flush || op->wait;
	call->cursor = target < 0 ? 0 : target;
	call->nr_queued = 0;
	call->nr_ipis = 0;
	if (flush)
		call->generation = tlb_new_generation(cpu->guest);
}

static bool is_target(const struct guest_cpu *cpu, int index)
{
	struct guest *guest = cpu->guest;
	const struct guest_cpu *target = &guest->cpus[index];

	if (target == cpu)
		return false;
	if (cpu->call.op->kind != OP_TLB_FLUSH)
		return true;
	if (target->in_mm && guest->vm->config.pv_tlb_flush &&
	    vcpu_leave_flush_to_host(target->vcpu)) {
		guest->stats.tlb_left_to_host++;
		return false;
	}
	if (tlb_should_flush(target, cpu->call.op))
		return true;
	return false;
}

static void queue_csd(struct guest_cpu *cpu, int index, uint32_t id)
{
	struct guest *guest = cpu->guest;
	struct guest_call *call = &cpu->call;
	struct guest_csd *csd = &guest->csds[id];
	struct guest_csd_list *list = &guest->cpus[index].calls;

	csd->op = call->op;
	csd->caller = cpu->current;
	csd->target = (uint16_t)index;
	csd->locked = true;
	csd->sync = call->wait;
	bitmap_set(call->queued, index, true);
	call->nr_queued++;
	if (list->first == GUEST_NO_CSD) {
		bitmap_set(call->ipis, index, true);
		call->nr_ipis++;
	}
	csd_push(guest, list, id);
}

/* True: cpu has to spin for an earlier use of a csd first. */
static bool queue_all(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest *guest = cpu->guest;
	struct guest_call *call = &cpu->call;
	int end = call->target < 0 ? guest->nr_cpus : call->target + 1;

	for (; call->cursor < end; call->cursor++) {
		uint32_t id = csd_for(cpu, call->cursor);

		if (!is_target(cpu, call->cursor))
			continue;
		if (guest->csds[id].locked) {
			cpu->wait.csd = id;
			guest_begin_spin(cpu, action, GUEST_WAIT_CSD);
			return true;
		}
		queue_csd(cpu, call->cursor, id);
	}
	guest->stats.ipis_avoided += (uint64_t)(call->nr_queued - call->nr_ipis);
	call->sent = call->last_unlock = guest_now(guest);
	call->several = call->nr_ipis > 1;
	call->cursor = 0;
	return false;
}

/* The targets from CPU first on that one hypercall reaches; APIC ids are CPU numbers. */
static void send_mask(struct guest_cpu *cpu, struct guest_action *action, int first)
{
	struct guest *guest = cpu->guest;
	struct guest_call *call = &cpu->call;

	*action = (struct guest_action){
		.kind = GUEST_HYPERCALL,
		.kernel = true,
		.hypercall = HYPERCALL_SEND_IPI,
		.awaited = call->wait,
		.icr = lapic_unicast(cpu->index, (uint32_t)first, GUEST_VECTOR_CALL_FUNCTION),
	};
	for (int i = first; i < guest->nr_cpus && i < first + HYPERCALL_SEND_IPI_IDS;
	     i = bitmap_next(call->ipis, i + 1, guest->nr_cpus)) {
		bitmap_set(action->mask, i - first, true);
		call->cursor = i + 1;
	}
}

/*
 * The logical destination that stands for all targets in the cluster of CPU first
 * (__x2apic_send_IPI_mask).
 */
static uint32_t cluster_of_targets(struct guest_cpu *cpu, int first)
{
	struct guest *guest = cpu->guest;
	uint32_t dest = 0;

	for (int i = first; i < guest->nr_cpus && i / 16 == first / 16;
	     i = bitmap_next(cpu->call.ipis, i + 1, guest->nr_cpus)) {
		dest |= lapic_x2apic_logical(guest->vm->vcpus[i].lapic.id);
		cpu->call.cursor = i + 1;
	}
	return dest;
}

/* The logical destination in flat mode of all targets. */
static uint32_t flat_targets(struct guest_cpu *cpu)
{
	cpu->call.cursor = cpu->guest->nr_cpus;
	return (uint32_t)cpu->call.ipis[0];
}

/*
 * One target: unicast. All other CPUs: one write with the shorthand. Anything between: one
 * hypercall, or with interrupts off, x2APIC writes once per target in physical mode and once per
 * cluster in cluster mode, whose driver sends single IPIs to logical ids as well. xAPICs in flat
 * mode need one for all. False: all are
 * sent. A single target that polls in its idle loop sees its list without IPI.
 */
static bool send_next(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest *guest = cpu->guest;
	struct guest_call *call = &cpu->call;
	bool several = call->several;
	struct lapic_message icr;
	int target;

	if (several && call->nr_ipis == guest->nr_cpus - 1) {
		icr = lapic_unicast(cpu->index, 0, GUEST_VECTOR_CALL_FUNCTION);
		icr.shorthand = LAPIC_ALL_BUT_SELF;
		call->nr_ipis = 0;
		guest_write_icr(action, icr, guest_irqs_on(cpu->current));
		action->awaited = call->wait;
		return true;
	}
	if (!call->nr_ipis)
		return false;
	target = bitmap_next(call->ipis, call->cursor, guest->nr_cpus);
	if (target == guest->nr_cpus)
		return false;
	if (several && guest->vm->config.pv_send_ipi) {
		send_mask(cpu, action, target);
		return true;
	}
	call->cursor = target + 1;
	if (!several && guest_poke(&guest->cpus[target])) {
		guest->stats.ipis_avoided++;
		return false;
	}
	icr = guest_unicast(cpu, target,
			    several ? GUEST_VECTOR_CALL_FUNCTION
				    : GUEST_VECTOR_CALL_FUNCTION_SINGLE);
	if (several && guest->vm->config.x2apic == KVM_X2APIC_CLUSTER)
		icr.dest = cluster_of_targets(cpu, target);
	else if (several && kvm_is_flat(&guest->vm->config, guest->nr_cpus))
		icr.dest = flat_targets(cpu);
	guest_write_icr(action, icr, guest_irqs_on(cpu->current) && !several);
	action->awaited = call->wait;
	return true;
}

/*
 * kvm_smp_send_call_func_ipi(): let the first target that is reported preempted run. False: there
 * is none.
 */
static bool yield_to_target(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest *guest = cpu->guest;

	if (!cpu->call.several || !guest->vm->config.pv_sched_yield)
		return false;
	for (int i = bitmap_next(cpu->call.ipis, 0, guest->nr_cpus); i < guest->nr_cpus;
	     i = bitmap_next(cpu->call.ipis, i + 1, guest->nr_cpus)) {
		const struct guest_cpu *target = &guest->cpus[i];

		if (target->context == GUEST_IDLE || !vcpu_reported_preempted(target->vcpu))
			continue;
		*action = (struct guest_action){
			.kind = GUEST_HYPERCALL,
			.kernel = true,
			.interrupts = guest_irqs_on(cpu->current),
			.hypercall = HYPERCALL_SCHED_YIELD,
			.icr.dest = target->vcpu->lapic.id,
		};
		return true;
	}
	return false;
}

/* In the order of CPUs: the next target that has not acknowledged. False: all have. */
static bool wait_next(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest *guest = cpu->guest;
	struct guest_call *call = &cpu->call;

	for (;;) {
		call->cursor = bitmap_next(call->queued, call->cursor, guest->nr_cpus);
		if (call->cursor == guest->nr_cpus)
			break;
		cpu->wait.csd = csd_for(cpu, call->cursor);
		if (guest->csds[cpu->wait.csd].locked) {
			guest_begin_spin(cpu, action, GUEST_WAIT_CSD);
			return true;
		}
		call->cursor++;
	}
	if (call->nr_queued)
		sim_histogram_record(&guest->stats.ipi_response, call->last_unlock - call->sent);
	return false;
}

bool call_next(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest_call *call = &cpu->call;

	if (cpu->wait.kind == GUEST_WAIT_CSD)
		guest_end_spin(cpu);
	for (;;) {
		switch (call->step) {
		case CALL_QUEUE:
			if (queue_all(cpu, action))
				return true;
			call->step = CALL_SEND;
			break;
		case CALL_SEND:
			if (send_next(cpu, action))
				return true;
			call->cursor = 0;
			call->step = CALL_YIELD;
			break;
		case CALL_YIELD:
			call->step = call->op->kind == OP_TLB_FLUSH ? CALL_FLUSH : CALL_WAIT;
			if (yield_to_target(cpu, action))
				return true;
			break;
		case CALL_FLUSH:
			guest_run_kernel(action,
					 tlb_flush_begin(cpu, call->op, call->generation, true,
							 &call->local_flush),
					 false);
			call->step = CALL_FLUSHED;
			return true;
		case CALL_FLUSHED:
			tlb_flush_end(cpu, call->local_flush);
			call->step = CALL_WAIT;
			break;
		case CALL_WAIT:
			if (call->wait && wait_next(cpu, action))
				return true;
			call->step = CALL_DONE;
			break;
		case CALL_DONE: return false;
		}
	}
}
