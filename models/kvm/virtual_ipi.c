/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IPIs that the hardware delivers (models/kvm/README.md, Interrupts). KVM, and so the policy, hears
 * of none of them, with one exception: AVIC exits if a target does not run. By then it has set the
 * target's IRR; KVM wakes the target if it is blocked, and does nothing if it is preempted.
 *
 *             self IPI   one physical target    logical   shorthand
 *   apicv on  yes        no                     no        no
 *   ipiv      yes        yes                    no        no
 *   avic      yes        yes                    yes       yes
 *
 * NMIs, and destinations that nobody has, are always KVM's.
 */
#include "models/kvm/vcpu.h"

/* Of the ICR write that vcpu is about to execute. */
static bool virtualised(const struct vcpu *vcpu)
{
	const struct kvm_vm *vm = vcpu->vm;
	const struct lapic_message *icr = &vcpu->action.icr;
	bool one_target = icr->shorthand == LAPIC_DEST && !icr->logical;

	if (vm->config.apicv == KVM_APICV_OFF || icr->delivery != LAPIC_FIXED)
		return false;
	if (icr->shorthand == LAPIC_SELF)
		return true;
	if (one_target && icr->dest >= (uint32_t)vm->nr_vcpus)
		return false;
	return vm->config.apicv == KVM_APICV_AVIC ||
	       (vm->config.apicv == KVM_APICV_IPIV && one_target);
}

struct sending {
	struct kvm_vm *vm;
	uint8_t vector;
	int not_running;
};

/* The hardware reaches the CPU that vcpu is on. */
static void reach(struct vcpu *vcpu)
{
	const struct kvm_costs *costs = &vcpu->vm->config.costs;

	if (vcpu->phase == VCPU_POLLING)
		vcpu_look(vcpu);
	else
		vcpu_notify_after(vcpu, costs->icr_virtual_ns + costs->hardware_ipi_ns);
}

/*
 * VMX posts the vector. Notifications of a preempted vCPU are suppressed, and one that is blocked
 * has asked for a host interrupt instead of a notification, unless it blocks with interrupts off.
 */
static void post(struct vcpu *vcpu)
{
	vcpu->dy.pir_not_empty = true;
	if (vcpu->dy.pid_on || vcpu->dy.pid_sn)
		return;
	vcpu->dy.pid_on = true;
	if (vcpu->task.on_cpu || vcpu->action.interrupts)
		reach(vcpu);
}

static void accepted(void *context, int index, enum lapic_raised raised)
{
	struct sending *sending = context;
	struct vcpu *vcpu = &sending->vm->vcpus[index];

	vcpu_note_sent(vcpu, sending->vector, vcpu_now(vcpu));
	if (raised == LAPIC_RAISED_POSTED)
		post(vcpu);
	else if (raised == LAPIC_RAISED_EVENT && vcpu->task.on_cpu)
		reach(vcpu);
	else if (raised == LAPIC_RAISED_EVENT)
		sending->not_running++;
}

/* A self IPI is taken at once, if it can be; otherwise the guest goes on. */
static void send_to_self(struct vcpu *vcpu)
{
	uint8_t vector = vcpu->action.icr.vector;
	int64_t ns = vcpu->vm->config.costs.self_ipi_ns;

	vcpu_complete_action(vcpu);
	vcpu_note_sent(vcpu, vector, vcpu_now(vcpu));
	lapic_vectors_clear(&vcpu->lapic.tmr, vector);
	lapic_vectors_set(&vcpu->lapic.irr, vector);
	if (vcpu_interrupt_deliverable(vcpu) && lapic_deliverable(&vcpu->lapic) == vector)
		vcpu_inject(vcpu);
	vcpu->action.ns = ns;
}

enum exit_reason vcpu_write_icr(struct vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;
	struct lapic_message *icr = &vcpu->action.icr;
	struct sending sending = {.vm = vm, .vector = icr->vector};
	struct lapic_result result = {.accepted = 1};

	if (!virtualised(vcpu))
		return EXIT_ICR_WRITE;
	icr->source = vcpu->index;
	icr->asserted = true;
	if (icr->shorthand == LAPIC_SELF) {
		vcpu_count_ipi(vcpu, &result);
		vm->stats.ipis_by_hardware++;
		send_to_self(vcpu);
		return EXIT_REASONS;
	}
	result = lapic_send(&vm->map, icr, accepted, &sending);
	vcpu_count_ipi(vcpu, &result);
	if (sending.not_running) {
		vcpu->ipi_accepted = result.accepted;
		return EXIT_INCOMPLETE_IPI;
	}
	vm->stats.ipis_by_hardware++;
	vcpu_complete_action(vcpu);
	vcpu->action.ns = vm->config.costs.icr_virtual_ns;
	return EXIT_REASONS;
}

/* avic_kick_vcpu(), and what the policy hears of it. */
static void complete_one(struct vcpu *vcpu, struct vcpu *target)
{
	const struct lapic_message *icr = &vcpu->action.icr;
	enum oversub_cosched_target state = vcpu_cosched_state(target);

	if (target->task.on_cpu)
		return;
	vcpu_wake(target, vcpu->task.cpu);
	host_cosched_ipi(&(struct oversub_cosched_ipi){
		.source = &vcpu->task,
		.target = &target->task,
		.vector = icr->vector,
		.how = OVERSUB_IPI_INCOMPLETE,
		.state = state,
	});
	vcpu_tell_of_ipi(vcpu,
			 &(struct oversub_ipi){
				 .source = &vcpu->dy,
				 .target = &target->dy,
				 .accepted = vcpu->ipi_accepted,
				 .vector = icr->vector,
				 .fixed = true,
				 .shorthand = icr->shorthand != LAPIC_DEST,
				 .how = OVERSUB_IPI_INCOMPLETE,
			 },
			 vcpu->action.awaited);
}

void vcpu_complete_ipi(struct vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;
	const struct lapic_message *icr = &vcpu->action.icr;

	if (icr->shorthand == LAPIC_DEST && !icr->logical) {
		complete_one(vcpu, &vm->vcpus[icr->dest]);
		return;
	}
	for (int i = 0; i < vm->nr_vcpus; i++)
		if (lapic_matches(&vm->map, icr, i))
			complete_one(vcpu, &vm->vcpus[i]);
}
