/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scan of candidate policy mainline, for policies that fall back on it. */
#ifndef MODELS_POLICIES_CANDIDATE_MAINLINE_H
#define MODELS_POLICIES_CANDIDATE_MAINLINE_H

#include <oversub/policy.h>

struct candidate_mainline_params {
	int64_t tries;		  /* -ESRCH results that end the scan */
	int64_t filter_spin_loop; /* bool: the spin-loop test is made */
	int64_t use_ready;	  /* bool: only who waits for a CPU */
	int64_t accept_woken;	  /* bool: who was woken, not preempted, may be tried */
};

/* on_spin of mainline. */
struct oversub_vcpu *candidate_mainline_scan(struct oversub_vcpu *me, bool want_kernel,
					     const struct candidate_mainline_params *params);

#endif
