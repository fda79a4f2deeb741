/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often a table of results that do not differ shows a star: outputs of `oversub compare` and
 * matrices, by the same functions that make these.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/comparison.h"
#include "sim/plot/matrix.h"
#include "sim/stats/holm.h"
#include "tests/validation/coverage/coverage.h"
#include "tests/validation/coverage/equals.h"

enum { DRAWN_TRIALS = 4000, SIMULATED_TRIALS = 1500, QUICK_TRIALS = 200 };

struct stars_parameters {
	equals_fn *equals;
	size_t others, replications; /* of a comparison; of a matrix, others is not used */
	const char *metric;	     /* as with --metric; NULL: the most telling ones */
};

static void die(void)
{
	fputs("coverage: a comparison failed\n", stderr);
	exit(1);
}

/* ---- Comparisons ---------------------------------------------------------------------------- */

/* The sides of a trial and what `oversub compare` makes of them, before the correction. */
struct compared {
	struct aggregate sides[EQUALS_MAX_SIDES];
	struct comparison comparisons[EQUALS_MAX_SIDES];
	struct comparison_view views[EQUALS_MAX_SIDES];
	size_t nr; /* comparisons */
	struct comparison_filter filter;
};

static void compare(struct compared *compared, const struct stars_parameters *parameters,
		    uint32_t trial)
{
	struct compare_side sides[EQUALS_MAX_SIDES];

	compared->nr = parameters->others;
	compared->filter = (struct comparison_filter){.metrics = &parameters->metric,
						      .nr_metrics = parameters->metric != NULL};
	parameters->equals(trial, compared->sides, compared->nr + 1, parameters->replications);
	for (size_t i = 0; i <= compared->nr; i++)
		sides[i] = (struct compare_side){"side", "1", &compared->sides[i]};
	if (compare_results(&sides[0], &sides[1], compared->nr, compared->comparisons, NULL))
		die();
	for (size_t i = 0; i < compared->nr; i++)
		compared->views[i] = (struct comparison_view){&compared->comparisons[i], false};
}

static void compared_free(struct compared *compared)
{
	for (size_t i = 0; i <= compared->nr; i++)
		aggregate_free(&compared->sides[i]);
	for (size_t i = 0; i < compared->nr; i++)
		comparison_free(&compared->comparisons[i]);
	free(compared);
}

static bool comparison_has_star(const struct coverage_case *self, uint32_t trial)
{
	struct compared *compared = calloc(1, sizeof(*compared));
	bool star = false;
	size_t nr_tests;

	if (!compared)
		die();
	compare(compared, self->parameters, trial);
	if (comparison_correct(compared->views, compared->nr, &compared->filter, &nr_tests, NULL))
		die();
	for (size_t i = 0; i < compared->nr; i++)
		for (size_t m = 0; m < compared->comparisons[i].nr_metrics; m++)
			star |= compared->comparisons[i].metrics[m].significant;
	compared_free(compared);
	return star;
}

/* If each row were corrected for the others of its metric only. */
static bool rows_apart_have_star(const struct coverage_case *self, uint32_t trial)
{
	struct compared *compared = calloc(1, sizeof(*compared));
	double p[EQUALS_MAX_SIDES];
	bool star = false;

	if (!compared)
		die();
	compare(compared, self->parameters, trial);
	for (size_t m = 0; m < compared->comparisons[0].nr_metrics; m++) {
		const struct compared_metric *metric = &compared->comparisons[0].metrics[m];

		if (!comparison_shows(&compared->filter, metric->scope, metric->name))
			continue;
		for (size_t i = 0; i < compared->nr; i++)
			p[i] = compared->comparisons[i].metrics[m].paired.p;
		if (!sim_holm(p, NULL, p, compared->nr))
			die();
		for (size_t i = 0; i < compared->nr; i++)
			star |= p[i] < 0.05;
	}
	compared_free(compared);
	return star;
}

/* ---- Matrices ------------------------------------------------------------------------------- */

static const char *const axes[] = {"policies=mainline,v3,recv_mask,oracle,v3+lag_credit",
				   "vms.db.count=2,3"};

static void make_data(struct plot_data *data, const struct stars_parameters *parameters,
		      uint32_t trial)
{
	struct aggregate sides[EQUALS_MAX_SIDES];

	*data = (struct plot_data){.directory = strdup("sweep"), .is_sweep = true};
	for (size_t i = 0; i < 2; i++)
		if (sweep_grid_add(&data->grid, axes[i], NULL))
			die();
	data->nr_points = data->grid.nr_points;
	data->points = calloc(data->nr_points, sizeof(*data->points));
	if (!data->directory || !data->points)
		die();
	parameters->equals(trial, sides, data->nr_points, parameters->replications);
	for (size_t i = 0; i < data->nr_points; i++) {
		bool is_base = !strcmp(sweep_grid_value(&data->grid, i, 0), "mainline");

		data->points[i] = (struct plot_point){
			.present = true,
			.file = {.aggregate = sides[i],
				 .info.policies[OVERSUB_CANDIDATE] = is_base ? "mainline" : "v3",
				 .info.policies[OVERSUB_SCHED] = "mainline"},
		};
	}
	data->first = &data->points[0];
}

/* Whether any cell is marked; without correction if its interval excludes 0. */
static bool matrix_is_marked(const struct stars_parameters *parameters, uint32_t trial,
			     bool corrected)
{
	struct plot_data data;
	struct matrix matrix;
	bool marked = false;

	make_data(&data, parameters, trial);
	if (matrix_make(&data, &matrix, NULL))
		die();
	for (size_t i = 0; i < matrix.nr_rows * matrix.nr_columns; i++) {
		const struct matrix_cell *cell = &matrix.cells[i];

		if (corrected)
			marked |= cell->change.significant || cell->drift.significant;
		else
			marked |= cell->change.p < 0.05 || cell->drift.p < 0.05;
	}
	matrix_free(&matrix);
	plot_data_free(&data);
	return marked;
}

static bool matrix_has_star(const struct coverage_case *self, uint32_t trial)
{
	return matrix_is_marked(self->parameters, trial, true);
}

static bool cells_apart_have_star(const struct coverage_case *self, uint32_t trial)
{
	return matrix_is_marked(self->parameters, trial, false);
}

/* ---- Cases ---------------------------------------------------------------------------------- */

#define PARAMETERS(...)                                                                            \
	&(const struct stars_parameters)                                                           \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define DRAWN(text, trial, quick_trials, ...)                                                      \
	{                                                                                          \
		text, COVERAGE_STARS, DRAWN_TRIALS, quick_trials, trial,                           \
			PARAMETERS(equals_drawn, __VA_ARGS__)                                      \
	}
#define SIMULATED(text, trial, ...)                                                                \
	{                                                                                          \
		text, COVERAGE_STARS_FEW, SIMULATED_TRIALS, 0, trial,                              \
			PARAMETERS(equals_simulated, __VA_ARGS__)                                  \
	}
/* What is known to be wrong needs few trials. */
#define CONTROL(text, trial, ...)                                                                  \
	{                                                                                          \
		text, COVERAGE_STARS, QUICK_TRIALS, 0, trial, PARAMETERS(__VA_ARGS__),             \
			.is_control = true                                                         \
	}

const struct coverage_case coverage_stars[] = {
	DRAWN("compare, 1 other, drawn", comparison_has_star, QUICK_TRIALS, 1, 10),
	DRAWN("compare, 2 others, drawn", comparison_has_star, QUICK_TRIALS, 2, 10),
	DRAWN("compare, 2 others, 3 replications, drawn", comparison_has_star, 0, 2, 3),
	DRAWN("compare, 5 others, drawn", comparison_has_star, 0, 5, 10),
	DRAWN("compare --metric requests_per_s, drawn", comparison_has_star, 0, 2, 10,
	      COMPARE_PRIMARY),
	SIMULATED("compare, 2 others, simulated", comparison_has_star, 2, 10),
	CONTROL("each row corrected for itself: 2 others, drawn", rows_apart_have_star,
		equals_drawn, 2, 10),
	CONTROL("each row corrected for itself: simulated", rows_apart_have_star, equals_simulated,
		2, 10),
	DRAWN("matrix, 5 x 2, drawn", matrix_has_star, QUICK_TRIALS, 0, 10),
	DRAWN("matrix, 5 x 2, 4 replications, drawn", matrix_has_star, 0, 0, 4),
	SIMULATED("matrix, 5 x 2, simulated", matrix_has_star, 0, 6),
	CONTROL("cells not corrected: 5 x 2, drawn", cells_apart_have_star, equals_drawn, 0, 10),
	CONTROL("cells not corrected: 5 x 2, simulated", cells_apart_have_star, equals_simulated, 0,
		6),
	{.quantity = NULL},
};
