/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ours, on top of v3, from the outlook of its second version: how long a sent IPI makes its
 * receiver a candidate follows from how long the IPIs of that sender have taken so far, instead of
 * 50 ms for all. Where KVM sees EOIs an IPI takes until its EOI; where it does not, until the last
 * pause-loop exit of the sender that followed.
 */
#include "builtin.h"
#include "candidate_v3.h"

struct adaptive_window_params {
	struct candidate_v3_params v3;
	double k;
	double alpha;
	int64_t lo_ns;
	int64_t hi_ns;
	int64_t progress_clear;
};

static const struct oversub_param adaptive_window_params[] = {
	CANDIDATE_V3_PARAMS(1, 0, 0),
	OVERSUB_REAL(struct adaptive_window_params, k, NULL, 4, 0, 1e6,
		     "The window is so many times the average time that an IPI takes; "
		     "ipi_window_ns holds until the first one."),
	OVERSUB_REAL(struct adaptive_window_params, alpha, NULL, 0.125, 0, 1,
		     "Weight of the newest IPI in the average."),
	OVERSUB_DURATION(struct adaptive_window_params, lo_ns, 100000, 1, INT64_MAX,
			 "Shortest window."),
	OVERSUB_DURATION(struct adaptive_window_params, hi_ns, 50000000, 1, INT64_MAX,
			 "Longest window; wins over lo_ns."),
	OVERSUB_BOOL(
		struct adaptive_window_params, progress_clear, 1,
		"A sender that exits for anything but a pause loop or an interrupt does not wait "
		"any more."),
	OVERSUB_PARAM_END,
};

/* Private bytes of a vCPU. */
struct adaptive_window_vcpu {
	struct candidate_v3_vcpu v3;
	double latency_ns;   /* average; 0: no IPI has been timed yet */
	uint64_t spun_until; /* last pause-loop exit since its last IPI; 0: none */
};

static uint64_t now_of(const struct oversub_vcpu *vcpu)
{
	return oversub_vm_now(oversub_vcpu_vm(vcpu));
}

static void take_sample(struct oversub_vcpu *sender, uint64_t end)
{
	const struct adaptive_window_params *params = oversub_vm_params(oversub_vcpu_vm(sender));
	struct adaptive_window_vcpu *state = oversub_vcpu_private(sender);
	double took = (double)(end - state->v3.track.sent_at);
	double window;

	if (state->latency_ns > 0)
		state->latency_ns += params->alpha * (took - state->latency_ns);
	else
		state->latency_ns = took;
	window = params->k * state->latency_ns;
	if (window < (double)params->lo_ns)
		window = (double)params->lo_ns;
	state->v3.window_ns = window < (double)params->hi_ns ? (int64_t)window : params->hi_ns;
}

/* No EOI has ended the last IPI of sender: the pauses since say how long it waited at least. */
static void end_of_spin(struct oversub_vcpu *sender)
{
	struct adaptive_window_vcpu *state = oversub_vcpu_private(sender);

	if (state->v3.track.pending && state->spun_until)
		take_sample(sender, state->spun_until);
	state->spun_until = 0;
}

static void adaptive_window_on_ipi(const struct oversub_ipi *ipi)
{
	end_of_spin(ipi->source);
	candidate_v3_on_ipi(ipi);
}

static void adaptive_window_on_eoi(struct oversub_vcpu *receiver, int vector, bool pv)
{
	const struct ipi_track *track = candidate_v3_track(receiver);
	struct oversub_vcpu *sender = NULL;
	bool pending = false;

	if (track->last_sender >= 0) {
		sender = oversub_vm_vcpu(oversub_vcpu_vm(receiver), track->last_sender);
		pending = candidate_v3_track(sender)->pending;
	}
	candidate_v3_on_eoi(receiver, vector, pv);
	if (pending && !candidate_v3_track(sender)->pending)
		take_sample(sender, now_of(receiver));
}

static void adaptive_window_on_exit(struct oversub_vcpu *vcpu, bool pause)
{
	const struct adaptive_window_params *params = oversub_vm_params(oversub_vcpu_vm(vcpu));
	struct adaptive_window_vcpu *state = oversub_vcpu_private(vcpu);

	if (pause && state->v3.track.pending)
		state->spun_until = now_of(vcpu);
	if (pause || !params->progress_clear || oversub_vcpu_exited_for_interrupt(vcpu))
		return;
	end_of_spin(vcpu);
	state->v3.track.pending = false;
}

const struct oversub_candidate_policy candidate_adaptive_window = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "adaptive_window",
	.head.help = "v3 with a recency window that follows the latency of the sender's IPIs.",
	.head.needs = OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_EOI,
	.head.params = adaptive_window_params,
	.head.params_size = sizeof(struct adaptive_window_params),
	.vm_private_size = sizeof(struct candidate_v3_vm),
	.vcpu_private_size = sizeof(struct adaptive_window_vcpu),
	.wants_ple_exits = true,
	.on_spin = candidate_v3_on_spin,
	.vcpu_reset = candidate_v3_vcpu_reset,
	.on_ipi = adaptive_window_on_ipi,
	.on_eoi = adaptive_window_on_eoi,
	.on_exit = adaptive_window_on_exit,
};
