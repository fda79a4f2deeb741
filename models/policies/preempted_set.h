/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preempted vCPUs of a VM, to draw from at random: for policies that are to know nothing. */
#ifndef MODELS_POLICIES_PREEMPTED_SET_H
#define MODELS_POLICIES_PREEMPTED_SET_H

#include <oversub/policy.h>

struct preempted_set {
	int nr;
	uint16_t indices[OVERSUB_MAX_VCPUS]; /* of the vCPUs that have not been drawn yet */
};

/* Why a preempted vCPU is tried: was it where mainline and v3 want it? */
static inline enum oversub_reason preempted_set_reason(const struct oversub_vcpu *vcpu,
						       bool want_kernel)
{
	return !want_kernel || oversub_vcpu_preempted_in_kernel(vcpu) ? OVERSUB_REASON_PREEMPTED
								      : OVERSUB_REASON_RELAXED;
}

/*
 * All vCPUs of the VM of me that are preempted, me aside. want_kernel: only those that mainline's
 * kernel-mode test lets pass.
 */
void preempted_set_collect(struct preempted_set *set, const struct oversub_vcpu *me,
			   bool want_kernel);
/* Take one out, each with the same probability, by vm's random numbers. NULL: there is none. */
struct oversub_vcpu *preempted_set_draw(struct preempted_set *set, struct oversub_vm *vm);

#endif
