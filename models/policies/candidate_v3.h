/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and private state of the candidate policies v3 and v3_strict, for replay and tests. */
#ifndef MODELS_POLICIES_CANDIDATE_V3_H
#define MODELS_POLICIES_CANDIDATE_V3_H

#include "ipi_track.h"

/* What an EOI of the receiver clears. */
enum candidate_v3_eoi {
	CANDIDATE_V3_EOI_V3,   /* the relation of the matching vector */
	CANDIDATE_V3_EOI_V2,   /* all of the receiver's context, as posted in v2 */
	CANDIDATE_V3_EOI_NONE, /* nothing: only the window ends a relation */
};

struct candidate_v3_params {
	struct ipi_track_config tracking;
	int64_t enable_relaxed_boost; /* bool: second pass that asks for preempted only */
	int64_t eoi;		      /* enum candidate_v3_eoi */
	int64_t eoi_hook_pv;	      /* bool: EOIs that are learnt of through PV EOI count */
	int64_t accept_woken;	      /* bool: vCPUs that were woken, not preempted, pass */
	int64_t rearm_tries;	      /* bool: the second pass gets a budget of its own */
	int64_t toggle_once;	      /* bool: the spin-loop test is made once per call */
};

/* Private bytes of a vCPU. */
struct candidate_v3_vcpu {
	struct ipi_track track;
	uint64_t tested_in; /* with toggle_once: call of on_spin that last tested this vCPU */
	bool test_result;   /* and what came out */
};

/* Private bytes of a VM. */
struct candidate_v3_vm {
	uint64_t calls; /* of on_spin */
};

#endif
