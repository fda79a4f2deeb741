/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/container_of.h"
#include "sim/explain/story.h"
#include "sim/explain/yields.h"

/* Waits that are kept for each that is told: many have the same story. */
enum { LONGEST_PER_STORY = 8 };

struct explain {
	struct trace_sink sink;
	struct explain_options options;
	struct wait_table table;
	struct explanation result;
	/* Its spin has ended, and goes on if the next record says so: a call waits for its targets
	 * one after the other. */
	struct explain_wait *ending;
	bool measures;
	/* Copies of the longest waits, longest first. */
	struct explain_wait **longest;
	int nr_longest, max_longest;
};

/* ---- Finished waits ------------------------------------------------------------------------- */

static struct explain_kind *kind_of(struct explanation *result, const char *what)
{
	struct explain_kind *kind;
	int i = 0;

	while (i < result->nr_kinds && strcmp(result->kinds[i].what, what) != 0)
		i++;
	if (i < result->nr_kinds)
		return &result->kinds[i];
	if (i == EXPLAIN_MAX_KINDS)
		i--;
	else
		result->nr_kinds++;
	kind = &result->kinds[i];
	snprintf(kind->what, sizeof(kind->what), "%s",
		 i == EXPLAIN_MAX_KINDS - 1 ? "others" : what);
	return kind;
}

/* Keep a copy of wait if it is one of the longest so far. */
static void keep(struct explain *explain, const struct explain_wait *wait)
{
	struct explain_wait **longest = explain->longest, *copy;
	int64_t ns = wait_total(wait);
	int i = explain->nr_longest;

	if (i == explain->max_longest) {
		if (i == 0 || wait_total(longest[i - 1]) >= ns)
			return;
		copy = longest[--i];
	} else {
		copy = malloc(sizeof(*copy));
		if (!copy) {
			explain->table.mirror.failed = true;
			return;
		}
		explain->nr_longest++;
	}
	*copy = *wait;
	for (; i > 0 && wait_total(longest[i - 1]) < ns; i--)
		longest[i] = longest[i - 1];
	longest[i] = copy;
}

/* Choose the waits to tell. */
static void choose_stories(struct explain *explain)
{
	struct explanation *result = &explain->result;

	for (int i = 0; i < explain->nr_longest; i++) {
		const struct explain_wait *wait = explain->longest[i];
		struct explain_story *story = result->top;
		struct explain_story *end = story + result->nr_top;

		while (story < end && !story_alike(story->wait, wait))
			story++;
		if (story < end) {
			if (story->nr_alike < EXPLAIN_MAX_ALIKE)
				story->alike[story->nr_alike++] = wait;
		} else if (result->nr_top < explain->options.top) {
			*story = (struct explain_story){.wait = wait};
			result->nr_top++;
		}
	}
}

static void add_up(struct explain *explain, const struct explain_wait *wait, bool unfinished)
{
	struct explanation *result = &explain->result;
	struct explain_kind *kind = kind_of(result, wait->what);
	int64_t ns = wait_total(wait);

	result->nr_waits++;
	result->wait_ns += ns;
	result->nr_unfinished += unfinished;
	result->unfinished_ns += unfinished ? ns : 0;
	for (int role = 0; role < WAIT_ROLES; role++)
		for (int cause = 0; cause < WAIT_CAUSES; cause++)
			for (int culprit = 0; culprit < CULPRITS; culprit++)
				result->ns[role][cause][culprit] += wait->ns[role][cause][culprit];
	for (int i = 0; i <= WAIT_MAX_HOPS; i++)
		result->hop_ns[i] += wait->hop_ns[i];
	result->user_ns += wait->user_ns;
	kind->count++;
	kind->ns += ns;
	kind->unfinished_ns += unfinished ? ns : 0;
	if (ns > kind->longest)
		kind->longest = ns;
	keep(explain, wait);
}

static void finish(struct explain *explain, struct explain_wait *wait, int64_t now)
{
	int vm = wait->vm;

	wait_settle_vm(&explain->table, vm, now);
	if (explain->measures)
		add_up(explain, wait, false);
	wait_end(&explain->table, wait);
	wait_relink_vm(&explain->table, vm);
}

/* ---- The guest ------------------------------------------------------------------------------ */

/* Those who are queued behind task, if it has a CPU, see it spin or work. */
static void set_spinning(struct explain *explain, struct explain_task *task, bool spinning,
			 int64_t now)
{
	if (task->place == PLACE_RUNNING)
		wait_settle_queue(&explain->table, task->cpu, now);
	task->spinning = spinning;
}

static bool is_spin_for_lock(const struct explain_task *task, const struct trace_record *record)
{
	return task->wait && task->wait->kind == WAIT_LOCK &&
	       task->wait->object == record->spin_begin.id;
}

static void spin_begins(struct explain *explain, struct explain_task *task,
			const struct trace_record *record)
{
	struct explain_wait *goes_on = explain->ending;
	struct explain_task *target =
		mirror_vcpu(&explain->table.mirror, task->vm, record->spin_begin.waits_for);
	int64_t now = record->time;

	explain->ending = NULL;
	set_spinning(explain, task, true, now);
	if (is_spin_for_lock(task, record))
		return;
	wait_settle_vm(&explain->table, task->vm, now);
	if (goes_on) {
		goes_on->object = record->spin_begin.id;
		goes_on->target = target;
		goes_on->since = now;
		goes_on->over = false;
		goes_on->nr_objects++;
	} else {
		wait_begin_call(&explain->table, task, target, record->spin_begin.id, now);
	}
	wait_relink_vm(&explain->table, task->vm);
}

static void spin_ends(struct explain *explain, struct explain_task *task,
		      const struct trace_record *record)
{
	set_spinning(explain, task, false, record->time);
	if (!task->call || !task->call->serial || task->call->object != record->spin_end.id)
		return;
	wait_settle(&explain->table, task->call, record->time);
	explain->ending = task->call;
}

static void lock_wait_begins(struct explain *explain, struct explain_task *task,
			     const struct trace_record *record)
{
	const __typeof__(record->lock_wait_begin) *begin = &record->lock_wait_begin;
	struct explain_wait *wait;

	wait_settle_vm(&explain->table, task->vm, record->time);
	wait = wait_begin_lock(&explain->table, task, begin->thread, (int)begin->id,
			       begin->interrupts, record->time);
	if (wait)
		snprintf(wait->what, sizeof(wait->what), "lock %.26s", begin->lock);
	wait_relink_vm(&explain->table, task->vm);
}

static void lock_wait_ends(struct explain *explain, struct explain_task *task,
			   const struct trace_record *record)
{
	struct explain_wait *wait =
		wait_of_thread(&explain->table, task->vm, record->lock_wait_end.thread);

	if (wait)
		finish(explain, wait, record->time);
}

static void lock_changes(struct explain *explain, struct explain_task *task,
			 const struct trace_record *record)
{
	struct wait_table *table = &explain->table;
	const __typeof__(record->lock_owner) *is = &record->lock_owner;
	struct explain_lock *lock = mirror_lock(&table->mirror, task->vm, (int)is->id);
	bool is_free = is->owner_vcpu < 0 && !is->readers;
	int owner = is_free ? is->heir_vcpu : is->owner_vcpu;
	int thread = is_free ? is->heir_thread : is->owner_thread;
	struct explain_wait *heir;

	if (!lock || (lock->known && lock->owner_vcpu == owner && lock->owner_thread == thread &&
		      lock->free == is_free && lock->reading == (is->readers > 0)))
		return;
	if (lock->nr_waiters)
		wait_settle_vm(table, task->vm, record->time);
	lock->known = true;
	lock->owner_vcpu = owner;
	lock->owner_thread = thread;
	lock->free = is_free;
	lock->reading = is->readers > 0;
	if (!lock->nr_waiters)
		return;
	/* It has the lock, or may take it, as soon as it executes. */
	heir = wait_of_thread(table, task->vm, thread);
	if (heir && heir->object == is->id)
		heir->over = !is_free;
	wait_relink_vm(table, task->vm);
}

static void csd_unlocked(struct explain *explain, struct explain_task *task,
			 const struct trace_record *record)
{
	const struct explain_task *caller =
		mirror_vcpu(&explain->table.mirror, task->vm, record->csd_unlock.caller);
	struct explain_wait *wait = caller ? caller->call : NULL;

	wait_settle_task(&explain->table, task, record->time);
	if (task->csd == record->csd_unlock.id)
		task->csd = -1;
	if (!wait || !wait->serial || wait->object != record->csd_unlock.id)
		return;
	wait_settle_vm(&explain->table, task->vm, record->time);
	wait->over = true;
	snprintf(wait->what, sizeof(wait->what), "%.31s", record->csd_unlock.op);
	wait_relink_vm(&explain->table, task->vm);
}

/* ---- The host ------------------------------------------------------------------------------- */

static void leaves_cpu(struct explain *explain, struct explain_task *task,
		       const struct trace_record *record)
{
	bool runnable = record->sched_switch.prev_state == TRACE_STATE_RUNNING;
	bool parked = record->sched_switch.throttled;

	wait_settle_task(&explain->table, task, record->time);
	yields_pause_over(&explain->result.yields, task);
	task->in_guest = false;
	task->origin = task->yielded ? ORIGIN_YIELDED : ORIGIN_PREEMPTED;
	task->yielded = false;
	mirror_set_place(&explain->table.mirror, task,
			 parked	    ? PLACE_PARKED
			 : runnable ? PLACE_QUEUED
				    : PLACE_ASLEEP,
			 record->cpu, record->time);
}

static void gets_cpu(struct explain *explain, struct explain_task *task,
		     const struct trace_record *record)
{
	wait_settle_task(&explain->table, task, record->time);
	mirror_set_place(&explain->table.mirror, task, PLACE_RUNNING, record->cpu, record->time);
	task->in_guest = task->halting = false;
	yields_runs(&explain->result.yields, task, record->time);
}

static void switches(struct explain *explain, const struct trace_record *record)
{
	struct mirror *mirror = &explain->table.mirror;
	struct explain_task *prev = mirror_task(mirror, record->pid, record->comm);
	struct explain_task *next =
		mirror_task(mirror, record->sched_switch.next_pid, record->sched_switch.next_comm);

	if (!mirror_cpu(mirror, record->cpu))
		return;
	wait_settle_queue(&explain->table, record->cpu, record->time);
	if (prev)
		leaves_cpu(explain, prev, record);
	if (next)
		gets_cpu(explain, next, record);
	mirror->cpus[record->cpu].current = next;
}

/* A task becomes runnable on a CPU, or goes to another one. */
static void is_queued(struct explain *explain, const struct trace_record *record, int pid,
		      const char *comm, int cpu, enum task_origin origin)
{
	struct explain_task *task = mirror_task(&explain->table.mirror, pid, comm);

	if (!task || task->place == PLACE_RUNNING)
		return;
	wait_settle_task(&explain->table, task, record->time);
	task->origin = origin;
	mirror_set_place(&explain->table.mirror, task, PLACE_QUEUED, cpu, record->time);
}

static void is_stopped(struct explain *explain, const struct trace_record *record)
{
	struct explain_task *task =
		mirror_task(&explain->table.mirror, record->co_stop.pid, record->co_stop.comm);

	if (!task)
		return;
	wait_settle_task(&explain->table, task, record->time);
	task->stopped = record->co_stop.stopped;
}

static void migrates(struct explain *explain, const struct trace_record *record)
{
	struct explain_task *task =
		mirror_task(&explain->table.mirror, record->sched_migrate_task.pid,
			    record->sched_migrate_task.comm);

	if (!task || task->place == PLACE_RUNNING || !mirror_cpu(&explain->table.mirror, 0))
		return;
	if (task->place == PLACE_QUEUED)
		wait_settle_queue(&explain->table, task->cpu, record->time);
	mirror_set_place(&explain->table.mirror, task, task->place,
			 record->sched_migrate_task.dest_cpu, record->time);
}

/* ---- The hypervisor ------------------------------------------------------------------------- */

static void exits(struct explain *explain, struct explain_task *task,
		  const struct trace_record *record)
{
	task->in_guest = false;
	task->in_user = record->kvm_exit.rip == TRACE_RIP_USER;
	task->halting = record->kvm_exit.exit.reason == TRACE_EXIT_HLT;
	if (record->kvm_exit.exit.reason == TRACE_EXIT_PAUSE)
		yields_pause(task, record->time);
}

static void enters(struct explain *explain, struct explain_task *task, int64_t now)
{
	yields_pause_over(&explain->result.yields, task);
	task->in_guest = true;
	task->halting = task->yielded = false;
	task->entered = now;
}

static void interrupted(struct explain_task *task, int vector, bool begins)
{
	if (vector == TRACE_NMI) {
		task->nmi = begins;
		return;
	}
	task->handler = begins ? vector : -1;
	task->csd = -1;
}

/* What a vCPU does in its own context. */
static void vcpu_acts(struct explain *explain, const struct trace_record *record)
{
	struct explain_task *task = mirror_task(&explain->table.mirror, record->pid, record->comm);

	if (!task || task->vm < 0)
		return;
	wait_settle_task(&explain->table, task, record->time);
	switch (record->kind) {
	case TRACE_kvm_exit: exits(explain, task, record); break;
	case TRACE_kvm_entry: enters(explain, task, record->time); break;
	case TRACE_kvm_inj_virq: interrupted(task, record->kvm_inj_virq.vector, true); break;
	case TRACE_irq_exit: interrupted(task, record->irq_exit.vector, false); break;
	case TRACE_csd_function_entry: task->csd = record->csd_function_entry.id; break;
	case TRACE_csd_unlock: csd_unlocked(explain, task, record); break;
	case TRACE_spin_begin: spin_begins(explain, task, record); break;
	case TRACE_spin_end: spin_ends(explain, task, record); break;
	case TRACE_lock_wait_begin: lock_wait_begins(explain, task, record); break;
	case TRACE_lock_wait_end: lock_wait_ends(explain, task, record); break;
	case TRACE_guest_switch:
		wait_guest_switch(&explain->table, task, record->guest_switch.next_thread,
				  record->time);
		break;
	case TRACE_lock_owner: lock_changes(explain, task, record); break;
	case TRACE_yield_to:
		yields_tried(&explain->table, &explain->result.yields, task, record);
		break;
	default: break;
	}
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void forget_warmup(struct explain *explain)
{
	struct mirror *mirror = &explain->table.mirror;

	for (int i = 0; i < mirror->nr_cpus; i++)
		wait_settle_queue(&explain->table, i, explain->options.measure_start);
	for (int i = 0; i < mirror->nr_tasks; i++) {
		struct explain_task *task = mirror->tasks[i];

		if (!task)
			continue;
		memset(task->stolen, 0, sizeof(task->stolen));
		memset(task->pauses, 0, sizeof(task->pauses));
		memset(task->pause_times, 0, sizeof(task->pause_times));
		task->awaited_ns = task->in_the_way_ns = 0;
	}
	memset(&explain->result.yields, 0, sizeof(explain->result.yields));
	explain->measures = true;
}

static void take(struct trace_sink *sink, const struct trace_record *record)
{
	struct explain *explain = container_of(sink, struct explain, sink);

	if (explain->table.mirror.failed)
		return;
	if (!explain->measures && record->time >= explain->options.measure_start)
		forget_warmup(explain);
	if (explain->ending &&
	    (record->kind != TRACE_spin_begin || record->pid != explain->ending->waiter->pid)) {
		struct explain_wait *wait = explain->ending;

		/* Its spin ended just before: waits end at that time, not at this record's. */
		explain->ending = NULL;
		finish(explain, wait, wait->settled);
	}
	switch (record->kind) {
	case TRACE_sched_switch: switches(explain, record); break;
	case TRACE_sched_wakeup:
		is_queued(explain, record, record->sched_wakeup.pid, record->sched_wakeup.comm,
			  record->sched_wakeup.target_cpu, ORIGIN_WOKEN);
		break;
	case TRACE_unthrottle:
		is_queued(explain, record, record->unthrottle.pid, record->unthrottle.comm,
			  record->unthrottle.target_cpu, ORIGIN_PREEMPTED);
		break;
	case TRACE_co_stop: is_stopped(explain, record); break;
	case TRACE_sched_migrate_task: migrates(explain, record); break;
	case TRACE_yield_resolved:
		yields_resolved(&explain->table, &explain->result.yields, record);
		break;
	default: vcpu_acts(explain, record);
	}
}

struct explain *explain_new(const struct explain_options *options)
{
	struct explain *explain = calloc(1, sizeof(*explain));

	if (!explain)
		return NULL;
	explain->sink.write = take;
	explain->options = *options;
	explain->table.ipi_flight_ns = options->ipi_flight_ns;
	explain->max_longest = LONGEST_PER_STORY * options->top;
	explain->longest = calloc((size_t)explain->max_longest + 1, sizeof(*explain->longest));
	explain->result.top = calloc((size_t)options->top + 1, sizeof(*explain->result.top));
	if (explain->longest && explain->result.top)
		return explain;
	explain_free(explain);
	return NULL;
}

void explain_free(struct explain *explain)
{
	struct mirror *mirror;

	if (!explain)
		return;
	mirror = &explain->table.mirror;
	for (int i = 0; i < explain->nr_longest; i++)
		free(explain->longest[i]);
	free(explain->longest);
	free(explain->result.top);
	for (int i = 0; i < mirror->nr_tasks; i++)
		if (mirror->tasks[i])
			free(mirror->tasks[i]->call);
	for (int i = 0; i < mirror->nr_vms; i++)
		for (int t = 0; t < mirror->vms[i]->nr_lock_waits; t++)
			free(mirror->vms[i]->lock_waits[t]);
	mirror_free(mirror);
	free(explain);
}

struct trace_sink *explain_sink(struct explain *explain)
{
	return &explain->sink;
}

enum oversub_status explain_finish(struct explain *explain, int64_t end,
				   struct oversub_error *error)
{
	struct mirror *mirror = &explain->table.mirror;

	if (!explain->measures)
		forget_warmup(explain);
	if (explain->ending)
		finish(explain, explain->ending, explain->ending->settled);
	explain->ending = NULL;
	for (int i = 0; i < mirror->nr_cpus; i++)
		wait_settle_queue(&explain->table, i, end);
	for (int i = 0; i < mirror->nr_vms; i++) {
		wait_settle_vm(&explain->table, i, end);
		for (struct explain_wait *wait = mirror->vms[i]->active; wait;
		     wait = wait->active_next)
			add_up(explain, wait, true);
	}
	for (int i = 0; i < mirror->nr_tasks; i++)
		for (int c = 0; mirror->tasks[i] && c < CULPRITS; c++)
			if (mirror->tasks[i]->vm >= 0)
				explain->result.stolen[c] += mirror->tasks[i]->stolen[c];
	explain->result.end = end;
	choose_stories(explain);
	return mirror->failed
		       ? oversub_fail(error, OVERSUB_FAILED, "out of memory explaining the run")
		       : OVERSUB_OK;
}

const struct explanation *explain_result(const struct explain *explain)
{
	return &explain->result;
}

const struct mirror *explain_mirror(const struct explain *explain)
{
	return &explain->table.mirror;
}

int64_t explanation_cause(const struct explanation *explanation, int role, enum wait_cause cause)
{
	int64_t sum = 0;

	for (int r = 0; r < WAIT_ROLES; r++)
		for (int c = 0; (role < 0 || role == r) && c < CULPRITS; c++)
			sum += explanation->ns[r][cause][c];
	return sum;
}
