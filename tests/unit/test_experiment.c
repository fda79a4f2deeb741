/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers, order, failure and cancellation, with stand-ins for the simulation. */
#include <setjmp.h>
#include <signal.h>
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
			       int cancel_fd, int *signal, struct oversub_error *error)
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
	return experiment_run(points, NR_POINTS, &options, signal, error);
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
		int signal = 1;

		assert_int_equal(run(&outcome, answer, jobs, -1, &signal, NULL), OVERSUB_OK);
		assert_int_equal(signal, 0);
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
	int signal = 1;

	assert_int_equal(run(&outcome, fail_once, 2, -1, &signal, &error), OVERSUB_FAILED);
	assert_string_equal(error.message, "point 12, replication 3: all wait for all");
	assert_int_equal(signal, 0);
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
	int signal = 0;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(run(&outcome, wait_for_cancel, 2, fds[0], &signal, &error),
			 OVERSUB_FAILED);
	assert_int_equal(signal, SIGINT);
	assert_string_equal(error.message, "interrupted");
	assert_int_equal(outcome.nr_done, 0);
	close(fds[0]);
	close(fds[1]);
}

/* ---- Replications that count, one by one ---------------------------------------------------- */

/* What a journal would do: remembers what was done, and whether it counts. */
struct book {
	struct outcome outcome;
	bool there[NR_POINTS][NR_REPLICATIONS]; /* from an earlier run: value is 1000 more */
	int nr_done, nr_settled, nr_recalled, nr_failed;
	bool point_before_settling;
};

static bool not_there(void *context, size_t point, uint32_t replication)
{
	const struct book *book = context;

	return !book->there[point][replication];
}

static enum oversub_status recall(void *context, size_t point, uint32_t replication,
				  struct replication_result *result, struct oversub_error *error)
{
	struct world_options options = {.progress = &(atomic_llong){0}};
	struct book *book = context;

	book->nr_recalled++;
	answer(&scenarios[point], replication, &options, result, error);
	result->metrics[0].value += 1000;
	return OVERSUB_OK;
}

static enum oversub_status note_done(void *context, size_t point, uint32_t replication,
				     const struct replication_result *result,
				     struct oversub_error *error)
{
	struct book *book = context;

	book->nr_done++;
	return OVERSUB_OK;
}

static enum oversub_status note_settled(void *context, struct oversub_error *error)
{
	struct book *book = context;

	book->nr_settled = book->nr_done;
	return OVERSUB_OK;
}

static enum oversub_status keep_settled(void *context, size_t point, struct aggregate *aggregate,
					struct oversub_error *error)
{
	struct book *book = context;

	book->point_before_settling |= book->nr_settled != book->nr_done;
	return keep(&book->outcome, point, aggregate, error);
}

static void note_failed(void *context, size_t point, uint32_t replication,
			const struct oversub_error *failure)
{
	struct book *book = context;

	assert_string_equal(failure->message, "all wait for all");
	assert_int_equal(point, 2);
	assert_int_equal(replication, 3);
	book->nr_failed++;
}

static enum oversub_status run_book(struct book *book, struct experiment_options options)
{
	struct experiment_point points[NR_POINTS];

	options.cancel_fd = -1;
	options.context = book;
	options.replication_done = note_done;
	options.settle = note_settled;
	for (int i = 0; i < NR_POINTS; i++)
		points[i] = (struct experiment_point){.scenario = &scenarios[i],
						      .nr_replications = NR_REPLICATIONS};
	return experiment_run(points, NR_POINTS, &options, NULL, NULL);
}

static void what_is_there_is_recalled_and_not_run_again(void **state)
{
	for (unsigned int jobs = 1; jobs <= 3; jobs++) {
		struct book book = {.there = {[1] = {[0] = true, [5] = true}, [4] = {[6] = true}}};

		for (int r = 0; r < NR_REPLICATIONS; r++)
			book.there[3][r] = true;
		assert_int_equal(
			run_book(&book, (struct experiment_options){.run = answer,
								    .jobs = jobs,
								    .wanted = not_there,
								    .recall = recall,
								    .point_done = keep_settled}),
			OVERSUB_OK);
		assert_int_equal(book.outcome.nr_done, NR_POINTS);
		assert_int_equal(book.nr_recalled, 3 + NR_REPLICATIONS);
		assert_int_equal(book.nr_done, NR_POINTS * NR_REPLICATIONS - book.nr_recalled);
		assert_false(book.point_before_settling);
		for (int i = 0; i < NR_POINTS; i++)
			for (int r = 0; r < NR_REPLICATIONS; r++)
				assert_true(book.outcome.aggregates[i].metrics[0].values[r] ==
					    100 * i + r + (book.there[i][r] ? 1000 : 0));
		free_outcome(&book.outcome);
	}
}

static void a_share_is_run_and_completes_no_point_that_others_work_on(void **state)
{
	struct book book = {.there = {[1] = {[0] = true}, [4] = {[6] = true}}};

	assert_int_equal(run_book(&book, (struct experiment_options){.run = answer,
								     .jobs = 2,
								     .wanted = not_there,
								     .point_done = keep_settled}),
			 OVERSUB_OK);
	assert_int_equal(book.nr_settled, NR_POINTS * NR_REPLICATIONS - 2);
	assert_int_equal(book.outcome.nr_done, NR_POINTS - 2);
	free_outcome(&book.outcome);
}

static void after_a_failure_the_others_go_on_if_they_are_to(void **state)
{
	struct book book = {.nr_done = 0};

	assert_int_equal(
		run_book(&book, (struct experiment_options){.run = fail_once,
							    .jobs = 2,
							    .replication_failed = note_failed,
							    .point_done = keep_settled}),
		OVERSUB_OK);
	assert_int_equal(book.nr_failed, 1);
	assert_int_equal(book.nr_settled, NR_POINTS * NR_REPLICATIONS - 1);
	assert_int_equal(book.outcome.nr_done, NR_POINTS - 1);
	assert_null(book.outcome.aggregates[2].metrics);
	free_outcome(&book.outcome);
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
		cmocka_unit_test(what_is_there_is_recalled_and_not_run_again),
		cmocka_unit_test(a_share_is_run_and_completes_no_point_that_others_work_on),
		cmocka_unit_test(after_a_failure_the_others_go_on_if_they_are_to),
		cmocka_unit_test(there_is_a_default_number_of_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
