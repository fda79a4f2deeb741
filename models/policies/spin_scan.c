/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: kvm_vcpu_on_spin(), virt/kvm/kvm_main.c, Linux 7.2. */
#include "spin_scan.h"

bool spin_scan_eligible(const struct spin_scan *scan, struct oversub_vcpu *candidate)
{
	return oversub_vcpu_eligible_for_directed_yield(candidate);
}

static bool sleeps(const struct oversub_vcpu *vcpu)
{
	return oversub_vcpu_blocking(vcpu) && !oversub_vcpu_dy_runnable(vcpu);
}

bool spin_scan_waits_for_cpu(const struct oversub_vcpu *vcpu)
{
	return oversub_vcpu_ready(vcpu) && !sleeps(vcpu);
}

bool spin_scan_runs(const struct oversub_vcpu *vcpu)
{
	return !oversub_vcpu_ready(vcpu) && !oversub_vcpu_blocking(vcpu);
}

/* All tests of one candidate, in the kernel's order: the last one has a side effect. */
static bool may_try(const struct spin_scan *scan, struct oversub_vcpu *candidate,
		    enum oversub_reason *reason)
{
	if (candidate == scan->me)
		return false;
	if (scan->filter_first && !scan->filter(scan, candidate, reason))
		return false;
	if (!scan->any_state && !oversub_vcpu_ready(candidate))
		return false;
	if (sleeps(candidate))
		return false;
	if (!scan->filter_first && !scan->filter(scan, candidate, reason))
		return false;
	return !scan->eligible || scan->eligible(scan, candidate);
}

struct oversub_vcpu *spin_scan_pass(struct spin_scan *scan)
{
	const struct oversub_vm *vm = oversub_vcpu_vm(scan->me);
	int nr = oversub_vm_nr_vcpus(vm);
	int index = oversub_vm_last_boosted(vm);
	struct oversub_vcpu *boosted = NULL;
	int seen;

	for (seen = 0; seen < nr && !boosted;) {
		enum oversub_reason reason = OVERSUB_REASON_NONE;
		struct oversub_vcpu *candidate;

		index = index + 1 < nr ? index + 1 : 0;
		candidate = oversub_vm_vcpu(vm, index);
		seen++;
		if (!may_try(scan, candidate, &reason))
			continue;
		oversub_explain(scan->me, reason);
		scan->yielded = oversub_yield_to(scan->me, candidate);
		if (scan->yielded > 0)
			boosted = candidate;
		else if (scan->yielded < 0 && --scan->tries == 0)
			break;
	}
	if (!scan->noted)
		oversub_account_scan(scan->me, seen);
	return boosted;
}

struct oversub_vcpu *spin_scan_ranked(struct spin_scan *scan, int ranks)
{
	struct oversub_vcpu *boosted = NULL;

	for (scan->rank = 0; scan->rank < ranks && scan->tries > 0 && !boosted; scan->rank++) {
		boosted = spin_scan_pass(scan);
		scan->noted = true;
	}
	return boosted;
}
