/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vCPU thread's state machine (vcpu_run, vcpu_enter_guest; models/kvm/README.md, The thread).
 *
 *               sched_in                      guest action done, or host interrupt
 *   OFF_CPU -------------> ENTERING --> IN_GUEST --> EXITING --.
 *      ^                      ^                                | handle_exit()
 *      | pcpu_schedule()      '---- vcpu_prepare_entry() <-----+
 *      '-- entry checks, yields, BLOCKING <-- POLLING <-- HLT -'
 *
 * An exit is paid in two halves with its effects in between. There is one completion event: the end
 * of the guest's segment, of a pause loop's window, of a half of an exit, or of halt polling.
 */
#include "models/kvm/vcpu.h"

#include <assert.h>

#include "sim/base/container_of.h"

/* ---- Guest mode --------------------------------------------------------------------------- */

static void begin_segment(struct vcpu *vcpu, int64_t ns)
{
	struct sim_engine *engine = vcpu->vm->host->engine;

	vcpu->segment_start = vcpu_now(vcpu);
	vcpu->task.executing = true;
	if (ns >= 0)
		sim_schedule(engine, &vcpu->completion, vcpu->segment_start + ns);
}

/* Begin a segment of GUEST_RUN; a transfer at the end of a spin is as fast as ever. */
static void begin_run(struct vcpu *vcpu)
{
	struct host_task *task = &vcpu->task;
	int64_t ns;

	vcpu->action.ns += vcpu->hint_debt_ns;
	vcpu->hint_debt_ns = 0;
	ns = vcpu->action.ns;
	if (!vcpu->action.spinning) {
		task->speed = task->cpu->speed;
		ns = host_task_duration(task, ns + task->refill_ns);
	}
	begin_segment(vcpu, ns);
}

/* How long a pause loop goes on before it exits, -1 if it never does. */
static int64_t pause_loop_ns(const struct vcpu *vcpu)
{
	const struct kvm_vm *vm = vcpu->vm;

	if (!vm->ple.exits || (vm->ple.type == PLE_INTEL && !vcpu->action.kernel))
		return -1;
	return ple_window_ns(&vm->ple, vcpu->ple_window, vm->host->config.tsc_khz);
}

/* ns until the spin in progress exits or gives up, -1 if it does neither. */
static int64_t spin_length(const struct vcpu *vcpu)
{
	int64_t until_exit = vcpu->pause_exit - vcpu_now(vcpu);

	if (vcpu->action.bounded && vcpu->action.ns < until_exit)
		return vcpu->action.ns;
	return vcpu->pause_exit == INT64_MAX ? -1 : until_exit;
}

/*
 * Begin the spin, unless the guest finds that its condition came true while it was away, or that it
 * has spun long enough: then there is another action.
 */
static bool begin_spin(struct vcpu *vcpu)
{
	int64_t window;

	vcpu->vm->guest_ops->spin_begins(vcpu);
	if (vcpu->action.kind != GUEST_SPIN)
		return false;
	if (vcpu->action.bounded && vcpu->action.ns <= 0) {
		vcpu_complete_action(vcpu);
		vcpu->vm->guest_ops->next(vcpu, &vcpu->action);
		return false;
	}
	if (vcpu_has_oracle(vcpu) && vcpu_asks_oracle(vcpu)) {
		vcpu_begin_exit(vcpu, EXIT_PAUSE);
		return true;
	}
	window = pause_loop_ns(vcpu);
	vcpu->pause_exit = window < 0 ? INT64_MAX : vcpu_now(vcpu) + window;
	begin_segment(vcpu, spin_length(vcpu));
	return true;
}

/* An EOI that needs no exit; true if this was one. */
static bool eoi_without_exit(struct vcpu *vcpu)
{
	if (vcpu->vm->config.apicv != KVM_APICV_OFF) {
		if (!vcpu_virtual_eoi(vcpu))
			return false;
	} else if (vcpu->pv_eoi_armed) {
		vcpu->pv_eoi_armed = false;
		vcpu->pv_eoi_done = true;
	} else {
		return false;
	}
	vcpu->action.kind = GUEST_RUN;
	vcpu->action.ns = vcpu->vm->config.costs.eoi_virtual_ns;
	vcpu->action.spinning = false;
	return true;
}

/* Why the action in progress exits, EXIT_REASONS if it does not after all. */
static enum exit_reason exit_of_action(struct vcpu *vcpu)
{
	bool apicv = vcpu->vm->config.apicv != KVM_APICV_OFF;

	switch (vcpu->action.kind) {
	case GUEST_ICR: return vcpu_write_icr(vcpu);
	case GUEST_EOI: return apicv ? EXIT_EOI_INDUCED : EXIT_EOI_WRITE;
	case GUEST_IO: return EXIT_IO;
	case GUEST_TIMER_ARM:
		return vcpu->action.timer == KVM_TIMER_TSC_DEADLINE ? EXIT_TIMER_ARM
								    : EXIT_TIMER_COUNT;
	default: return EXIT_HYPERCALL;
	}
}

/* HLT; if it does not exit the vCPU stays where it is, doing nothing, until an interrupt. */
static void begin_halt(struct vcpu *vcpu)
{
	if (vcpu->vm->config.cpu_pm)
		begin_segment(vcpu, -1);
	else
		vcpu_begin_exit(vcpu, EXIT_HLT);
}

/* The hardware takes a pending interrupt. AVIC has not noticed it before its doorbell rings. */
static bool takes_interrupt(const struct vcpu *vcpu)
{
	int64_t apicv = vcpu->vm->config.apicv;

	if (apicv == KVM_APICV_OFF || !vcpu_interrupt_deliverable(vcpu))
		return false;
	return apicv != KVM_APICV_AVIC || !sim_event_pending(&vcpu->notification);
}

static void run_guest(struct vcpu *vcpu)
{
	struct guest_action *action = &vcpu->action;
	enum exit_reason reason;

	for (;;) {
		if (vcpu->nmi_window && !vcpu->nmi_masked) {
			vcpu_begin_exit(vcpu, EXIT_NMI_WINDOW);
			return;
		}
		if (action->interrupts && vcpu->irq_window) {
			vcpu_begin_exit(vcpu, EXIT_INTERRUPT_WINDOW);
			return;
		}
		if (takes_interrupt(vcpu))
			vcpu_inject(vcpu);

		switch (action->kind) {
		case GUEST_RUN:
			if (action->ns > 0) {
				begin_run(vcpu);
				return;
			}
			vcpu->asked_oracle = false;
			vcpu->vm->guest_ops->next(vcpu, action);
			if (vcpu->vm->config.guest_hint)
				vcpu_publish_hint(vcpu);
			break;
		case GUEST_SPIN:
			if (begin_spin(vcpu))
				return;
			break;
		case GUEST_HLT: begin_halt(vcpu); return;
		case GUEST_EOI:
			vcpu_handler_begins(vcpu);
			if (eoi_without_exit(vcpu))
				break;
			/* fall through */
		default:
			reason = exit_of_action(vcpu);
			if (reason == EXIT_REASONS)
				break;
			vcpu_begin_exit(vcpu, reason);
			return;
		}
	}
}

void vcpu_end_spin(struct vcpu *vcpu, int64_t transfer_ns)
{
	bool executing = vcpu_executing(vcpu);

	assert(vcpu->action.kind == GUEST_SPIN);
	vcpu_stop(vcpu);
	vcpu->action.kind = GUEST_RUN;
	vcpu->action.ns = transfer_ns > 0 ? transfer_ns : 0;
	vcpu->action.spinning = true;
	/* Even without a transfer the waiter goes on by its own event, not inside its waker's. */
	vcpu->asked_oracle = false;
	if (executing)
		begin_run(vcpu);
	else if (vcpu_has_oracle(vcpu))
		vcpu_waits_changed(vcpu->vm);
}

int64_t vcpu_spin_left(const struct vcpu *vcpu)
{
	return vcpu->action.ns - (vcpu_executing(vcpu) ? vcpu_now(vcpu) - vcpu->segment_start : 0);
}

void vcpu_bound_spin(struct vcpu *vcpu, int64_t ns)
{
	bool executing = vcpu_executing(vcpu);

	assert(vcpu->action.kind == GUEST_SPIN && ns >= 0);
	vcpu_stop(vcpu);
	vcpu->action.bounded = true;
	vcpu->action.ns = ns;
	if (executing)
		begin_segment(vcpu, spin_length(vcpu));
}

/* ---- Exits and entries --------------------------------------------------------------------- */

/* The first half of an exit is over: do what it is for. */
static void handle_exit(struct vcpu *vcpu)
{
	if (vcpu->pv_eoi_done || vcpu->pv_eoi_armed)
		vcpu_sync_pv_eoi(vcpu);

	switch (vcpu->exit_reason) {
	case EXIT_PAUSE: vcpu_on_spin(vcpu); return;
	case EXIT_HYPERCALL: vcpu_handle_hypercall(vcpu); return;
	case EXIT_HLT:
		vcpu_complete_action(vcpu);
		directed_yield_halt(&vcpu->dy);
		vcpu_halt(vcpu);
		return;
	case EXIT_ICR_WRITE:
		vcpu_send_ipi(vcpu);
		vcpu_complete_action(vcpu);
		break;
	case EXIT_INCOMPLETE_IPI:
		vcpu_complete_ipi(vcpu);
		vcpu_complete_action(vcpu);
		break;
	case EXIT_EOI_WRITE:
	case EXIT_EOI_INDUCED:
		vcpu_write_eoi(vcpu);
		vcpu_complete_action(vcpu);
		break;
	case EXIT_TIMER_ARM:
	case EXIT_TIMER_COUNT:
		vcpu_arm_timer(vcpu);
		vcpu_complete_action(vcpu);
		break;
	case EXIT_IO:
		if (vcpu->action.kick) {
			vcpu_complete_action(vcpu);
			vcpu->vm->guest_ops->kick(vcpu);
			break;
		}
		vcpu_complete_action(vcpu);
		/* In user space; KVM_RUN begins anew at the last check before entry. */
		vcpu->dy.wants_to_run = false;
		break;
	default:
		/* Interrupt, interrupt window, timer: entry does the rest. */
		break;
	}
	vcpu_prepare_entry(vcpu, vcpu->entry_cost);
}

/* The last check with interrupts off, then guest mode. */
static void enter(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->task.cpu;

	vcpu->dy.wants_to_run = true;
	vcpu->at_instruction_boundary = false;
	vcpu_record_steal_time(vcpu);
	if (pcpu_interrupt_pending(cpu) || pcpu_exit_work_pending(cpu)) {
		vcpu_prepare_entry(vcpu, vcpu->vm->config.costs.exit_ns / 2);
		return;
	}
	vcpu->kicked = false;
	vcpu->phase = VCPU_IN_GUEST;
	vcpu_account(vcpu, VCPU_WORK);
	vcpu_trace(vcpu, kvm_entry, .vcpu = vcpu->index);
	directed_yield_guest_entry(&vcpu->dy);
	vcpu_inject_pending(vcpu);
	run_guest(vcpu);
}

/* What was posted reaches the CPU, or, if the vCPU is blocked, a wake-up vector of the host does.
 */
static void notification(struct sim_engine *engine, struct sim_event *event)
{
	struct vcpu *vcpu = container_of(event, struct vcpu, notification);

	/* Hardware that posts to a blocked vCPU raises a wake-up vector of the host instead. */
	if (vcpu->dy.blocking && vcpu->dy.pid_on)
		vcpu_wake(vcpu, vcpu->task.cpu);
	/* Outside guest mode the next entry finds the posted vector. */
	if (!vcpu_executing(vcpu))
		return;
	vcpu_sync_posted(vcpu);
	if (!vcpu_interrupt_deliverable(vcpu))
		return;
	vcpu_stop(vcpu);
	run_guest(vcpu);
}

static void completion(struct sim_engine *engine, struct sim_event *event)
{
	struct vcpu *vcpu = container_of(event, struct vcpu, completion);

	switch (vcpu->phase) {
	case VCPU_IN_GUEST:
		vcpu_stop(vcpu);
		if (vcpu->action.kind == GUEST_SPIN &&
		    !(vcpu->action.bounded && vcpu->action.ns <= 0))
			vcpu_begin_exit(vcpu, EXIT_PAUSE);
		else
			run_guest(vcpu);
		break;
	case VCPU_EXITING: handle_exit(vcpu); break;
	case VCPU_ENTERING: enter(vcpu); break;
	case VCPU_POLLING: vcpu_poll_again(vcpu); break;
	case VCPU_BLOCKING: vcpu_block(vcpu); break;
	case VCPU_OFF_CPU: assert(!"a vCPU without a CPU has nothing to complete"); break;
	}
}

/* ---- The thread ----------------------------------------------------------------------------- */

/* kvm_sched_in(): preempted and ready first, scheduled_out last. */
static void sched_in(struct host_task *task)
{
	struct vcpu *vcpu = vcpu_of_task(task);

	vcpu->dy.cpu = task->cpu->index;
	vcpu->dy.preempted = false;
	vcpu->dy.ready = false;
	if (vcpu->dy.pid_sn) {
		/* What came meanwhile shows again as an outstanding notification. */
		vcpu->dy.pid_sn = false;
		vcpu->dy.pid_on |= vcpu->dy.pir_not_empty;
	}
	if (vcpu->dy.scheduled_out)
		vcpu_change_window(vcpu, OVERSUB_WINDOW_LOADED);
	vcpu->dy.scheduled_out = false;
	vcpu_account(vcpu, VCPU_EXIT);
	directed_yield_sched_in(&vcpu->dy);

	switch (vcpu->resume) {
	case RESUME_ENTRY:
		/* Still in the loop that looks for work before entry. */
		if (task->se.throttle_work)
			vcpu_prepare_entry(vcpu, vcpu->entry_cost);
		else
			vcpu_begin_entry(vcpu);
		break;
	case RESUME_YIELD: vcpu_after_yield(vcpu); break;
	case RESUME_HALT: vcpu_halt(vcpu); break;
	case RESUME_POLL: vcpu_poll(vcpu); break;
	case RESUME_BLOCK: vcpu_block(vcpu); break;
	}
}

/* kvm_sched_out() and the arch part that samples the CPL. In user space nobody is told. */
static void sched_out(struct host_task *task, bool runnable)
{
	struct vcpu *vcpu = vcpu_of_task(task);

	vcpu->dy.scheduled_out = vcpu->dy.wants_to_run;
	if (runnable && vcpu->dy.wants_to_run) {
		vcpu->dy.preempted = true;
		vcpu->dy.ready = true;
		/* Without IPI virtualisation nobody posts but KVM, which need not be told. */
		vcpu->dy.pid_sn = vcpu->vm->config.apicv == KVM_APICV_IPIV;
		vcpu->dy.preempted_in_kernel = vcpu->action.kernel;
		vcpu_report_preempted(vcpu);
	}
	if (host_task_throttled(task))
		vcpu_account(vcpu, VCPU_THROTTLED);
	else
		vcpu_account(vcpu, runnable ? VCPU_STEAL : VCPU_HALT);
	vcpu->phase = VCPU_OFF_CPU;
	directed_yield_sched_out(&vcpu->dy, vcpu->dy.preempted);
	vcpu->asked_oracle = false;
	if (vcpu_has_oracle(vcpu) && runnable)
		vcpu_waits_changed(vcpu->vm);
}

static void unthrottled(struct host_task *task)
{
	vcpu_account(vcpu_of_task(task), VCPU_STEAL);
}

static void queued(struct host_task *task)
{
	struct vcpu *vcpu = vcpu_of_task(task);

	if (vcpu_has_oracle(vcpu))
		vcpu_waits_changed(vcpu->vm);
}

static void host_interrupt(struct host_task *task)
{
	struct vcpu *vcpu = vcpu_of_task(task);

	if (vcpu->phase == VCPU_POLLING) {
		vcpu_poll_again(vcpu);
		return;
	}
	vcpu_stop(vcpu);
	vcpu_begin_exit(vcpu, EXIT_EXTERNAL_INTERRUPT);
}

static void speed_changed(struct host_task *task)
{
	struct vcpu *vcpu = vcpu_of_task(task);

	if (!vcpu_executing(vcpu) || vcpu->action.kind != GUEST_RUN || vcpu->action.spinning)
		return;
	vcpu_stop(vcpu);
	begin_run(vcpu);
}

const struct host_task_ops vcpu_task_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
	.interrupt = host_interrupt,
	.unthrottled = unthrottled,
	.queued = queued,
	.speed_changed = speed_changed,
	.published_critical = vcpu_published_critical,
	.in_critical_code = vcpu_in_critical_code,
};

void vcpu_init(struct vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;

	vcpu->phase = VCPU_OFF_CPU;
	vcpu->resume = RESUME_ENTRY;
	vcpu->entry_cost = vm->config.costs.exit_ns / 2;
	vcpu->action = (struct guest_action){
		.kind = GUEST_RUN, .kernel = true, .interrupts = true, .ns = 0};
	vcpu->time_state = vm->start_ns > vcpu_now(vcpu) ? VCPU_HALT : VCPU_STEAL;
	vcpu->time_since = vcpu_now(vcpu);
	vcpu_change_window(vcpu, OVERSUB_WINDOW_CREATE);
	vcpu->hint.waits_for = -1;
	sim_event_init(&vcpu->completion, SIM_RANK_COMPLETION, (uint32_t)vcpu->task.pid,
		       completion);
	sim_event_init(&vcpu->notification, SIM_RANK_INTERRUPT, (uint32_t)vcpu->task.pid,
		       notification);
	vcpu_init_interrupts(vcpu);
	vcpu_init_spin(vcpu);
}
