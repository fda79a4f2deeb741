/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the time of waits went into. */
#include "models/guest/guest.h"
#include "sim/explain/wait.h"

/* ---- Causes --------------------------------------------------------------------------------- */

static enum wait_cause guest_mode_cause(const struct explain_wait *wait)
{
	const struct explain_wait *last = wait->last;
	const struct explain_task *end = wait->end;
	bool calls = end->is.handler == GUEST_VECTOR_CALL_FUNCTION ||
		     end->is.handler == GUEST_VECTOR_CALL_FUNCTION_SINGLE;

	if (end->is.nmi)
		return CAUSE_HANDLER;
	if (wait->end_thread >= 0 && end->is.guest_thread != THREAD_UNKNOWN &&
	    end->is.guest_thread != wait->end_thread)
		return CAUSE_GUEST;
	if (last->over || last->kind == WAIT_LOCK || end == last->waiter)
		return end->is.handler < 0 ? CAUSE_NEEDED : CAUSE_HANDLER;
	if (end->is.csd == last->object)
		return CAUSE_NEEDED;
	if (calls)
		return CAUSE_EARLIER;
	if (end->is.handler >= 0)
		return CAUSE_HANDLER;
	/* What was raised before the entry would have been injected there. */
	return end->is.entered > last->since ? CAUSE_IRQS_OFF : CAUSE_IPI;
}

static enum wait_cause cause_of(const struct explain_wait *wait)
{
	const struct explain_task *end = wait->end;

	if (!end)
		return CAUSE_UNKNOWN;
	if (end->is.place == PLACE_QUEUED && end->is.stopped)
		return CAUSE_STOPPED;
	switch (replay_doing(&end->is)) {
	case DOING_WORK:
	case DOING_SPIN: return guest_mode_cause(wait);
	case DOING_PREEMPTED: return CAUSE_PREEMPTED;
	case DOING_YIELDED: return CAUSE_YIELDED;
	case DOING_WOKEN: return CAUSE_WOKEN;
	case DOING_PARKED: return CAUSE_THROTTLED;
	case DOING_HOST: return end->is.halting ? CAUSE_HALTED : CAUSE_EXIT;
	default: return CAUSE_HALTED;
	}
}

/* ---- Settling ------------------------------------------------------------------------------- */

/* Who has the CPU that task waits for in its queue; NULL: nobody. */
static struct explain_task *occupant_of(const struct wait_table *table,
					const struct explain_task *task)
{
	return explain_task_of(table->replay.cpus[task->is.cpu].current);
}

static enum cpu_occupant kind_of(const struct explain_task *occupant,
				 const struct explain_task *task)
{
	if (!occupant)
		return OCCUPANT_NOBODY;
	if (occupant->is.vm < 0)
		return OCCUPANT_THREAD;
	if (occupant->is.vm == task->is.vm)
		return occupant->is.spinning ? OCCUPANT_SIBLING_SPINS : OCCUPANT_SIBLING;
	return occupant->is.spinning ? OCCUPANT_OTHER_SPINS : OCCUPANT_OTHER;
}

/* What wait is for does not go on, for ns: one waits for it, another one is in its way. */
static void count_for_tasks(const struct explain_wait *wait, struct explain_task *occupant,
			    int64_t ns)
{
	if (!wait->end || wait->role == ROLE_WAITER || wait->end->is.place == PLACE_RUNNING)
		return;
	wait->end->awaited_ns += ns;
	if (occupant)
		occupant->in_the_way_ns += ns;
}

/* Who waits first in the chain, if that is not the waiter itself. */
static void set_via(const struct explain_wait *wait, struct wait_step *step)
{
	if (!wait->hops)
		return;
	step->via = wait->kind == WAIT_CALL ? wait->target : wait->last->waiter;
	step->via_lock = wait->last->kind == WAIT_LOCK;
}

static void set_end(const struct explain_task *end, struct explain_task *occupant,
		    struct wait_step *step)
{
	step->end = end;
	step->cpu = end->is.cpu;
	step->since = end->is.since;
	step->in_user = end->is.in_user;
	if (!occupant)
		return;
	step->occupants[step->nr_occupants++] = (struct wait_occupant){occupant, step->ns};
	if (occupant->is.spinning)
		step->spin_ns = step->ns;
}

static void attribute(const struct wait_table *table, struct explain_wait *wait,
		      enum wait_cause cause, int64_t ns)
{
	bool queued = wait->end && wait->end->is.place == PLACE_QUEUED;
	struct explain_task *occupant = queued ? occupant_of(table, wait->end) : NULL;
	enum cpu_occupant kind = queued ? kind_of(occupant, wait->end) : OCCUPANT_NOBODY;
	struct wait_step step = {
		.begin = wait->settled,
		.ns = ns,
		.own_ns = ns,
		.cause = cause,
		.role = wait->role,
		.cpu = -1,
		.since = wait->settled,
	};

	if (wait->end)
		set_end(wait->end, occupant, &step);
	set_via(wait, &step);
	wait->ns[wait->role][cause][kind] += ns;
	wait->hop_ns[wait->hops < WAIT_MAX_HOPS ? wait->hops : WAIT_MAX_HOPS] += ns;
	if (cause == CAUSE_PREEMPTED && wait->role == ROLE_AWAITED && wait->end->is.in_user)
		wait->user_ns += ns;
	wait->settled += ns;
	count_for_tasks(wait, occupant, ns);
	wait_steps_add(wait, &step);
}

void wait_settle(const struct wait_table *table, struct explain_wait *wait, int64_t now)
{
	enum wait_cause cause;

	if (now <= wait->settled)
		return;
	cause = cause_of(wait);
	if (cause == CAUSE_IPI) {
		int64_t arrival = wait->last->since + table->ipi_flight_ns;

		/* It should have arrived: only interrupts that are off keep it waiting. */
		if (arrival < now) {
			if (arrival > wait->settled)
				attribute(table, wait, CAUSE_IPI, arrival - wait->settled);
			cause = CAUSE_IRQS_OFF;
		}
	}
	attribute(table, wait, cause, now - wait->settled);
}

void wait_settle_task(const struct wait_table *table, struct explain_task *task, int64_t now)
{
	for (struct explain_wait *wait = task->watchers; wait; wait = wait->watch_next)
		wait_settle(table, wait, now);
}

void wait_settle_queue(const struct wait_table *table, int cpu, int64_t now)
{
	const struct replay_task *next = NULL;

	if (cpu >= 0 && cpu < table->replay.nr_cpus)
		next = table->replay.cpus[cpu].queued;
	for (; next; next = next->queue_next) {
		struct explain_task *task = explain_task_of(next);
		int64_t from = next->since > task->stolen_until ? next->since : task->stolen_until;

		if (now > from) {
			task->stolen[kind_of(occupant_of(table, task), task)] += now - from;
			task->stolen_until = now;
		}
		wait_settle_task(table, task, now);
	}
}

void wait_settle_vm(const struct wait_table *table, int vm, int64_t now)
{
	for (struct explain_wait *wait = table->vms[vm].active; wait; wait = wait->active_next)
		wait_settle(table, wait, now);
}
