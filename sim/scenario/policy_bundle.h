/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies of several axes as one value, "v3+lag_credit+balance", so that a sweep can go through
 * pairs that make sense instead of through all combinations: --vary policies=mainline,v3+lag_credit
 */
#ifndef SIM_SCENARIO_POLICY_BUNDLE_H
#define SIM_SCENARIO_POLICY_BUNDLE_H

#include <oversub/error.h>

#include "sim/scenario/policy_registry.h"
#include "sim/scenario/scenario.h"

/* The path that --vary takes for it; no scenario has it. */
#define POLICY_BUNDLE_PATH "policies"

/* What a bundle stands for. */
struct policy_bundle {
	struct scenario_override list[OVERSUB_POLICY_KINDS];
	int nr;	    /* of the entries of list, in the order of the axes */
	char *text; /* memory behind the values; owned */
};

/*
 * Take text apart: a candidate policy, then, each with a '+' before it, policies of other axes in
 * any order. Each goes to the axis that has a policy of that name; "mainline" is the sched policy.
 * The sched policy is mainline if none is named; window and cosched are left as they are then.
 * OVERSUB_BAD_INPUT: no policy of that name, or two for one axis.
 */
enum oversub_status policy_bundle_parse(const char *text, const struct policy_registry *policies,
					struct policy_bundle *bundle, struct oversub_error *error);
/* Free what bundle points to. */
void policy_bundle_free(struct policy_bundle *bundle);

#endif
