/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every built-in policy: a new one is its file and one line here. */
#include <oversub/policy.h>

#include "candidate.h"
#include "cosched.h"
#include "sched.h"
#include "window.h"

const struct oversub_candidate_policy *const oversub_candidate_policies[] = {
	&candidate_none,
	&candidate_sched_yield,
	&candidate_mainline,
	&candidate_v3,
	&candidate_v3_strict,
	&candidate_v3_fixed,
	&candidate_v3_ranked,
	&candidate_vee21,
	&candidate_recv_mask,
	&candidate_two_hop,
	&candidate_adaptive_window,
	&candidate_guest_wait_hint,
	&candidate_oracle,
	&candidate_any_preempted,
	&candidate_random_preempted,
	&candidate_v3_untracked,
	&candidate_tracked_only,
	&candidate_random_tracked,
	NULL,
};

const struct oversub_sched_policy *const oversub_sched_policies[] = {
	&sched_mainline,     &sched_lag_credit,
	&sched_debooster_v2, &sched_hforfeit,
	&sched_debooster_v1, &sched_vee_deboost,
	&sched_pull_yield,   &sched_lag_transfer,
	&sched_honest_yield, NULL,
};

const struct oversub_window_policy *const oversub_window_policies[] = {
	&window_mainline,
	&window_adaptive_ple,
	NULL,
};

const struct oversub_cosched_policy *const oversub_cosched_policies[] = {
	&cosched_none, &cosched_balance, &cosched_demand, &cosched_relaxed,
	&cosched_gang, &cosched_usliced, &cosched_ecs,	  NULL,
};
