/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "preempted_set.h"

void preempted_set_collect(struct preempted_set *set, const struct oversub_vcpu *me,
			   bool want_kernel)
{
	const struct oversub_vm *vm = oversub_vcpu_vm(me);
	int nr_vcpus = oversub_vm_nr_vcpus(vm);

	set->nr = 0;
	for (int i = 0; i < nr_vcpus; i++) {
		const struct oversub_vcpu *vcpu = oversub_vm_vcpu(vm, i);

		if (vcpu == me || !oversub_vcpu_preempted(vcpu))
			continue;
		if (want_kernel && !oversub_vcpu_preempted_in_kernel(vcpu) &&
		    !oversub_vcpu_pending_interrupt_hint(vcpu))
			continue;
		set->indices[set->nr++] = (uint16_t)i;
	}
}

struct oversub_vcpu *preempted_set_draw(struct preempted_set *set, struct oversub_vm *vm)
{
	uint64_t place;
	int index;

	if (!set->nr)
		return NULL;
	place = oversub_vm_random_below(vm, (uint64_t)set->nr);
	index = set->indices[place];
	set->indices[place] = set->indices[--set->nr];
	return oversub_vm_vcpu(vm, index);
}
