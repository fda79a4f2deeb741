/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/run/experiment.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PROGRESS_PERIOD_MS = 200 };

/* The replications of one point while they come in. */
struct point_state {
	struct replication_result *results; /* allocated when the first one starts */
	uint32_t nr_started, nr_done;
};

struct experiment {
	const struct experiment_point *points;
	size_t nr_points;
	const struct experiment_options *options;

	pthread_mutex_t lock; /* of what follows up to the next blank line */
	struct point_state *states;
	size_t next_point;	/* from which the next replication is taken */
	unsigned int nr_active; /* workers that have not ended */
	size_t *complete;	/* queue of points, one slot each */
	size_t nr_complete;
	enum oversub_status status; /* of the first failure, and what follows about it */
	size_t failed_point;
	uint32_t failed_replication;
	struct oversub_error error;

	atomic_bool cancel;
	atomic_llong progress;
	int wake_fd; /* workers tell the calling thread that something is complete */
};

unsigned int experiment_default_jobs(void)
{
	cpu_set_t set;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (!sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 0)
		return (unsigned int)CPU_COUNT(&set);
	return online > 0 ? (unsigned int)online : 1;
}

static void wake_caller(struct experiment *experiment)
{
	uint64_t one = 1;
	/* Can only fail when the counter is about to overflow: then the caller is awake anyway. */
	ssize_t ignored = write(experiment->wake_fd, &one, sizeof(one));

	(void)ignored;
}

/*
 * Remember the first failure and stop the others, whose ends are then no failures of their own.
 * Called with the lock held.
 */
static void fail(struct experiment *experiment, size_t point, uint32_t replication,
		 enum oversub_status status, const struct oversub_error *error)
{
	if (atomic_exchange(&experiment->cancel, true))
		return;
	experiment->status = status;
	experiment->failed_point = point;
	experiment->failed_replication = replication;
	experiment->error = *error;
}

/* Take the next replication to run; false if there is none. */
static bool take(struct experiment *experiment, size_t *point, uint32_t *replication,
		 struct replication_result **result)
{
	struct point_state *state;
	bool taken = false;

	pthread_mutex_lock(&experiment->lock);
	if (!atomic_load(&experiment->cancel) && experiment->next_point < experiment->nr_points) {
		*point = experiment->next_point;
		state = &experiment->states[*point];
		if (!state->results)
			state->results = calloc(experiment->points[*point].nr_replications,
						sizeof(*state->results));
		if (state->results) {
			*replication = state->nr_started++;
			*result = &state->results[*replication];
			taken = true;
			if (state->nr_started == experiment->points[*point].nr_replications)
				experiment->next_point++;
		} else {
			struct oversub_error error;

			fail(experiment, *point, 0,
			     oversub_fail(&error, OVERSUB_FAILED, "out of memory"), &error);
		}
	}
	pthread_mutex_unlock(&experiment->lock);
	return taken;
}

static void finish(struct experiment *experiment, size_t point, uint32_t replication,
		   enum oversub_status status, const struct oversub_error *error)
{
	struct point_state *state = &experiment->states[point];

	pthread_mutex_lock(&experiment->lock);
	if (status)
		fail(experiment, point, replication, status, error);
	else if (++state->nr_done == experiment->points[point].nr_replications)
		experiment->complete[experiment->nr_complete++] = point;
	pthread_mutex_unlock(&experiment->lock);
	wake_caller(experiment);
}

static void *worker(void *argument)
{
	struct experiment *experiment = argument;
	struct replication_result *result;
	uint32_t replication;
	size_t point;

	while (take(experiment, &point, &replication, &result)) {
		struct world_options options = {
			.trace = point == 0 && replication == 0 ? experiment->options->trace : NULL,
			.progress = &experiment->progress,
			.cancel = &experiment->cancel,
			.check_invariants = experiment->options->check_invariants,
		};
		struct oversub_error error = {""};
		enum oversub_status status = experiment->options->run(
			experiment->points[point].scenario, replication, &options, result, &error);

		if (!status && result->failed)
			status = oversub_fail(&error, OVERSUB_FAILED,
					      "out of memory collecting the metrics");
		finish(experiment, point, replication, status, &error);
	}
	pthread_mutex_lock(&experiment->lock);
	experiment->nr_active--;
	pthread_mutex_unlock(&experiment->lock);
	wake_caller(experiment);
	return NULL;
}

static void free_point(struct experiment *experiment, size_t point)
{
	struct point_state *state = &experiment->states[point];

	for (uint32_t i = 0; state->results && i < state->nr_started; i++)
		result_free(&state->results[i]);
	free(state->results);
	state->results = NULL;
}

/* The callback has refused a point; workers cannot fail with this number. */
static bool callback_failed(const struct experiment *experiment)
{
	return experiment->status && experiment->failed_point == experiment->nr_points;
}

/* Combine what is complete and hand it on, in the calling thread. */
static void deliver(struct experiment *experiment, size_t point)
{
	const struct experiment_options *options = experiment->options;
	struct oversub_error error;
	struct aggregate aggregate;
	enum oversub_status status;

	status = aggregate_of(experiment->states[point].results,
			      experiment->points[point].nr_replications, &aggregate, &error);
	free_point(experiment, point);
	if (!status)
		status = options->point_done(options->context, point, &aggregate, &error);
	if (status) {
		pthread_mutex_lock(&experiment->lock);
		/* Not of one replication: reported as it is. */
		fail(experiment, experiment->nr_points, 0, status, &error);
		pthread_mutex_unlock(&experiment->lock);
	}
}

/* Sleep until a worker has something, the user wants to stop, or progress is due. */
static void wait_for_news(struct experiment *experiment, bool *cancelled)
{
	const struct experiment_options *options = experiment->options;
	struct pollfd fds[2] = {{.fd = experiment->wake_fd, .events = POLLIN},
				{.fd = *cancelled ? -1 : options->cancel_fd, .events = POLLIN}};
	uint64_t count;

	if (poll(fds, 2, options->progress ? PROGRESS_PERIOD_MS : -1) < 0 && errno != EINTR)
		return;
	if (fds[0].revents & POLLIN && read(experiment->wake_fd, &count, sizeof(count)) < 0)
		return;
	if (fds[1].revents & POLLIN) {
		*cancelled = true;
		atomic_store(&experiment->cancel, true);
	}
}

static int64_t total_of(const struct experiment *experiment)
{
	int64_t total = 0;

	for (size_t i = 0; i < experiment->nr_points; i++)
		total += experiment->points[i].simulated_ns *
			 (int64_t)experiment->points[i].nr_replications;
	return total;
}

/* The calling thread's part: deliver points and show progress until the last worker has ended. */
static void supervise(struct experiment *experiment, bool *cancelled)
{
	const struct experiment_options *options = experiment->options;
	int64_t total = total_of(experiment);
	size_t delivered = 0;

	for (;;) {
		size_t nr_complete;
		bool over;

		pthread_mutex_lock(&experiment->lock);
		nr_complete = experiment->nr_complete;
		over = experiment->nr_active == 0;
		pthread_mutex_unlock(&experiment->lock);

		while (delivered < nr_complete && !callback_failed(experiment))
			deliver(experiment, experiment->complete[delivered++]);
		if (options->progress)
			options->progress(options->context, atomic_load(&experiment->progress),
					  total);
		if (over)
			return;
		wait_for_news(experiment, cancelled);
	}
}

/* Start up to nr workers; returns how many there are. */
static unsigned int start_workers(struct experiment *experiment, pthread_t *threads,
				  unsigned int nr)
{
	unsigned int started;
	sigset_t all, old;

	/* Signals are the business of the calling thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_mutex_lock(&experiment->lock);
	for (started = 0; started < nr; started++)
		if (pthread_create(&threads[started], NULL, worker, experiment))
			break;
	experiment->nr_active = started;
	pthread_mutex_unlock(&experiment->lock);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started;
}

static unsigned int workers_wanted(const struct experiment *experiment)
{
	unsigned int wanted =
		experiment->options->jobs ? experiment->options->jobs : experiment_default_jobs();
	uint64_t replications = 0;

	for (size_t i = 0; i < experiment->nr_points; i++)
		replications += experiment->points[i].nr_replications;
	return wanted < replications ? wanted : (unsigned int)replications;
}

static enum oversub_status run_workers(struct experiment *experiment, bool *cancelled,
				       struct oversub_error *error)
{
	unsigned int wanted = workers_wanted(experiment);
	pthread_t *threads = calloc(wanted + 1, sizeof(*threads));
	unsigned int started;

	if (!threads)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for %u workers", wanted);
	started = start_workers(experiment, threads, wanted);
	if (started)
		supervise(experiment, cancelled);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	if (!started && wanted)
		return oversub_fail(error, OVERSUB_FAILED, "cannot start a thread: %s",
				    strerror(errno));
	return OVERSUB_OK;
}

/* What the caller is told about the end of it all. */
static enum oversub_status outcome(const struct experiment *experiment, bool cancelled,
				   struct oversub_error *error)
{
	if (callback_failed(experiment))
		return oversub_fail(error, experiment->status, "%s", experiment->error.message);
	if (experiment->status && experiment->nr_points > 1)
		return oversub_fail(error, experiment->status, "point %zu, replication %u: %.900s",
				    experiment->points[experiment->failed_point].number,
				    experiment->failed_replication, experiment->error.message);
	if (experiment->status)
		return oversub_fail(error, experiment->status, "replication %u: %.900s",
				    experiment->failed_replication, experiment->error.message);
	if (cancelled)
		return oversub_fail(error, OVERSUB_FAILED, "interrupted");
	return OVERSUB_OK;
}

enum oversub_status experiment_run(const struct experiment_point *points, size_t nr_points,
				   const struct experiment_options *options, bool *cancelled,
				   struct oversub_error *error)
{
	struct experiment experiment = {
		.points = points, .nr_points = nr_points, .options = options};
	enum oversub_status status;
	bool interrupted = false;

	experiment.states = calloc(nr_points + 1, sizeof(*experiment.states));
	experiment.complete = calloc(nr_points + 1, sizeof(*experiment.complete));
	experiment.wake_fd = eventfd(0, EFD_CLOEXEC);
	if (!experiment.states || !experiment.complete || experiment.wake_fd < 0) {
		status =
			oversub_fail(error, OVERSUB_FAILED,
				     "out of memory or file descriptors for %zu points", nr_points);
	} else {
		pthread_mutex_init(&experiment.lock, NULL);
		status = run_workers(&experiment, &interrupted, error);
		if (!status)
			status = outcome(&experiment, interrupted, error);
		for (size_t i = 0; i < nr_points; i++)
			free_point(&experiment, i);
		pthread_mutex_destroy(&experiment.lock);
	}
	if (experiment.wake_fd >= 0)
		close(experiment.wake_fd);
	free(experiment.states);
	free(experiment.complete);
	if (cancelled)
		*cancelled = interrupted;
	return status;
}
