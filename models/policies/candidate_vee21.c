/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: Ishiguro, Yasuno, Aublin and Kono, "Mitigating excessive vCPU spinning in VM-agnostic
 * KVM" (VEE 2021), the KVM half ("strict boost") of the artifact sslab-keio/ple-kvm. A vCPU that
 * was woken is no candidate for everybody, only for who has sent it an IPI, or asked before; who
 * has sent it one may also boost it out of user mode.
 *
 * The artifact has one mask for senders and for those refused; they are apart here for the reasons
 * that statistics get.
 */
#include "builtin.h"
#include "sender_set.h"
#include "spin_scan.h"

struct vee21_params {
	int64_t refuse_once;
	int64_t mask_width;
};

static const struct oversub_param vee21_params[] = {
	OVERSUB_BOOL(struct vee21_params, refuse_once, 1,
		     "A woken vCPU that was refused is accepted the next time; otherwise it has to "
		     "be sent an IPI."),
	OVERSUB_INT(struct vee21_params, mask_width, "vCPUs", 64, 1, OVERSUB_MAX_VCPUS,
		    "Spinners with a higher index are not remembered."),
	OVERSUB_PARAM_END,
};

/* Private bytes of a vCPU. */
struct vee21_vcpu {
	struct sender_set senders; /* since it lost its CPU */
	struct sender_set refused; /* spinners that it was refused to */
	bool scheduled_out;
};

static const struct vee21_params *params_of(const struct oversub_vcpu *vcpu)
{
	return oversub_vm_params(oversub_vcpu_vm(vcpu));
}

static void remember(struct sender_set *set, const struct oversub_vcpu *spinner)
{
	int index = oversub_vcpu_index(spinner);

	if (index < params_of(spinner)->mask_width)
		sender_set_add(set, index);
}

static bool vee21_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
			 enum oversub_reason *reason)
{
	const struct vee21_params *params = scan->context;
	struct vee21_vcpu *state = oversub_vcpu_private(candidate);
	int me = oversub_vcpu_index(scan->me);
	bool sent = sender_set_has(&state->senders, me);
	bool marked = sent || sender_set_has(&state->refused, me);

	if (!oversub_vcpu_preempted(candidate) && !(oversub_vcpu_ready(candidate) && marked)) {
		if (params->refuse_once)
			remember(&state->refused, scan->me);
		return false;
	}
	if (scan->want_kernel && !oversub_vcpu_preempted_in_kernel(candidate) && !marked)
		return false;
	if (sent)
		*reason = OVERSUB_REASON_IPI_RECEIVER;
	else
		*reason = oversub_vcpu_preempted(candidate) ? OVERSUB_REASON_PREEMPTED
							    : OVERSUB_REASON_WOKEN;
	return true;
}

static struct oversub_vcpu *vee21_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = SPIN_SCAN_TRIES,
		.filter_first = true,
		.filter = vee21_filter,
		.eligible = spin_scan_eligible,
		.context = params_of(me),
	};

	return spin_scan_pass(&scan);
}

static void forget(struct oversub_vcpu *vcpu)
{
	struct vee21_vcpu *state = oversub_vcpu_private(vcpu);

	sender_set_empty(&state->senders);
	sender_set_empty(&state->refused);
}

static void vee21_vcpu_reset(struct oversub_vcpu *vcpu)
{
	forget(vcpu);
}

static void vee21_on_ipi(const struct oversub_ipi *ipi)
{
	struct vee21_vcpu *state = oversub_vcpu_private(ipi->target);

	if (state->scheduled_out && !ipi->shorthand && ipi->accepted == 1)
		remember(&state->senders, ipi->source);
}

static void vee21_on_sched_out(struct oversub_vcpu *vcpu, bool preempted)
{
	struct vee21_vcpu *state = oversub_vcpu_private(vcpu);

	state->scheduled_out = true;
}

static void vee21_on_sched_in(struct oversub_vcpu *vcpu)
{
	struct vee21_vcpu *state = oversub_vcpu_private(vcpu);

	state->scheduled_out = false;
	forget(vcpu);
}

static void vee21_on_guest_entry(struct oversub_vcpu *vcpu)
{
	forget(vcpu);
}

const struct oversub_candidate_policy candidate_vee21 = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "vee21",
	.head.help = "Strict boost of VEE'21: receivers remember who sent to them while they had "
		     "no CPU.",
	.head.needs = OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_IPI_SOFT,
	.head.params = vee21_params,
	.head.params_size = sizeof(struct vee21_params),
	.vcpu_private_size = sizeof(struct vee21_vcpu),
	.wants_ple_exits = true,
	.on_spin = vee21_on_spin,
	.vcpu_reset = vee21_vcpu_reset,
	.on_ipi = vee21_on_ipi,
	.on_sched_in = vee21_on_sched_in,
	.on_sched_out = vee21_on_sched_out,
	.on_guest_entry = vee21_on_guest_entry,
};
