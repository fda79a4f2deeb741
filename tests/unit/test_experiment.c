/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers, order, failure and cancellation, with stand-ins for the simulation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/run/experiment.h"

enum { NR_POINTS = 5, NR_REPLICATIONS = 7 };

/* A scenario is all that identifies a point to what runs it; only the addresses matter here. */
static const struct scenario scenarios[NR_POINTS];

static long point_of(const struct scenario *scenario)
{
	return scenario - scenarios;
}

/* Yields 100 x point + replication. */
static enum oversub_status answer(const struct scenario *scenario, uint32_t replication,
				  const struct world_options *options,
				  struct replication_result *result, struct oversub_error *error)
{
	struct sim_histogram histogram;
	long value = 100 * point_of(scenario) + replication;

	result_add(result, "host", "answer", "count", (double)value);
	sim_histogram_reset(&histogram);
	sim_histogram_record(&histogram, value);
	result_add_histogram(result, "host", "answers", &histogram);
	atomic_fetch_add(options->progress, 10);
	return OVERSUB_OK;
}

/* As answer(), but replication 3 of point 2 fails. */
static enum oversub_status fail_once(const struct scenario *scenario, uint32_t replication,
				     const struct world_options *options,
				     struct replication_result *result, struct oversub_error *error)
{
	if (point_of(scenario) == 2 && replication == 3)
		return oversub_fail(error, OVERSUB_FAILED, "all wait for all");
	return answer(scenario, replication, options, result, error);
}

/* Runs until it is told to stop. */
static enum oversub_status wait_for_cancel(const struct scenario *scenario, uint32_t replication,
					   const struct world_options *options,
					   struct replication_result *result,
					   struct oversub_error *error)
{
	while (!atomic_load(options->cancel))
		usleep(100);
	return oversub_fail(error, OVERSUB_FAILED, "cancelled");
}

struct outcome {
	struct aggregate aggregates[NR_POINTS];
	int nr_done;
	int64_t progress, total;
	enum oversub_status callback_status;
};

static enum oversub_status keep(void *context, size_t point, struct aggregate *aggregate,
				struct oversub_error *error)
{
	struct outcome *outcome = context;

	outcome->aggregates[point] = *aggregate;
	outcome->nr_done++;
	if (outcome->callback_status)
		return oversub_fail(error, outcome->callback_status, "disk full");
	return OVERSUB_OK;
}

static void note_progress(void *context, int64_t done, int64_t total)
{
	struct outcome *outcome = context;

	assert_true(done >= outcome->progress);
	outcome->progress = done;
	outcome->total = total;
}

static enum oversub_status run(struct outcome *outcome, experiment_run_fn *fn, unsigned int jobs,
			       int cancel_fd, bool *cancelled, struct oversub_error *error)
{
	struct experiment_point points[NR_POINTS];
	struct experiment_options options = {
		.run = fn,
		.jobs = jobs,
		.cancel_fd = cancel_fd,
		.context = outcome,
		.point_done = keep,
		.progress = note_progress,
	};

	for (int i = 0; i < NR_POINTS; i++)
		points[i] = (struct experiment_point){.scenario = &scenarios[i],
						      .simulated_ns = 10,
						      .number = 10 + (size_t)i,
						      .nr_replications = NR_REPLICATIONS};
	return experiment_run(points, NR_POINTS, &options, cancelled, error);
}

static void free_outcome(struct outcome *outcome)
{
	for (int i = 0; i < NR_POINTS; i++)
		aggregate_free(&outcome->aggregates[i]);
}

static void values_are_in_order_whatever_the_number_of_workers(void **state)
{
	for (unsigned int jobs = 1; jobs <= 4; jobs++) {
		struct outcome outcome = {0};
		bool cancelled = true;

		assert_int_equal(run(&outcome, answer, jobs, -1, &cancelled, NULL), OVERSUB_OK);
		assert_false(cancelled);
		assert_int_equal(outcome.nr_done, NR_POINTS);
		for (int i = 0; i < NR_POINTS; i++) {
			const struct aggregate *aggregate = &outcome.aggregates[i];

			assert_int_equal(aggregate->nr_replications, NR_REPLICATIONS);
			assert_int_equal(aggregate->histograms[0].histogram.count, NR_REPLICATIONS);
			for (int r = 0; r < NR_REPLICATIONS; r++)
				assert_true(aggregate->metrics[0].values[r] == 100 * i + r);
		}
		free_outcome(&outcome);
	}
}

static void progress_ends_at_the_total(void **state)
{
	struct outcome outcome = {0};

	assert_int_equal(run(&outcome, answer, 2, -1, NULL, NULL), OVERSUB_OK);
	assert_int_equal(outcome.total, 10 * NR_POINTS * NR_REPLICATIONS);
	assert_int_equal(outcome.progress, outcome.total);
	free_outcome(&outcome);
}

static void a_failure_ends_the_rest_and_says_where_it_was(void **state)
{
	struct outcome outcome = {0};
	struct oversub_error error;
	bool cancelled = true;

	assert_int_equal(run(&outcome, fail_once, 2, -1, &cancelled, &error), OVERSUB_FAILED);
	assert_string_equal(error.message, "point 12, replication 3: all wait for all");
	assert_false(cancelled);
	assert_true(outcome.nr_done < NR_POINTS);
	free_outcome(&outcome);
}

static void a_failing_callback_ends_the_rest(void **state)
{
	struct outcome outcome = {.callback_status = OVERSUB_FAILED};
	struct oversub_error error;

	assert_int_equal(run(&outcome, answer, 1, -1, NULL, &error), OVERSUB_FAILED);
	assert_string_equal(error.message, "disk full");
	free_outcome(&outcome);
}

static void a_readable_descriptor_cancels(void **state)
{
	struct outcome outcome = {0};
	struct oversub_error error;
	bool cancelled = false;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(run(&outcome, wait_for_cancel, 2, fds[0], &cancelled, &error),
			 OVERSUB_FAILED);
	assert_true(cancelled);
	assert_string_equal(error.message, "interrupted");
	assert_int_equal(outcome.nr_done, 0);
	close(fds[0]);
	close(fds[1]);
}

static void there_is_a_default_number_of_workers(void **state)
{
	struct outcome outcome = {0};

	assert_true(experiment_default_jobs() >= 1);
	assert_int_equal(run(&outcome, answer, 0, -1, NULL, NULL), OVERSUB_OK);
	free_outcome(&outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_in_order_whatever_the_number_of_workers),
		cmocka_unit_test(progress_ends_at_the_total),
		cmocka_unit_test(a_failure_ends_the_rest_and_says_where_it_was),
		cmocka_unit_test(a_failing_callback_ends_the_rest),
		cmocka_unit_test(a_readable_descriptor_cancels),
		cmocka_unit_test(there_is_a_default_number_of_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
