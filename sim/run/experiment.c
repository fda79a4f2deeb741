/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/run/experiment_internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* How long workers have to end after an interruption, which they look for now and then. */
enum { PROGRESS_PERIOD_MS = 200, PATIENCE_MS = 500 };

/* Replications that may wait to be settled, beside four for each worker. */
enum { AHEAD = 64 };

unsigned int experiment_default_jobs(void)
{
	cpu_set_t set;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (!sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 0)
		return (unsigned int)CPU_COUNT(&set);
	return online > 0 ? (unsigned int)online : 1;
}

static void free_point(struct experiment *experiment, size_t point)
{
	struct point_state *state = &experiment->states[point];

	for (uint32_t i = 0; state->results && i < experiment->points[point].nr_replications; i++)
		result_free(&state->results[i]);
	free(state->results);
	state->results = NULL;
}

/* The callback has refused a point; workers cannot fail with this number. */
static bool callback_failed(struct experiment *experiment)
{
	bool failed;

	pthread_mutex_lock(&experiment->lock);
	failed = experiment->status && experiment->failed_point == experiment->nr_points;
	pthread_mutex_unlock(&experiment->lock);
	return failed;
}

/* Not of one replication: reported as it is. */
static void callback_fails(struct experiment *experiment, enum oversub_status status,
			   const struct oversub_error *error)
{
	pthread_mutex_lock(&experiment->lock);
	experiment_fail(experiment, experiment->nr_points, 0, status, error);
	pthread_mutex_unlock(&experiment->lock);
}

/* Those of point that were not run now. */
static enum oversub_status recall_others(struct experiment *experiment, size_t point,
					 struct oversub_error *error)
{
	const struct experiment_options *options = experiment->options;
	struct point_state *state = &experiment->states[point];
	enum oversub_status status = OVERSUB_OK;

	if (!experiment_make_results(experiment, point))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	for (uint32_t i = 0; !status && i < experiment->points[point].nr_replications; i++)
		if (!experiment_wants(experiment, point, i))
			status = options->recall(options->context, point, i, &state->results[i],
						 error);
	return status;
}

/* Combine the replications of point, all of which are settled, and hand it on. */
static void deliver(struct experiment *experiment, size_t point)
{
	const struct experiment_options *options = experiment->options;
	struct oversub_error error;
	struct aggregate aggregate;
	enum oversub_status status = OVERSUB_OK;

	if (options->point_done && options->recall)
		status = recall_others(experiment, point, &error);
	if (options->point_done && !status)
		status =
			aggregate_of(experiment->states[point].results,
				     experiment->points[point].nr_replications, &aggregate, &error);
	free_point(experiment, point);
	if (options->point_done && !status)
		status = options->point_done(options->context, point, &aggregate, &error);
	if (status)
		callback_fails(experiment, status, &error);
}

/* Whether a point can be complete though some of its replications are not run now. */
static bool can_complete(const struct experiment *experiment, size_t point)
{
	bool complete = true;

	if (experiment->options->recall || !experiment->options->point_done)
		return true;
	for (uint32_t i = 0; complete && i < experiment->points[point].nr_replications; i++)
		complete = experiment_wants(experiment, point, i);
	return complete;
}

static enum oversub_status hand_on(const struct experiment *experiment,
				   const struct finished *finished, struct oversub_error *error)
{
	const struct experiment_options *options = experiment->options;

	if (*finished->failure.message)
		options->replication_failed(options->context, finished->point,
					    finished->replication, &finished->failure);
	else if (options->replication_done)
		return options->replication_done(
			options->context, finished->point, finished->replication,
			&experiment->states[finished->point].results[finished->replication], error);
	return OVERSUB_OK;
}

/* What has been finished since the last time counts from now on. */
static void settle(struct experiment *experiment, struct finished *finished, size_t nr)
{
	const struct experiment_options *options = experiment->options;
	enum oversub_status status = OVERSUB_OK;
	struct oversub_error error;

	for (size_t i = 0; !status && i < nr; i++)
		status = hand_on(experiment, &finished[i], &error);
	if (!status && nr && options->settle)
		status = options->settle(options->context, &error);
	if (status)
		callback_fails(experiment, status, &error);
	for (size_t i = 0; i < nr && !callback_failed(experiment); i++)
		if (!*finished[i].failure.message &&
		    --experiment->states[finished[i].point].nr_left == 0 &&
		    can_complete(experiment, finished[i].point))
			deliver(experiment, finished[i].point);
}

/* Before any worker starts: what there is to do, and what is complete already. */
static void count_wanted(struct experiment *experiment)
{
	for (size_t i = 0; i < experiment->nr_points; i++)
		for (uint32_t r = 0; r < experiment->points[i].nr_replications; r++)
			experiment->states[i].nr_left += experiment_wants(experiment, i, r);
	for (size_t i = 0; i < experiment->nr_points && !callback_failed(experiment); i++)
		if (!experiment->states[i].nr_left && can_complete(experiment, i))
			deliver(experiment, i);
}

/* ---- Interruptions -------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The first one stops the workers, a second one does not wait for them. */
static void interrupt(struct experiment *experiment)
{
	struct signalfd_siginfo info;
	ssize_t nr = read(experiment->options->cancel_fd, &info, sizeof(info));

	if (nr <= 0)
		return;
	if (experiment->signal) {
		experiment->deadline = 0;
		return;
	}
	experiment->signal = nr == sizeof(info) ? (int)info.ssi_signo : SIGINT;
	experiment->deadline = now_ms() + PATIENCE_MS;
	atomic_store(&experiment->cancel, true);
}

/* Sleep until a worker has something, the user wants to stop, or progress is due. */
static void wait_for_news(struct experiment *experiment)
{
	const struct experiment_options *options = experiment->options;
	struct pollfd fds[2] = {{.fd = experiment->wake_fd, .events = POLLIN},
				{.fd = options->cancel_fd, .events = POLLIN}};
	bool waits = experiment->signal && options->abandon;
	uint64_t count;

	if (poll(fds, 2, options->progress || waits ? PROGRESS_PERIOD_MS : -1) < 0 &&
	    errno != EINTR)
		return;
	if (fds[0].revents & POLLIN && read(experiment->wake_fd, &count, sizeof(count)) < 0)
		return;
	if (fds[1].revents & POLLIN)
		interrupt(experiment);
}

static int64_t total_of(const struct experiment *experiment)
{
	int64_t total = 0;

	for (size_t i = 0; i < experiment->nr_points; i++)
		total +=
			experiment->points[i].simulated_ns * (int64_t)experiment->states[i].nr_left;
	return total;
}

/* Workers that waited for nr replications to be settled may go on, or end. */
static void give_way(struct experiment *experiment, size_t nr)
{
	pthread_mutex_lock(&experiment->lock);
	experiment->nr_ahead -= nr;
	pthread_cond_broadcast(&experiment->settled);
	pthread_mutex_unlock(&experiment->lock);
}

/* The calling thread's part: settle what comes and show progress until the last worker has ended.
 */
static void supervise(struct experiment *experiment, int64_t total)
{
	const struct experiment_options *options = experiment->options;

	for (;;) {
		struct finished *finished;
		size_t nr;
		bool over;

		pthread_mutex_lock(&experiment->lock);
		finished = experiment->finished;
		nr = experiment->nr_finished;
		experiment->finished = NULL;
		experiment->nr_finished = 0;
		over = experiment->nr_active == 0;
		pthread_mutex_unlock(&experiment->lock);

		if (!callback_failed(experiment))
			settle(experiment, finished, nr);
		free(finished);
		give_way(experiment, nr);
		if (options->progress)
			options->progress(options->context, atomic_load(&experiment->progress),
					  total);
		if (over)
			return;
		if (experiment->signal && options->abandon && now_ms() >= experiment->deadline)
			options->abandon(options->context, experiment->signal);
		wait_for_news(experiment);
	}
}

static unsigned int workers_wanted(const struct experiment *experiment)
{
	unsigned int wanted =
		experiment->options->jobs ? experiment->options->jobs : experiment_default_jobs();
	uint64_t replications = 0;

	for (size_t i = 0; i < experiment->nr_points; i++)
		replications += experiment->states[i].nr_left;
	return wanted < replications ? wanted : (unsigned int)replications;
}

static enum oversub_status run_workers(struct experiment *experiment, struct oversub_error *error)
{
	unsigned int wanted = workers_wanted(experiment);
	pthread_t *threads = calloc(wanted + 1, sizeof(*threads));
	int64_t total = total_of(experiment);
	unsigned int started;

	if (!threads)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for %u workers", wanted);
	experiment->most_ahead = AHEAD + 4 * (size_t)wanted;
	started = experiment_start_workers(experiment, threads, wanted);
	if (started)
		supervise(experiment, total);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	if (!started && wanted)
		return oversub_fail(error, OVERSUB_FAILED, "cannot start a thread: %s",
				    strerror(errno));
	return OVERSUB_OK;
}

/* What the caller is told about the end of it all. */
static enum oversub_status outcome(struct experiment *experiment, struct oversub_error *error)
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
	if (experiment->signal)
		return oversub_fail(error, OVERSUB_FAILED, "interrupted");
	return OVERSUB_OK;
}

enum oversub_status experiment_run(const struct experiment_point *points, size_t nr_points,
				   const struct experiment_options *options, int *signal,
				   struct oversub_error *error)
{
	struct experiment experiment = {
		.points = points, .nr_points = nr_points, .options = options};
	enum oversub_status status = OVERSUB_OK;

	experiment.states = calloc(nr_points + 1, sizeof(*experiment.states));
	experiment.wake_fd = eventfd(0, EFD_CLOEXEC);
	if (!experiment.states || experiment.wake_fd < 0) {
		status =
			oversub_fail(error, OVERSUB_FAILED,
				     "out of memory or file descriptors for %zu points", nr_points);
	} else {
		pthread_mutex_init(&experiment.lock, NULL);
		pthread_cond_init(&experiment.settled, NULL);
		count_wanted(&experiment);
		if (!callback_failed(&experiment))
			status = run_workers(&experiment, error);
		if (!status)
			status = outcome(&experiment, error);
		for (size_t i = 0; i < nr_points; i++)
			free_point(&experiment, i);
		pthread_cond_destroy(&experiment.settled);
		pthread_mutex_destroy(&experiment.lock);
	}
	if (experiment.wake_fd >= 0)
		close(experiment.wake_fd);
	free(experiment.finished);
	free(experiment.states);
	if (signal)
		*signal = experiment.signal;
	return status;
}
