/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For whom a wait is in the end. */
#include "sim/explain/wait.h"

/* ---- Chains --------------------------------------------------------------------------------- */

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
	const struct wait_vm *of = &table->vms[vm];

	if (thread >= 0 && thread < of->nr_threads && of->threads[thread].placed)
		vcpu = of->threads[thread].vcpu;
	return wait_table_vcpu(table, vm, vcpu);
}

/* The thread that would go on once the wait ended or its object changed hands. */
static int end_thread_of(const struct wait_table *table, const struct explain_wait *last,
			 const struct explain_task *end)
{
	const struct wait_lock *lock;

	if (last->kind == WAIT_CALL)
		return -1;
	lock = &table->vms[last->vm].locks[last->object];
	return last->over || (end == last->waiter && lock->owner_vcpu < 0) ? last->thread
									   : lock->owner_thread;
}

/* The wait that the one for whom `wait` is waiting has itself, if it matters; *next is that one. */
static struct explain_wait *follow(const struct wait_table *table, const struct explain_wait *wait,
				   struct explain_task **next)
{
	const struct wait_lock *lock;
	struct explain_wait *following;

	if (wait->kind == WAIT_CALL) {
		*next = wait->target;
		following = *next ? (*next)->wait : NULL;
		return following && !following->interrupts && !following->over ? following : NULL;
	}
	lock = &table->vms[wait->vm].locks[wait->object];
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

static void link_chain(const struct wait_table *table, struct explain_wait *wait)
{
	int limit = table->replay.vms[wait->vm]->nr_vcpus;
	struct explain_wait *last = wait, *following;
	struct explain_task *end;

	wait_unwatch(wait);
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
	for (struct explain_wait *wait = table->vms[vm].active; wait; wait = wait->active_next)
		link_chain(table, wait);
}
