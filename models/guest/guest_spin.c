/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the spins of a guest's CPUs begin and end, whatever they wait for, and how a run fails. */
#include "models/guest/guest_cpu.h"

/* ---- Errors --------------------------------------------------------------------------------- */

void guest_fail(struct guest *guest, enum oversub_status status)
{
	guest->status = status;
	sim_stop(guest->engine);
}

void guest_fail_thread(struct guest_thread *thread, const char *what)
{
	const char *op = op_descriptions[thread->op->kind].name;

	oversub_fail(&thread->guest->error, OVERSUB_BAD_INPUT, "thread %s, op %s: %s", thread->name,
		     op, what);
	guest_fail(thread->guest, OVERSUB_BAD_INPUT);
}

/* ---- Spinning ------------------------------------------------------------------------------- */

static void trace_spin(const struct guest_cpu *cpu, bool begins, int64_t ns)
{
	bool lock = cpu->wait.kind == GUEST_WAIT_LOCK;
	const struct guest_cpu *next = begins ? guest_waits_for(cpu) : NULL;
	int64_t id =
		lock ? cpu->current->op->object : guest_trace_csd_id(cpu->guest, cpu->wait.csd);
	const char *text =
		lock ? cpu->guest->instance.locks[cpu->current->op->object].description->name
		     : "csd";

	if (begins)
		vcpu_trace(cpu->vcpu, spin_begin, .vcpu = cpu->index, .on = text, .id = id,
			   .waits_for = next ? next->index : -1);
	else
		vcpu_trace(cpu->vcpu, spin_end, .vcpu = cpu->index, .on = text, .id = id, .ns = ns);
}

bool guest_spins_now(const struct guest_thread *thread)
{
	const struct guest_cpu *cpu = thread->cpu;

	return cpu->current == thread && !guest_interrupted(cpu) && vcpu_executing(cpu->vcpu) &&
	       cpu->vcpu->action.kind == GUEST_SPIN;
}

void guest_begin_spin(struct guest_cpu *cpu, struct guest_action *action, enum guest_wait_kind kind)
{
	cpu->wait.kind = kind;
	cpu->wait.since = guest_now(cpu->guest);
	*action = (struct guest_action){
		.kind = GUEST_SPIN, .kernel = true, .interrupts = guest_irqs_on(cpu->current)};
	if (cpu->vcpu->task.host->trace)
		trace_spin(cpu, true, 0);
}

void guest_spin_over(struct guest_cpu *cpu)
{
	int64_t transfer_ns = cpu->guest->config.cache_line_ns;
	struct guest_action *saved;

	if (!guest_interrupted(cpu)) {
		vcpu_end_spin(cpu->vcpu, transfer_ns);
		return;
	}
	saved = guest_saved_action(cpu);
	assert(saved->kind == GUEST_SPIN);
	saved->kind = GUEST_RUN;
	saved->ns = transfer_ns;
	saved->spinning = true;
}

int64_t guest_end_spin(struct guest_cpu *cpu)
{
	int64_t waited = guest_now(cpu->guest) - cpu->wait.since;

	if (cpu->vcpu->task.host->trace)
		trace_spin(cpu, false, waited);
	cpu->wait.kind = GUEST_WAIT_NONE;
	return waited;
}

void guest_bound_spin(struct guest_cpu *cpu, int64_t ns)
{
	struct guest_action *saved;

	if (!guest_interrupted(cpu)) {
		vcpu_bound_spin(cpu->vcpu, ns);
		return;
	}
	saved = guest_saved_action(cpu);
	assert(saved->kind == GUEST_SPIN);
	saved->bounded = true;
	saved->ns = ns;
}

/* ---- Polling -------------------------------------------------------------------------------- */

/* It is in its idle loop, and will look once more before it halts (TIF_POLLING_NRFLAG). */
static bool is_about_to_look(const struct guest_cpu *cpu)
{
	return cpu->context == GUEST_IDLE && cpu->timers.booted && !cpu->halts;
}

bool guest_poke(struct guest_cpu *cpu)
{
	if (!is_about_to_look(cpu))
		return false;
	cpu->poked = true;
	if (cpu->polls) {
		cpu->polls = false;
		haltpoll_polled(&cpu->haltpoll, false);
		guest_spin_over(cpu);
	}
	return true;
}
