/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shell's part of candidate policies that know the truth: how their choice gets a CPU, and when
 * they are asked without a pause-loop exit. Whoever does not have such a policy pays one test for
 * it.
 */
#include "models/kvm/vcpu.h"

#include "sim/base/container_of.h"

int vcpu_oracle_run(struct oversub_vcpu *me, struct oversub_vcpu *target,
		    enum oversub_oracle_boost how)
{
	struct vcpu *vcpu = vcpu_of_dy(me), *chosen = vcpu_of_dy(target);

	if (!vcpu_could_run(chosen))
		return 0;
	return host_oracle_run(vcpu->task.cpu, &chosen->task, how, me->cost_waived,
			       &vcpu->vm->stats.yield);
}

/*
 * Once only, until its wait or what it waits for has changed: an oracle that could do nothing would
 * be asked again as soon as the vCPU is back in the guest. And once in an instant, as two spinners
 * to whom nothing costs time could hand each other the CPU for ever.
 */
bool vcpu_asks_oracle(struct vcpu *vcpu)
{
	if (vcpu->asked_oracle || vcpu->asked_oracle_at == vcpu_now(vcpu))
		return false;
	vcpu->asked_oracle = directed_yield_wait(&vcpu->dy);
	if (vcpu->asked_oracle)
		vcpu->asked_oracle_at = vcpu_now(vcpu);
	return vcpu->asked_oracle;
}

static void look_at_waits(struct sim_engine *engine, struct sim_event *event)
{
	struct kvm_vm *vm = container_of(event, struct kvm_vm, waits_changed);

	/* All of them: some may get a right target that they did not have. */
	for (int i = 0; i < vm->nr_vcpus; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];

		vcpu->asked_oracle = false;
		if (!vcpu_executing(vcpu) || vcpu->action.kind != GUEST_SPIN ||
		    !vcpu_asks_oracle(vcpu))
			continue;
		vcpu_stop(vcpu);
		vcpu_begin_exit(vcpu, EXIT_PAUSE);
	}
}

void vcpu_init_oracle(struct kvm_vm *vm)
{
	/* After all that happens at the instant: what is seen must not be half done. */
	for (int i = 0; i < vm->nr_vcpus; i++)
		vm->vcpus[i].asked_oracle_at = -1;
	sim_event_init(&vm->waits_changed, SIM_RANK_COMPLETION, UINT32_MAX - (uint32_t)vm->index,
		       look_at_waits);
}

void vcpu_waits_changed(struct kvm_vm *vm)
{
	struct sim_engine *engine = vm->host->engine;

	if (!sim_event_pending(&vm->waits_changed))
		sim_schedule(engine, &vm->waits_changed, sim_now(engine));
}
