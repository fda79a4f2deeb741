/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and private state of sched policy vee_deboost. A scenario sets the parameters by their
 * names. */
#ifndef MODELS_POLICIES_SCHED_VEE_DEBOOST_H
#define MODELS_POLICIES_SCHED_VEE_DEBOOST_H

#include <oversub/policy.h>

struct vee_deboost_params {
	int64_t enabled; /* bool; off is mainline */
};

#endif
