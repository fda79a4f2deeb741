/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an operation on a run queue asks for: the scheduler core has no events, it leaves requests
 * in fields of the run queue. Here they become timers, interrupts and bits of the bitmaps that
 * wake-ups and the balancer read.
 */
#include "models/host/host_internal.h"
#include "models/sched/eevdf_bandwidth.h"

/* ---- Timers ------------------------------------------------------------------------------ */

/* The timer of the CPU follows the fields of the run queue. */
static void follow_hrtick(struct pcpu *cpu, bool remote)
{
	int64_t expires = (int64_t)cpu->rq.hrtick_expires;
	bool was_armed = sim_event_pending(&cpu->hrtick);

	if (!cpu->rq.hrtick_pending) {
		if (was_armed)
			sim_cancel(cpu->host->engine, &cpu->hrtick);
		cpu->pending &= ~(uint32_t)PCPU_HRTICK;
		return;
	}
	if (cpu->pending & PCPU_HRTICK) {
		/* It has fired and nobody has looked yet: only moving it away takes that back. */
		if (expires <= host_now(cpu->host))
			return;
		cpu->pending &= ~(uint32_t)PCPU_HRTICK;
	} else if (was_armed && cpu->hrtick.time == expires) {
		return;
	}
	sim_schedule(cpu->host->engine, &cpu->hrtick, expires);
	/* A timer can be started by its own CPU only. */
	if (remote && !was_armed)
		pcpu_send_interrupt(cpu, PCPU_CALL, cpu->host->config.costs.ipi_flight_ns);
}

/* If the core has armed timer and it is not under way yet, it fires on cpu. */
static void follow(struct host_bandwidth_timer *timer, bool armed, int64_t expires,
		   struct pcpu *cpu)
{
	int64_t now = host_now(cpu->host);

	if (!armed || timer->due || sim_event_pending(&timer->event))
		return;
	timer->cpu = cpu;
	sim_schedule(cpu->host->engine, &timer->event, expires > now ? expires : now);
}

void host_follow_timers(struct host_group *group, struct pcpu *cpu)
{
	const struct bandwidth_pool *pool = &group->group.bandwidth;

	follow(&group->period, pool->period_active, pool->expires, cpu);
	follow(&group->slack, pool->slack_started, pool->slack_expires, cpu);
}

static void start_bandwidth_timers(struct pcpu *cpu)
{
	struct bandwidth_pool *pool;

	while ((pool = eevdf_take_started(&cpu->rq)))
		host_follow_timers(container_of(pool, struct host_group, group.bandwidth), cpu);
}

/* ---- Bitmaps and interrupts -------------------------------------------------------------- */

/* Wake-ups may look for a core without work again (update_idle_core). */
static void note_idle_core(struct pcpu *cpu)
{
	const struct host *host = cpu->host;
	int smt = host->topology.smt;
	int first = topology_first(cpu->index, smt);
	int end = topology_end(&host->topology, cpu->index, smt);

	if (bitmap_weight(host->idle_cpus, first, end) == end - first)
		cpu->llc->idle_cores = true;
}

static void note_load(struct pcpu *cpu)
{
	struct host *host = cpu->host;
	bool is_idle = !cpu->curr && !cpu->rq.nr_running && !cpu->wake_list;
	bool is_overloaded = cpu->rq.nr_running >= 2;

	if (is_idle != cpu->is_idle) {
		cpu->is_idle = is_idle;
		cpu->llc->nr_busy += is_idle ? -1 : 1;
		bitmap_set(host->idle_cpus, cpu->index, is_idle);
		if (is_idle && host->topology.smt > 1)
			note_idle_core(cpu);
	}
	if (is_overloaded != cpu->is_overloaded) {
		cpu->is_overloaded = is_overloaded;
		host->nr_overloaded += is_overloaded ? 1 : -1;
		host->overload |= is_overloaded;
		bitmap_set(host->overloaded_cpus, cpu->index, is_overloaded);
	}
	bitmap_set(host->stale_cpus, cpu->index, true);
}

/* Tell cpu what another one has found out about the time of its groups. */
static void send_bandwidth(struct pcpu *cpu)
{
	int64_t flight = cpu->host->config.costs.ipi_flight_ns;

	if (cpu->rq.unthrottling_first && !cpu->unthrottle_sent) {
		cpu->unthrottle_sent = true;
		pcpu_send_interrupt(cpu, PCPU_CALL, flight);
	}
	/* task_work_add() kicks a task that runs elsewhere. */
	if (cpu->curr && cpu->curr->se.throttle_work && !cpu->throttle_kicked) {
		cpu->throttle_kicked = true;
		pcpu_send_interrupt(cpu, PCPU_RESCHEDULE, flight);
	}
}

void pcpu_after_operation(struct pcpu *cpu, bool remote)
{
	if (cpu->rq.need_resched != cpu->resched_known) {
		cpu->resched_known = cpu->rq.need_resched;
		if (cpu->resched_known && remote)
			pcpu_send_interrupt(cpu, PCPU_RESCHEDULE,
					    cpu->host->config.costs.ipi_flight_ns);
	}
	follow_hrtick(cpu, remote);
	note_load(cpu);
	if (cpu->rq.started_first)
		start_bandwidth_timers(cpu);
	if (remote)
		send_bandwidth(cpu);
	/*
	 * A poll loop looks at the run queue all the time: company makes it look at this instant,
	 * but not from within what the other CPU does. On its own CPU it looks after the interrupt.
	 */
	if (remote && cpu->curr && cpu->curr->polls && cpu->rq.nr_running > 1)
		pcpu_send_interrupt(cpu, PCPU_RESCHEDULE, 0);
}
