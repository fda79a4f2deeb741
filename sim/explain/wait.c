/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"

/* ---- All of them ---------------------------------------------------------------------------- */

void wait_table_init(struct wait_table *table, int64_t ipi_flight_ns)
{
	*table = (struct wait_table){.ipi_flight_ns = ipi_flight_ns};
	replay_init(&table->replay, sizeof(struct explain_task));
}

void wait_table_free(struct wait_table *table)
{
	for (int i = 0; i < table->replay.nr_tasks; i++)
		free(wait_table_task(table, i)->call);
	for (int i = 0; i < table->nr_vms; i++) {
		for (int t = 0; t < table->vms[i].nr_threads; t++)
			free(table->vms[i].threads[t].wait);
		free(table->vms[i].threads);
		free(table->vms[i].locks);
	}
	free(table->vms);
	free(table->nominations);
	replay_free(&table->replay);
}

struct wait_lock *wait_lock_of(struct wait_table *table, int vm, int64_t lock)
{
	struct wait_vm *of = &table->vms[vm];
	int nr = of->nr_locks;

	if (lock < 0)
		return NULL;
	if (!array_reach(of->locks, of->nr_locks, (int)lock)) {
		table->replay.failed = true;
		return NULL;
	}
	for (; nr < of->nr_locks; nr++)
		of->locks[nr].owner_vcpu = of->locks[nr].owner_thread = -1;
	return &of->locks[lock];
}

/* Thread number `thread` of vm; NULL if there is none, and without memory. */
static struct wait_thread *thread_of(struct wait_table *table, int vm, int thread)
{
	struct wait_vm *of = &table->vms[vm];

	if (thread < 0)
		return NULL;
	if (array_reach(of->threads, of->nr_threads, thread))
		return &of->threads[thread];
	table->replay.failed = true;
	return NULL;
}

struct explain_wait *wait_of_thread(const struct wait_table *table, int vm, int thread)
{
	const struct wait_vm *of = &table->vms[vm];
	struct explain_wait *wait =
		thread >= 0 && thread < of->nr_threads ? of->threads[thread].wait : NULL;

	return wait && wait->serial ? wait : NULL;
}

void wait_guest_switch(struct wait_table *table, struct explain_task *on, int thread)
{
	struct wait_thread *of = thread_of(table, on->is.vm, thread);
	struct explain_wait *wait = wait_of_thread(table, on->is.vm, thread);

	if (of) {
		of->placed = true;
		of->vcpu = on->is.vcpu;
	}
	/* A sleeper may wake up elsewhere. */
	if (wait && wait->waiter != on) {
		if (wait->waiter->wait == wait)
			wait->waiter->wait = NULL;
		wait->waiter = on;
	}
	on->wait = wait;
}

/* ---- Beginning and end ---------------------------------------------------------------------- */

/* The wait at *where, which is made if there is none; NULL without memory. */
static struct explain_wait *begin(struct wait_table *table, struct explain_wait **where,
				  struct explain_task *waiter, int64_t now)
{
	struct wait_vm *vm = &table->vms[waiter->is.vm];
	struct explain_wait *wait = *where;

	if (!wait)
		wait = *where = malloc(sizeof(*wait));
	if (!wait) {
		table->replay.failed = true;
		return NULL;
	}
	/* The steps are many bytes: they need no zeroes. */
	memset(wait, 0, offsetof(struct explain_wait, steps));
	wait->nr_steps = 0;
	wait->serial = ++table->serials;
	wait->vm = waiter->is.vm;
	wait->waiter = waiter;
	wait->thread = -1;
	wait->begin = wait->since = wait->settled = now;
	wait->nr_objects = 1;
	wait->active_next = vm->active;
	if (vm->active)
		vm->active->active_previous = wait;
	vm->active = wait;
	waiter->wait = wait;
	return wait;
}

struct explain_wait *wait_begin_lock(struct wait_table *table, struct explain_task *waiter,
				     int thread, int64_t lock, bool interrupts, int64_t now)
{
	struct wait_lock *of = wait_lock_of(table, waiter->is.vm, lock);
	struct wait_thread *by = of ? thread_of(table, waiter->is.vm, thread) : NULL;
	struct explain_wait *wait = by ? begin(table, &by->wait, waiter, now) : NULL;

	if (!wait)
		return NULL;
	wait->kind = WAIT_LOCK;
	wait->thread = thread;
	wait->object = lock;
	wait->interrupts = interrupts;
	of->nr_waiters++;
	return wait;
}

struct explain_wait *wait_begin_call(struct wait_table *table, struct explain_task *waiter,
				     struct explain_task *target, int64_t csd, int64_t now)
{
	struct explain_wait *wait = begin(table, &waiter->call, waiter, now);

	if (!wait)
		return NULL;
	wait->kind = WAIT_CALL;
	wait->object = csd;
	wait->target = target;
	wait->interrupts = true;
	snprintf(wait->what, sizeof(wait->what), "call, unfinished");
	return wait;
}

void wait_unwatch(struct explain_wait *wait)
{
	if (!wait->end)
		return;
	if (wait->watch_previous)
		wait->watch_previous->watch_next = wait->watch_next;
	else
		wait->end->watchers = wait->watch_next;
	if (wait->watch_next)
		wait->watch_next->watch_previous = wait->watch_previous;
	wait->watch_next = wait->watch_previous = NULL;
	wait->end = NULL;
}

void wait_end(struct wait_table *table, struct explain_wait *wait)
{
	struct wait_vm *vm = &table->vms[wait->vm];

	wait_unwatch(wait);
	if (wait->active_previous)
		wait->active_previous->active_next = wait->active_next;
	else
		vm->active = wait->active_next;
	if (wait->active_next)
		wait->active_next->active_previous = wait->active_previous;
	if (wait->waiter->wait == wait)
		wait->waiter->wait = NULL;
	if (wait->kind == WAIT_LOCK)
		vm->locks[wait->object].nr_waiters--;
	wait->serial = 0;
}

int64_t wait_total(const struct explain_wait *wait)
{
	return wait->settled - wait->begin;
}
