/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: kvm_vcpu_on_spin(), virt/kvm/kvm_main.c, Linux 7.2. */
#include "spin_scan.h"

bool spin_scan_eligible(const struct spin_scan *scan, struct oversub_vcpu *candidate)
{
	return oversub_vcpu_eligible_for_directed_yield(candidate);
}

/* All tests of one candidate, in the kernel's order: the last one has a side effect. */
static bool may_try(const struct spin_scan *scan, struct oversub_vcpu *candidate,
		    enum oversub_reason *reason)
{
	if (candidate == scan->me)
		return false;
	if (!scan->any_state && !oversub_vcpu_ready(candidate))
		return false;
	if (oversub_vcpu_blocking(candidate) && !oversub_vcpu_dy_runnable(candidate))
		return false;
	if (!scan->filter(scan, candidate, reason))
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

	scan->yielded = 0;
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
	oversub_account_scan(scan->me, seen);
	return boosted;
}
