/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The workers of an experiment: take a replication, run it, say that it is finished. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/base/array.h"
#include "sim/run/experiment_internal.h"

static void wake_caller(struct experiment *experiment)
{
	uint64_t one = 1;
	/* Can only fail when the counter is about to overflow: then the caller is awake anyway. */
	ssize_t ignored = write(experiment->wake_fd, &one, sizeof(one));

	(void)ignored;
}

void experiment_fail(struct experiment *experiment, size_t point, uint32_t replication,
		     enum oversub_status status, const struct oversub_error *error)
{
	atomic_store(&experiment->cancel, true);
	pthread_cond_broadcast(&experiment->settled);
	if (experiment->status)
		return;
	experiment->status = status;
	experiment->failed_point = point;
	experiment->failed_replication = replication;
	experiment->error = *error;
}

bool experiment_wants(const struct experiment *experiment, size_t point, uint32_t replication)
{
	const struct experiment_options *options = experiment->options;

	return !options->wanted || options->wanted(options->context, point, replication);
}

/* The next replication to run, with the lock held; false if there is none. */
static bool next_replication(struct experiment *experiment, size_t *point, uint32_t *replication)
{
	for (; experiment->next_point < experiment->nr_points; experiment->next_point++) {
		struct point_state *state = &experiment->states[experiment->next_point];

		*point = experiment->next_point;
		while (state->next < experiment->points[*point].nr_replications) {
			*replication = state->next++;
			if (experiment_wants(experiment, *point, *replication))
				return true;
		}
	}
	return false;
}

bool experiment_make_results(struct experiment *experiment, size_t point)
{
	struct point_state *state = &experiment->states[point];

	if (!state->results)
		state->results =
			calloc(experiment->points[point].nr_replications, sizeof(*state->results));
	return state->results;
}

/* Take the next replication to run; false if there is none. */
static bool take(struct experiment *experiment, size_t *point, uint32_t *replication,
		 struct replication_result **result)
{
	bool taken = false;

	pthread_mutex_lock(&experiment->lock);
	while (experiment->nr_ahead >= experiment->most_ahead && !atomic_load(&experiment->cancel))
		pthread_cond_wait(&experiment->settled, &experiment->lock);
	if (!atomic_load(&experiment->cancel) && next_replication(experiment, point, replication)) {
		experiment->nr_ahead++;
		taken = experiment_make_results(experiment, *point);
		if (taken) {
			*result = &experiment->states[*point].results[*replication];
		} else {
			struct oversub_error error;

			experiment_fail(experiment, *point, 0,
					oversub_fail(&error, OVERSUB_FAILED, "out of memory"),
					&error);
		}
	}
	pthread_mutex_unlock(&experiment->lock);
	return taken;
}

static void finish(struct experiment *experiment, size_t point, uint32_t replication,
		   enum oversub_status status, const struct oversub_error *error)
{
	/* What ends because all ends is no failure of its own. */
	bool counts = !status || !atomic_load(&experiment->cancel);
	struct finished *finished = NULL;
	struct oversub_error failure;

	pthread_mutex_lock(&experiment->lock);
	if (status && counts && !experiment->options->replication_failed)
		experiment_fail(experiment, point, replication, status, error);
	else if (counts && !(finished = array_add(experiment->finished, experiment->nr_finished)))
		experiment_fail(experiment, point, replication,
				oversub_fail(&failure, OVERSUB_FAILED, "out of memory"), &failure);
	if (finished) {
		finished->point = point;
		finished->replication = replication;
		if (status)
			finished->failure = *error;
	}
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

unsigned int experiment_start_workers(struct experiment *experiment, pthread_t *threads,
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
