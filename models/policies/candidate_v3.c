/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: the KVM half (patches 6 to 10) of the IPI-aware directed yield series for oversubscribed
 * KVM that Wanpeng Li posted, in its third version. The tiers are a filter on each candidate of the
 * rotation, not a ranking among candidates. What is not as posted is behind a parameter.
 */
#include "candidate_v3.h"

#include "preempted_set.h"
#include "spin_scan.h"

const char *const candidate_v3_eoi_choices[] = {"v3", "v2", "none", NULL};

static const struct candidate_v3_params *params_of(const struct oversub_vcpu *vcpu)
{
	return oversub_vm_params(oversub_vcpu_vm(vcpu));
}

struct ipi_track *candidate_v3_track(const struct oversub_vcpu *vcpu)
{
	struct candidate_v3_vcpu *state = oversub_vcpu_private(vcpu);

	return &state->track;
}

/* ---- Whom to try (patches 9 and 10) ------------------------------------------------------- */

/* What the filters know besides the scan. */
struct v3_scan {
	const struct candidate_v3_params *params;
	const struct oversub_vcpu *receiver; /* of the spinner's recent IPI, or NULL */
	bool stand_in;			     /* it is another vCPU in the place of that */
};

struct oversub_vcpu *candidate_v3_receiver(const struct oversub_vcpu *vcpu)
{
	const struct oversub_vm *vm = oversub_vcpu_vm(vcpu);
	const struct candidate_v3_vcpu *state = oversub_vcpu_private(vcpu);
	struct ipi_track_config config = params_of(vcpu)->tracking;
	int index = state->track.last_receiver;

	if (state->window_ns)
		config.ipi_window_ns = state->window_ns;
	if (index < 0 || !ipi_track_is_receiver(&config, &state->track, index, oversub_vm_now(vm)))
		return NULL;
	return oversub_vm_vcpu(vm, index);
}

enum candidate_v3_tier candidate_v3_tier(const struct oversub_vcpu *candidate, bool want_kernel,
					 bool receiver, bool accept_woken,
					 enum oversub_reason *reason)
{
	if (receiver) {
		*reason = OVERSUB_REASON_IPI_RECEIVER;
		return CANDIDATE_V3_RECEIVER;
	}
	if (oversub_vcpu_pending_interrupt_hint(candidate)) {
		*reason = OVERSUB_REASON_PENDING_INTERRUPT;
		return CANDIDATE_V3_INTERRUPT;
	}
	if (!oversub_vcpu_preempted(candidate)) {
		if (!accept_woken)
			return CANDIDATE_V3_TIERS;
		*reason = OVERSUB_REASON_WOKEN;
		return CANDIDATE_V3_PREEMPTED;
	}
	if (want_kernel && !oversub_vcpu_preempted_in_kernel(candidate))
		return CANDIDATE_V3_TIERS;
	*reason = OVERSUB_REASON_PREEMPTED;
	return CANDIDATE_V3_PREEMPTED;
}

static enum candidate_v3_tier tier_of(const struct spin_scan *scan,
				      const struct oversub_vcpu *candidate,
				      enum oversub_reason *reason)
{
	const struct v3_scan *v3 = scan->context;
	enum candidate_v3_tier tier =
		candidate_v3_tier(candidate, scan->want_kernel, candidate == v3->receiver,
				  v3->params->accept_woken, reason);

	if (tier == CANDIDATE_V3_RECEIVER && v3->stand_in)
		*reason = preempted_set_reason(candidate, scan->want_kernel);
	return tier;
}

static bool strict_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
			  enum oversub_reason *reason)
{
	return tier_of(scan, candidate, reason) < CANDIDATE_V3_TIERS;
}

static bool ranked_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
			  enum oversub_reason *reason)
{
	return tier_of(scan, candidate, reason) == (enum candidate_v3_tier)scan->rank;
}

static bool relaxed_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
			   enum oversub_reason *reason)
{
	const struct v3_scan *v3 = scan->context;

	*reason = OVERSUB_REASON_RELAXED;
	return oversub_vcpu_preempted(candidate) || v3->params->accept_woken;
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

static struct oversub_vcpu *strict_pass(struct spin_scan *scan, bool ranked)
{
	if (ranked) {
		scan->filter = ranked_filter;
		return spin_scan_ranked(scan, CANDIDATE_V3_TIERS);
	}
	scan->filter = strict_filter;
	return spin_scan_pass(scan);
}

/* What me waits for is under way: by the time that another vCPU runs, it will be over. */
static bool receiver_runs(struct oversub_vcpu *me, const struct oversub_vcpu *receiver)
{
	if (!receiver || !spin_scan_runs(receiver))
		return false;
	oversub_account_scan(me, 1);
	return true;
}

struct oversub_vcpu *candidate_v3_scan(struct oversub_vcpu *me, bool want_kernel,
				       const struct oversub_vcpu *receiver, bool stand_in)
{
	const struct candidate_v3_params *params = params_of(me);
	struct candidate_v3_vm *vm = oversub_vm_private(oversub_vcpu_vm(me));
	const struct v3_scan v3 = {params, receiver, stand_in};
	struct oversub_vcpu *boosted;
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = SPIN_SCAN_TRIES,
		.eligible = params->toggle_once ? eligible_once : spin_scan_eligible,
		.context = &v3,
	};

	if (params->ret_if_rcv_running && receiver_runs(me, v3.receiver))
		return NULL;
	vm->calls++;
	boosted = strict_pass(&scan, params->ranked);
	if (boosted || !params->enable_relaxed_boost)
		return boosted;
	if (params->skip_relaxed_on_esrch && scan.yielded < 0)
		return NULL;
	/* The posted code keeps the budget: after three -ESRCH the second pass has no limit. */
	if (params->rearm_tries)
		scan.tries = SPIN_SCAN_TRIES;
	scan.filter = relaxed_filter;
	return spin_scan_pass(&scan);
}

struct oversub_vcpu *candidate_v3_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	return candidate_v3_scan(me, want_kernel, candidate_v3_receiver(me), false);
}

/* ---- Whom to remember (patches 6 to 8) ---------------------------------------------------- */

void candidate_v3_vcpu_reset(struct oversub_vcpu *vcpu)
{
	/* At creation the bytes are zero, so that clearing is the full reset of patch 6. */
	ipi_track_clear(candidate_v3_track(vcpu));
}

void candidate_v3_on_ipi(const struct oversub_ipi *ipi)
{
	const struct oversub_vm *vm = oversub_vcpu_vm(ipi->source);
	const struct candidate_v3_params *params = params_of(ipi->source);

	if (!ipi->fixed || ipi->shorthand || ipi->accepted != 1)
		return;
	ipi_track_send(&params->tracking, candidate_v3_track(ipi->source),
		       oversub_vcpu_index(ipi->source), candidate_v3_track(ipi->target),
		       oversub_vcpu_index(ipi->target), ipi->vector, oversub_vm_now(vm));
}

void candidate_v3_on_eoi(struct oversub_vcpu *receiver, int vector, bool pv)
{
	const struct oversub_vm *vm = oversub_vcpu_vm(receiver);
	const struct candidate_v3_params *params = params_of(receiver);
	struct ipi_track *track = candidate_v3_track(receiver);
	int index = oversub_vcpu_index(receiver);
	struct ipi_track *sender = NULL;

	if (pv && !params->eoi_hook_pv)
		return;
	if (track->last_sender >= 0)
		sender = candidate_v3_track(oversub_vm_vcpu(vm, track->last_sender));
	if (params->eoi == CANDIDATE_V3_EOI_V3)
		ipi_track_eoi_v3(&params->tracking, track, index, sender, vector);
	else if (params->eoi == CANDIDATE_V3_EOI_V2)
		ipi_track_eoi_v2(&params->tracking, track, index, sender, oversub_vm_now(vm));
}
