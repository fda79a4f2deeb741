/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the KVM shell share. Users of the shell include kvm.h. */
#ifndef MODELS_KVM_VCPU_H
#define MODELS_KVM_VCPU_H

#include "models/kvm/kvm.h"

/* vcpu_time.c */

/* Simulated time, ns. */
static inline int64_t vcpu_now(const struct vcpu *vcpu)
{
	return sim_now(vcpu->vm->host->engine);
}
/* vcpu is runnable, queued and without a CPU, and not for want of time. */
static inline bool vcpu_could_run(const struct vcpu *vcpu)
{
	return vcpu->task.state == TASK_RUNNING && vcpu->task.se.on_rq && !vcpu->task.on_cpu &&
	       !host_task_throttled(&vcpu->task);
}
/* Close the time of the present state and go over to next. */
void vcpu_account(struct vcpu *vcpu, enum vcpu_time next);
/* Spend ns on the CPU outside guest mode; what phase stands for follows. */
void vcpu_spend(struct vcpu *vcpu, enum vcpu_phase phase, int64_t ns);
/* End the running segment, if there is one: what was consumed is subtracted from the action. */
void vcpu_stop(struct vcpu *vcpu);
/* The action in progress is done; CPL and IF stay as they were. */
void vcpu_complete_action(struct vcpu *vcpu);

/* exit.c */

/* Cost of an exit by reason in ns; the first half is paid on the way out of the guest. */
int64_t vcpu_exit_cost(const struct vcpu *vcpu, enum exit_reason reason);
/* Leave guest mode; the vCPU must not be executing any more (vcpu_stop). */
void vcpu_begin_exit(struct vcpu *vcpu, enum exit_reason reason);

/* kick.c */

/* While vcpu polls, something arrived: the loop looks, in this instant. */
static inline void vcpu_look(struct vcpu *vcpu)
{
	vcpu->task.ops->interrupt(&vcpu->task);
}
/* Make vcpu notice an event, wherever it is; the caller runs on CPU from (kvm_vcpu_kick). */
void vcpu_kick(struct vcpu *vcpu, struct pcpu *from);

/*
 * kvm_vcpu_wake_up(): true if the thread was blocked. It does not end a sleep of on_spin. The
 * caller runs on CPU from.
 */
bool vcpu_wake(struct vcpu *vcpu, struct pcpu *from);
/* A posted-interrupt notification or doorbell will reach vcpu in ns. */
void vcpu_notify_after(struct vcpu *vcpu, int64_t ns);
/* What vcpu does with the CPU that an IPI would have to reach it on. */
enum oversub_cosched_target vcpu_cosched_state(const struct vcpu *vcpu);

/* entry.c */

/*
 * schedule() if the resched bits say so. True: vcpu is off its CPU, and will go on at resume.
 * False: go on at once.
 */
bool vcpu_give_way(struct vcpu *vcpu, enum vcpu_resume resume);
/* The exit is handled: look at the resched bits, pay cost ns, enter the guest. */
void vcpu_prepare_entry(struct vcpu *vcpu, int64_t cost);
/* Pay the second half of the exit; a timer that was early is waited for meanwhile. */
void vcpu_begin_entry(struct vcpu *vcpu);

/* interrupt.c */

/* Execute vcpu->action.icr. */
void vcpu_send_ipi(struct vcpu *vcpu);
/* An IPI with vector was sent to vcpu at time; its handler's start will be timed from there. */
void vcpu_note_sent(struct vcpu *vcpu, uint8_t vector, int64_t time);
/* Let the policy hear of an IPI of vcpu, and note whether vcpu waits for the receiver. */
void vcpu_tell_of_ipi(struct vcpu *vcpu, const struct oversub_ipi *ipi, bool awaited);
/* Count the ICR write of vcpu->action, which had this result. */
void vcpu_count_ipi(struct vcpu *vcpu, const struct lapic_result *result);
/* EOI that exits: by software write, or of a vector whose EOI KVM wants to hear of. */
void vcpu_write_eoi(struct vcpu *vcpu);
/* EOI by hardware (APICv). False: nothing is done, as it has to exit. */
bool vcpu_virtual_eoi(struct vcpu *vcpu);
/* EOI found out late (PV EOI). */
void vcpu_sync_pv_eoi(struct vcpu *vcpu);
/* Move what was posted to IRR and clear ON (sync_pir_to_irr). */
void vcpu_sync_posted(struct vcpu *vcpu);
/* Make what arrived visible to the guest before entry; requests an interrupt window if IF is 0. */
void vcpu_inject_pending(struct vcpu *vcpu);
/* There is a vector above PPR, and IF is set (kvm_vcpu_has_events, interrupt part). */
bool vcpu_interrupt_deliverable(const struct vcpu *vcpu);
/* Move it from IRR to ISR and let the guest begin its handler. */
void vcpu_inject(struct vcpu *vcpu);
/* The guest executes the first instruction of the handler of what was injected last. */
void vcpu_handler_begins(struct vcpu *vcpu);
void vcpu_init_interrupts(struct vcpu *vcpu);
/* Forget timer and interrupts, the LAPIC's registers aside (kvm_lapic_reset). */
void vcpu_reset_interrupts(struct vcpu *vcpu);

/* Execute the SEND_IPI hypercall of vcpu->action. IPI tracking does not see it. */
void vcpu_send_ipi_mask(struct vcpu *vcpu);

/* virtual_ipi.c */

/*
 * vcpu, in the guest, writes ICR. Returns why that exits; EXIT_REASONS: it does not, hardware has
 * sent the IPI and the next action is set.
 */
enum exit_reason vcpu_write_icr(struct vcpu *vcpu);
/* An exit for EXIT_INCOMPLETE_IPI: wake those whose IRR the hardware has set. */
void vcpu_complete_ipi(struct vcpu *vcpu);

/* lapic_timer.c */

/* Execute vcpu->action, which arms the timer. */
void vcpu_arm_timer(struct vcpu *vcpu);
void vcpu_disarm_timer(struct vcpu *vcpu);
/* Raise the vector of a timer that has expired (kvm_inject_pending_timer_irqs). */
void vcpu_raise_timer(struct vcpu *vcpu);
static inline void vcpu_inject_timer(struct vcpu *vcpu)
{
	if (vcpu->lapic_timer_pending)
		vcpu_raise_timer(vcpu);
}
/* ns until the deadline of a timer that has just been raised too early; 0 afterwards. */
int64_t vcpu_wait_for_timer(struct vcpu *vcpu);
void vcpu_init_timer(struct vcpu *vcpu);

/* steal_time.c */

/* vcpu loses its CPU while runnable: tell the guest, if it was at an instruction boundary. */
void vcpu_report_preempted(struct vcpu *vcpu);
/* Before an entry: it is not preempted any more; flush what was left to the host. */
void vcpu_record_steal_time(struct vcpu *vcpu);

/* vcpu_cosched.c: what co-scheduling policies may know of vCPUs */

/* For host_task_ops. */
unsigned int vcpu_published_critical(const struct host_task *task);
bool vcpu_in_critical_code(const struct host_task *task);

/* hypercall.c */

/* Execute vcpu->action, a hypercall, and go on to the entry. */
void vcpu_handle_hypercall(struct vcpu *vcpu);

/* halt.c */

/* HLT: poll, then sleep, until there is a reason to run. */
void vcpu_halt(struct vcpu *vcpu);
/* Another turn of the poll loop, which may be the last. */
void vcpu_poll(struct vcpu *vcpu);
/* While polling, something arrived, the CPU got company, or the window is over. */
void vcpu_poll_again(struct vcpu *vcpu);
/* Another turn of the block loop: the thread is about to sleep, or was woken. */
void vcpu_block(struct vcpu *vcpu);

/* spin.c */

extern const struct directed_yield_ops vcpu_directed_yield_ops;

/* yield_to() of the thread of nominee by vcpu's, counted in stats: see host_yield_to(). */
int vcpu_yield_to(struct vcpu *vcpu, struct vcpu *nominee, struct yield_stats *stats);
/* A pause-loop exit: grow the window, ask the policy, leave the CPU if it says so. */
void vcpu_on_spin(struct vcpu *vcpu);
/* The tail of a yield or sleep, when the vCPU runs again. */
void vcpu_after_yield(struct vcpu *vcpu);
void vcpu_init_spin(struct vcpu *vcpu);

/* window.c */

/* What a VM's hardware and parameters allow, for its window controller. slice_ns: of the host. */
struct oversub_window_limits window_limits(const struct ple_limits *ple,
					   const struct host_config *host, int64_t slice_ns);
/* Bring vcpu->ple_window up to date with event. */
void vcpu_change_window(struct vcpu *vcpu, enum oversub_window_event event);

/* vcpu_oracle.c */

/* What directed_yield_ops.oracle_run is. */
int vcpu_oracle_run(struct oversub_vcpu *me, struct oversub_vcpu *target,
		    enum oversub_oracle_boost how);
/* vcpu is about to spin, or spins: the policy wants it to exit at once. */
bool vcpu_asks_oracle(struct vcpu *vcpu);
void vcpu_init_oracle(struct kvm_vm *vm);
/* Look at all waits of vm at the end of this instant. Only if its policy has on_wait. */
void vcpu_waits_changed(struct kvm_vm *vm);

static inline bool vcpu_has_oracle(const struct vcpu *vcpu)
{
	return __builtin_expect(vcpu->vm->dy.policy->on_wait != NULL, 0);
}

/* guest_hint.c */

/* The guest of vcpu writes down whom it waits for and so on, if that has changed; with guest_hint
 * only. */
void vcpu_publish_hint(struct vcpu *vcpu);
/* What directed_yield_ops.guest_hint is. */
bool vcpu_read_hint(const struct oversub_vcpu *dy, struct oversub_guest_hint *hint);

/* vcpu.c */

extern const struct host_task_ops vcpu_task_ops;

void vcpu_init(struct vcpu *vcpu);

#endif
