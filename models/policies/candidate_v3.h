/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The candidate policies of v3's kind: their parameters, their private state, and their callbacks,
 * for policies that are layered on them, for replay and for tests.
 *
 * A policy layered on v3 has parameters and private bytes that begin with those below.
 */
#ifndef MODELS_POLICIES_CANDIDATE_V3_H
#define MODELS_POLICIES_CANDIDATE_V3_H

#include <oversub/policy.h>

#include "ipi_track.h"

/* What an EOI of the receiver clears. */
enum candidate_v3_eoi {
	CANDIDATE_V3_EOI_V3,   /* the relation of the matching vector */
	CANDIDATE_V3_EOI_V2,   /* all of the receiver's context, as posted in v2 */
	CANDIDATE_V3_EOI_NONE, /* nothing: only the window ends a relation */
};
extern const char *const candidate_v3_eoi_choices[];

struct candidate_v3_params {
	struct ipi_track_config tracking;
	int64_t enable_relaxed_boost;  /* bool: second pass that asks for preempted only */
	int64_t eoi;		       /* enum candidate_v3_eoi */
	int64_t eoi_hook_pv;	       /* bool: EOIs that are learnt of through PV EOI count */
	int64_t accept_woken;	       /* bool: vCPUs that were woken, not preempted, pass */
	int64_t rearm_tries;	       /* bool: the second pass gets a budget of its own */
	int64_t toggle_once;	       /* bool: the spin-loop test is made once per call */
	int64_t skip_relaxed_on_esrch; /* bool: no second pass if the first ended with -ESRCH */
	int64_t ranked;		       /* bool: tier after tier, not all tiers in one rotation */
	int64_t ret_if_rcv_running;    /* bool: no yield while the recent receiver runs */
};

_Static_assert(offsetof(struct candidate_v3_params, tracking) == 0,
	       "the tables take offsets in the tracking config for offsets in the params");

/* Entries of parameter tables: the tracking, and what fixed_ mends of what was posted. */
#define CANDIDATE_V3_TRACKING(fixed_)                                                              \
	OVERSUB_BOOL(struct ipi_track_config, ipi_tracking_enabled, 1,                             \
		     "Record who sent whom the last unicast IPI."),                                \
		OVERSUB_DURATION(struct ipi_track_config, ipi_window_ns, 50000000, 0, INT64_MAX,   \
				 "Age up to which a recorded IPI makes its receiver a "            \
				 "candidate."),                                                    \
		OVERSUB_BOOL(struct ipi_track_config, shared_vector, !(fixed_),                    \
			     "One vector field for sent and received IPIs, as posted."),           \
		OVERSUB_ENUM(struct candidate_v3_params, eoi, candidate_v3_eoi_choices,            \
			     CANDIDATE_V3_EOI_V3,                                                  \
			     "What an EOI clears: the matching relation, everything, nothing."),   \
		OVERSUB_BOOL(struct candidate_v3_params, eoi_hook_pv, 1,                           \
			     "Act on EOIs that KVM learns of late through PV EOI (not in v2).")
/* The scan, but for what only v3's own uses, or only who tracks. */
#define CANDIDATE_V3_SCAN(relaxed_, fixed_)                                                        \
	OVERSUB_BOOL(struct candidate_v3_params, enable_relaxed_boost, relaxed_,                   \
		     "Scan again for any preempted vCPU if the first scan failed."),               \
		OVERSUB_BOOL(struct candidate_v3_params, accept_woken, fixed_,                     \
			     "Accept vCPUs that were woken but not preempted, as mainline does."), \
		OVERSUB_BOOL(struct candidate_v3_params, rearm_tries, fixed_,                      \
			     "Give the second scan a budget of its own."),                         \
		OVERSUB_BOOL(struct candidate_v3_params, toggle_once, fixed_,                      \
			     "Evaluate the spin-loop test once per candidate and call."),          \
		OVERSUB_BOOL(struct candidate_v3_params, skip_relaxed_on_esrch, fixed_,            \
			     "No second scan if the first one's last attempt failed for want of "  \
			     "a second task.")
/* All parameters of v3. */
#define CANDIDATE_V3_PARAMS(relaxed_, fixed_, ranked_)                                             \
	CANDIDATE_V3_TRACKING(fixed_), CANDIDATE_V3_SCAN(relaxed_, fixed_),                        \
		OVERSUB_BOOL(struct candidate_v3_params, ret_if_rcv_running, 0,                    \
			     "Back to the guest at once while the recent receiver runs."),         \
		OVERSUB_BOOL(struct candidate_v3_params, ranked, ranked_,                          \
			     "Try recent receivers first, then pending interrupts, then the "      \
			     "preempted; not all of them in one rotation.")

/* Private bytes of a vCPU. */
struct candidate_v3_vcpu {
	struct ipi_track track;
	uint64_t tested_in; /* with toggle_once: call of on_spin that last tested this vCPU */
	bool test_result;   /* and what came out */
	int64_t window_ns;  /* of this sender, instead of ipi_window_ns; 0: none of its own */
};

/* Private bytes of a VM. */
struct candidate_v3_vm {
	uint64_t calls; /* of on_spin */
};

/* Callbacks of v3. */
struct oversub_vcpu *candidate_v3_on_spin(struct oversub_vcpu *me, bool want_kernel);
void candidate_v3_vcpu_reset(struct oversub_vcpu *vcpu);
void candidate_v3_on_ipi(const struct oversub_ipi *ipi);
void candidate_v3_on_eoi(struct oversub_vcpu *receiver, int vector, bool pv);

/*
 * How the initializer of a policy begins that tracks IPIs as v3 does. Its private bytes of a vCPU
 * are those of v3.
 */
#define CANDIDATE_V3_TRACKS                                                                        \
	OVERSUB_CANDIDATE_POLICY,                                                                  \
		.head.needs = OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_EOI,    \
		.vm_private_size = sizeof(struct candidate_v3_vm),                                 \
		.vcpu_private_size = sizeof(struct candidate_v3_vcpu), .wants_ple_exits = true,    \
		.vcpu_reset = candidate_v3_vcpu_reset, .on_ipi = candidate_v3_on_ipi,              \
		.on_eoi = candidate_v3_on_eoi

/*
 * on_spin of v3 with that vCPU, which may be NULL, as the receiver of the recent IPI of me.
 * stand_in: it is not, whatever the filter thinks, and statistics are not told so.
 */
struct oversub_vcpu *candidate_v3_scan(struct oversub_vcpu *me, bool want_kernel,
				       const struct oversub_vcpu *receiver, bool stand_in);

struct ipi_track *candidate_v3_track(const struct oversub_vcpu *vcpu);
/* Whom vcpu sent its recent and pending IPI; NULL if there is none. */
struct oversub_vcpu *candidate_v3_receiver(const struct oversub_vcpu *vcpu);

/* The tiers of patch 9. */
enum candidate_v3_tier {
	CANDIDATE_V3_RECEIVER,	/* of the spinner's recent IPI */
	CANDIDATE_V3_INTERRUPT, /* an interrupt is pending for it, where hardware tells */
	CANDIDATE_V3_PREEMPTED, /* in kernel mode, if that is asked for; woken, if accepted */
	CANDIDATE_V3_TIERS,	/* none of them */
};

/* The tier of candidate besides RECEIVER, which the caller rules on, with the reason for it. */
enum candidate_v3_tier candidate_v3_tier(const struct oversub_vcpu *candidate, bool want_kernel,
					 bool is_receiver, bool accept_woken,
					 enum oversub_reason *reason);

#endif
