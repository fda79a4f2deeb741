/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does the simulator agree with queueing theory, with a real kernel and with its table of costs?
 *
 *	validate			all cases; exit status 1 if one differs
 *	validate --quick		a few, shorter; the same verdict on every machine
 *	validate --show FILE [PATH=VALUE ...]	every metric of one scenario, as observed
 *
 * Run it in the top directory: the scenarios are in tests/validation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/experiment.h"
#include "tests/validation/cases.h"
#include "tests/validation/observe.h"
#include "tests/validation/validation_report.h"

enum { MAX_CASES = 256, MAX_OVERRIDES = 32, PATH_SIZE = 512 };

/* A quick run has this much simulated time and so many replications, unless the file has less. */
#define QUICK_MEASURE_NS   (INT64_C(50) * 1000 * 1000 * 1000)
#define QUICK_REPLICATIONS 8

/* What a quick run is made of: something of everything, and all costs. */
static const char *const quick_cases[] = {
	"M/M/1, load 0.7",
	"M/D/1, load 0.7",
	"M/M/2, load 0.8",
	"M/D/1 processor sharing, load 0.7",
	"weighted sharing, nice 0 and 5",
	"hogs of nice -3, 0, 0, 7; cgroups of 300, 50",
	"a_hogs_3",
	"b_nice_0_5",
	"c_sleep5ms_hogs2",
	"d_1yield_1hog",
	"e_cgroup_1v3_equal_shares",
	"e_sleeper_own_cgroup_vs_3hogs",
	"f_futex_pp_hogs1",
	"g_1yield_alone",
	"h_1cpu_K4_y0",
	"h_1cpu_K4_y100",
};

/* Everything that is to be run: theory, kernel, costs. */
struct validation {
	struct scenario *scenarios[MAX_CASES];
	struct aggregate results[MAX_CASES];
	struct experiment_point points[MAX_CASES];
	int case_of_point[MAX_CASES];
	size_t nr_points;
};

static bool is_quick(const struct validation_case *this)
{
	if (this->hardware)
		return true;
	for (size_t i = 0; i < sizeof(quick_cases) / sizeof(quick_cases[0]); i++)
		if (!strcmp(this->name, quick_cases[i]))
			return true;
	return false;
}

static enum oversub_status load(const char *file, char *const *texts, int nr, struct scenario **out,
				struct oversub_error *error)
{
	struct scenario_override list[MAX_OVERRIDES];
	struct scenario_overrides overrides = {.list = list, .nr = nr};

	for (int i = 0; i < nr; i++) {
		enum oversub_status status = scenario_override_parse(texts[i], &list[i], error);

		if (status)
			return status;
	}
	return scenario_load(file, &overrides, out, error);
}

static enum oversub_status load_case(const struct validation_case *this, bool quick,
				     struct scenario **out, struct oversub_error *error)
{
	char texts[CASE_OVERRIDES][PATH_SIZE];
	char *list[CASE_OVERRIDES];
	char file[PATH_SIZE];
	enum oversub_status status;
	int nr = 0;

	for (; nr < CASE_OVERRIDES && this->overrides[nr]; nr++) {
		snprintf(texts[nr], sizeof(texts[nr]), "%s", this->overrides[nr]);
		for (char *quote = texts[nr]; (quote = strchr(quote, '\'')) != NULL;)
			*quote = '"';
		list[nr] = texts[nr];
	}
	snprintf(file, sizeof(file), "tests/validation/%s.json", this->scenario);
	status = load(file, list, nr, out, error);
	if (status || !quick)
		return status;
	if ((*out)->run.measure_ns > QUICK_MEASURE_NS)
		(*out)->run.measure_ns = QUICK_MEASURE_NS;
	if ((*out)->run.replications > QUICK_REPLICATIONS)
		(*out)->run.replications = QUICK_REPLICATIONS;
	return OVERSUB_OK;
}

/* Append the cases of one table; the first has the index first among all. */
static enum oversub_status add_cases(struct validation *all, const struct validation_case *cases,
				     int first, bool quick, struct oversub_error *error)
{
	for (int i = 0; cases[i].name; i++) {
		struct scenario **scenario = &all->scenarios[first + i];
		enum oversub_status status;

		if (quick && !is_quick(&cases[i]))
			continue;
		status = load_case(&cases[i], quick, scenario, error);
		if (status)
			return status;
		all->case_of_point[all->nr_points] = first + i;
		all->points[all->nr_points++] = (struct experiment_point){
			.scenario = *scenario,
			.simulated_ns = (*scenario)->run.warmup_ns + (*scenario)->run.measure_ns,
			.nr_replications = (uint32_t)(*scenario)->run.replications,
		};
	}
	return OVERSUB_OK;
}

static enum oversub_status keep_result(void *context, size_t point, struct aggregate *aggregate,
				       struct oversub_error *error)
{
	struct validation *all = context;

	all->results[all->case_of_point[point]] = *aggregate;
	*aggregate = (struct aggregate){0};
	return OVERSUB_OK;
}

static enum oversub_status run(struct validation *all, struct oversub_error *error)
{
	const struct experiment_options options = {
		.run = observe_run,
		.cancel_fd = -1,
		.context = all,
		.point_done = keep_result,
	};

	return experiment_run(all->points, all->nr_points, &options, NULL, error);
}

static void validation_free(struct validation *all)
{
	for (int i = 0; i < MAX_CASES; i++) {
		scenario_free(all->scenarios[i]);
		aggregate_free(&all->results[i]);
	}
	free(all);
}

static int count_cases(const struct validation_case *cases)
{
	int nr = 0;

	while (cases[nr].name)
		nr++;
	return nr;
}

static int fail(const struct oversub_error *error)
{
	fprintf(stderr, "validate: %s\n", error->message);
	return 2;
}

static int validate(bool quick)
{
	struct validation *all = calloc(1, sizeof(*all));
	int nr_theory = count_cases(theory_cases), nr_kernel = count_cases(kernel_cases);
	struct validation_table theory = {.cases = theory_cases};
	struct validation_table kernel = {.cases = kernel_cases};
	struct validation_table costs = {.cases = cost_cases};
	struct validation_count count = {0};
	struct oversub_error error;
	enum oversub_status status;

	if (!all)
		return 2;
	status = add_cases(all, theory_cases, 0, quick, &error);
	if (!status)
		status = add_cases(all, kernel_cases, nr_theory, quick, &error);
	if (!status)
		status = add_cases(all, cost_cases, nr_theory + nr_kernel, quick, &error);
	if (!status)
		status = run(all, &error);
	if (status) {
		validation_free(all);
		return fail(&error);
	}
	theory.scenarios = all->scenarios;
	theory.results = all->results;
	kernel.scenarios = all->scenarios + nr_theory;
	kernel.results = all->results + nr_theory;
	report_theory(&theory, &count);
	printf("\n");
	costs.scenarios = kernel.scenarios + nr_kernel;
	costs.results = kernel.results + nr_kernel;
	report_kernel(&kernel, &count);
	printf("\n");
	report_costs(&costs, &count);
	printf("\n%d agree, %d do not for a known reason, %d are not shown to, %d differ\n",
	       count.agree, count.explained, count.open, count.differ);
	validation_free(all);
	/* A quick run is too short to show everything. */
	return count.differ || (count.open && !quick) ? 1 : 0;
}

static int show(char *const *arguments, int nr)
{
	struct validation *all = calloc(1, sizeof(*all));
	struct oversub_error error;
	enum oversub_status status;

	if (!all || nr - 1 > MAX_OVERRIDES)
		return 2;
	status = load(arguments[0], arguments + 1, nr - 1, &all->scenarios[0], &error);
	if (!status) {
		all->points[0] = (struct experiment_point){
			.scenario = all->scenarios[0],
			.nr_replications = (uint32_t)all->scenarios[0]->run.replications,
		};
		all->nr_points = 1;
		status = run(all, &error);
	}
	for (size_t i = 0; !status && i < all->results[0].nr_metrics; i++) {
		const struct aggregate_metric *metric = &all->results[0].metrics[i];

		printf("%-14s %-34s %16.6g +- %-12.4g %s\n", metric->scope, metric->name,
		       metric->interval.mean, metric->interval.half_width, metric->unit);
	}
	validation_free(all);
	return status ? fail(&error) : 0;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return validate(false);
	if (argc == 2 && !strcmp(argv[1], "--quick"))
		return validate(true);
	if (argc >= 3 && !strcmp(argv[1], "--show"))
		return show(argv + 2, argc - 2);
	fprintf(stderr, "usage: validate [--quick | --show FILE [PATH=VALUE ...]]\n");
	return 2;
}
