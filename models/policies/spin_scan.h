/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rotation scan of kvm_vcpu_on_spin() (virt/kvm/kvm_main.c, Linux 7.2), which all policies that
 * look through the VM share: they differ in the filter and in the passes that they make.
 */
#ifndef MODELS_POLICIES_SPIN_SCAN_H
#define MODELS_POLICIES_SPIN_SCAN_H

#include <oversub/policy.h>

/* Attempts that may fail with -ESRCH before a scan gives up. */
#define SPIN_SCAN_TRIES 3

/* One call of on_spin; it outlives its passes, which share the budget. */
struct spin_scan {
	struct oversub_vcpu *me;
	bool want_kernel;
	/*
	 * Budget of -ESRCH results. A pass stops when it becomes exactly 0; a later pass may start
	 * with 0 and then has no limit.
	 */
	int tries;
	/* The filter comes first, and asks itself for all that it wants but the spin-loop test. */
	bool filter_first;
	bool any_state; /* do not ask for ready */
	int yielded;	/* result of the last attempt, 0 if there was none; 0 at first */
	/*
	 * The pass goes by what an earlier one of this call could note of every candidate (a bit
	 * per vCPU and rank), so that looking costs no time again.
	 */
	bool noted;
	int rank; /* which candidates the filter is to let pass; of spin_scan_ranked() */

	/*
	 * May candidate, ready and not me, be tried? If so say why in *reason, which is NONE at
	 * first.
	 */
	bool (*filter)(const struct spin_scan *scan, struct oversub_vcpu *candidate,
		       enum oversub_reason *reason);
	/* The spin-loop test, last of all and with its side effect; NULL: no such test. */
	bool (*eligible)(const struct spin_scan *scan, struct oversub_vcpu *candidate);
	const void *context; /* of filter and eligible */
};

/* Spin-loop test of mainline, for the field eligible. */
bool spin_scan_eligible(const struct spin_scan *scan, struct oversub_vcpu *candidate);

/* It waits for a CPU, and has something to do there. */
bool spin_scan_waits_for_cpu(const struct oversub_vcpu *vcpu);
/* Neither waiting for a CPU nor asleep. */
bool spin_scan_runs(const struct oversub_vcpu *vcpu);

/*
 * One pass over the VM from last_boosted + 1, trying every candidate that passes all tests until a
 * yield succeeds or the budget is spent. Returns the vCPU that was boosted or NULL.
 */
struct oversub_vcpu *spin_scan_pass(struct spin_scan *scan);
/*
 * A pass for each rank from 0 to ranks - 1, each in rotation order, until a yield succeeds or the
 * budget is spent. Only the first costs time.
 */
struct oversub_vcpu *spin_scan_ranked(struct spin_scan *scan, int ranks);

#endif
