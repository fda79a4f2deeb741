/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a CPU does when its task or idle loop lets it: handle interrupts, schedule(), and the switch
 * to the next task. All that a CPU may have pending is reached from here; nothing that is reached
 * calls back.
 */
#include <assert.h>
#include <stddef.h>

#include "models/host/cosched_internal.h"
#include "models/sched/eevdf_bandwidth.h"

/* ---- Interrupts are handled -------------------------------------------------------------- */

void pcpu_handle_interrupts(struct pcpu *cpu)
{
	uint64_t now = (uint64_t)host_now(cpu->host);
	uint32_t pending = cpu->pending;

	cpu->pending = 0;
	cpu->throttle_kicked = false;
	if (pending & PCPU_HRTICK)
		eevdf_hrtick(&cpu->rq, now);
	if (pending & PCPU_TICK) {
		if (cpu->rq.need_resched_lazy)
			cpu->rq.need_resched = true;
		eevdf_tick(&cpu->rq, now);
		if (cpu->host->eevdf.weight_source == EEVDF_WEIGHT_PELT)
			host_decay_loads(cpu->host);
		periodic_tick(cpu);
		if (cpu->host->cosched)
			host_cosched_tick(cpu);
	}
	if (pending & PCPU_GRANT_OVER)
		host_cosched_grant_over(cpu);
	if (pending & PCPU_BANDWIDTH)
		host_handle_bandwidth_timers(cpu);
	if (pending & PCPU_CALL) {
		pcpu_activate_wake_list(cpu);
		if (cpu->rq.unthrottling_first)
			host_unthrottle(cpu);
	}
	if (pending & PCPU_BALANCE)
		periodic_balance_idle(cpu);
	pcpu_after_operation(cpu, false);
}

/* ---- The switch -------------------------------------------------------------------------- */

static void start_tick(struct pcpu *cpu)
{
	const struct host *host = cpu->host;
	int64_t tick = (int64_t)host->eevdf.tick_ns;
	int64_t skew = host->config.skew_tick ? cpu->index * (tick / 2 / host->nr_cpus) : 0;
	int64_t now = host_now(host);

	sim_schedule(host->engine, &cpu->tick,
		     now < skew ? skew : skew + ((now - skew) / tick + 1) * tick);
}

/*
 * What the caches have lost of task since it last ran, and to which it now returns. The loss is
 * linear in the time away, up to tau, so that short absences are as good as free and many of them
 * cost what one of their length together does: a task that comes and goes without working
 * meanwhile, a spinner, say, pays for them all when it does work. Who ran there in the meantime, if
 * anybody, makes no difference.
 */
static void owe_refill(struct host_task *task, int64_t now)
{
	const struct host_costs *costs = &task->host->config.costs;
	const struct pcpu *cpus = task->host->cpus;
	int64_t whole = costs->cache_refill_ns;
	int64_t away = now - task->off_since;
	int64_t lost = whole;

	if (away < costs->cache_refill_tau_ns)
		lost = whole * away / costs->cache_refill_tau_ns;
	if (task->refill_ns < whole)
		task->refill_ns = task->refill_ns + lost < whole ? task->refill_ns + lost : whole;
	if (task->ran_on >= 0 && cpus[task->ran_on].llc != task->cpu->llc)
		task->refill_ns += costs->migration_ns;
}

static void task_arrives(struct pcpu *cpu, struct host_task *task)
{
	int64_t now = host_now(cpu->host);

	if (task->runqueue_wait)
		sim_histogram_record(task->runqueue_wait, now - task->runnable_since);
	task->cosched.waited_ns += now - task->runnable_since;
	if (task->waking && task->wakeup_wait)
		sim_histogram_record(task->wakeup_wait, now - task->runnable_since);
	owe_refill(task, now);
	task->waking = false;
	task->on_cpu = true;
	task->ran_on = cpu->index;
	host_link_to_front(&cpu->tasks, &task->link);
}

static void task_leaves(struct host_task *task)
{
	task->on_cpu = false;
	task->off_since = host_now(task->host);
	if (task->state == TASK_RUNNING)
		task->runnable_since = task->off_since;
	if (!task->se.on_rq)
		host_link_remove(&task->link);
}

static void begin_switch(struct pcpu *cpu, struct host_task *next)
{
	struct host *host = cpu->host;

	if (!cpu->curr) {
		newidle_end_of_idle(cpu);
		start_tick(cpu);
	}
	task_arrives(cpu, next);
	pcpu_set_state(cpu, PCPU_SWITCH);
	sim_schedule(host->engine, &cpu->switched,
		     host_now(host) +
			     (cpu->free_switch ? 0 : host->config.costs.context_switch_ns));
}

static void become_idle(struct pcpu *cpu)
{
	pcpu_set_state(cpu, PCPU_IDLE);
	sim_cancel(cpu->host->engine, &cpu->tick);
	cpu->idle_stamp = host_now(cpu->host);
}

static void switch_to(struct pcpu *cpu, struct host_task *next)
{
	struct host_task *prev = cpu->curr;

	if (cpu->host->trace)
		host_trace_switch(cpu, prev, next);
	cpu->stats.switches++;
	if (prev)
		task_leaves(prev);
	if (next)
		begin_switch(cpu, next);
	else
		become_idle(cpu);
	cpu->curr = next;
	pcpu_after_operation(cpu, false);
	if (prev)
		prev->ops->sched_out(prev, eevdf_task_runnable(&prev->se) ||
						   host_task_throttled(prev) ||
						   prev->cosched.detached);
}

/* ---- schedule() -------------------------------------------------------------------------- */

static void resolve_nomination(struct pcpu *cpu, const struct host_task *next)
{
	struct yield_stats *stats = cpu->nominee_stats;

	if (!cpu->nominee)
		return;
	if (cpu->host->trace)
		host_trace_yield_resolved(cpu, cpu->nominee, next, false);
	if (next == cpu->nominee) {
		stats->honoured++;
	} else {
		stats->futile++;
		stats->for_nothing += cpu->nominee_interrupts;
	}
	cpu->nominee = NULL;
}

/* What an oracle has put first, if that is still here and wants to run. */
static struct eevdf_entity *pick_ordered(struct pcpu *cpu)
{
	struct host_task *task = cpu->run_next;

	cpu->run_next = NULL;
	if (task->cpu != cpu || !eevdf_task_runnable(&task->se)) {
		cpu->free_switch = false;
		return NULL;
	}
	return eevdf_pick_task(&task->se);
}

static struct eevdf_entity *pick(struct pcpu *cpu, enum eevdf_block block)
{
	bool coscheduled = cpu->host->cosched;
	struct eevdf_entity *entity;

	if (coscheduled)
		host_cosched_remove_current(cpu);
	entity = cpu->run_next ? pick_ordered(cpu) : NULL;
	if (!entity)
		entity = eevdf_pick(&cpu->rq);
	if (!entity && newidle_balance(cpu))
		entity = eevdf_pick(&cpu->rq);
	return coscheduled ? host_cosched_pick(cpu, entity, block == EEVDF_STAY) : entity;
}

/* __schedule(). False: the CPU stays with who has it. */
static bool reschedule(struct pcpu *cpu, enum eevdf_block block)
{
	struct host_task *prev = cpu->curr;
	struct eevdf_entity *entity;
	struct host_task *next;

	eevdf_schedule_begin(&cpu->rq, block, (uint64_t)host_now(cpu->host));
	entity = pick(cpu, block);
	eevdf_schedule_end(&cpu->rq, entity);

	next = entity ? host_task_of(entity) : NULL;
	resolve_nomination(cpu, next);
	if (next == cpu->curr) {
		cpu->free_switch = false;
		cpu->swap_with = NULL;
		pcpu_after_operation(cpu, false);
		return false;
	}
	switch_to(cpu, next);
	cpu->free_switch = false;
	if (cpu->host->cosched)
		host_cosched_switched(cpu, prev);
	if (cpu->swap_with)
		host_finish_swap(cpu, prev);
	return true;
}

/*
 * The stopper takes the CPU to push the running task elsewhere (active_load_balance_cpu_stop). Then
 * the CPU goes on like one that leaves idle.
 */
static void run_stopper(struct pcpu *cpu)
{
	struct host_task *task = cpu->curr;

	eevdf_schedule_begin(&cpu->rq, EEVDF_STAY, (uint64_t)host_now(cpu->host));
	eevdf_schedule_end(&cpu->rq, NULL);
	switch_to(cpu, NULL);
	balancer_push(cpu, task);
	if (cpu->host->cosched)
		host_cosched_switched(cpu, task);
	cpu->rq.need_resched = true;
	pcpu_after_operation(cpu, false);
	pcpu_leave_idle(cpu);
}

bool pcpu_schedule(struct pcpu *cpu, enum pcpu_schedule why)
{
	struct host_task *curr = cpu->curr;

	assert(curr && !curr->executing && cpu->state == PCPU_BUSY);
	/* In the kernel they would not have waited until here. */
	if (cpu->pending)
		pcpu_handle_interrupts(cpu);

	if (cpu->push_to && why == PCPU_PREEMPT) {
		run_stopper(cpu);
		return true;
	}
	/* Too late for a task that goes by itself. */
	cpu->push_to = NULL;
	switch (why) {
	case PCPU_PREEMPT: return reschedule(cpu, EEVDF_STAY);
	case PCPU_BLOCK: curr->state = TASK_SLEEPING; return reschedule(cpu, EEVDF_BLOCK);
	case PCPU_EXIT: curr->state = TASK_DEAD; break;
	}
	return reschedule(cpu, EEVDF_EXIT);
}

/* True: the current task is parked and off the CPU. */
static bool park(struct pcpu *cpu)
{
	if (!eevdf_throttle_work(&cpu->rq, (uint64_t)host_now(cpu->host)))
		return false;
	if (!reschedule(cpu, EEVDF_STAY))
		assert(!"a parked task loses its CPU");
	return true;
}

bool pcpu_exit_work(struct pcpu *cpu)
{
	while (pcpu_exit_work_pending(cpu)) {
		if (pcpu_need_resched(cpu) && pcpu_schedule(cpu, PCPU_PREEMPT))
			return true;
		if (cpu->curr->se.throttle_work && park(cpu))
			return true;
	}
	return false;
}

/* The idle loop looks why it was woken. */
static void idle_woken(struct pcpu *cpu)
{
	pcpu_handle_interrupts(cpu);
	if (pcpu_need_resched(cpu) && reschedule(cpu, EEVDF_STAY))
		return;
	pcpu_set_state(cpu, PCPU_IDLE);
}

static void switch_ends(struct sim_engine *engine, struct sim_event *event)
{
	struct pcpu *cpu = container_of(event, struct pcpu, switched);

	if (!cpu->curr) {
		idle_woken(cpu);
		return;
	}
	pcpu_set_state(cpu, PCPU_BUSY);
	cpu->curr->ops->sched_in(cpu->curr);
}

void pcpu_init_schedule(struct pcpu *cpu)
{
	sim_event_init(&cpu->switched, SIM_RANK_RESCHED, (uint32_t)cpu->index, switch_ends);
}
