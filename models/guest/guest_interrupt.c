/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest_interrupt.h"

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

static int64_t work_ns(struct guest_cpu *cpu)
{
	const struct guest_config *config = &cpu->guest->config;

	switch (cpu->frame.vector) {
	case GUEST_VECTOR_RESCHEDULE: return config->reschedule_ns;
	case GUEST_VECTOR_IRQ_WORK: return cpu->irq_work_ns;
	case GUEST_VECTOR_TIMER: return guest_timer_work_ns(cpu);
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
		guest_run_kernel(action, cpu->guest->config.nmi_ns, false);
		return true;
	}
	cpu->nmi.step = NMI_NONE;
	vcpu_trace(cpu->vcpu, irq_exit, .vcpu = cpu->index, .vector = TRACE_NMI);
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
void guest_device_completes_on(struct guest_thread *thread, struct pcpu *from)
{
	struct guest *guest = thread->guest;
	struct guest_cpu *cpu = thread->cpu;
	bool fixed = guest->vm->config.device_delivery == KVM_DEVICE_FIXED;
	int *link = fixed ? &cpu->completed : &guest->completed;

	while (*link >= 0)
		link = &guest->threads[*link].next_completed;
	*link = (int)(thread - guest->threads);
	thread->next_completed = -1;
	vcpu_device_interrupt(cpu->vcpu, GUEST_VECTOR_DEVICE, from);
}

void guest_device_completes(struct guest_thread *thread)
{
	guest_device_completes_on(thread, thread->cpu->vcpu->task.cpu);
}

/* The next completion that the handler on cpu finds; NULL: there is none. */
static struct guest_thread *next_completed(struct guest_cpu *cpu)
{
	struct guest *guest = cpu->guest;
	int *first = guest->vm->config.device_delivery == KVM_DEVICE_FIXED ? &cpu->completed
									   : &guest->completed;
	struct guest_thread *thread;

	if (*first < 0)
		return NULL;
	thread = &guest->threads[*first];
	*first = thread->next_completed;
	thread->io_handled = true;
	return thread;
}

/* What the work of a handler other than call-function leads to. True: action is filled in. A
 * reschedule IPI only makes the CPU look for work again. */
static bool take_effect(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest_thread *thread;

	switch (cpu->frame.vector) {
	case GUEST_VECTOR_TIMER: return guest_timer_effect(cpu, action);
	case GUEST_VECTOR_DEVICE:
		while ((thread = next_completed(cpu)))
			if (guest_wake(cpu, thread, action))
				return true;
		break;
	}
	return false;
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
		if (take_effect(cpu, action))
			return true;
		break;
	}
	vcpu_trace(cpu->vcpu, irq_exit, .vcpu = cpu->index, .vector = frame->vector);
	frame->step = FRAME_NONE;
	return false;
}
