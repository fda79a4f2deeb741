/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ours: the relation of an IPI as VEE'21 keeps it, at the receiver and while it has no CPU, in the
 * place of what v3 keeps at the sender, as the first tier of v3_ranked. It needs no EOI and no
 * window, holds any number of senders and receivers, and can be fed by whatever makes KVM hear of
 * an IPI.
 */
#include "builtin.h"
#include "candidate_v3.h"
#include "sender_set.h"
#include "spin_scan.h"

enum recv_mask_clear { RECV_MASK_ENTRY, RECV_MASK_SCHED_IN };

struct recv_mask_params {
	int64_t clear_on; /* enum recv_mask_clear */
	int64_t icr_exit;
	int64_t avic_exit;
	int64_t pv_ipi;
	int64_t enable_relaxed_boost;
	int64_t accept_woken;
};

static const char *const clear_choices[] = {"entry", "sched_in", NULL};

static const struct oversub_param recv_mask_params[] = {
	OVERSUB_ENUM(struct recv_mask_params, clear_on, clear_choices, RECV_MASK_ENTRY,
		     "When a receiver forgets who sent to it: at its next entry into the guest, or "
		     "as soon as it has a CPU."),
	OVERSUB_BOOL(struct recv_mask_params, icr_exit, 1,
		     "Record unicast IPIs whose ICR write exits."),
	OVERSUB_BOOL(struct recv_mask_params, avic_exit, 1,
		     "Record IPIs that hardware could not finish, as the target does not run."),
	OVERSUB_BOOL(struct recv_mask_params, pv_ipi, 1,
		     "Record the targets of hypercalls that send IPIs."),
	OVERSUB_BOOL(struct recv_mask_params, enable_relaxed_boost, 1,
		     "If nobody else passes, take any preempted vCPU."),
	OVERSUB_BOOL(struct recv_mask_params, accept_woken, 1,
		     "Accept vCPUs that were woken but not preempted, as mainline does."),
	OVERSUB_PARAM_END,
};

/* Private bytes of a vCPU. */
struct recv_mask_vcpu {
	struct sender_set senders; /* since it lost its CPU */
	bool off_cpu;
};

static const struct recv_mask_params *params_of(const struct oversub_vcpu *vcpu)
{
	return oversub_vm_params(oversub_vcpu_vm(vcpu));
}

static bool recv_mask_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
			     enum oversub_reason *reason)
{
	const struct recv_mask_params *params = scan->context;
	const struct recv_mask_vcpu *state = oversub_vcpu_private(candidate);
	bool sent = sender_set_has(&state->senders, oversub_vcpu_index(scan->me));
	int rank = (int)candidate_v3_tier(candidate, scan->want_kernel, sent, params->accept_woken,
					  reason);

	if (rank == CANDIDATE_V3_TIERS && oversub_vcpu_preempted(candidate))
		*reason = OVERSUB_REASON_RELAXED;
	return rank == scan->rank && *reason != OVERSUB_REASON_NONE;
}

static struct oversub_vcpu *recv_mask_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	const struct recv_mask_params *params = params_of(me);
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = SPIN_SCAN_TRIES,
		.filter = recv_mask_filter,
		.eligible = spin_scan_eligible,
		.context = params,
	};

	return spin_scan_ranked(&scan, CANDIDATE_V3_TIERS + (params->enable_relaxed_boost != 0));
}

static bool hears(const struct recv_mask_params *params, enum oversub_ipi_how how)
{
	switch (how) {
	case OVERSUB_IPI_ICR_WRITE: return params->icr_exit;
	case OVERSUB_IPI_INCOMPLETE: return params->avic_exit;
	case OVERSUB_IPI_HYPERCALL: return params->pv_ipi;
	}
	return false;
}

static void recv_mask_on_ipi(const struct oversub_ipi *ipi)
{
	struct recv_mask_vcpu *state = oversub_vcpu_private(ipi->target);

	/* Of several receivers only the last one is known. */
	if (state->off_cpu && ipi->fixed && ipi->accepted == 1 &&
	    hears(params_of(ipi->target), ipi->how))
		sender_set_add(&state->senders, oversub_vcpu_index(ipi->source));
}

static void recv_mask_vcpu_reset(struct oversub_vcpu *vcpu)
{
	struct recv_mask_vcpu *state = oversub_vcpu_private(vcpu);

	sender_set_empty(&state->senders);
}

static void recv_mask_on_sched_out(struct oversub_vcpu *vcpu, bool preempted)
{
	struct recv_mask_vcpu *state = oversub_vcpu_private(vcpu);

	state->off_cpu = true;
}

static void recv_mask_on_sched_in(struct oversub_vcpu *vcpu)
{
	struct recv_mask_vcpu *state = oversub_vcpu_private(vcpu);

	state->off_cpu = false;
	if (params_of(vcpu)->clear_on == RECV_MASK_SCHED_IN)
		sender_set_empty(&state->senders);
}

static void recv_mask_on_guest_entry(struct oversub_vcpu *vcpu)
{
	recv_mask_vcpu_reset(vcpu);
}

const struct oversub_candidate_policy candidate_recv_mask = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "recv_mask",
	.head.help = "v3_ranked with receivers that remember who sent to them, from all that KVM "
		     "hears of.",
	.head.needs = OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_IPI_ALL,
	.head.params = recv_mask_params,
	.head.params_size = sizeof(struct recv_mask_params),
	.vcpu_private_size = sizeof(struct recv_mask_vcpu),
	.wants_ple_exits = true,
	.on_spin = recv_mask_on_spin,
	.vcpu_reset = recv_mask_vcpu_reset,
	.on_ipi = recv_mask_on_ipi,
	.on_sched_in = recv_mask_on_sched_in,
	.on_sched_out = recv_mask_on_sched_out,
	.on_guest_entry = recv_mask_on_guest_entry,
};
