/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/plot/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/report/axis.h"
#include "sim/run/compare.h"
#include "sim/run/regret.h"

static const char throughput[] = COMPARE_PRIMARY;
static const char share[] = "cpu_over_entitlement";

const struct matrix_cell *matrix_cell(const struct matrix *matrix, size_t row, size_t column)
{
	return &matrix->cells[row * matrix->nr_columns + column];
}

bool matrix_is_base(const struct matrix *matrix, size_t row, size_t column)
{
	return matrix->bases[column] == row;
}

bool matrix_is_unfair(const struct matrix_change *drift)
{
	return fabs(100 * drift->relative.mean) > MATRIX_DRIFT_LIMIT && drift->significant;
}

/* ---- Rows and columns ------------------------------------------------------------------------ */

bool matrix_applies(const struct plot_data *data)
{
	return data->is_sweep && axis_combinations(&data->grid, true) > 1 &&
	       axis_combinations(&data->grid, false) > 1 && plot_scope_with(data, throughput) &&
	       !strncmp(plot_scope_with(data, throughput), "vm.", 3);
}

/* Where point stands among the combinations of its policies, or of its conditions. */
static size_t place(const struct plot_data *data, size_t point, bool policies)
{
	const struct sweep_grid *grid = &data->grid;
	size_t index = 0;

	for (size_t a = 0; a < grid->nr_axes; a++)
		if (axis_is_policy(grid, a) == policies)
			index = index * grid->axes[a].nr_values + sweep_grid_index(grid, point, a);
	return index;
}

/* The label of what point has in common with its row, or with its column; for free(). */
static char *label_of(const struct plot_data *data, size_t point, bool policies)
{
	const struct sweep_grid *grid = &data->grid;
	struct text label = {0};
	char setting[200];

	for (size_t a = 0; a < grid->nr_axes; a++) {
		if (axis_is_policy(grid, a) != policies)
			continue;
		/* A column has no room for what apicv means. */
		if (axis_role(grid, a) == AXIS_EOI)
			snprintf(setting, sizeof(setting), "%s %s", sweep_grid_name(grid, a),
				 sweep_grid_value(grid, point, a));
		else
			axis_setting(grid, a, sweep_grid_index(grid, point, a), setting,
				     sizeof(setting));
		text_join(&label, policies ? " + " : ", ", "%s", setting);
	}
	return text_take(&label);
}

static bool make_places(struct matrix *matrix)
{
	const struct plot_data *data = matrix->data;
	bool complete = true;

	matrix->nr_rows = axis_combinations(&data->grid, true);
	matrix->nr_columns = axis_combinations(&data->grid, false);
	matrix->rows = calloc(matrix->nr_rows, sizeof(*matrix->rows));
	matrix->columns = calloc(matrix->nr_columns, sizeof(*matrix->columns));
	matrix->bases = calloc(matrix->nr_columns, sizeof(*matrix->bases));
	matrix->cells = calloc(data->nr_points, sizeof(*matrix->cells));
	if (!matrix->rows || !matrix->columns || !matrix->bases || !matrix->cells)
		return false;
	for (size_t i = 0; i < data->nr_points; i++) {
		size_t row = place(data, i, true), column = place(data, i, false);
		struct matrix_cell *cell = &matrix->cells[row * matrix->nr_columns + column];

		cell->point = data->points[i].present ? &data->points[i] : NULL;
		if (!matrix->rows[row])
			complete &= (matrix->rows[row] = label_of(data, i, true)) != NULL;
		if (!matrix->columns[column])
			complete &= (matrix->columns[column] = label_of(data, i, false)) != NULL;
	}
	return complete;
}

/* ---- Classes --------------------------------------------------------------------------------- */

/* Of the VMs with requests at the first point, those that spin most and those that spin least. */
static void choose_classes(struct matrix *matrix)
{
	const struct aggregate *aggregate = &matrix->data->first->file.aggregate;
	double most = -1, least = INFINITY;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];
		double spin;

		if (strcmp(metric->name, throughput) != 0 || strncmp(metric->scope, "vm.", 3) != 0)
			continue;
		spin = aggregate_mean(aggregate, metric->scope, "time.spin");
		if (isnan(spin))
			spin = 0;
		if (spin > most) {
			most = spin;
			matrix->scope = metric->scope;
		}
		if (spin < least) {
			least = spin;
			matrix->bystander = metric->scope;
		}
	}
	if (matrix->bystander == matrix->scope)
		matrix->bystander = NULL;
}

/* ---- Cells ----------------------------------------------------------------------------------- */

static const struct aggregate *aggregate_at(const struct matrix *matrix, size_t row, size_t column)
{
	const struct plot_point *point = matrix_cell(matrix, row, column)->point;

	return point ? &point->file.aggregate : NULL;
}

/* The first row that is mainline on all axes, else the first of all. */
static size_t base_of(const struct matrix *matrix, size_t column)
{
	for (size_t row = 0; row < matrix->nr_rows; row++) {
		const struct plot_point *point = matrix_cell(matrix, row, column)->point;

		if (point && plot_point_is_mainline(point))
			return row;
	}
	return 0;
}

/* The oracle with the greatest throughput, NULL if there is none. */
static const struct aggregate *best_oracle(const struct matrix *matrix, size_t column)
{
	const struct aggregate *best = NULL;

	for (size_t row = 0; row < matrix->nr_rows; row++) {
		const struct plot_point *point = matrix_cell(matrix, row, column)->point;

		if (!point ||
		    strcmp(point->file.info.policies[OVERSUB_CANDIDATE], REGRET_ORACLE) != 0)
			continue;
		if (!best || aggregate_mean(&point->file.aggregate, matrix->scope, throughput) >
				     aggregate_mean(best, matrix->scope, throughput))
			best = &point->file.aggregate;
	}
	return best;
}

static struct sim_paired paired_of(const char *scope, const char *name,
				   const struct aggregate *from, const struct aggregate *to)
{
	return scope && from && to ? compare_one(from, to, scope, name)
				   : sim_paired_of(NULL, NULL, 0, NULL);
}

static struct matrix_change change_of(const char *scope, const char *name,
				      const struct aggregate *from, const struct aggregate *to)
{
	struct sim_paired paired = paired_of(scope, name, from, to);

	return (struct matrix_change){.relative = paired.relative,
				      .p = sim_paired_differs(&paired) ? paired.p : NAN,
				      .p_holm = NAN};
}

static void fill(struct matrix *matrix, struct matrix_cell *cell, const struct aggregate *base,
		 const struct aggregate *oracle)
{
	const struct aggregate *own = &cell->point->file.aggregate;

	cell->throughput = aggregate_mean(own, matrix->scope, throughput);
	cell->change = change_of(matrix->scope, throughput, base, own);
	cell->share = matrix->bystander ? aggregate_mean(own, matrix->bystander, share) : NAN;
	cell->drift = change_of(matrix->bystander, share, base, own);
	cell->precision = aggregate_mean(own, matrix->scope, "hint.precision");
	cell->recall = aggregate_mean(own, matrix->scope, "hint.recall");
	cell->regret =
		sim_relative_negated(paired_of(matrix->scope, throughput, oracle, own).relative);
}

static void fill_all(struct matrix *matrix)
{
	for (size_t column = 0; column < matrix->nr_columns; column++) {
		const struct aggregate *base, *oracle = best_oracle(matrix, column);

		matrix->bases[column] = base_of(matrix, column);
		base = aggregate_at(matrix, matrix->bases[column], column);
		for (size_t row = 0; row < matrix->nr_rows; row++) {
			struct matrix_cell *cell =
				&matrix->cells[row * matrix->nr_columns + column];

			if (cell->point)
				fill(matrix, cell, base, oracle);
		}
	}
}

/* Changes first, then drifts; who reads the table looks at all of them. */
static enum oversub_status correct(struct matrix *matrix, struct oversub_error *error)
{
	size_t nr = matrix->nr_rows * matrix->nr_columns;
	struct compare_test *tests = calloc(2 * nr + 1, sizeof(*tests));
	enum oversub_status status;

	if (!tests)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the matrix");
	for (size_t i = 0; i < nr; i++) {
		const struct matrix_cell *cell = &matrix->cells[i];

		tests[i].p = cell->point ? cell->change.p : NAN;
		tests[nr + i].p = cell->point ? cell->drift.p : NAN;
	}
	status = compare_correct(tests, 2 * nr, &matrix->nr_tests, error);
	for (size_t i = 0; !status && i < 2 * nr; i++) {
		struct matrix_cell *cell = &matrix->cells[i % nr];
		struct matrix_change *change = i < nr ? &cell->change : &cell->drift;

		change->p_holm = tests[i].p_holm;
		change->significant = tests[i].significant;
	}
	free(tests);
	return status;
}

enum oversub_status matrix_make(const struct plot_data *data, struct matrix *matrix,
				struct oversub_error *error)
{
	enum oversub_status status;

	*matrix = (struct matrix){.data = data};
	if (!make_places(matrix)) {
		matrix_free(matrix);
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the matrix");
	}
	choose_classes(matrix);
	fill_all(matrix);
	status = correct(matrix, error);
	if (status)
		matrix_free(matrix);
	return status;
}

void matrix_free(struct matrix *matrix)
{
	for (size_t i = 0; matrix->rows && i < matrix->nr_rows; i++)
		free(matrix->rows[i]);
	for (size_t i = 0; matrix->columns && i < matrix->nr_columns; i++)
		free(matrix->columns[i]);
	free(matrix->rows);
	free(matrix->columns);
	free(matrix->cells);
	free(matrix->bases);
	*matrix = (struct matrix){0};
}
