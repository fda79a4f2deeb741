/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest_check.h"

#include "models/guest/guest_cpu.h"
#include "models/workload/lock_check.h"
#include "sim/base/bitmap.h"

static enum oversub_status broken(const struct guest_cpu *cpu, const char *what,
				  struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "%s/vcpu%d: %s", cpu->guest->vm->name,
			    cpu->index, what);
}

/* ---- Calls ---------------------------------------------------------------------------------- */

static uint32_t nr_csds(const struct guest *guest)
{
	uint32_t calls = (uint32_t)(guest->nr_cpus * (guest->nr_cpus + GUEST_CSD_SINGLES));

	return calls + (guest->sched ? (uint32_t)guest->nr_threads : 0);
}

/* Count the csds of a list on cpu; queued ones are locked, and theirs. */
static enum oversub_status check_list(const struct guest_cpu *cpu,
				      const struct guest_csd_list *list, uint32_t *nr,
				      struct oversub_error *error)
{
	const struct guest *guest = cpu->guest;

	for (uint32_t id = list->first; id != GUEST_NO_CSD; id = guest->csds[id].next) {
		if (++*nr > nr_csds(guest))
			return broken(cpu, "its call queue goes in a circle", error);
		if (!guest->csds[id].locked)
			return broken(cpu, "a csd in its call queue is unlocked", error);
		if (guest->csds[id].target != cpu->index)
			return broken(cpu, "a csd in its call queue is for another CPU", error);
	}
	return OVERSUB_OK;
}

static bool has_vector(const struct lapic *lapic, uint8_t vector)
{
	return lapic_vectors_test(&lapic->irr, vector) || lapic_vectors_test(&lapic->pir, vector);
}

/* Some CPU has queued a call on target and is on its way to the IPI. */
static bool ipi_is_coming(const struct guest_cpu *target)
{
	const struct guest *guest = target->guest;

	for (int i = 0; i < guest->nr_cpus; i++) {
		const struct guest_call *call = &guest->cpus[i].call;
		const struct guest_action *action = &guest->vm->vcpus[i].action;

		/* Wake-ups are queued and sent in one go. */
		if (action->kind == GUEST_ICR &&
		    action->icr.vector == GUEST_VECTOR_CALL_FUNCTION_SINGLE)
			return true;

		if (call->op && call->step <= CALL_SEND && bitmap_test(call->ipis, target->index))
			return true;
	}
	return false;
}

static enum oversub_status check_told(const struct guest_cpu *cpu, struct oversub_error *error)
{
	const struct vcpu *vcpu = cpu->vcpu;

	if (cpu->calls.first == GUEST_NO_CSD || vcpu->task.state != TASK_SLEEPING ||
	    !vcpu->dy.blocking)
		return OVERSUB_OK;
	if (has_vector(&vcpu->lapic, GUEST_VECTOR_CALL_FUNCTION_SINGLE) ||
	    has_vector(&vcpu->lapic, GUEST_VECTOR_CALL_FUNCTION) || ipi_is_coming(cpu))
		return OVERSUB_OK;
	return broken(cpu, "sleeps beside queued calls, and no IPI is on its way", error);
}

static enum oversub_status check_calls(const struct guest_cpu *cpu, uint32_t *nr,
				       struct oversub_error *error)
{
	const struct guest_frame *frame = &cpu->frame;
	enum oversub_status status = check_list(cpu, &cpu->calls, nr, error);

	if (status == OVERSUB_OK && frame->step == FRAME_CALLS) {
		status = check_list(cpu, &frame->sync, nr, error);
		if (status == OVERSUB_OK)
			status = check_list(cpu, &frame->async, nr, error);
		if (status == OVERSUB_OK)
			status = check_list(cpu, &frame->wakeups, nr, error);
		/* An asynchronous one is unlocked before its function runs. */
		*nr += frame->csd != GUEST_NO_CSD && frame->unlocks;
	}
	return status == OVERSUB_OK ? check_told(cpu, error) : status;
}

/* Each locked csd was met once. */
static enum oversub_status check_locked(const struct guest *guest, uint32_t met,
					struct oversub_error *error)
{
	uint32_t locked = 0;

	for (uint32_t id = 0; id < nr_csds(guest); id++)
		locked += guest->csds[id].locked;
	if (locked == met)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_FAILED,
			    "%s: %u csds are locked, and %u are queued or being run",
			    guest->vm->name, locked, met);
}

/* ---- Waits ---------------------------------------------------------------------------------- */

static enum oversub_status check_wait(const struct guest_cpu *cpu, struct oversub_error *error)
{
	const struct guest_action *action =
		guest_interrupted(cpu) ? &cpu->frame.saved : &cpu->vcpu->action;

	if (cpu->wait.kind == GUEST_WAIT_NONE || action->kind != GUEST_SPIN)
		return OVERSUB_OK;
	if (!cpu->current)
		return broken(cpu, "spins without a thread", error);
	if (cpu->wait.kind == GUEST_WAIT_CSD && cpu->nmi.step == NMI_NONE &&
	    !cpu->guest->csds[cpu->wait.csd].locked)
		return broken(cpu, "spins for a csd that is unlocked", error);
	return OVERSUB_OK;
}

/* ---- Threads -------------------------------------------------------------------------------- */

/* Who can run is queued where he belongs, or about to be; who cannot is not. */
static enum oversub_status check_thread(const struct guest_thread *thread,
					struct oversub_error *error)
{
	const struct guest_cpu *cpu = thread->cpu;
	bool queued = eevdf_task_runnable(thread->se);

	if (eevdf_entity_rq(thread->se) != cpu->rq)
		return broken(cpu, "one of its threads is bound to another run queue", error);
	if (queued && thread->asleep)
		return broken(cpu, "a thread that sleeps is queued", error);
	if (!queued && !thread->asleep && !cpu->nr_activating)
		return broken(cpu, "a thread that can run is not queued", error);
	if ((cpu->current == thread) != (cpu->rq->curr == thread->se))
		return broken(cpu, "its thread is not the one of its run queue", error);
	return OVERSUB_OK;
}

enum oversub_status guest_check(const struct guest *guest, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	uint32_t met = 0;

	for (int i = 0; status == OVERSUB_OK && i < guest->instance.workload->nr_locks; i++)
		status = lock_check(&guest->instance.locks[i], error);
	for (int i = 0; status == OVERSUB_OK && i < guest->nr_cpus; i++) {
		status = check_calls(&guest->cpus[i], &met, error);
		if (status == OVERSUB_OK)
			status = check_wait(&guest->cpus[i], error);
	}
	for (int i = 0; status == OVERSUB_OK && guest->sched && i < guest->nr_threads; i++)
		status = check_thread(&guest->threads[i], error);
	return status == OVERSUB_OK ? check_locked(guest, met, error) : status;
}
