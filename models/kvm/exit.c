/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each exit costs and does. Costs and their sources: models/kvm/README.md. */
#include "models/kvm/vcpu.h"
#include "sim/base/bitmap.h"

const char *const exit_reason_names[EXIT_REASONS] = {
	[EXIT_EXTERNAL_INTERRUPT] = "EXTERNAL_INTERRUPT",
	[EXIT_PAUSE] = "PAUSE_INSTRUCTION",
	[EXIT_HLT] = "HLT",
	[EXIT_ICR_WRITE] = "ICR_WRITE",
	[EXIT_EOI_WRITE] = "EOI_WRITE",
	[EXIT_INTERRUPT_WINDOW] = "INTERRUPT_WINDOW",
	[EXIT_TIMER] = "PREEMPTION_TIMER",
	[EXIT_TIMER_ARM] = "TSC_DEADLINE_WRITE",
	[EXIT_IO] = "IO",
	[EXIT_HYPERCALL] = "HYPERCALL",
	[EXIT_INCOMPLETE_IPI] = "INCOMPLETE_IPI",
	[EXIT_EOI_INDUCED] = "EOI_INDUCED",
	[EXIT_NMI_WINDOW] = "NMI_WINDOW",
	[EXIT_TIMER_COUNT] = "INITIAL_COUNT_WRITE",
};

/* What the hardware calls an exit. */
static const enum trace_exit_reason hardware_reasons[EXIT_REASONS] = {
	[EXIT_EXTERNAL_INTERRUPT] = TRACE_EXIT_EXTERNAL_INTERRUPT,
	[EXIT_PAUSE] = TRACE_EXIT_PAUSE,
	[EXIT_HLT] = TRACE_EXIT_HLT,
	[EXIT_ICR_WRITE] = TRACE_EXIT_MSR_WRITE,
	[EXIT_EOI_WRITE] = TRACE_EXIT_MSR_WRITE,
	[EXIT_INTERRUPT_WINDOW] = TRACE_EXIT_INTERRUPT_WINDOW,
	[EXIT_TIMER] = TRACE_EXIT_PREEMPTION_TIMER,
	[EXIT_TIMER_ARM] = TRACE_EXIT_MSR_WRITE,
	[EXIT_IO] = TRACE_EXIT_IO,
	[EXIT_HYPERCALL] = TRACE_EXIT_HYPERCALL,
	[EXIT_INCOMPLETE_IPI] = TRACE_EXIT_INCOMPLETE_IPI,
	[EXIT_EOI_INDUCED] = TRACE_EXIT_EOI,
	[EXIT_NMI_WINDOW] = TRACE_EXIT_NMI_WINDOW,
	[EXIT_TIMER_COUNT] = TRACE_EXIT_MSR_WRITE,
};

/* What a write of an APIC's register is if that is memory. */
static enum trace_exit_reason xapic_reason(const struct vcpu *vcpu)
{
	return vcpu->vm->config.apicv == KVM_APICV_OFF ? TRACE_EXIT_APIC_ACCESS
						       : TRACE_EXIT_APIC_WRITE;
}

static bool writes_apic(enum exit_reason reason)
{
	return reason == EXIT_ICR_WRITE || reason == EXIT_EOI_WRITE || reason == EXIT_TIMER_COUNT;
}

static void trace_exit(struct vcpu *vcpu, enum exit_reason reason)
{
	struct trace_exit exit = {.reason = hardware_reasons[reason],
				  .svm = vcpu->vm->ple.type == PLE_AMD};

	if (kvm_has_xapic(&vcpu->vm->config) && writes_apic(reason))
		exit.reason = xapic_reason(vcpu);
	/* SVM has no timer of its own for this: one of the host expires. */
	if (exit.svm && reason == EXIT_TIMER)
		exit.reason = TRACE_EXIT_EXTERNAL_INTERRUPT;
	vcpu_trace(vcpu, kvm_exit, .vcpu = vcpu->index, .exit = exit,
		   .rip = vcpu->action.kernel ? TRACE_RIP_KERNEL : TRACE_RIP_USER);
}

static int64_t hypercall_cost(const struct vcpu *vcpu)
{
	const struct kvm_costs *costs = &vcpu->vm->config.costs;
	const struct guest_action *call = &vcpu->action;
	int targets = 0;

	if (call->hypercall == HYPERCALL_SEND_IPI)
		targets = bitmap_weight(call->mask, 0, HYPERCALL_SEND_IPI_IDS);
	return costs->hypercall_ns + targets * costs->hypercall_target_ns;
}

/* Without APICv all accesses to an xAPIC exit, reads too, and KVM decodes what they are. */
static bool emulates_xapic(const struct vcpu *vcpu)
{
	const struct kvm_config *config = &vcpu->vm->config;

	return kvm_has_xapic(config) && config->apicv == KVM_APICV_OFF;
}

/*
 * Accesses besides the write of ICR itself: ICR is read to see that it is idle, and its upper half
 * written unless there is a shorthand (__default_send_IPI_dest_field).
 */
static int emulated_accesses(const struct vcpu *vcpu)
{
	if (!emulates_xapic(vcpu))
		return 0;
	return vcpu->action.icr.shorthand == LAPIC_DEST ? 2 : 1;
}

/* The map resolves destinations but for shorthands: there, KVM asks every vCPU. */
static int64_t icr_write_cost(const struct vcpu *vcpu)
{
	const struct kvm_costs *costs = &vcpu->vm->config.costs;
	const struct lapic_message *icr = &vcpu->action.icr;
	int targets = icr->logical ? __builtin_popcount(icr->dest & 0xffff) : 1;
	int64_t more = emulated_accesses(vcpu) * (costs->exit_ns + costs->xapic_access_ns);

	/* The write itself is an exit anyway, but of an instruction to be decoded. */
	if (more)
		more += costs->xapic_access_ns;
	if (icr->shorthand >= LAPIC_ALL)
		return costs->icr_write_slow_ns + more;
	return costs->icr_write_ns + (targets > 1 ? targets - 1 : 0) * costs->icr_target_ns + more;
}

static int64_t timer_count_cost(const struct vcpu *vcpu)
{
	const struct kvm_costs *costs = &vcpu->vm->config.costs;

	return costs->timer_count_ns + (emulates_xapic(vcpu) ? costs->xapic_access_ns : 0);
}

int64_t vcpu_exit_cost(const struct vcpu *vcpu, enum exit_reason reason)
{
	const struct kvm_costs *costs = &vcpu->vm->config.costs;

	switch (reason) {
	case EXIT_EXTERNAL_INTERRUPT: return costs->external_interrupt_ns;
	case EXIT_ICR_WRITE: return icr_write_cost(vcpu);
	case EXIT_INCOMPLETE_IPI: return costs->icr_write_ns;
	case EXIT_EOI_WRITE:
	case EXIT_EOI_INDUCED: return costs->eoi_write_ns;
	case EXIT_TIMER_COUNT: return timer_count_cost(vcpu);
	case EXIT_TIMER: return costs->timer_exit_ns;
	case EXIT_IO: return vcpu->action.kick ? costs->ioeventfd_ns : costs->io_exit_ns;
	case EXIT_HYPERCALL: return hypercall_cost(vcpu);
	default: return costs->exit_ns;
	}
}

/* What it does besides is not what the vCPU is at. */
static bool is_for_interrupt(enum exit_reason reason)
{
	return reason != EXIT_PAUSE && reason != EXIT_HLT && reason != EXIT_ICR_WRITE &&
	       reason != EXIT_INCOMPLETE_IPI && reason != EXIT_IO && reason != EXIT_HYPERCALL;
}

void vcpu_begin_exit(struct vcpu *vcpu, enum exit_reason reason)
{
	int64_t cost;

	vcpu->exit_reason = reason;
	vcpu->at_instruction_boundary = reason == EXIT_EXTERNAL_INTERRUPT;
	vcpu->vm->stats.exits[reason]++;
	if (reason == EXIT_ICR_WRITE)
		vcpu->vm->stats.exits[reason] += (uint64_t)emulated_accesses(vcpu);
	vcpu->irq_window = false;
	vcpu->nmi_window = false;
	vcpu_account(vcpu, VCPU_EXIT);
	trace_exit(vcpu, reason);
	if (vcpu->vm->config.guest_hint)
		vcpu_publish_hint(vcpu);
	vcpu->dy.cost_waived = false;
	vcpu->dy.interrupt_exit = is_for_interrupt(reason);
	directed_yield_exit(&vcpu->dy, reason == EXIT_PAUSE);
	cost = vcpu->dy.cost_waived && reason == EXIT_PAUSE ? 0 : vcpu_exit_cost(vcpu, reason);
	vcpu->entry_cost = cost - cost / 2;
	vcpu_spend(vcpu, VCPU_EXITING, cost / 2);
}
