/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that cannot go on: deadlocks and standstills, told with who waits for whom. */
#include <stdio.h>
#include <string.h>

#include "sim/base/container_of.h"
#include "sim/base/text.h"
#include "sim/run/world_internal.h"

/* Links of a chain that a message shows. */
#define MAX_LINKS 6

/* Bytes of what a message tells. */
enum { MESSAGE_MAX = 800 };

/* Follow the waits from a thread; true if they come back to where they started. */
static bool describe_chain(const struct world_vm *vm, int thread, struct text *message)
{
	int next = thread;

	for (int link = 0; next >= 0 && link < vm->guest.nr_threads + 1; link++) {
		char text[160];

		guest_describe_wait(&vm->guest, next, text, sizeof(text), &next);
		if (link < MAX_LINKS) {
			text_join(message, ", ", "%s", text);
		} else if (link == MAX_LINKS) {
			text_add(message, ", ...");
		}
		if (next == thread)
			return true;
	}
	return false;
}

static enum oversub_status deadlock(const struct world *world, const char *where,
				    const struct text *message, struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "deadlock in %s at %.3f s: %s", where,
			    (double)sim_now(&world->engine) / 1e9, message->at);
}

/* A cycle of waits in which nobody can be helped, or a wait for a thread that has ended. */
static bool find_vain_wait(const struct world_vm *vm, struct text *message)
{
	int outside = -1;

	for (int i = 0; i < vm->guest.nr_threads; i++) {
		if (!guest_waits_in_vain(&vm->guest, i))
			continue;
		outside = i;
		message->used = 0;
		if (describe_chain(vm, i, message))
			return true;
	}
	if (outside < 0)
		return false;
	message->used = 0;
	describe_chain(vm, outside, message);
	return true;
}

/* A cycle of calls, say, that interrupts should have resolved long ago. */
static bool find_old_cycle(const struct world_vm *vm, int64_t now, int64_t patience,
			   struct text *message)
{
	int64_t oldest;
	int count;

	guest_unfinished_waits(&vm->guest, now, &count, &oldest);
	if (count == 0 || oldest < patience)
		return false;
	for (int i = 0; i < vm->guest.nr_threads; i++) {
		message->used = 0;
		if (describe_chain(vm, i, message))
			return true;
	}
	return false;
}

static bool has_ended(const struct host_thread *thread)
{
	return thread->asleep && !thread->op;
}

/* The same for the locks of host threads. */
static bool waits_in_vain(const struct host_threads *threads, struct host_thread *thread,
			  struct text *message)
{
	const struct exec_waiter *waiter = &thread->waiter;

	message->used = 0;
	for (int hops = 0; hops <= threads->nr_threads; hops++) {
		const struct exec_waiter *next = waiter_waits_for(waiter);
		char text[160];

		if (hops < MAX_LINKS) {
			waiter_describe(waiter, sim_now(threads->host->engine), text, sizeof(text));
			text_join(message, ", ", "%s %s", waiter->name,
				  next || *text ? text : "has ended");
		}
		if (!next)
			return hops > 0 &&
			       has_ended(container_of(waiter, struct host_thread, waiter));
		if (next == &thread->waiter)
			return true;
		waiter = next;
	}
	return false; /* another thread of the cycle reports it */
}

/*
 * A cycle of short waits is normal (two CPUs that call each other): it is a deadlock if nothing
 * can end it, or if it is old.
 */
enum oversub_status world_report_deadlock(const struct world *world, struct oversub_error *error)
{
	int64_t now = sim_now(&world->engine), patience = world->scenario->run.watchdog_ns;
	char buffer[MESSAGE_MAX];
	struct text message = TEXT_IN(buffer);

	for (int i = 0; i < world->nr_vms; i++) {
		const struct world_vm *vm = &world->vms[i];
		char where[80];

		if (!find_vain_wait(vm, &message) && !find_old_cycle(vm, now, patience, &message))
			continue;
		snprintf(where, sizeof(where), "VM %s", vm->name);
		return deadlock(world, where, &message, error);
	}
	for (int i = 0; world->has_threads && i < world->threads.nr_threads; i++)
		if (waits_in_vain(&world->threads, &world->threads.threads[i], &message))
			return deadlock(world, "the host's threads", &message, error);
	return OVERSUB_OK;
}

static void describe_threads(const struct world *world, struct text *message)
{
	for (int i = 0; world->has_threads && i < world->threads.nr_threads; i++) {
		const struct host_thread *thread = &world->threads.threads[i];
		char text[160];

		host_thread_describe(thread, text, sizeof(text));
		if (!text[0])
			continue;
		text_join(message, "; ", "%s %s", thread->name, text);
	}
}

static void describe_guests(const struct world *world, struct text *message)
{
	for (int i = 0; i < world->nr_vms; i++) {
		for (int t = 0; t < world->vms[i].guest.nr_threads; t++) {
			char text[160];
			int next;

			guest_describe_wait(&world->vms[i].guest, t, text, sizeof(text), &next);
			if (!strstr(text, "wait") && !strstr(text, "spin"))
				continue;
			text_join(message, "; ", "%s/%s", world->vms[i].name, text);
		}
	}
}

enum oversub_status world_report_standstill(const struct world *world, struct oversub_error *error)
{
	char buffer[MESSAGE_MAX];
	struct text message = TEXT_IN(buffer);

	describe_guests(world, &message);
	if (!message.used)
		describe_threads(world, &message);
	if (!message.used)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_FAILED,
			    "nothing can happen any more at %.3f s, and somebody still waits: %s",
			    (double)sim_now(&world->engine) / 1e9, message.at);
}
