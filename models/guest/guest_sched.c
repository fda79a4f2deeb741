/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest_sched.h"

#include <stdlib.h>

#include "models/guest/guest_balance.h"
#include "models/guest/guest_cpu.h"
#include "models/guest/guest_load.h"
#include "models/guest/guest_select.h"
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
	thread->recent_used_cpu = thread->cpu->index;
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
		topology_init(&sched->topology, (struct topology_sizes){.nr_cpus = guest->nr_cpus,
									.smt = 1,
									.llc = guest->nr_cpus,
									.pkg = guest->nr_cpus});
		sched->rqs = calloc((size_t)guest->nr_cpus, sizeof(*sched->rqs));
		sched->entities = calloc((size_t)guest->nr_threads + 1, sizeof(*sched->entities));
	}
	if (!sched || !sched->rqs || !sched->entities || !guest_balance_init(guest))
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
	if (guest_tracks_load(&guest->config))
		sched->config.weight_source = EEVDF_WEIGHT_PELT;
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
	guest_balance_fini(guest);
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

struct guest_thread *guest_sched_pick(struct guest_cpu *cpu, enum eevdf_block block)
{
	struct eevdf_entity *next;

	eevdf_schedule_begin(cpu->rq, block, now_of(cpu));
	next = eevdf_pick(cpu->rq);
	if (!next) {
		guest_pull(cpu);
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
	if (!guest_tracks_load(&cpu->guest->config))
		return;
	guest_decay_loads(cpu->guest);
	guest_balance_busy(cpu);
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

		if (!guest_cpu_idles(idle))
			continue;
		thread = guest_detach(cpu, idle);
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
		struct guest_cpu *cpu = guest_select_cpu(by, thread);

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
