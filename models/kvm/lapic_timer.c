/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timer of a LAPIC (arch/x86/kvm/lapic.c). While the vCPU runs, VMX counts the deadline down
 * with its preemption timer, whose expiry is a cheap exit; otherwise, and on SVM always, it is a
 * timer of the host, whose interrupt is an exit like any other interrupt of the host's. A blocked
 * vCPU is woken. A preempted one is left alone: it notices the expiry when it is loaded again.
 *
 * The current count is not read: Linux does so only when it calibrates the timer, at boot.
 *
 * KVM lets the timer of a TSC deadline fire somewhat early and waits for the deadline right before
 * entry. The lead is a parameter here; KVM adapts it so that the wait becomes short, which is a
 * matter of less than a microsecond and does not change who runs.
 */
#include "models/kvm/vcpu.h"

#include "sim/base/container_of.h"

/* Vector of the local timer in a Linux guest. */
#define LOCAL_TIMER_VECTOR 0xec

/* What one tick of the count takes: the bus of KVM runs at 1 GHz, and Linux divides by 16. */
#define COUNT_TICK_NS INT64_C(16)

static int64_t whole_ticks(int64_t ns)
{
	return ns <= COUNT_TICK_NS ? COUNT_TICK_NS
				   : (ns + COUNT_TICK_NS - 1) / COUNT_TICK_NS * COUNT_TICK_NS;
}

static void start(struct vcpu *vcpu, int64_t deadline, int64_t lead)
{
	struct sim_engine *engine = vcpu->vm->host->engine;
	int64_t now = sim_now(engine);

	vcpu->timer_deadline = deadline;
	sim_schedule(engine, &vcpu->lapic_timer, deadline - lead > now ? deadline - lead : now);
}

void vcpu_disarm_timer(struct vcpu *vcpu)
{
	vcpu->lapic_timer_pending = false;
	vcpu->timer_period = 0;
	vcpu->timer_wait_until = 0;
	sim_cancel(vcpu->vm->host->engine, &vcpu->lapic_timer);
}

void vcpu_arm_timer(struct vcpu *vcpu)
{
	const struct guest_action *action = &vcpu->action;
	int64_t now = vcpu_now(vcpu), written;

	vcpu_disarm_timer(vcpu);
	if (action->ns <= 0)
		return;
	switch (action->timer) {
	case KVM_TIMER_TSC_DEADLINE: start(vcpu, action->ns, vcpu->vm->config.timer_advance); break;
	case KVM_TIMER_ONE_SHOT:
		/* The guest computed the count when it wrote it; it begins to run now. */
		written = now - vcpu_exit_cost(vcpu, EXIT_TIMER_COUNT) / 2;
		start(vcpu, now + whole_ticks(action->ns - written), 0);
		break;
	case KVM_TIMER_PERIODIC:
		vcpu->timer_period = whole_ticks(action->ns);
		start(vcpu, now + vcpu->timer_period, 0);
		break;
	}
}

static void timer_expired(struct sim_engine *engine, struct sim_event *event)
{
	struct vcpu *vcpu = container_of(event, struct vcpu, lapic_timer);
	bool svm = vcpu->vm->dy.vendor == KVM_VENDOR_AMD;

	if (vcpu->timer_period)
		start(vcpu, vcpu->timer_deadline + vcpu->timer_period, 0);
	vcpu->lapic_timer_pending = true;
	if (vcpu_executing(vcpu)) {
		vcpu_stop(vcpu);
		vcpu_begin_exit(vcpu, svm ? EXIT_EXTERNAL_INTERRUPT : EXIT_TIMER);
	} else if (!vcpu_wake(vcpu, vcpu->task.cpu) && vcpu->phase == VCPU_POLLING) {
		vcpu_look(vcpu);
	}
}

void vcpu_raise_timer(struct vcpu *vcpu)
{
	vcpu->lapic_timer_pending = false;
	if (!vcpu->timer_period && vcpu->vm->config.timer_advance)
		vcpu->timer_wait_until = vcpu->timer_deadline;
	switch (lapic_accept(&vcpu->lapic, LOCAL_TIMER_VECTOR, false, true)) {
	case LAPIC_RAISED_EVENT:
		vcpu->dy.request_event =
			vcpu->vm->config.apicv == KVM_APICV_OFF || vcpu->dy.request_event;
		break;
	case LAPIC_RAISED_POSTED: vcpu->dy.pid_on = vcpu->dy.pir_not_empty = true; break;
	default: break;
	}
}

int64_t vcpu_wait_for_timer(struct vcpu *vcpu)
{
	int64_t left = vcpu->timer_wait_until - vcpu_now(vcpu);

	vcpu->timer_wait_until = 0;
	return left > 0 ? left : 0;
}

void vcpu_init_timer(struct vcpu *vcpu)
{
	sim_event_init(&vcpu->lapic_timer, SIM_RANK_TIMER, (uint32_t)vcpu->task.pid, timer_expired);
}
