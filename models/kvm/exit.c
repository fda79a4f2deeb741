/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each exit costs and does. Costs: kvm.md section 7. */
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

void vcpu_trace_exit(struct vcpu *vcpu, enum exit_reason reason)
{
	struct trace_exit exit = {.reason = hardware_reasons[reason],
				  .svm = vcpu->vm->ple.type == PLE_AMD};

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

/* The map resolves destinations but for shorthands: there, KVM asks every vCPU. */
static int64_t icr_write_cost(const struct vcpu *vcpu)
{
	const struct kvm_costs *costs = &vcpu->vm->config.costs;
	const struct lapic_message *icr = &vcpu->action.icr;
	int targets = icr->logical ? __builtin_popcount(icr->dest & 0xffff) : 1;

	if (icr->shorthand >= LAPIC_ALL)
		return costs->icr_write_slow_ns;
	return costs->icr_write_ns + (targets > 1 ? targets - 1 : 0) * costs->icr_target_ns;
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
	case EXIT_TIMER_COUNT: return costs->timer_count_ns;
	case EXIT_TIMER: return costs->timer_exit_ns;
	case EXIT_IO: return costs->io_exit_ns;
	case EXIT_HYPERCALL: return hypercall_cost(vcpu);
	default: return costs->exit_ns;
	}
}

void vcpu_handle_exit(struct vcpu *vcpu)
{
	if (vcpu->pv_eoi_done || vcpu->pv_eoi_armed)
		vcpu_sync_pv_eoi(vcpu);

	switch (vcpu->exit_reason) {
	case EXIT_PAUSE: vcpu_on_spin(vcpu); return;
	case EXIT_HYPERCALL: vcpu_handle_hypercall(vcpu); return;
	case EXIT_HLT:
		vcpu_complete_action(vcpu);
		directed_yield_halt(&vcpu->dy);
		vcpu_halt(vcpu);
		return;
	case EXIT_ICR_WRITE:
		vcpu_send_ipi(vcpu);
		vcpu_complete_action(vcpu);
		break;
	case EXIT_INCOMPLETE_IPI:
		vcpu_complete_ipi(vcpu);
		vcpu_complete_action(vcpu);
		break;
	case EXIT_EOI_WRITE:
	case EXIT_EOI_INDUCED:
		vcpu_write_eoi(vcpu);
		vcpu_complete_action(vcpu);
		break;
	case EXIT_TIMER_ARM:
	case EXIT_TIMER_COUNT:
		vcpu_arm_timer(vcpu);
		vcpu_complete_action(vcpu);
		break;
	case EXIT_IO:
		vcpu_complete_action(vcpu);
		/* In user space; KVM_RUN begins anew at the last check before entry. */
		vcpu->dy.wants_to_run = false;
		break;
	default:
		/* Interrupt, interrupt window, timer: entry does the rest. */
		break;
	}
	vcpu_prepare_entry(vcpu, vcpu->entry_cost);
}
