/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One physical CPU: its interrupts, its ticks and schedule().
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
#include <assert.h>
#include <stddef.h>

#include "models/sched/eevdf_bandwidth.h"
#include "models/host/cosched_internal.h"

enum { IPI_RING = sizeof(((struct pcpu *)0)->ipis) / sizeof(struct pcpu_ipi) };

/* ---- Time -------------------------------------------------------------------------------- */

void pcpu_account(struct pcpu *cpu)
{
	int64_t now = host_now(cpu->host);

	cpu->time_in[cpu->state] += now - cpu->state_since;
	cpu->state_since = now;
}

static void set_state(struct pcpu *cpu, enum pcpu_state state)
{
	bool was_idle = cpu->state == PCPU_IDLE;

	pcpu_account(cpu);
	cpu->state = state;
	if (was_idle != (state == PCPU_IDLE) && host_slows_siblings(cpu->host))
		host_core_changed(cpu);
}

/* ---- Interrupts arrive ------------------------------------------------------------------- */

void pcpu_leave_idle(struct pcpu *cpu)
{
	if (sim_event_pending(&cpu->switched))
		return;
	set_state(cpu, PCPU_SWITCH);
	sim_schedule(cpu->host->engine, &cpu->switched,
		     host_now(cpu->host) + cpu->host->config.costs.idle_wake_ns);
}

void pcpu_interrupt(struct pcpu *cpu, uint32_t bits)
{
	struct host_task *curr = cpu->curr;

	cpu->pending |= bits;
	cpu->nr_interrupts++;
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

/* ---- After an operation on the run queue ------------------------------------------------- */

/* The timer of the CPU follows the fields of the run queue. */
static void mirror_hrtick(struct pcpu *cpu, bool remote)
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
	mirror_hrtick(cpu, remote);
	note_load(cpu);
	if (cpu->rq.started_first)
		host_start_bandwidth_timers(cpu);
	if (remote)
		send_bandwidth(cpu);
	/*
	 * A poll loop looks at the run queue all the time: company makes it look at this instant,
	 * but not from within what the other CPU does. On its own CPU it looks after the interrupt.
	 */
	if (remote && cpu->curr && cpu->curr->polls && cpu->rq.nr_running > 1)
		pcpu_send_interrupt(cpu, PCPU_RESCHEDULE, 0);
}

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
	set_state(cpu, PCPU_SWITCH);
	sim_schedule(host->engine, &cpu->switched,
		     host_now(host) +
			     (cpu->free_switch ? 0 : host->config.costs.context_switch_ns));
}

static void become_idle(struct pcpu *cpu)
{
	set_state(cpu, PCPU_IDLE);
	sim_cancel(cpu->host->engine, &cpu->tick);
	cpu->idle_stamp = host_now(cpu->host);
}

static void switch_to(struct pcpu *cpu, struct host_task *next)
{
	struct host_task *prev = cpu->curr;

	if (cpu->host->trace)
		host_trace_switch(cpu, prev, next);
	cpu->nr_switches++;
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

bool pcpu_exit_work_pending(const struct pcpu *cpu)
{
	return eevdf_resched_pending(&cpu->rq) || cpu->curr->se.throttle_work;
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
	set_state(cpu, PCPU_IDLE);
}

static void switch_ends(struct sim_engine *engine, struct sim_event *event)
{
	struct pcpu *cpu = container_of(event, struct pcpu, switched);

	if (!cpu->curr) {
		idle_woken(cpu);
		return;
	}
	set_state(cpu, PCPU_BUSY);
	cpu->curr->ops->sched_in(cpu->curr);
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
	sim_event_init(&cpu->switched, SIM_RANK_RESCHED, owner, switch_ends);
	balancer_init(cpu);
	host_cosched_init_cpu(cpu);
}
