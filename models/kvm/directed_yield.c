/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directed yield without the policy: the accessors of policy.h and the frame of kvm_vcpu_on_spin()
 * (virt/kvm/kvm_main.c, Linux 7.2).
 */
#include "models/kvm/directed_yield.h"

#include <limits.h>
#include <stdlib.h>

#include "sim/base/stride.h"

/* For ever, but so that adding it to a time does not overflow. */
#define MAX_SLEEP_NS INT64_C(1000000000000000)

bool directed_yield_wants_exits(const struct oversub_candidate_policy *policy, const void *params)
{
	return policy->chooses_ple_exits ? policy->chooses_ple_exits(params)
					 : policy->wants_ple_exits;
}

enum oversub_status directed_yield_attach(struct oversub_vm *vm,
					  const struct oversub_candidate_policy *policy,
					  const void *params, struct oversub_error *error)
{
	size_t vm_size = stride_of(policy->vm_private_size);
	size_t vcpu_size = stride_of(policy->vcpu_private_size);
	char *bytes = NULL;

	if (vm_size + vcpu_size > 0) {
		bytes = calloc(1, vm_size + vcpu_size * (size_t)vm->nr_vcpus);
		if (!bytes)
			return oversub_fail(error, OVERSUB_FAILED,
					    "out of memory for policy %s of a VM with %d vCPUs",
					    policy->head.name, vm->nr_vcpus);
	}
	vm->policy = policy;
	vm->params = params;
	/* The block starts with the VM's bytes and is freed through this pointer. */
	vm->policy_private = bytes;
	for (int i = 0; i < vm->nr_vcpus; i++) {
		vm->vcpus[i]->revealed = policy->head.needs;
		vm->vcpus[i]->policy_private =
			vcpu_size ? bytes + vm_size + vcpu_size * (size_t)i : NULL;
	}
	for (int i = 0; i < vm->nr_vcpus; i++)
		directed_yield_reset(vm->vcpus[i]);
	return OVERSUB_OK;
}

void directed_yield_detach(struct oversub_vm *vm)
{
	free(vm->policy_private);
	vm->policy_private = NULL;
	vm->policy = NULL;
	vm->params = NULL;
	for (int i = 0; i < vm->nr_vcpus; i++) {
		vm->vcpus[i]->revealed = 0;
		vm->vcpus[i]->policy_private = NULL;
	}
}

struct oversub_vcpu *directed_yield_begin(struct oversub_vcpu *me, bool want_kernel)
{
	me->scan_candidates = 0;
	me->scan_attempts = 0;
	me->reason = OVERSUB_REASON_NONE;
	me->leave = DIRECTED_YIELD_STAY;
	if (me->vm->nr_vcpus < 2)
		return NULL;
	me->in_spin_loop = true;
	me->choosing = true;
	me->taken = NULL;
	/* What it returns is what it should have succeeded with; better to look at what happened.
	 */
	me->vm->policy->on_spin(me, want_kernel);
	me->choosing = false;
	if (!me->taken && me->leave == DIRECTED_YIELD_STAY)
		directed_yield_finish(me, NULL);
	return me->taken;
}

void directed_yield_finish(struct oversub_vcpu *me, const struct oversub_vcpu *boosted)
{
	if (boosted)
		me->vm->last_boosted = boosted->index;
	me->in_spin_loop = false;
	me->dy_eligible = false;
}

/* ---- News for the policy ------------------------------------------------------------------ */

/* The policy has declared that it needs this. */
static bool revealed(const struct oversub_vcpu *vcpu, enum oversub_needs need)
{
	return vcpu->revealed & (uint32_t)need;
}

/* Call hook of the policy of vcpu, if it has one and may know of flags. */
#define TELL(vcpu, hook, ...)                                                                      \
	do {                                                                                       \
		if ((vcpu)->vm->policy->hook && revealed(vcpu, OVERSUB_NEEDS_FLAGS))               \
			(vcpu)->vm->policy->hook(__VA_ARGS__);                                     \
	} while (0)

void directed_yield_ipi(const struct oversub_ipi *ipi)
{
	const struct oversub_candidate_policy *policy = ipi->source->vm->policy;
	uint32_t needs = OVERSUB_NEEDS_IPI_ALL;

	if (ipi->how == OVERSUB_IPI_ICR_WRITE)
		needs |= OVERSUB_NEEDS_IPI_SOFT;
	if ((policy->head.needs & needs) && policy->on_ipi)
		policy->on_ipi(ipi);
}

void directed_yield_eoi(struct oversub_vcpu *receiver, int vector, bool pv)
{
	const struct oversub_candidate_policy *policy = receiver->vm->policy;

	if (policy->on_eoi && revealed(receiver, OVERSUB_NEEDS_EOI))
		policy->on_eoi(receiver, vector, pv);
}

void directed_yield_reset(struct oversub_vcpu *vcpu)
{
	if (vcpu->vm->policy->vcpu_reset)
		vcpu->vm->policy->vcpu_reset(vcpu);
}

void directed_yield_sched_in(struct oversub_vcpu *vcpu)
{
	TELL(vcpu, on_sched_in, vcpu);
}

void directed_yield_sched_out(struct oversub_vcpu *vcpu, bool preempted)
{
	TELL(vcpu, on_sched_out, vcpu, preempted);
}

void directed_yield_wake(struct oversub_vcpu *vcpu)
{
	TELL(vcpu, on_wake, vcpu);
}

void directed_yield_guest_entry(struct oversub_vcpu *vcpu)
{
	TELL(vcpu, on_guest_entry, vcpu);
}

void directed_yield_exit(struct oversub_vcpu *vcpu, bool pause)
{
	TELL(vcpu, on_exit, vcpu, pause);
}

void directed_yield_halt(struct oversub_vcpu *vcpu)
{
	TELL(vcpu, on_halt, vcpu);
}

void directed_yield_hypercall(struct oversub_vcpu *vcpu, enum oversub_hypercall call,
			      struct oversub_vcpu *target)
{
	TELL(vcpu, on_hypercall, vcpu, call, target);
}

bool directed_yield_wait(struct oversub_vcpu *vcpu)
{
	const struct oversub_candidate_policy *policy = vcpu->vm->policy;

	return policy->on_wait && oversub_oracle_right_target(vcpu) && policy->on_wait(vcpu);
}

/* ---- candidate.h -------------------------------------------------------------------------- */

struct oversub_vm *oversub_vcpu_vm(const struct oversub_vcpu *vcpu)
{
	return vcpu->vm;
}

int oversub_vcpu_index(const struct oversub_vcpu *vcpu)
{
	return vcpu->index;
}

int oversub_vm_nr_vcpus(const struct oversub_vm *vm)
{
	return vm->nr_vcpus;
}

struct oversub_vcpu *oversub_vm_vcpu(const struct oversub_vm *vm, int index)
{
	return vm->vcpus[index];
}

int oversub_vm_last_boosted(const struct oversub_vm *vm)
{
	return vm->last_boosted;
}

bool oversub_vcpu_ready(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) && vcpu->ready;
}

bool oversub_vcpu_preempted(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) && vcpu->preempted;
}

int oversub_vcpu_cpu(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) ? vcpu->cpu : -1;
}

bool oversub_vcpu_preempted_in_kernel(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) && vcpu->preempted_in_kernel;
}

bool oversub_vcpu_blocking(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) && vcpu->blocking;
}

/* kvm_arch_dy_has_pending_interrupt() */
static bool pending_interrupt(const struct oversub_vcpu *vcpu)
{
	return vcpu->vm->vendor == KVM_VENDOR_INTEL && vcpu->apicv_active &&
	       (vcpu->pid_on || (vcpu->pid_sn && vcpu->pir_not_empty));
}

bool oversub_vcpu_pending_interrupt_hint(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) && pending_interrupt(vcpu);
}

bool oversub_vcpu_dy_runnable(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) &&
	       (vcpu->pv_unhalted || vcpu->request_event || vcpu->request_nmi ||
		vcpu->request_smi || vcpu->async_pf || pending_interrupt(vcpu));
}

bool oversub_vcpu_in_spin_loop(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) && vcpu->in_spin_loop;
}

bool oversub_vcpu_exited_for_interrupt(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_FLAGS) && vcpu->interrupt_exit;
}

bool oversub_vcpu_eligible_for_directed_yield(struct oversub_vcpu *vcpu)
{
	bool eligible = !vcpu->in_spin_loop || vcpu->dy_eligible;

	if (!revealed(vcpu, OVERSUB_NEEDS_FLAGS))
		return false;
	if (vcpu->in_spin_loop)
		vcpu->dy_eligible = !vcpu->dy_eligible;
	return eligible;
}

void *oversub_vcpu_private(const struct oversub_vcpu *vcpu)
{
	return vcpu->policy_private;
}

void *oversub_vm_private(const struct oversub_vm *vm)
{
	return vm->policy->vm_private_size ? vm->policy_private : NULL;
}

const void *oversub_vm_params(const struct oversub_vm *vm)
{
	return vm->params;
}

uint64_t oversub_vm_now(const struct oversub_vm *vm)
{
	return vm->ops->now(vm);
}

uint64_t oversub_vm_random_below(struct oversub_vm *vm, uint64_t n)
{
	return n && vm->random ? sim_stream_below(vm->random, n) : 0;
}

/* A policy may be somebody's plug-in: what none may do, none can. */
static bool may_yield(const struct oversub_vcpu *me, const struct oversub_vcpu *target)
{
	return me->choosing && target && target->vm == me->vm && target != me;
}

static void note_result(struct oversub_vcpu *me, struct oversub_vcpu *target, int result)
{
	if (result <= 0)
		return;
	me->taken = target;
	me->choosing = false;
}

int oversub_yield_to(struct oversub_vcpu *me, struct oversub_vcpu *target)
{
	int result;

	if (!may_yield(me, target))
		return 0;
	me->scan_attempts++;
	result = me->vm->ops->yield_to(me, target);
	note_result(me, target, result);
	return result;
}

void oversub_explain(struct oversub_vcpu *me, enum oversub_reason reason)
{
	if ((unsigned int)reason < OVERSUB_REASONS)
		me->reason = reason;
}

void oversub_account_scan(struct oversub_vcpu *me, int candidates)
{
	if (candidates > 0 && candidates <= INT_MAX - me->scan_candidates)
		me->scan_candidates += candidates;
}

void oversub_yield(struct oversub_vcpu *me)
{
	if (me->choosing)
		me->leave = DIRECTED_YIELD_YIELD;
}

void oversub_sleep(struct oversub_vcpu *me, int64_t ns)
{
	if (!me->choosing || ns <= 0)
		return;
	me->leave = DIRECTED_YIELD_SLEEP;
	me->leave_ns = ns < MAX_SLEEP_NS ? ns : MAX_SLEEP_NS;
}

bool oversub_vcpu_guest_hint(const struct oversub_vcpu *vcpu, struct oversub_guest_hint *hint)
{
	return revealed(vcpu, OVERSUB_NEEDS_GUEST_HINT) && vcpu->vm->ops->guest_hint &&
	       vcpu->vm->ops->guest_hint(vcpu, hint);
}

struct oversub_vcpu *oversub_oracle_waits_for(const struct oversub_vcpu *vcpu)
{
	if (!revealed(vcpu, OVERSUB_NEEDS_ORACLE) || !vcpu->vm->ops->waits_for)
		return NULL;
	return vcpu->vm->ops->waits_for(vcpu);
}

struct oversub_vcpu *oversub_oracle_right_target(const struct oversub_vcpu *vcpu)
{
	if (!revealed(vcpu, OVERSUB_NEEDS_ORACLE) || !vcpu->vm->ops->right_target)
		return NULL;
	return vcpu->vm->ops->right_target(vcpu);
}

bool oversub_oracle_could_run(const struct oversub_vcpu *vcpu)
{
	return revealed(vcpu, OVERSUB_NEEDS_ORACLE) && vcpu->vm->ops->could_run &&
	       vcpu->vm->ops->could_run(vcpu);
}

int oversub_oracle_run(struct oversub_vcpu *me, struct oversub_vcpu *target,
		       enum oversub_oracle_boost how)
{
	int result;

	if (!revealed(me, OVERSUB_NEEDS_ORACLE) || !me->vm->ops->oracle_run ||
	    !may_yield(me, target))
		return 0;
	me->scan_attempts++;
	result = me->vm->ops->oracle_run(me, target, how);
	note_result(me, target, result);
	return result;
}

void oversub_oracle_waive_cost(struct oversub_vcpu *me)
{
	if (revealed(me, OVERSUB_NEEDS_ORACLE))
		me->cost_waived = true;
}
