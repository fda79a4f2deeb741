/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the time of a plain host thread goes, and the end of its sleep. */
#include "models/host/thread.h"

const char *const thread_time_names[THREAD_TIMES] = {
	[THREAD_WORK] = "work",	    [THREAD_SPIN] = "spin",   [THREAD_REFILL] = "refill",
	[THREAD_KERNEL] = "kernel", [THREAD_STEAL] = "steal", [THREAD_THROTTLED] = "throttled",
	[THREAD_SLEEP] = "sleep",
};

static enum thread_time time_of(const struct host_thread *thread)
{
	switch (thread->segment) {
	case THREAD_RUNS: return THREAD_WORK;
	case THREAD_SPINS: return THREAD_SPIN;
	case THREAD_SYSCALL:
	case THREAD_INTERRUPT: return THREAD_KERNEL;
	case THREAD_OFF_CPU: break;
	}
	if (thread->throttled)
		return THREAD_THROTTLED;
	return thread->asleep ? THREAD_SLEEP : THREAD_STEAL;
}

void host_thread_account(struct host_thread *thread)
{
	int64_t now = host_thread_now(thread);
	int64_t elapsed = now - thread->time_since;

	if (thread->segment == THREAD_RUNS || thread->segment == THREAD_SPINS) {
		int64_t refilled;
		int64_t work = host_task_refill(&thread->task, elapsed, &refilled);

		thread->stats.time_in[THREAD_REFILL] += refilled;
		elapsed -= refilled;
		if (thread->remaining_ns != INT64_MAX)
			thread->remaining_ns -= work;
	} else if (thread->segment == THREAD_SYSCALL) {
		thread->remaining_ns -= host_task_work(&thread->task, elapsed);
	}
	thread->stats.time_in[time_of(thread)] += elapsed;
	thread->time_since = now;
}

void host_thread_wake(struct host_thread *thread, struct pcpu *waker)
{
	host_thread_account(thread);
	thread->asleep = false;
	host_wake(&thread->task, waker);
}

void host_threads_fail(struct host_threads *all, enum oversub_status status)
{
	all->status = status;
	sim_stop(all->host->engine);
}
