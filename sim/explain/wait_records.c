/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each record of a trace means for waits. First what is about to change is settled, then the
 * replayed state changes, then waits begin, end or are linked anew.
 */
#include <stdio.h>

#include "sim/base/array.h"
#include "sim/explain/wait.h"

/* ---- Before ---------------------------------------------------------------------------------- */

static struct explain_task *task_of(const struct wait_table *table, int pid)
{
	return explain_task_of(replay_task(&table->replay, pid));
}

/* A task that is to be queued, or is queued, changes. */
static void before_queueing(struct wait_table *table, int pid, int64_t now)
{
	struct explain_task *task = task_of(table, pid);

	if (task && task->is.place != PLACE_RUNNING)
		wait_settle_task(table, task, now);
}

static void before_switch(struct wait_table *table, const struct trace_record *record)
{
	struct explain_task *prev = task_of(table, record->pid);
	struct explain_task *next = task_of(table, record->sched_switch.next_pid);

	wait_settle_queue(table, record->cpu, record->time);
	if (prev) {
		wait_settle_task(table, prev, record->time);
		yields_pause_over(&table->yields, prev);
	}
	if (next)
		wait_settle_task(table, next, record->time);
}

static void before_migration(struct wait_table *table, const struct trace_record *record)
{
	struct explain_task *task = task_of(table, record->sched_migrate_task.pid);

	if (task && task->is.place == PLACE_QUEUED)
		wait_settle_queue(table, task->is.cpu, record->time);
}

/* A vCPU acts. */
static void before_action(struct wait_table *table, const struct trace_record *record)
{
	struct explain_task *task = task_of(table, record->pid);

	if (!task || task->is.vm < 0)
		return;
	wait_settle_task(table, task, record->time);
	switch (record->kind) {
	case TRACE_kvm_entry: yields_pause_over(&table->yields, task); break;
	case TRACE_spin_begin:
	case TRACE_spin_end:
		/* Those who are queued behind it see it spin or work. */
		if (task->is.place == PLACE_RUNNING)
			wait_settle_queue(table, task->is.cpu, record->time);
		break;
	case TRACE_guest_switch: wait_settle_vm(table, task->is.vm, record->time); break;
	default: break;
	}
}

static void before(struct wait_table *table, const struct trace_record *record)
{
	switch (record->kind) {
	case TRACE_sched_switch: before_switch(table, record); break;
	case TRACE_sched_wakeup:
		before_queueing(table, record->sched_wakeup.pid, record->time);
		break;
	case TRACE_unthrottle: before_queueing(table, record->unthrottle.pid, record->time); break;
	case TRACE_co_stop: before_queueing(table, record->co_stop.pid, record->time); break;
	case TRACE_sched_migrate_task: before_migration(table, record); break;
	case TRACE_yield_resolved: break;
	default: before_action(table, record);
	}
}

/* ---- Waits ---------------------------------------------------------------------------------- */

static void finish(struct wait_table *table, struct explain_wait *wait, int64_t now)
{
	int vm = wait->vm;

	wait_settle_vm(table, vm, now);
	table->ended(table, wait);
	wait_end(table, wait);
	wait_relink_vm(table, vm);
}

/* Waits that ended with a spin end at that time, not at the record's that says so. */
static void finish_ending(struct wait_table *table)
{
	struct explain_wait *wait = table->ending;

	table->ending = NULL;
	if (wait)
		finish(table, wait, wait->settled);
}

static void spin_begins(struct wait_table *table, struct explain_task *task,
			const struct trace_record *record)
{
	struct explain_task *target =
		wait_table_vcpu(table, task->is.vm, record->spin_begin.waits_for);
	struct explain_wait *goes_on = table->ending;
	int64_t object = record->spin_begin.id;

	table->ending = NULL;
	if (task->wait && task->wait->kind == WAIT_LOCK && task->wait->object == object)
		return;
	wait_settle_vm(table, task->is.vm, record->time);
	if (goes_on) {
		goes_on->object = object;
		goes_on->target = target;
		goes_on->since = record->time;
		goes_on->over = false;
		goes_on->nr_objects++;
	} else {
		wait_begin_call(table, task, target, object, record->time);
	}
	wait_relink_vm(table, task->is.vm);
}

static void spin_ends(struct wait_table *table, struct explain_task *task,
		      const struct trace_record *record)
{
	if (!task->call || !task->call->serial || task->call->object != record->spin_end.id)
		return;
	wait_settle(table, task->call, record->time);
	table->ending = task->call;
}

static void lock_wait_begins(struct wait_table *table, struct explain_task *task,
			     const struct trace_record *record)
{
	struct explain_wait *wait;

	wait_settle_vm(table, task->is.vm, record->time);
	wait = wait_begin_lock(table, task, record->lock_wait_begin.thread,
			       record->lock_wait_begin.id, record->lock_wait_begin.interrupts,
			       record->time);
	if (wait)
		snprintf(wait->what, sizeof(wait->what), "lock %.26s",
			 record->lock_wait_begin.lock);
	wait_relink_vm(table, task->is.vm);
}

static void lock_wait_ends(struct wait_table *table, struct explain_task *task,
			   const struct trace_record *record)
{
	struct explain_wait *wait =
		wait_of_thread(table, task->is.vm, record->lock_wait_end.thread);

	if (wait)
		finish(table, wait, record->time);
}

static void lock_changes(struct wait_table *table, struct explain_task *task,
			 const struct trace_record *record)
{
	struct wait_lock *lock = wait_lock_of(table, task->is.vm, record->lock_owner.id);
	bool is_read = record->lock_owner.readers > 0;
	bool is_free = record->lock_owner.owner_vcpu < 0 && !is_read;
	struct wait_lock now = {
		.known = true,
		.owner_vcpu =
			is_free ? record->lock_owner.heir_vcpu : record->lock_owner.owner_vcpu,
		.owner_thread =
			is_free ? record->lock_owner.heir_thread : record->lock_owner.owner_thread,
		.free = is_free,
		.reading = is_read,
	};
	struct explain_wait *heir;

	if (!lock || (lock->known && lock->owner_vcpu == now.owner_vcpu &&
		      lock->owner_thread == now.owner_thread && lock->free == is_free &&
		      lock->reading == is_read))
		return;
	now.nr_waiters = lock->nr_waiters;
	if (lock->nr_waiters)
		wait_settle_vm(table, task->is.vm, record->time);
	*lock = now;
	if (!lock->nr_waiters)
		return;
	/* It has the lock, or may take it, as soon as it executes. */
	heir = wait_of_thread(table, task->is.vm, lock->owner_thread);
	if (heir && heir->object == record->lock_owner.id)
		heir->over = !is_free;
	wait_relink_vm(table, task->is.vm);
}

static void csd_unlocked(struct wait_table *table, struct explain_task *task,
			 const struct trace_record *record)
{
	const struct explain_task *caller =
		wait_table_vcpu(table, task->is.vm, record->csd_unlock.caller);
	struct explain_wait *wait = caller ? caller->call : NULL;

	if (!wait || !wait->serial || wait->object != record->csd_unlock.id)
		return;
	wait_settle_vm(table, task->is.vm, record->time);
	wait->over = true;
	snprintf(wait->what, sizeof(wait->what), "%.31s", record->csd_unlock.op);
	wait_relink_vm(table, task->is.vm);
}

/* ---- After ---------------------------------------------------------------------------------- */

/* A vCPU has acted. */
static void after_action(struct wait_table *table, const struct trace_record *record)
{
	struct explain_task *task = task_of(table, record->pid);

	if (!task || task->is.vm < 0)
		return;
	switch (record->kind) {
	case TRACE_kvm_exit:
		if (record->kvm_exit.exit.reason == TRACE_EXIT_PAUSE)
			yields_pause(task, record->time);
		break;
	case TRACE_csd_unlock: csd_unlocked(table, task, record); break;
	case TRACE_spin_begin: spin_begins(table, task, record); break;
	case TRACE_spin_end: spin_ends(table, task, record); break;
	case TRACE_lock_wait_begin: lock_wait_begins(table, task, record); break;
	case TRACE_lock_wait_end: lock_wait_ends(table, task, record); break;
	case TRACE_guest_switch:
		wait_guest_switch(table, task, record->guest_switch.next_thread);
		wait_relink_vm(table, task->is.vm);
		break;
	case TRACE_lock_owner: lock_changes(table, task, record); break;
	case TRACE_yield_to: yields_tried(table, task, record); break;
	default: break;
	}
}

static void after(struct wait_table *table, const struct trace_record *record)
{
	struct explain_task *next;

	switch (record->kind) {
	case TRACE_sched_switch:
		next = task_of(table, record->sched_switch.next_pid);
		if (next)
			yields_runs(&table->yields, next, record->time);
		break;
	case TRACE_yield_resolved: yields_resolved(table, record); break;
	default: after_action(table, record);
	}
}

void wait_take(struct wait_table *table, const struct trace_record *record)
{
	if (table->ending &&
	    (record->kind != TRACE_spin_begin || record->pid != table->ending->waiter->is.pid))
		finish_ending(table);
	before(table, record);
	replay_take(&table->replay, record);
	if (!array_reach(table->vms, table->nr_vms, table->replay.nr_vms - 1) ||
	    !array_reach(table->nominations, table->nr_nominations, table->replay.nr_cpus - 1))
		table->replay.failed = true;
	if (!table->replay.failed)
		after(table, record);
}

void wait_take_end(struct wait_table *table)
{
	finish_ending(table);
}
