/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/interrupt.h"

#include "models/guest/guest_cpu.h"

void guest_interrupt(struct vcpu *vcpu, uint8_t vector)
{
	struct guest_cpu *cpu = vcpu->guest;

	assert(cpu->frame.step == FRAME_NONE);
	cpu->frame.step = FRAME_ENTRY;
	cpu->frame.vector = vector;
	cpu->frame.saved = vcpu->action;
	guest_run_kernel(&vcpu->action, 0, false);
}

static int64_t work_ns(const struct guest_cpu *cpu)
{
	const struct guest_config *config = &cpu->guest->config;

	switch (cpu->frame.vector) {
	case GUEST_VECTOR_RESCHEDULE: return config->reschedule_ns;
	case GUEST_VECTOR_TIMER: return config->timer_interrupt_ns;
	default: return config->device_interrupt_ns;
	}
}

void guest_take_nmi(struct vcpu *vcpu)
{
	struct guest_cpu *cpu = vcpu->guest;

	assert(cpu->nmi.step == NMI_NONE);
	cpu->nmi.step = NMI_ENTRY;
	cpu->nmi.saved = vcpu->action;
	guest_run_kernel(&vcpu->action, 0, false);
}

bool nmi_next(struct guest_cpu *cpu, struct guest_action *action)
{
	if (cpu->nmi.step == NMI_ENTRY) {
		cpu->nmi.step = NMI_WORK;
		cpu->guest->stats.nmis++;
		guest_run_kernel(action, cpu->guest->config.nmi_ns, false);
		return true;
	}
	cpu->nmi.step = NMI_NONE;
	guest_trace(cpu, TRACE_IRQ_EXIT, (int64_t[6]){cpu->index, TRACE_NMI}, NULL);
	vcpu_nmi_done(cpu->vcpu);
	return false;
}

/* ---- Devices -------------------------------------------------------------------------------- */

/*
 * The host side of a device runs where the vCPU ran last. There is one interrupt for all
 * completions: if it need not come to the vCPU that waits, they are listed in memory, as in the
 * used ring of virtio, and its handler takes all that there are. A line that is level-triggered is
 * lowered by the handler before its EOI.
 */
void guest_device_completes(struct guest_thread *thread)
{
	struct guest *guest = thread->guest;
	struct guest_cpu *cpu = thread->cpu;
	int index = (int)(thread - guest->threads);

	if (guest->vm->config.device_delivery == KVM_DEVICE_FIXED) {
		thread->device_wake = true;
	} else {
		thread->next_completed = -1;
		if (guest->completed < 0)
			guest->completed = index;
		else
			guest->threads[guest->last_completed].next_completed = index;
		guest->last_completed = index;
	}
	vcpu_device_interrupt(cpu->vcpu, GUEST_VECTOR_DEVICE, cpu->vcpu->task.cpu);
}

/* Take one listed completion. True: action is the IPI to the CPU whose thread it wakes. */
static bool wake_completed(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest *guest = cpu->guest;

	while (guest->completed >= 0) {
		struct guest_thread *waiter = &guest->threads[guest->completed];

		guest->completed = waiter->next_completed;
		guest_wake_thread(waiter);
		if (waiter->cpu == cpu)
			continue;
		guest->stats.reschedules++;
		guest_write_icr(action,
				guest_unicast(cpu, waiter->cpu->index, GUEST_VECTOR_RESCHEDULE),
				false);
		return true;
	}
	return false;
}

/* A tick: with periodic timers a sleep ends at the first one after its time. */
static bool timer_due(const struct guest_thread *thread)
{
	return thread->guest->vm->config.lapic_timer != KVM_TIMER_PERIODIC ||
	       guest_now(thread->guest) >= thread->wake_at;
}

/* What the work of a handler other than call-function leads to. A reschedule IPI only makes the
 * idle loop look for work again. */
static void take_effect(struct guest_cpu *cpu)
{
	struct guest_thread *thread = cpu->current;

	if (!thread)
		return;
	switch (cpu->frame.vector) {
	case GUEST_VECTOR_TIMER:
		if (thread->timer_armed && timer_due(thread)) {
			thread->timer_armed = false;
			guest_wake_thread(thread);
		}
		break;
	case GUEST_VECTOR_DEVICE:
		if (thread->device_wake) {
			thread->device_wake = false;
			guest_wake_thread(thread);
		}
		break;
	}
}

bool interrupt_next(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest_frame *frame = &cpu->frame;

	switch (frame->step) {
	case FRAME_NONE: return false;
	case FRAME_ENTRY:
		*action = (struct guest_action){.kind = GUEST_EOI, .kernel = true};
		frame->step = FRAME_WORK;
		return true;
	case FRAME_WORK:
		if (frame->vector != GUEST_VECTOR_CALL_FUNCTION &&
		    frame->vector != GUEST_VECTOR_CALL_FUNCTION_SINGLE) {
			guest_run_kernel(action, work_ns(cpu), false);
			frame->step = FRAME_EFFECT;
			return true;
		}
		call_handler_begin(cpu);
		frame->step = FRAME_CALLS;
		/* fall through */
	case FRAME_CALLS:
		if (call_handler_next(cpu, action))
			return true;
		break;
	case FRAME_EFFECT:
		if (frame->vector == GUEST_VECTOR_DEVICE && wake_completed(cpu, action))
			return true;
		take_effect(cpu);
		break;
	}
	guest_trace(cpu, TRACE_IRQ_EXIT, (int64_t[6]){cpu->index, frame->vector}, NULL);
	frame->step = FRAME_NONE;
	return false;
}
