/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of functions as their target sees them: its list, and the handler that empties it. */
#include "models/guest/call_function.h"

#include "models/guest/csd.h"
#include "models/guest/tlb.h"

/* by runs the handler. */
static void unlock(const struct guest_cpu *by, uint32_t id)
{
	struct guest *guest = by->guest;
	struct guest_csd *csd = &guest->csds[id];
	struct guest_cpu *owner = csd_owner(guest, id);

	csd->locked = false;
	guest_trace_csd(by, id, owner->index, true);
	if (csd->sync)
		owner->call.last_unlock = guest_now(guest);
	if (owner->wait.kind == GUEST_WAIT_CSD && owner->wait.csd == id)
		guest_spin_over(owner);
}

void call_handler_begin(struct guest_cpu *cpu)
{
	struct guest *guest = cpu->guest;
	struct guest_frame *frame = &cpu->frame;
	uint32_t id;

	frame->sync = frame->async = (struct guest_csd_list){GUEST_NO_CSD, GUEST_NO_CSD};
	frame->wakeups = frame->sync;
	frame->csd = GUEST_NO_CSD;
	frame->answers = NULL;
	while ((id = csd_pop(guest, &cpu->calls)) != GUEST_NO_CSD) {
		const struct guest_csd *csd = &guest->csds[id];

		if (!csd->op)
			csd_push(guest, &frame->wakeups, id);
		else
			csd_push(guest, csd->sync ? &frame->sync : &frame->async, id);
	}
}

bool call_flush(struct guest_cpu *cpu, struct guest_action *action)
{
	call_handler_begin(cpu);
	cpu->frame.step = FRAME_CALLS;
	cpu->frame.vector = GUEST_VECTOR_CALL_FUNCTION_SINGLE;
	/* As from a halt: the idle loop looks for work then. */
	cpu->frame.saved = (struct guest_action){.kind = GUEST_HLT};
	if (call_handler_next(cpu, action))
		return true;
	cpu->frame.step = FRAME_NONE;
	return false;
}

/* How long the function of a csd takes on cpu; a flush begins. */
static int64_t function_ns(struct guest_cpu *cpu, uint32_t id)
{
	struct guest *guest = cpu->guest;
	const struct op *op = guest->csds[id].op;

	if (op->kind != OP_TLB_FLUSH)
		return op->function_ns;
	return tlb_flush_begin(cpu, op, csd_owner(guest, id)->call.generation, false,
			       &cpu->frame.flush_to);
}

/* The function in progress is done. True: action is an IPI to whom that wakes. */
static bool end_function(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest_frame *frame = &cpu->frame;
	struct guest_thread *answers = frame->answers;
	uint32_t id = frame->csd;

	if (id == GUEST_NO_CSD)
		return false;
	frame->csd = GUEST_NO_CSD;
	frame->answers = NULL;
	if (!cpu->guest->csds[id].op) {
		guest_sched_activate(cpu->guest->csds[id].caller);
		return false;
	}
	if (frame->flushes)
		tlb_flush_end(cpu, frame->flush_to);
	if (frame->unlocks)
		unlock(cpu, id);
	return answers && --answers->answers_due == 0 && guest_wake(cpu, answers, action);
}

static void begin_wakeup(struct guest_cpu *cpu, struct guest_action *action)
{
	cpu->guest->csds[cpu->frame.csd].locked = false;
	guest_run_kernel(action, cpu->guest->config.wakeup_ns, false);
}

bool call_handler_next(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest *guest = cpu->guest;
	struct guest_frame *frame = &cpu->frame;
	uint32_t id;

	if (end_function(cpu, action))
		return true;
	/* All whose callers wait, then those whose csd may be used again even before they run. */
	id = csd_pop(guest, &frame->sync);
	frame->unlocks = id != GUEST_NO_CSD;
	if (id == GUEST_NO_CSD)
		id = csd_pop(guest, &frame->async);
	if (id == GUEST_NO_CSD) {
		frame->csd = csd_pop(guest, &frame->wakeups);
		if (frame->csd == GUEST_NO_CSD)
			return false;
		begin_wakeup(cpu, action);
		return true;
	}
	frame->csd = id;
	frame->flushes = guest->csds[id].op->kind == OP_TLB_FLUSH;
	if (guest->csds[id].op->kind == OP_RCU_EXPEDITED)
		frame->answers = guest->csds[id].caller;
	if (!frame->unlocks)
		unlock(cpu, id);
	guest_trace_csd(cpu, id, csd_owner(guest, id)->index, false);
	guest->stats.calls_served++;
	guest_run_kernel(action, function_ns(cpu, id), false);
	return true;
}
