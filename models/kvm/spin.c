/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pause-loop exit: the window grows, the candidate policy looks for somebody to yield to, and the
 * truth that no real host knows is written down beside its choice (kvm_vcpu_on_spin; truth.h).
 */
#include "models/kvm/vcpu.h"

#include "sim/base/bitmap.h"
#include "sim/base/container_of.h"

static uint64_t monotonic_clock(const struct oversub_vm *vm)
{
	const struct kvm_vm *owner = vm->context;

	return (uint64_t)sim_now(owner->host->engine);
}

int vcpu_yield_to(struct vcpu *vcpu, struct vcpu *nominee, struct yield_stats *stats)
{
	int result = host_yield_to(vcpu->task.cpu, &nominee->task, stats);

	if (vcpu->vm->host->trace) {
		const struct vcpu *right = vcpu_wait_chain(vcpu).right;

		vcpu_trace(vcpu, yield_to, .vcpu = vcpu->index, .target_vcpu = nominee->index,
			   .target_comm = nominee->task.comm, .target_pid = nominee->task.pid,
			   .target_cpu = nominee->task.cpu->index, .ret = result,
			   .right_vcpu = right ? right->index : -1);
	}
	return result;
}

static struct oversub_vcpu *waits_for(const struct oversub_vcpu *dy)
{
	const struct vcpu *vcpu = vcpu_of_dy((struct oversub_vcpu *)dy);
	struct vcpu *other = vcpu->vm->guest_ops->waits_for(vcpu);

	return other ? &other->dy : NULL;
}

static struct oversub_vcpu *right_target(const struct oversub_vcpu *dy)
{
	struct vcpu *right = vcpu_wait_chain(vcpu_of_dy((struct oversub_vcpu *)dy)).right;

	return right ? &right->dy : NULL;
}

static bool dy_could_run(const struct oversub_vcpu *dy)
{
	return vcpu_could_run(vcpu_of_dy((struct oversub_vcpu *)dy));
}

static int yield_to(struct oversub_vcpu *me, struct oversub_vcpu *target)
{
	struct vcpu *vcpu = vcpu_of_dy(me);

	return vcpu_yield_to(vcpu, vcpu_of_dy(target), &vcpu->vm->stats.yield);
}

const struct directed_yield_ops vcpu_directed_yield_ops = {
	.yield_to = yield_to,
	.now = monotonic_clock,
	.waits_for = waits_for,
	.right_target = right_target,
	.could_run = dy_could_run,
	.guest_hint = vcpu_read_hint,
	.oracle_run = vcpu_oracle_run,
};

/* What the exit cost, the yields that were tried included, is paid on the way back to the guest. */
static void charge_scan(struct vcpu *vcpu)
{
	const struct kvm_costs *costs = &vcpu->vm->config.costs;

	if (vcpu->dy.cost_waived)
		vcpu->entry_cost = 0;
	else
		vcpu->entry_cost += vcpu->dy.scan_candidates * costs->scan_vcpu_ns +
				    vcpu->dy.scan_attempts * costs->yield_to_ns;
}

/* Give up the CPU as on_spin has found. True: it went elsewhere. */
static bool leave(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->task.cpu;

	vcpu->resume = RESUME_YIELD;
	if (!vcpu->boosted && vcpu->dy.leave == DIRECTED_YIELD_SLEEP) {
		sim_schedule(vcpu->vm->host->engine, &vcpu->sleep_timer,
			     vcpu_now(vcpu) + vcpu->dy.leave_ns);
		return pcpu_schedule(cpu, PCPU_BLOCK);
	}
	if (!vcpu->boosted)
		pcpu_yield(cpu);
	return pcpu_schedule(cpu, PCPU_PREEMPT);
}

/* Of the last IPI from vcpu to target that KVM has heard of. */
static bool ipi_was_awaited(const struct vcpu *vcpu, int target)
{
	return bitmap_test(vcpu->ipis_awaited, target);
}

void vcpu_on_spin(struct vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;
	struct kvm_stats *stats = &vm->stats;
	struct wait_chain chain = vcpu_wait_chain(vcpu);
	bool want_kernel = ple_want_kernel(&vm->ple, vcpu->action.kernel ? 0 : 3, false);

	vcpu_change_window(vcpu, OVERSUB_WINDOW_EXIT);
	host_cosched_pause(&vcpu->task);
	hint_count_exit(&stats->hint, &chain);
	vcpu->boosted = directed_yield_begin(&vcpu->dy, want_kernel);
	charge_scan(vcpu);
	if (vcpu->boosted) {
		stats->taken_by_reason[vcpu->dy.reason]++;
		hint_count_taken(&stats->hint, &chain, vcpu, vcpu_of_dy(vcpu->boosted),
				 vcpu->dy.reason == OVERSUB_REASON_IPI_RECEIVER,
				 ipi_was_awaited(vcpu, vcpu->boosted->index));
	}
	if (!vcpu->boosted)
		vcpu_change_window(vcpu, OVERSUB_WINDOW_DECLINED);
	if (!vcpu->boosted && vcpu->dy.leave == DIRECTED_YIELD_STAY) {
		vcpu_prepare_entry(vcpu, vcpu->entry_cost);
	} else if (!leave(vcpu)) {
		if (vcpu->boosted)
			vcpu_change_window(vcpu, OVERSUB_WINDOW_FUTILE);
		vcpu_after_yield(vcpu);
	}
}

void vcpu_after_yield(struct vcpu *vcpu)
{
	directed_yield_finish(&vcpu->dy, vcpu->boosted);
	vcpu->boosted = NULL;
	vcpu_prepare_entry(vcpu, vcpu->entry_cost);
}

/* A timer of the host, of which neither the guest nor the policy hears. */
static void sleep_over(struct sim_engine *engine, struct sim_event *event)
{
	struct vcpu *vcpu = container_of(event, struct vcpu, sleep_timer);

	if (host_wake(&vcpu->task, vcpu->task.cpu))
		vcpu_account(vcpu, VCPU_STEAL);
}

void vcpu_init_spin(struct vcpu *vcpu)
{
	sim_event_init(&vcpu->sleep_timer, SIM_RANK_TIMER, (uint32_t)vcpu->task.pid, sleep_over);
}
