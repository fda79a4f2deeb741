/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters of a VM's virtual hardware, and what its exits cost (sources: models/kvm/README.md,
 * Costs). A unicast IPI to a running vCPU then takes, from ICR write to handler,
 * 300 + 900 + 1040 = 2240 ns with APICv and 300 + 900 + 710 + 450 + 1040 = 3400 ns without it, and
 * 70 + 690 + 1040 = 1800 ns if hardware delivers it.
 */
#include "models/kvm/kvm.h"

#include <string.h>

static const char *const apicv_choices[] = {"off", "on", "ipiv", "avic", NULL};
static const char *const x2apic_choices[] = {"physical", "cluster", "off", "flat", NULL};
static const char *const lapic_timer_choices[] = {"tsc_deadline", "one_shot", "periodic", NULL};
static const char *const device_delivery_choices[] = {"fixed", "lowest", NULL};
static const char *const device_trigger_choices[] = {"edge", "level", NULL};

static const char *const io_thread_choices[] = {"vhost", "iothread", NULL};
static const char *const pv_choices[] = {"none", "default", "pv_kick", NULL};

const struct oversub_param kvm_params[] = {
	OVERSUB_ENUM(struct kvm_config, apicv, apicv_choices, KVM_APICV_OFF,
		     "interrupt virtualisation: off; on without IPI virtualisation (IPI sends "
		     "exit, EOIs do not); ipiv: Intel, and hardware delivers IPIs to a single "
		     "physical destination; avic: AMD x2AVIC, hardware delivers IPIs and exits if "
		     "a target does not run"),
	OVERSUB_ENUM(struct kvm_config, x2apic, x2apic_choices, KVM_X2APIC_PHYSICAL,
		     "destination mode of the guest: an IPI to several vCPUs is one ICR write for "
		     "each (physical), or for each cluster of 16 (cluster); in cluster mode single "
		     "IPIs have logical destinations too, which ipiv does not virtualise; off: "
		     "xAPICs, reached through memory, with physical destinations; flat: xAPICs, "
		     "whose logical destinations reach any of up to 8 vCPUs at once, as guests "
		     "before Linux 6.15 have it (more vCPUs: as off)"),
	OVERSUB_ENUM(struct kvm_config, lapic_timer, lapic_timer_choices, KVM_TIMER_TSC_DEADLINE,
		     "mode of the guest's LAPIC timers; in periodic mode sleeps end at a tick"),
	OVERSUB_DURATION(struct kvm_config, timer_advance, 0, 0, 100000,
			 "how much too early the host's timer for a TSC deadline fires, the rest "
			 "being waited for busily before entry; KVM settles at about 1 us"),
	OVERSUB_ENUM(struct kvm_config, device_delivery, device_delivery_choices, KVM_DEVICE_FIXED,
		     "device interrupts: fixed, to the vCPU that waits for the device, or lowest "
		     "priority, to whichever vCPU vector hashing selects"),
	OVERSUB_ENUM(struct kvm_config, device_trigger, device_trigger_choices, KVM_DEVICE_EDGE,
		     "device interrupts: edge-triggered, or level-triggered, whose EOIs exit "
		     "whatever apicv is"),
	OVERSUB_ENUM(struct kvm_config, pv, pv_choices, KVM_PV_NONE,
		     "paravirtual features that are on unless given by themselves: none; default, "
		     "what most Linux guests use (pv_eoi, pv_unhalt, steal_time, pv_tlb_flush, "
		     "pv_send_ipi, pv_sched_yield); pv_kick, pv_unhalt alone"),
	OVERSUB_BOOL(struct kvm_config, pv_eoi, 0,
		     "paravirtual EOI; has an effect with apicv off only"),
	OVERSUB_BOOL(struct kvm_config, pv_unhalt, 0,
		     "a guest can wake a halted vCPU by hypercall, so its spinlocks are of kind pv "
		     "instead of test-and-set"),
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
	OVERSUB_BOOL(struct kvm_config, realtime_hint, 0,
		     "KVM_HINTS_REALTIME: the guest is told that its vCPUs own their CPUs, so its "
		     "spinlocks are queued, as those of bare metal, and it "
		     "uses neither pv_tlb_flush nor pv_sched_yield"),
	OVERSUB_BOOL(struct kvm_config, guest_hint, 0,
		     "the guest publishes which vCPU it spins for and whether it had better not be "
		     "preempted; no present kernel does"),
	OVERSUB_BOOL(struct kvm_config, report_yielded, 0,
		     "steal_time also reports vCPUs that left their CPU in a pause loop or any "
		     "other exit of their own, as hosts before Linux 5.19 did"),
	OVERSUB_BOOL(struct kvm_config, cpu_pm, 0,
		     "HLT and PAUSE do not exit (QEMU: -overcommit cpu-pm=on): an idle vCPU keeps "
		     "its CPU, there are no pause-loop exits, and KVM offers no pv_unhalt"),
	OVERSUB_ENUM(struct kvm_config, io_thread, io_thread_choices, KVM_IO_VHOST,
		     "who serves an io of the guest that is served by io_thread: vhost, workers in "
		     "the kernel, in the cgroup of the emulator; or iothread, threads of QEMU, "
		     "which libvirt gives cgroups of their own"),
	OVERSUB_INT(struct kvm_config, io_threads, "threads", 1, 1, 64,
		    "how many of them the VM has if there is such an io; requests of vCPU i go to "
		    "number i modulo this"),
	OVERSUB_PARAM_END,
};

#define COST(field_, def_, help_)                                                                  \
	OVERSUB_DURATION(struct kvm_costs, field_, (def_), 0, 1000000000, (help_))

const struct oversub_param kvm_costs_params[] = {
	COST(exit_ns, 500, "VM exit and entry with a trivial handler"),
	COST(external_interrupt_ns, 710, "external-interrupt exit and entry"),
	COST(icr_write_ns, 600, "ICR write exit and entry, fast path"),
	COST(icr_write_slow_ns, 900, "ICR write exit and entry, slow path: to all or all others"),
	COST(icr_target_ns, 150, "ICR write to a logical destination: each target after the first"),
	COST(xapic_access_ns, 700,
	     "access to a register of an xAPIC that KVM has to emulate, on top of its exit"),
	COST(icr_virtual_ns, 70, "ICR write that hardware carries out, without an exit"),
	COST(hardware_ipi_ns, 690,
	     "from such a write to the arrival of the notification or doorbell"),
	COST(self_ipi_ns, 70, "self IPI with apicv, from the write to the handler"),
	COST(eoi_write_ns, 550, "EOI write exit and entry"),
	COST(eoi_virtual_ns, 5, "EOI without an exit: virtualised or paravirtual"),
	COST(scan_vcpu_ns, 15, "on_spin: looking at one vCPU"),
	COST(yield_to_ns, 250, "on_spin: one yield_to, context switch aside"),
	COST(halt_block_ns, 1250, "HLT handled to thread asleep"),
	COST(timer_exit_ns, 500, "preemption-timer exit and entry"),
	COST(timer_count_ns, 800, "exit and entry for a write of the LAPIC timer's initial count"),
	COST(software_injection_ns, 450,
	     "with apicv off, injection of a vector at entry, on top of the exit"),
	COST(guest_interrupt_ns, 1040, "vector injected to handler running"),
	COST(io_exit_ns, 2300, "exit to user space and back"),
	COST(ioeventfd_ns, 700, "exit that kicks an io_thread (ioeventfd), and entry"),
	COST(io_complete_ns, 3000,
	     "CPU time of an io_thread when the device is through with a request"),
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

/* The vendor whose hardware config describes: apicv decides if ple.type is left to it. */
static enum ple_type vendor_of(const struct kvm_config *config)
{
	if (config->ple.type == PLE_AUTO)
		return config->apicv == KVM_APICV_AVIC ? PLE_AMD : PLE_INTEL;
	return (enum ple_type)config->ple.type;
}

void kvm_config_settle(struct kvm_config *config)
{
	config->ple.type = vendor_of(config);
	/* Nobody could wake a vCPU that halts without KVM's knowledge. */
	if (config->cpu_pm)
		config->pv_unhalt = 0;
	if (!config->realtime_hint)
		return;
	config->pv_tlb_flush = 0;
	config->pv_sched_yield = 0;
}

enum oversub_status kvm_config_check(const struct kvm_config *config, const char **field,
				     struct oversub_error *error)
{
	bool amd = vendor_of(config) == PLE_AMD;

	if (field)
		*field = "apicv";
	if (config->apicv == KVM_APICV_AVIC && !amd)
		return oversub_fail(
			error, OVERSUB_BAD_INPUT,
			"\"avic\" is AMD's, but ple.type is \"intel\"; choose \"ipiv\", "
			"or leave out ple.type");
	if (config->apicv == KVM_APICV_IPIV && amd)
		return oversub_fail(
			error, OVERSUB_BAD_INPUT,
			"\"ipiv\" is Intel's, but ple.type is \"amd\"; choose \"avic\", "
			"or leave out ple.type");
	return OVERSUB_OK;
}

enum oversub_status kvm_vcpus_check(const struct kvm_config *config, int64_t nr_vcpus,
				    struct oversub_error *error)
{
	if (!kvm_has_xapic(config) || nr_vcpus <= KVM_XAPIC_VCPUS)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%lld vCPUs, but xAPICs have ids for %d: choose x2apic \"physical\" or "
			    "\"cluster\"",
			    (long long)nr_vcpus, KVM_XAPIC_VCPUS);
}
