/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest_sched.h"

#include <stdlib.h>

#include "models/guest/guest_cpu.h"
#include "models/guest/thread_ops.h"
#include "models/workload/sleeping_lock.h"

static uint64_t now_of(const struct guest_cpu *cpu)
{
	return (uint64_t)guest_now(cpu->guest);
}

static struct guest_thread *thread_of(struct guest *guest, struct eevdf_entity *entity)
{
	return entity ? &guest->threads[entity - guest->sched->entities] : NULL;
}

/* ---- Life ----------------------------------------------------------------------------------- */

static enum oversub_status bind(struct guest_thread *thread, struct oversub_error *error)
{
	struct guest *guest = thread->guest;

	thread->se = &guest->sched->entities[thread - guest->threads];
	eevdf_task_init(thread->se, (int)thread->program.class->nice, EEVDF_NORMAL, 0);
	if (!eevdf_task_set_rq(thread->se, NULL, thread->cpu->rq))
		return oversub_fail(error, OVERSUB_FAILED, "vm %s: no memory for run queues",
				    guest->vm->name);
	eevdf_start(thread->cpu->rq, thread->se, (uint64_t)guest_now(guest));
	return OVERSUB_OK;
}

bool guest_needs_sched(const struct guest *guest)
{
	return guest->nr_threads > guest->nr_cpus || guest->config.scheduler;
}

static enum oversub_status allocate(struct guest *guest, struct oversub_error *error)
{
	struct guest_sched *sched = calloc(1, sizeof(*sched));

	guest->sched = sched;
	if (sched) {
		sched->rqs = calloc((size_t)guest->nr_cpus, sizeof(*sched->rqs));
		sched->entities = calloc((size_t)guest->nr_threads + 1, sizeof(*sched->entities));
	}
	if (!sched || !sched->rqs || !sched->entities)
		return oversub_fail(error, OVERSUB_FAILED, "vm %s: no memory for run queues",
				    guest->vm->name);
	return OVERSUB_OK;
}

enum oversub_status guest_sched_init(struct guest *guest, struct oversub_error *error)
{
	enum oversub_status status;
	struct guest_sched *sched;

	if (!guest_needs_sched(guest))
		return OVERSUB_OK;
	status = allocate(guest, error);
	if (status)
		return status;
	sched = guest->sched;
	sched->config = eevdf_default_config(guest->nr_cpus, guest->hz);
	sched->config.features &= ~(uint32_t)EEVDF_HRTICK;
	sched->config.lazy_preemption = guest->config.preemption == GUEST_PREEMPT_LAZY;
	if (guest->config.slice_ns)
		sched->config.base_slice_ns = (uint64_t)guest->config.slice_ns;
	for (int i = 0; i < guest->nr_cpus; i++) {
		guest->cpus[i].rq = &sched->rqs[i];
		eevdf_rq_init(&sched->rqs[i], &sched->config, i);
	}
	for (int i = 0; i < guest->nr_threads && !status; i++)
		status = bind(&guest->threads[i], error);
	for (int i = 0; i < guest->nr_cpus && !status; i++) {
		struct guest_cpu *cpu = &guest->cpus[i];

		cpu->current = thread_of(guest, eevdf_schedule(cpu->rq, EEVDF_STAY, now_of(cpu)));
	}
	return status;
}

void guest_sched_fini(struct guest *guest)
{
	if (!guest->sched)
		return;
	free(guest->sched->rqs);
	free(guest->sched->entities);
	free(guest->sched);
	guest->sched = NULL;
}

/* ---- Who is next ---------------------------------------------------------------------------- */

bool guest_sched_has_work(const struct guest_cpu *cpu)
{
	return cpu->rq->root.h_nr_runnable > 0;
}

/* The CPU with the longest queue of threads that wait; NULL if none waits anywhere. */
static struct guest_cpu *busiest(const struct guest_cpu *cpu)
{
	struct guest *guest = cpu->guest;
	struct guest_cpu *found = NULL;

	for (int n = 1; n < guest->nr_cpus; n++) {
		struct guest_cpu *other = &guest->cpus[(cpu->index + n) % guest->nr_cpus];
		unsigned int queued = other->rq->root.h_nr_runnable;

		if (queued > 1 && (!found || queued > found->rq->root.h_nr_runnable))
			found = other;
	}
	return found;
}

static bool can_be_pulled(const struct guest_thread *thread, const struct guest_cpu *from)
{
	return thread->cpu == from && from->rq->curr != thread->se &&
	       eevdf_task_runnable(thread->se);
}

/* Take a thread that waits off the queue of from, and bind it to that of to. NULL: none does. */
static struct guest_thread *detach(struct guest_cpu *from, struct guest_cpu *to)
{
	struct guest *guest = from->guest;

	for (int i = 0; i < guest->nr_threads; i++) {
		struct guest_thread *thread = &guest->threads[i];

		if (!can_be_pulled(thread, from))
			continue;
		eevdf_detach(from->rq, thread->se, now_of(from));
		eevdf_task_set_rq(thread->se, NULL, to->rq);
		thread->cpu = to;
		guest->stats.pulls++;
		return thread;
	}
	return NULL;
}

/* cpu runs dry: pull a thread that waits elsewhere (sched_balance_newidle). */
static void pull(struct guest_cpu *cpu)
{
	struct guest_cpu *from = busiest(cpu);
	struct guest_thread *thread = from ? detach(from, cpu) : NULL;

	if (thread)
		eevdf_attach(cpu->rq, thread->se, now_of(cpu));
}

struct guest_thread *guest_sched_pick(struct guest_cpu *cpu, enum eevdf_block block)
{
	struct eevdf_entity *next;

	eevdf_schedule_begin(cpu->rq, block, now_of(cpu));
	next = eevdf_pick(cpu->rq);
	if (!next) {
		pull(cpu);
		next = eevdf_pick(cpu->rq);
	}
	eevdf_schedule_end(cpu->rq, next);
	return thread_of(cpu->guest, next);
}

void guest_sched_tick(struct guest_cpu *cpu)
{
	if (!cpu->rq)
		return;
	if (cpu->rq->need_resched_lazy)
		cpu->rq->need_resched = true;
	eevdf_tick(cpu->rq, now_of(cpu));
}

void guest_sched_yield(struct guest_cpu *cpu)
{
	eevdf_yield(cpu->rq, now_of(cpu));
}

/* ---- Preemption ----------------------------------------------------------------------------- */

bool guest_preemptible(const struct guest_cpu *cpu)
{
	const struct guest_thread *thread = cpu->current;

	return cpu->rq && cpu->context == GUEST_IN_THREAD && !thread->preempt_off &&
	       guest_irqs_on(thread) && cpu->wait.kind == GUEST_WAIT_NONE;
}

void guest_sched_look(struct guest_cpu *cpu)
{
	struct guest_thread *thread = cpu->current;

	if (!guest_need_resched(cpu, false) || cpu->wait.kind != GUEST_WAIT_LOCK ||
	    thread->waiter.state != WAITER_LOCK || !lock_sleeps(thread->waiter.lock))
		return;
	sleeping_lock_stop_spinning(&thread->waiter, guest_now(cpu->guest));
}

/* ---- Waking --------------------------------------------------------------------------------- */

static bool idles(const struct guest_cpu *cpu)
{
	return !cpu->current && !cpu->rq->nr_running && !cpu->nr_activating;
}

/* available_idle_cpu() */
static bool is_available(const struct guest_cpu *cpu)
{
	return idles(cpu) && !vcpu_reported_preempted(cpu->vcpu);
}

static struct guest_cpu *select_cpu(const struct guest_thread *thread)
{
	struct guest *guest = thread->guest;
	struct guest_cpu *previous = thread->cpu;

	if (is_available(previous))
		return previous;
	for (int n = 1; n < guest->nr_cpus; n++) {
		struct guest_cpu *cpu = &guest->cpus[(previous->index + n) % guest->nr_cpus];

		if (is_available(cpu))
			return cpu;
	}
	return previous;
}

/* Without scheduler: its CPU idles, or is about to. */
static bool wake_pinned(struct guest_cpu *by, struct guest_thread *thread,
			struct guest_action *action)
{
	struct guest_stats *stats = &by->guest->stats;

	if (thread->cpu == by)
		return false;
	if (guest_poke(thread->cpu)) {
		stats->ipis_avoided++;
		return false;
	}
	stats->reschedules++;
	/* With the target's run queue locked. */
	guest_write_icr(action, guest_unicast(by, thread->cpu->index, GUEST_VECTOR_RESCHEDULE),
			false);
	return true;
}

/* Leave the work to the idle CPU of thread (ttwu_queue_wakelist). */
static bool wake_by_list(struct guest_cpu *by, struct guest_thread *thread,
			 struct guest_action *action)
{
	struct guest_cpu *cpu = thread->cpu;

	cpu->nr_activating++;
	if (!call_queue_wakeup(thread) || guest_poke(cpu)) {
		by->guest->stats.ipis_avoided++;
		return false;
	}
	by->guest->stats.wake_ipis++;
	guest_write_icr(action, guest_unicast(by, cpu->index, GUEST_VECTOR_CALL_FUNCTION_SINGLE),
			false);
	return true;
}

/* Put thread onto the run queue of its CPU. True: that CPU is asked to reschedule as of now. */
static bool enqueue(struct guest_thread *thread)
{
	struct guest_cpu *cpu = thread->cpu;
	bool asked = cpu->rq->need_resched;

	eevdf_wake(cpu->rq, thread->se, false, now_of(cpu));
	return cpu->rq->need_resched && !asked;
}

void guest_sched_activate(struct guest_thread *thread)
{
	struct guest_cpu *cpu = thread->cpu;

	cpu->nr_activating--;
	if (thread->migrates)
		eevdf_attach(cpu->rq, thread->se, now_of(cpu));
	else
		enqueue(thread);
	thread->migrates = false;
}

bool guest_sched_balance(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest *guest = cpu->guest;
	struct guest_thread *thread;

	if (!cpu->rq || cpu->rq->root.h_nr_runnable < 2)
		return false;
	for (int n = 1; n < guest->nr_cpus; n++) {
		struct guest_cpu *idle = &guest->cpus[(cpu->index + n) % guest->nr_cpus];

		if (!idles(idle))
			continue;
		thread = detach(cpu, idle);
		if (!thread)
			return false;
		thread->migrates = true;
		return wake_by_list(cpu, thread, action);
	}
	return false;
}

static bool wake_by_enqueueing(struct guest_cpu *by, struct guest_thread *thread,
			       struct guest_action *action)
{
	struct guest_cpu *cpu = thread->cpu;

	if (!enqueue(thread) || cpu == by)
		return false;
	if (cpu->current && guest_spins_now(cpu->current))
		guest_sched_look(cpu);
	if (guest_poke(cpu))
		return false;
	by->guest->stats.reschedules++;
	guest_write_icr(action, guest_unicast(by, cpu->index, GUEST_VECTOR_RESCHEDULE), false);
	return true;
}

bool guest_wake(struct guest_cpu *by, struct guest_thread *thread, struct guest_action *action)
{
	if (!thread->asleep)
		return false;
	thread->asleep = false;
	thread->woken_at = guest_now(by->guest);
	by->guest->stats.wakeups++;
	if (!thread->se)
		return wake_pinned(by, thread, action);
	/* A delayed thread is still queued, and stays where it is. */
	if (!thread->se->on_rq) {
		struct guest_cpu *cpu = select_cpu(thread);

		if (cpu != thread->cpu) {
			by->guest->stats.wake_migrations++;
			eevdf_update_clock(cpu->rq, now_of(cpu));
			eevdf_task_set_rq(thread->se, NULL, cpu->rq);
			thread->cpu = cpu;
		}
		if (cpu != by && !cpu->rq->nr_running)
			return wake_by_list(by, thread, action);
	}
	return wake_by_enqueueing(by, thread, action);
}

bool guest_wake_all(struct guest_cpu *by, struct waiter_queue *queue, struct guest_action *action)
{
	struct exec_waiter *waiter;

	while ((waiter = waiter_queue_pop(queue)))
		if (guest_wake(by, guest_thread_of_waiter(waiter), action))
			return true;
	return false;
}
