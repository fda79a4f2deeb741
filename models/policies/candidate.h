/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The candidate policies of this directory, for the registry. */
#ifndef MODELS_POLICIES_CANDIDATE_H
#define MODELS_POLICIES_CANDIDATE_H

#include <oversub/policy.h>

extern const struct oversub_candidate_policy candidate_none;
extern const struct oversub_candidate_policy candidate_sched_yield;
extern const struct oversub_candidate_policy candidate_mainline;
extern const struct oversub_candidate_policy candidate_v3;
extern const struct oversub_candidate_policy candidate_v3_strict;
extern const struct oversub_candidate_policy candidate_v3_fixed;
extern const struct oversub_candidate_policy candidate_v3_ranked;
extern const struct oversub_candidate_policy candidate_vee21;
extern const struct oversub_candidate_policy candidate_recv_mask;
extern const struct oversub_candidate_policy candidate_two_hop;
extern const struct oversub_candidate_policy candidate_adaptive_window;
extern const struct oversub_candidate_policy candidate_guest_wait_hint;
extern const struct oversub_candidate_policy candidate_oracle;
/* Controls: what a policy that claims to know its target is to be compared with. */
extern const struct oversub_candidate_policy candidate_any_preempted;
extern const struct oversub_candidate_policy candidate_random_preempted;
extern const struct oversub_candidate_policy candidate_v3_untracked;
extern const struct oversub_candidate_policy candidate_tracked_only;
extern const struct oversub_candidate_policy candidate_random_tracked;

#endif
