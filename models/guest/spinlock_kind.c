/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the spinlocks of a Linux guest are. Its kernel decides once, at boot, for all of them, by
 * what the host says of the VM.
 *
 * Source: kvm_spinlock_init(), arch/x86/kernel/kvm.c, Linux 7.2.
 */
#include "models/guest/guest.h"

struct guest_spinlocks guest_spinlocks(const struct kvm_config *config, int64_t nr_vcpus)
{
	/* Where vCPUs own their CPUs, or there is one only, nothing is lost by being fair. */
	if (config->realtime_hint)
		return (struct guest_spinlocks){LOCK_QUEUED, "realtime_hint"};
	if (nr_vcpus == 1)
		return (struct guest_spinlocks){LOCK_QUEUED, "one vCPU"};
	if (config->pv_unhalt && !config->cpu_pm)
		return (struct guest_spinlocks){LOCK_PV, "pv_unhalt"};
	/* In a queue a waiter without a CPU would hold up all behind it (virt_spin_lock()). */
	return (struct guest_spinlocks){LOCK_TAS, config->cpu_pm ? "cpu_pm" : "no pv_unhalt"};
}

const char *guest_spinlock_needs(enum lock_kind kind, const struct kvm_config *config,
				 int64_t nr_vcpus)
{
	/* One vCPU never finds a spinlock taken, whatever it is. */
	if (nr_vcpus == 1 || guest_spinlocks(config, nr_vcpus).kind == kind)
		return NULL;
	switch (kind) {
	case LOCK_QUEUED: return "with the REALTIME hint";
	case LOCK_PV: return "without the REALTIME hint";
	case LOCK_TAS:
		if (!config->realtime_hint)
			return "without pv_unhalt";
		return config->pv_unhalt ? "without pv_unhalt and the REALTIME hint"
					 : "without the REALTIME hint";
	default: return NULL;
	}
}
