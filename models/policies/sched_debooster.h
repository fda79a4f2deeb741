/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and private state of sched policy debooster_v1, debooster_v2. A scenario sets the
 * parameters by their names. */
#ifndef MODELS_POLICIES_SCHED_DEBOOSTER_H
#define MODELS_POLICIES_SCHED_DEBOOSTER_H

#include <oversub/policy.h>

struct debooster_params {
	int64_t enabled; /* bool; off is mainline */
	int64_t rate_ns;
	int64_t refresh_on_reject; /* bool */
	int64_t reverse_ns;
	int64_t use_h_nr;				     /* bool */
	double gap_weight;				     /* of the gap in the penalty */
	double cap_2, cap_3, cap_6, cap_8, cap_12, cap_more; /* base slices; for up to so many */
};

/* Private bytes of a run queue. */
struct debooster_rq {
	uint64_t last; /* clock of the limiter; 0 never */
	const struct eevdf_entity
		*yielder; /* the last pair that got past all tests; compared only */
	const struct eevdf_entity *target;
	uint64_t pair_clock;
};

#endif
