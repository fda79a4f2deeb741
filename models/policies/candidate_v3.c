/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: the KVM half (patches 6 to 10) of the IPI-aware directed yield series for oversubscribed
 * KVM that Wanpeng Li posted, in its third version. The tiers are a filter on each candidate of the
 * rotation, not a ranking among candidates.
 */
#include "candidate_v3.h"

#include "candidate.h"
#include "spin_scan.h"

static const char *const eoi_choices[] = {"v3", "v2", "none", NULL};

_Static_assert(offsetof(struct candidate_v3_params, tracking) == 0,
	       "the tables take offsets in the tracking config for offsets in the params");

#define V3_PARAMS(relaxed_)                                                                        \
	{                                                                                          \
		OVERSUB_BOOL(struct ipi_track_config, ipi_tracking_enabled, 1,                     \
			     "Record who sent whom the last unicast IPI."),                        \
			OVERSUB_DURATION(                                                          \
				struct ipi_track_config, ipi_window_ns, 50000000, 0, INT64_MAX,    \
				"Age up to which a recorded IPI makes its receiver a candidate."), \
			OVERSUB_BOOL(struct ipi_track_config, shared_vector, 1,                    \
				     "One vector field for sent and received IPIs, as posted."),   \
			OVERSUB_BOOL(                                                              \
				struct candidate_v3_params, enable_relaxed_boost, relaxed_,        \
				"Scan again for any preempted vCPU if the first scan failed."),    \
			OVERSUB_ENUM(struct candidate_v3_params, eoi, eoi_choices,                 \
				     CANDIDATE_V3_EOI_V3,                                          \
				     "What an EOI clears: the matching relation, everything, "     \
				     "nothing."),                                                  \
			OVERSUB_BOOL(struct candidate_v3_params, eoi_hook_pv, 1,                   \
				     "Act on EOIs that KVM learns of late through PV EOI (not in " \
				     "v2)."),                                                      \
			OVERSUB_BOOL(struct candidate_v3_params, accept_woken, 0,                  \
				     "Accept vCPUs that were woken but not preempted, as "         \
				     "mainline does."),                                            \
			OVERSUB_BOOL(struct candidate_v3_params, rearm_tries, 0,                   \
				     "Give the second scan a budget of its own."),                 \
			OVERSUB_BOOL(struct candidate_v3_params, toggle_once, 0,                   \
				     "Evaluate the spin-loop test once per candidate and call."),  \
			OVERSUB_PARAM_END,                                                         \
	}

static const struct oversub_param v3_params[] = V3_PARAMS(1);
static const struct oversub_param v3_strict_params[] = V3_PARAMS(0);

static const struct candidate_v3_params *params_of(const struct oversub_vcpu *vcpu)
{
	return oversub_vm_params(oversub_vcpu_vm(vcpu));
}

static struct ipi_track *track_of(const struct oversub_vcpu *vcpu)
{
	struct candidate_v3_vcpu *state = oversub_vcpu_private(vcpu);

	return &state->track;
}

/* ---- Whom to try (patches 9 and 10) ------------------------------------------------------- */

static bool is_ipi_receiver(const struct spin_scan *scan, const struct oversub_vcpu *candidate)
{
	const struct candidate_v3_params *params = scan->context;

	return ipi_track_is_receiver(&params->tracking, track_of(scan->me),
				     oversub_vcpu_index(candidate),
				     oversub_vm_now(oversub_vcpu_vm(scan->me)));
}

static bool strict_filter(const struct spin_scan *scan, const struct oversub_vcpu *candidate,
			  enum oversub_reason *reason)
{
	const struct candidate_v3_params *params = scan->context;

	if (is_ipi_receiver(scan, candidate))
		*reason = OVERSUB_REASON_IPI_RECEIVER;
	else if (oversub_vcpu_pending_interrupt_hint(candidate))
		*reason = OVERSUB_REASON_PENDING_INTERRUPT;
	else if (!oversub_vcpu_preempted(candidate))
		*reason = params->accept_woken ? OVERSUB_REASON_WOKEN : OVERSUB_REASON_NONE;
	else if (!scan->want_kernel || oversub_vcpu_preempted_in_kernel(candidate))
		*reason = OVERSUB_REASON_PREEMPTED;
	return *reason != OVERSUB_REASON_NONE;
}

static bool relaxed_filter(const struct spin_scan *scan, const struct oversub_vcpu *candidate,
			   enum oversub_reason *reason)
{
	const struct candidate_v3_params *params = scan->context;

	*reason = OVERSUB_REASON_RELAXED;
	return oversub_vcpu_preempted(candidate) || params->accept_woken;
}

/* As mainline, but a second evaluation in the same call repeats the first answer. */
static bool eligible_once(const struct spin_scan *scan, struct oversub_vcpu *candidate)
{
	const struct candidate_v3_vm *vm = oversub_vm_private(oversub_vcpu_vm(candidate));
	struct candidate_v3_vcpu *state = oversub_vcpu_private(candidate);

	if (state->tested_in != vm->calls) {
		state->tested_in = vm->calls;
		state->test_result = oversub_vcpu_eligible_for_directed_yield(candidate);
	}
	return state->test_result;
}

static struct oversub_vcpu *v3_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	const struct candidate_v3_params *params = params_of(me);
	struct candidate_v3_vm *vm = oversub_vm_private(oversub_vcpu_vm(me));
	struct oversub_vcpu *boosted;
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = SPIN_SCAN_TRIES,
		.filter = strict_filter,
		.eligible = params->toggle_once ? eligible_once : spin_scan_eligible,
		.context = params,
	};

	vm->calls++;
	boosted = spin_scan_pass(&scan);
	if (boosted || !params->enable_relaxed_boost)
		return boosted;
	/* The posted code keeps the budget: after three -ESRCH the second pass has no limit. */
	if (params->rearm_tries)
		scan.tries = SPIN_SCAN_TRIES;
	scan.filter = relaxed_filter;
	return spin_scan_pass(&scan);
}

/* ---- Whom to remember (patches 6 to 8) ---------------------------------------------------- */

static void v3_vcpu_reset(struct oversub_vcpu *vcpu)
{
	/* At creation the bytes are zero, so that clearing is the full reset of patch 6. */
	ipi_track_clear(track_of(vcpu));
}

static void v3_on_ipi(const struct oversub_ipi *ipi)
{
	const struct oversub_vm *vm = oversub_vcpu_vm(ipi->source);
	const struct candidate_v3_params *params = params_of(ipi->source);

	if (!ipi->fixed || ipi->shorthand || ipi->accepted != 1)
		return;
	ipi_track_send(&params->tracking, track_of(ipi->source), oversub_vcpu_index(ipi->source),
		       track_of(ipi->target), oversub_vcpu_index(ipi->target), ipi->vector,
		       oversub_vm_now(vm));
}

static void v3_on_eoi(struct oversub_vcpu *receiver, int vector, bool pv)
{
	const struct oversub_vm *vm = oversub_vcpu_vm(receiver);
	const struct candidate_v3_params *params = params_of(receiver);
	struct ipi_track *track = track_of(receiver);
	int index = oversub_vcpu_index(receiver);
	struct ipi_track *sender = NULL;

	if (pv && !params->eoi_hook_pv)
		return;
	if (track->last_sender >= 0)
		sender = track_of(oversub_vm_vcpu(vm, track->last_sender));
	if (params->eoi == CANDIDATE_V3_EOI_V3)
		ipi_track_eoi_v3(&params->tracking, track, index, sender, vector);
	else if (params->eoi == CANDIDATE_V3_EOI_V2)
		ipi_track_eoi_v2(&params->tracking, track, index, sender, oversub_vm_now(vm));
}

#define V3_COMMON                                                                                  \
	.version = OVERSUB_POLICY_VERSION, .size = sizeof(struct oversub_candidate_policy),        \
	.needs = OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_EOI,                 \
	.params_size = sizeof(struct candidate_v3_params),                                         \
	.vm_private_size = sizeof(struct candidate_v3_vm),                                         \
	.vcpu_private_size = sizeof(struct candidate_v3_vcpu), .wants_ple_exits = true,            \
	.on_spin = v3_on_spin, .vcpu_reset = v3_vcpu_reset, .on_ipi = v3_on_ipi,                   \
	.on_eoi = v3_on_eoi

const struct oversub_candidate_policy candidate_v3 = {
	V3_COMMON,
	.name = "v3",
	.help = "IPI-aware directed yield as posted: recent receivers, pending interrupts, "
		"preempted "
		"in kernel; then any preempted vCPU.",
	.params = v3_params,
};

const struct oversub_candidate_policy candidate_v3_strict = {
	V3_COMMON,
	.name = "v3_strict",
	.help = "v3 without its relaxed second pass.",
	.params = v3_strict_params,
};
