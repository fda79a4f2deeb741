/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters of a VM's virtual hardware, and what its exits cost (kvm.md section 7). */
#include "models/kvm/kvm.h"

static const char *const apicv_choices[] = {"off", "on", NULL};

const struct oversub_param kvm_params[] = {
	OVERSUB_ENUM(struct kvm_config, apicv, apicv_choices, KVM_APICV_OFF,
		     "interrupt virtualisation: off, or on without IPI virtualisation (IPI sends "
		     "exit, EOIs do not)"),
	OVERSUB_BOOL(struct kvm_config, pv_eoi, 0,
		     "paravirtual EOI; has an effect with apicv off only"),
	OVERSUB_PARAM_END,
};

#define COST(field_, def_, help_)                                                                  \
	OVERSUB_DURATION(struct kvm_costs, field_, (def_), 0, 1000000000, (help_))

const struct oversub_param kvm_costs_params[] = {
	COST(exit_ns, 500, "VM exit and entry with a trivial handler (kvm.md 7, row 1)"),
	COST(external_interrupt_ns, 710, "external-interrupt exit and entry (row 5)"),
	COST(icr_write_ns, 600, "ICR write exit and entry, fast path (row 6)"),
	COST(eoi_write_ns, 550, "EOI write exit and entry (row 8)"),
	COST(eoi_virtual_ns, 5, "EOI without an exit: virtualised or paravirtual (row 9)"),
	COST(scan_vcpu_ns, 15, "on_spin: looking at one vCPU (row 16)"),
	COST(yield_to_ns, 250, "on_spin: one yield_to, context switch aside (row 17)"),
	COST(halt_block_ns, 1250, "HLT handled to thread asleep (row 22 less half an exit)"),
	COST(timer_exit_ns, 500, "preemption-timer exit and entry (row 24)"),
	COST(guest_interrupt_ns, 1040,
	     "vector injected to handler running (row 10 less ICR exit and IPI flight)"),
	COST(io_exit_ns, 2300, "exit to user space and back (row 4)"),
	OVERSUB_PARAM_END,
};
