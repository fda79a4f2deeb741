/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters of a VM's virtual hardware, and what its exits cost (kvm.md section 7; what is derived
 * from other rows says so). A unicast IPI to a running vCPU then takes, from ICR write to handler,
 * 300 + 900 + 1040 = 2240 ns with APICv and 300 + 900 + 710 + 1040 = 2950 ns without.
 */
#include "models/kvm/kvm.h"

#include <string.h>

static const char *const apicv_choices[] = {"off", "on", NULL};

static const char *const pv_choices[] = {"none", "default", "pv_kick", NULL};

const struct oversub_param kvm_params[] = {
	OVERSUB_ENUM(struct kvm_config, apicv, apicv_choices, KVM_APICV_OFF,
		     "interrupt virtualisation: off, or on without IPI virtualisation (IPI sends "
		     "exit, EOIs do not)"),
	OVERSUB_ENUM(struct kvm_config, pv, pv_choices, KVM_PV_NONE,
		     "paravirtual features that are on unless given by themselves: none; default, "
		     "what most Linux guests use (pv_eoi, pv_unhalt, steal_time, pv_tlb_flush, "
		     "pv_send_ipi, pv_sched_yield); pv_kick, pv_unhalt alone"),
	OVERSUB_BOOL(struct kvm_config, pv_eoi, 0,
		     "paravirtual EOI; has an effect with apicv off only"),
	OVERSUB_BOOL(struct kvm_config, pv_unhalt, 0,
		     "a guest can wake a halted vCPU by hypercall, so its locks may be of kind pv"),
	OVERSUB_BOOL(struct kvm_config, steal_time, 0,
		     "steal time: the guest knows which of its vCPUs are preempted, those that "
		     "yielded in a pause loop aside"),
	OVERSUB_BOOL(struct kvm_config, pv_tlb_flush, 0,
		     "TLB shootdowns leave preempted vCPUs to the host instead of interrupting "
		     "them; has an effect with steal_time only"),
	OVERSUB_BOOL(struct kvm_config, pv_send_ipi, 0,
		     "an IPI to several vCPUs, but not all others, is one hypercall, which IPI "
		     "tracking does not see"),
	OVERSUB_BOOL(struct kvm_config, pv_sched_yield, 0,
		     "after a call-function IPI to several vCPUs, the sender yields to the first "
		     "that is preempted; has an effect with steal_time only"),
	OVERSUB_BOOL(
		struct kvm_config, realtime_hint, 0,
		"the guest is told that its vCPUs own their CPUs: spinlocks are queued, and it "
		"uses neither pv_tlb_flush nor pv_sched_yield"),
	OVERSUB_BOOL(struct kvm_config, guest_hint, 0,
		     "the guest publishes which vCPU it spins for and whether it had better not be "
		     "preempted; no present kernel does"),
	OVERSUB_PARAM_END,
};

#define COST(field_, def_, help_)                                                                  \
	OVERSUB_DURATION(struct kvm_costs, field_, (def_), 0, 1000000000, (help_))

const struct oversub_param kvm_costs_params[] = {
	COST(exit_ns, 500, "VM exit and entry with a trivial handler"),
	COST(external_interrupt_ns, 710, "external-interrupt exit and entry"),
	COST(icr_write_ns, 600, "ICR write exit and entry, fast path"),
	COST(icr_write_slow_ns, 900, "ICR write exit and entry, slow path: to all or all others"),
	COST(eoi_write_ns, 550, "EOI write exit and entry"),
	COST(eoi_virtual_ns, 5, "EOI without an exit: virtualised or paravirtual"),
	COST(scan_vcpu_ns, 15, "on_spin: looking at one vCPU"),
	COST(yield_to_ns, 250, "on_spin: one yield_to, context switch aside"),
	COST(halt_block_ns, 1250, "HLT handled to thread asleep"),
	COST(timer_exit_ns, 500, "preemption-timer exit and entry"),
	COST(guest_interrupt_ns, 1040, "vector injected to handler running"),
	COST(io_exit_ns, 2300, "exit to user space and back"),
	COST(hypercall_ns, 700, "hypercall, a context switch aside"),
	COST(hypercall_target_ns, 150, "hypercall that sends IPIs: each target"),
	COST(guest_hint_ns, 2, "guest_hint: a change of what the guest publishes"),
	OVERSUB_PARAM_END,
};

bool kvm_pv_includes(enum kvm_pv set, const char *name)
{
	static const char *const features[] = {"pv_eoi",       "pv_unhalt",   "steal_time",
					       "pv_tlb_flush", "pv_send_ipi", "pv_sched_yield"};

	if (set == KVM_PV_KICK)
		return !strcmp(name, "pv_unhalt");
	for (size_t i = 0; set == KVM_PV_DEFAULT && i < sizeof(features) / sizeof(*features); i++)
		if (!strcmp(name, features[i]))
			return true;
	return false;
}

void kvm_config_settle(struct kvm_config *config)
{
	if (!config->realtime_hint)
		return;
	config->pv_tlb_flush = 0;
	config->pv_sched_yield = 0;
}
