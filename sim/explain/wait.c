/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/guest/guest.h"
#include "sim/explain/story.h"

/* ---- Causes --------------------------------------------------------------------------------- */

static enum wait_cause guest_mode_cause(const struct explain_wait *wait)
{
	const struct explain_wait *last = wait->last;
	const struct explain_task *end = wait->end;
	bool calls = end->handler == GUEST_VECTOR_CALL_FUNCTION ||
		     end->handler == GUEST_VECTOR_CALL_FUNCTION_SINGLE;

	if (end->nmi)
		return CAUSE_HANDLER;
	if (wait->end_thread >= 0 && end->guest_thread != THREAD_UNKNOWN &&
	    end->guest_thread != wait->end_thread)
		return CAUSE_GUEST;
	if (last->over || last->kind == WAIT_LOCK || end == last->waiter)
		return end->handler < 0 ? CAUSE_NEEDED : CAUSE_HANDLER;
	if (end->csd == last->object)
		return CAUSE_NEEDED;
	if (calls)
		return CAUSE_EARLIER;
	if (end->handler >= 0)
		return CAUSE_HANDLER;
	/* What was raised before the entry would have been injected there. */
	return end->entered > last->since ? CAUSE_IRQS_OFF : CAUSE_IPI;
}

static enum wait_cause cause_of(const struct explain_wait *wait)
{
	const struct explain_task *end = wait->end;

	if (!end)
		return CAUSE_UNKNOWN;
	switch (end->place) {
	case PLACE_ASLEEP: return CAUSE_HALTED;
	case PLACE_PARKED: return CAUSE_THROTTLED;
	case PLACE_QUEUED:
		if (end->stopped)
			return CAUSE_STOPPED;
		return end->origin == ORIGIN_PREEMPTED ? CAUSE_PREEMPTED
		       : end->origin == ORIGIN_YIELDED ? CAUSE_YIELDED
						       : CAUSE_WOKEN;
	case PLACE_RUNNING: break;
	}
	if (end->in_guest)
		return guest_mode_cause(wait);
	return end->halting ? CAUSE_HALTED : CAUSE_EXIT;
}

/* ---- Settling ------------------------------------------------------------------------------- */

static void blame(const struct wait_table *table, const struct explain_wait *wait, int64_t ns)
{
	struct explain_task *current;

	if (!wait->end || wait->role == ROLE_WAITER || wait->end->place == PLACE_RUNNING)
		return;
	wait->end->awaited_ns += ns;
	if (wait->end->place != PLACE_QUEUED)
		return;
	current = table->mirror.cpus[wait->end->cpu].current;
	if (current)
		current->in_the_way_ns += ns;
}

static void attribute(const struct wait_table *table, struct explain_wait *wait,
		      enum wait_cause cause, int64_t ns)
{
	enum culprit culprit = CULPRIT_NOBODY;
	struct wait_step step = {
		.begin = wait->settled,
		.ns = ns,
		.own_ns = ns,
		.cause = cause,
		.role = wait->role,
		.end = wait->end,
		.cpu = wait->end ? wait->end->cpu : -1,
		.since = wait->end ? wait->end->since : wait->settled,
	};

	if (wait->end && wait->end->place == PLACE_QUEUED) {
		struct explain_task *current = table->mirror.cpus[wait->end->cpu].current;

		culprit = mirror_culprit(&table->mirror, wait->end);
		if (current)
			step.occupants[step.nr_occupants++] = (struct wait_occupant){current, ns};
		else
			step.idle_ns = ns;
		if (current && current->spinning)
			step.spin_ns = ns;
	}
	step.in_user = wait->end && wait->end->in_user;
	if (wait->hops > 0) {
		step.via = wait->kind == WAIT_CALL ? wait->target : wait->last->waiter;
		step.via_lock = wait->last->kind == WAIT_LOCK;
	}
	wait->ns[wait->role][cause][culprit] += ns;
	wait->hop_ns[wait->hops < WAIT_MAX_HOPS ? wait->hops : WAIT_MAX_HOPS] += ns;
	if (cause == CAUSE_PREEMPTED && wait->role == ROLE_AWAITED && wait->end->in_user)
		wait->user_ns += ns;
	wait->settled += ns;
	blame(table, wait, ns);
	story_add(wait, &step);
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
	struct explain_task *task = NULL;

	if (cpu >= 0 && cpu < table->mirror.nr_cpus)
		task = table->mirror.cpus[cpu].queued;
	for (; task; task = task->queue_next) {
		if (now > task->stolen_until) {
			task->stolen[mirror_culprit(&table->mirror, task)] +=
				now - task->stolen_until;
			task->stolen_until = now;
		}
		wait_settle_task(table, task, now);
	}
}

void wait_settle_vm(const struct wait_table *table, int vm, int64_t now)
{
	for (struct explain_wait *wait = table->mirror.vms[vm]->active; wait;
	     wait = wait->active_next)
		wait_settle(table, wait, now);
}

/* ---- Chains --------------------------------------------------------------------------------- */

struct explain_wait *wait_of_thread(const struct wait_table *table, int vm, int thread)
{
	const struct explain_vm *of = table->mirror.vms[vm];

	if (thread < 0 || thread >= of->nr_lock_waits || !of->lock_waits[thread] ||
	    !of->lock_waits[thread]->serial)
		return NULL;
	return of->lock_waits[thread];
}

/* What a vCPU waits for, on which thread runs. */
static struct explain_wait *wait_of(const struct wait_table *table, int vm,
				    const struct explain_task *vcpu, int thread)
{
	struct explain_wait *wait = wait_of_thread(table, vm, thread);

	if (!wait && vcpu->call && vcpu->call->serial)
		wait = vcpu->call;
	return wait;
}

/* Where thread runs, which was on vcpu when it was met. */
static struct explain_task *home_of(const struct wait_table *table, int vm, int thread, int vcpu)
{
	const struct explain_vm *of = table->mirror.vms[vm];

	if (thread >= 0 && thread < of->nr_homes && of->homes[thread])
		vcpu = of->homes[thread] - 1;
	return mirror_vcpu(&table->mirror, vm, vcpu);
}

/* The thread that would go on once the wait ended or its object changed hands. */
static int end_thread_of(const struct wait_table *table, const struct explain_wait *last,
			 const struct explain_task *end)
{
	const struct explain_lock *lock;

	if (last->kind == WAIT_CALL)
		return -1;
	lock = &table->mirror.vms[last->vm]->locks[last->object];
	return last->over || (end == last->waiter && lock->owner_vcpu < 0) ? last->thread
									   : lock->owner_thread;
}

/* The wait that the one for whom `wait` is waiting has itself, if it matters; *next is that one. */
static struct explain_wait *follow(const struct wait_table *table, const struct explain_wait *wait,
				   struct explain_task **next)
{
	const struct explain_lock *lock;
	struct explain_wait *following;

	if (wait->kind == WAIT_CALL) {
		*next = wait->target;
		following = *next ? (*next)->wait : NULL;
		return following && !following->interrupts && !following->over ? following : NULL;
	}
	lock = &table->mirror.vms[wait->vm]->locks[wait->object];
	if (lock->owner_vcpu < 0) {
		/* A free lock is for whoever comes first. */
		*next = lock->known && !lock->reading ? wait->waiter : NULL;
		return NULL;
	}
	*next = home_of(table, wait->vm, lock->owner_thread, lock->owner_vcpu);
	if (!*next || lock->owner_thread == wait->thread || lock->free)
		return NULL;
	/* An owner that has not noticed yet that it is one waits for nobody. */
	following = wait_of(table, wait->vm, *next, lock->owner_thread);
	return following && !following->over ? following : NULL;
}

static void unwatch(struct explain_wait *wait)
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

static void link_chain(const struct wait_table *table, struct explain_wait *wait)
{
	int limit = table->mirror.vms[wait->vm]->nr_vcpus;
	struct explain_wait *last = wait, *following;
	struct explain_task *end;

	unwatch(wait);
	wait->hops = 0;
	for (;;) {
		if (last->over) {
			end = last->waiter;
			break;
		}
		following = follow(table, last, &end);
		if (!following)
			break;
		/* A cycle: two that wait for each other. */
		if (++wait->hops > limit) {
			end = NULL;
			break;
		}
		last = following;
	}
	wait->last = last;
	wait->role = ROLE_AWAITED;
	wait->end = end;
	if (!end)
		return;
	wait->end_thread = end_thread_of(table, last, end);
	/* Another thread may have the lock on the same vCPU. */
	if (last == wait && end == wait->waiter && wait->end_thread == wait->thread)
		wait->role = ROLE_WAITER;
	wait->watch_next = end->watchers;
	if (end->watchers)
		end->watchers->watch_previous = wait;
	end->watchers = wait;
}

void wait_relink_vm(const struct wait_table *table, int vm)
{
	for (struct explain_wait *wait = table->mirror.vms[vm]->active; wait;
	     wait = wait->active_next)
		link_chain(table, wait);
}

void wait_guest_switch(struct wait_table *table, struct explain_task *on, int thread, int64_t now)
{
	struct explain_vm *vm = table->mirror.vms[on->vm];
	struct explain_wait *wait = wait_of_thread(table, on->vm, thread);

	wait_settle_vm(table, on->vm, now);
	on->guest_thread = thread;
	if (thread >= 0 && mirror_reserve(&table->mirror, (void **)&vm->homes, &vm->homes_capacity,
					  thread, sizeof(*vm->homes))) {
		if (thread >= vm->nr_homes)
			vm->nr_homes = thread + 1;
		vm->homes[thread] = on->vcpu + 1;
	}
	/* A sleeper may wake up elsewhere. */
	if (wait && wait->waiter != on) {
		if (wait->waiter->wait == wait)
			wait->waiter->wait = NULL;
		wait->waiter = on;
	}
	on->wait = wait;
	wait_relink_vm(table, on->vm);
}

/* ---- Beginning and end ---------------------------------------------------------------------- */

static struct explain_wait *begin(struct wait_table *table, struct explain_wait *wait,
				  struct explain_task *waiter, int64_t now)
{
	struct explain_vm *vm = table->mirror.vms[waiter->vm];

	/* The steps are many bytes: they need no zeroes. */
	memset(wait, 0, offsetof(struct explain_wait, steps));
	wait->nr_steps = 0;
	wait->serial = ++table->serials;
	wait->vm = waiter->vm;
	wait->waiter = waiter;
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
				     int thread, int lock, bool interrupts, int64_t now)
{
	struct mirror *mirror = &table->mirror;
	struct explain_vm *vm = mirror->vms[waiter->vm];
	struct explain_lock *of = mirror_lock(mirror, waiter->vm, lock);
	struct explain_wait *wait;

	if (!of || thread < 0 ||
	    !mirror_reserve(mirror, (void **)&vm->lock_waits, &vm->lock_waits_capacity, thread,
			    sizeof(struct explain_wait *)))
		return NULL;
	if (thread >= vm->nr_lock_waits)
		vm->nr_lock_waits = thread + 1;
	if (!vm->lock_waits[thread])
		vm->lock_waits[thread] = calloc(1, sizeof(*wait));
	if (!vm->lock_waits[thread]) {
		mirror->failed = true;
		return NULL;
	}
	wait = begin(table, vm->lock_waits[thread], waiter, now);
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
	struct explain_wait *wait;

	if (!waiter->call)
		waiter->call = calloc(1, sizeof(*wait));
	if (!waiter->call) {
		table->mirror.failed = true;
		return NULL;
	}
	wait = begin(table, waiter->call, waiter, now);
	wait->kind = WAIT_CALL;
	wait->thread = -1;
	wait->object = csd;
	wait->target = target;
	wait->interrupts = true;
	snprintf(wait->what, sizeof(wait->what), "call, unfinished");
	return wait;
}

void wait_end(struct wait_table *table, struct explain_wait *wait)
{
	struct explain_vm *vm = table->mirror.vms[wait->vm];

	unwatch(wait);
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
