/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every built-in policy, in the order of `oversub list policies`. A new one is its file and one
 * line here.
 */
#ifndef MODELS_POLICIES_BUILTIN_H
#define MODELS_POLICIES_BUILTIN_H

#include <oversub/policy.h>

/* clang-format off */
/* POLICY(kind, name) stands for the const struct oversub_kind_policy kind_name. */
#define BUILTIN_POLICIES(POLICY) \
	POLICY(candidate, none) \
	POLICY(candidate, sched_yield) \
	POLICY(candidate, mainline) \
	POLICY(candidate, v3) \
	POLICY(candidate, v3_strict) \
	POLICY(candidate, v3_fixed) \
	POLICY(candidate, v3_ranked) \
	POLICY(candidate, vee21) \
	POLICY(candidate, recv_mask) \
	POLICY(candidate, two_hop) \
	POLICY(candidate, adaptive_window) \
	POLICY(candidate, guest_wait_hint) \
	POLICY(candidate, oracle) \
	POLICY(candidate, any_preempted) \
	POLICY(candidate, random_preempted) \
	POLICY(candidate, v3_untracked) \
	POLICY(candidate, tracked_only) \
	POLICY(candidate, random_tracked) \
	POLICY(sched, mainline) \
	POLICY(sched, lag_credit) \
	POLICY(sched, debooster_v2) \
	POLICY(sched, hforfeit) \
	POLICY(sched, debooster_v1) \
	POLICY(sched, vee_deboost) \
	POLICY(sched, pull_yield) \
	POLICY(sched, lag_transfer) \
	POLICY(sched, honest_yield) \
	POLICY(window, mainline) \
	POLICY(window, adaptive_ple) \
	POLICY(cosched, none) \
	POLICY(cosched, balance) \
	POLICY(cosched, demand) \
	POLICY(cosched, relaxed) \
	POLICY(cosched, gang) \
	POLICY(cosched, usliced) \
	POLICY(cosched, ecs)
/* clang-format on */

#define DECLARE_POLICY(kind_, name_) extern const struct oversub_##kind_##_policy kind_##_##name_;
BUILTIN_POLICIES(DECLARE_POLICY)
#undef DECLARE_POLICY

#endif
