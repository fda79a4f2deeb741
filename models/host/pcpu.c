/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One physical CPU: its time and its interrupts until somebody acts on them.
 *
 *    IDLE --interrupt--> leaving idle --+            (state SWITCH, curr NULL)
 *     ^                                 | schedule()
 *     |        +-------- SWITCH <-------+            (curr is the next task)
 *     |        v           ^
 *     +------ BUSY --------+
 *         schedule()
 *
 * An interrupt sets a bit in pending. Who acts on it is told at once if it can be: the idle loop,
 * or a task that executes. Else the bit waits until the task looks, or calls schedule().
 */
#include "models/host/host_internal.h"

enum { IPI_RING = sizeof(((struct pcpu *)0)->ipis) / sizeof(struct pcpu_ipi) };

/* ---- Time -------------------------------------------------------------------------------- */

void pcpu_account(struct pcpu *cpu)
{
	int64_t now = host_now(cpu->host);

	cpu->stats.time_in[cpu->state] += now - cpu->state_since;
	cpu->state_since = now;
}

void pcpu_set_state(struct pcpu *cpu, enum pcpu_state state)
{
	bool was_idle = cpu->state == PCPU_IDLE;

	pcpu_account(cpu);
	cpu->state = state;
	if (was_idle != (state == PCPU_IDLE) && host_slows_siblings(cpu->host))
		host_core_changed(cpu);
}

/* ---- Interrupts arrive ------------------------------------------------------------------- */

/* Its governor has no foresight: it deepens the state when the idling has lasted (models/host). */
static int64_t cstate_exit(const struct pcpu *cpu)
{
	const struct host_costs *costs = &cpu->host->config.costs;
	int64_t idle = host_now(cpu->host) - cpu->state_since;

	return idle >= costs->cstate_after_ns ? costs->cstate_exit_ns : 0;
}

void pcpu_leave_idle(struct pcpu *cpu)
{
	int64_t exit_ns;

	if (sim_event_pending(&cpu->switched))
		return;
	exit_ns = cstate_exit(cpu);
	pcpu_set_state(cpu, PCPU_SWITCH);
	sim_schedule(cpu->host->engine, &cpu->switched,
		     host_now(cpu->host) + cpu->host->config.costs.idle_wake_ns + exit_ns);
}

void pcpu_interrupt(struct pcpu *cpu, uint32_t bits)
{
	struct host_task *curr = cpu->curr;

	cpu->pending |= bits;
	cpu->stats.interrupts++;
	if (!curr)
		pcpu_leave_idle(cpu);
	else if (curr->executing)
		curr->ops->interrupt(curr);
}

static void tick_arrives(struct sim_engine *engine, struct sim_event *event)
{
	struct pcpu *cpu = container_of(event, struct pcpu, tick);

	sim_schedule(engine, event, event->time + (int64_t)cpu->host->eevdf.tick_ns);
	pcpu_interrupt(cpu, PCPU_TICK);
}

static void hrtick_arrives(struct sim_engine *engine, struct sim_event *event)
{
	pcpu_interrupt(container_of(event, struct pcpu, hrtick), PCPU_HRTICK);
}

static struct pcpu_ipi *ipi_in_flight(struct pcpu *cpu, uint32_t i)
{
	return &cpu->ipis[(cpu->ipi_head + i) % IPI_RING];
}

static void ipi_arrives(struct sim_engine *engine, struct sim_event *event)
{
	struct pcpu *cpu = container_of(event, struct pcpu, ipi);
	uint32_t bits = 0;

	while (cpu->ipi_count && ipi_in_flight(cpu, 0)->time <= sim_now(engine)) {
		bits |= ipi_in_flight(cpu, 0)->bits;
		cpu->ipi_head = (cpu->ipi_head + 1) % IPI_RING;
		cpu->ipi_count--;
	}
	if (cpu->ipi_count)
		sim_schedule(engine, event, ipi_in_flight(cpu, 0)->time);
	pcpu_interrupt(cpu, bits);
}

void pcpu_send_interrupt(struct pcpu *cpu, uint32_t bits, int64_t flight)
{
	int64_t time = host_now(cpu->host) + flight;
	uint32_t at = cpu->ipi_count;

	while (at > 0 && ipi_in_flight(cpu, at - 1)->time > time)
		at--;
	/* When the ring is full, the last two arrive together: late, but nothing is lost. */
	if (cpu->ipi_count == IPI_RING)
		at = IPI_RING;
	if (at > 0 && (ipi_in_flight(cpu, at - 1)->time == time || at == IPI_RING)) {
		struct pcpu_ipi *before = ipi_in_flight(cpu, at - 1);

		before->bits |= bits;
		if (time > before->time)
			before->time = time;
		return;
	}
	for (uint32_t i = cpu->ipi_count; i > at; i--)
		*ipi_in_flight(cpu, i) = *ipi_in_flight(cpu, i - 1);
	*ipi_in_flight(cpu, at) = (struct pcpu_ipi){time, bits};
	cpu->ipi_count++;
	if (at == 0)
		sim_schedule(cpu->host->engine, &cpu->ipi, time);
}

void pcpu_kick(struct pcpu *cpu)
{
	pcpu_send_interrupt(cpu, PCPU_RESCHEDULE, cpu->host->config.costs.ipi_flight_ns);
}

/* ---- What a task sees of it -------------------------------------------------------------- */

bool pcpu_interrupt_pending(const struct pcpu *cpu)
{
	return cpu->pending != 0;
}

bool pcpu_need_resched(const struct pcpu *cpu)
{
	return eevdf_resched_pending(&cpu->rq);
}

bool pcpu_need_resched_in_kernel(const struct pcpu *cpu)
{
	return cpu->rq.need_resched && cpu->host->config.preempt != HOST_PREEMPT_NONE;
}

bool pcpu_single_task(const struct pcpu *cpu)
{
	return cpu->rq.nr_running == 1;
}

bool pcpu_exit_work_pending(const struct pcpu *cpu)
{
	return eevdf_resched_pending(&cpu->rq) || cpu->curr->se.throttle_work;
}

/* ---- Set-up ------------------------------------------------------------------------------ */

void pcpu_init(struct pcpu *cpu, struct host *host, int index)
{
	uint32_t owner = (uint32_t)index;

	cpu->host = host;
	cpu->index = index;
	cpu->state = PCPU_IDLE;
	cpu->state_since = host_now(host);
	cpu->speed = HOST_FULL_SPEED;
	cpu->idle_stamp = cpu->state_since;
	cpu->is_idle = true;
	cpu->tasks = (struct host_link){&cpu->tasks, &cpu->tasks};
	eevdf_rq_init(&cpu->rq, &host->eevdf, index);
	sim_event_init(&cpu->tick, SIM_RANK_TICK, owner, tick_arrives);
	sim_event_init(&cpu->hrtick, SIM_RANK_TIMER, owner, hrtick_arrives);
	sim_event_init(&cpu->ipi, SIM_RANK_INTERRUPT, owner, ipi_arrives);
}
