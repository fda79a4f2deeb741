/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hypercalls that change who runs (kvm_emulate_hypercall, arch/x86/kvm/x86.c). */
#include "models/kvm/vcpu.h"

static struct vcpu *find_vcpu(const struct kvm_vm *vm, uint32_t apic_id)
{
	return apic_id < (uint32_t)vm->nr_vcpus ? &vm->vcpus[apic_id] : NULL;
}

/*
 * kvm_sched_yield(): unlike on_spin, no policy is asked. Returns true if the hint was taken and
 * vcpu's thread has to schedule().
 */
static bool sched_yield_to(struct vcpu *vcpu, uint32_t apic_id)
{
	struct kvm_vm *vm = vcpu->vm;
	struct vcpu *target = find_vcpu(vm, apic_id);

	vm->stats.pv_yields_asked++;
	if (pcpu_single_task(vcpu->task.cpu))
		return false;
	if (!target || target == vcpu || !target->dy.ready)
		return false;
	vcpu->entry_cost += vm->config.costs.yield_to_ns;
	return vcpu_yield_to(vcpu, target, &vm->stats.pv_yield) > 0;
}

/* kvm_pv_kick_cpu_op(), and then it yields to the same vCPU. */
static bool kick_cpu(struct vcpu *vcpu, uint32_t apic_id)
{
	struct vcpu *target = find_vcpu(vcpu->vm, apic_id);

	vcpu->vm->stats.pv_kicks++;
	if (target) {
		target->dy.pv_unhalted = true;
		target->dy.request_event = true;
		vcpu_kick(target, vcpu->task.cpu);
	}
	return sched_yield_to(vcpu, apic_id);
}

static void tell_policy(struct vcpu *vcpu, const struct guest_action *call)
{
	static const enum oversub_hypercall calls[] = {
		[HYPERCALL_KICK_CPU] = OVERSUB_HYPERCALL_KICK_CPU,
		[HYPERCALL_SCHED_YIELD] = OVERSUB_HYPERCALL_SCHED_YIELD,
		[HYPERCALL_SEND_IPI] = OVERSUB_HYPERCALL_SEND_IPI,
	};
	struct vcpu *target =
		call->hypercall == HYPERCALL_SEND_IPI ? NULL : find_vcpu(vcpu->vm, call->icr.dest);

	directed_yield_hypercall(&vcpu->dy, calls[call->hypercall], target ? &target->dy : NULL);
}

void vcpu_handle_hypercall(struct vcpu *vcpu)
{
	const struct guest_action call = vcpu->action;
	bool yielded = false;

	vcpu_complete_action(vcpu);
	tell_policy(vcpu, &call);
	switch (call.hypercall) {
	case HYPERCALL_KICK_CPU: yielded = kick_cpu(vcpu, call.icr.dest); break;
	case HYPERCALL_SCHED_YIELD: yielded = sched_yield_to(vcpu, call.icr.dest); break;
	case HYPERCALL_SEND_IPI: vcpu_send_ipi_mask(vcpu); break;
	}
	vcpu->resume = RESUME_ENTRY;
	if (!yielded || !pcpu_schedule(vcpu->task.cpu, PCPU_PREEMPT))
		vcpu_prepare_entry(vcpu, vcpu->entry_cost);
}
