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

/* What the work of a handler other than call-function leads to. A reschedule IPI only makes the
 * idle loop look for work again. */
static void take_effect(struct guest_cpu *cpu)
{
	switch (cpu->frame.vector) {
	case GUEST_VECTOR_TIMER:
		if (cpu->timer_armed) {
			cpu->timer_armed = false;
			guest_wake_thread(cpu);
		}
		break;
	case GUEST_VECTOR_DEVICE:
		if (cpu->device_wake) {
			cpu->device_wake = false;
			guest_wake_thread(cpu);
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
	case FRAME_EFFECT: take_effect(cpu); break;
	}
	guest_trace(cpu, TRACE_IRQ_EXIT, (int64_t[6]){cpu->index, frame->vector}, NULL);
	frame->step = FRAME_NONE;
	return false;
}
