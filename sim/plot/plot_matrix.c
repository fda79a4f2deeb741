/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies by conditions, coloured by the change of throughput; beside it the same of the share of
 * a bystander. The numbers go to matrix.txt and matrix.csv as well.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/output/files.h"
#include "sim/plot/matrix.h"
#include "sim/plot/plot_pictures.h"
#include "sim/report/axis.h"

static bool applies(const struct plot_data *data, const struct plot_options *options)
{
	return matrix_applies(data);
}

/* Who compares two candidate policies has the picture of throughput. */
static bool by_default(const struct plot_data *data, const struct plot_options *options)
{
	return axis_with(&data->grid, AXIS_POLICIES) >= 0 ||
	       axis_combinations(&data->grid, true) > PLOT_MAX_SERIES;
}

/* Rows "column row percent text marked unfair", of the change or of the drift. */
static void write_cell(struct plot_script *script, const struct matrix *matrix, size_t row,
		       size_t column, bool drift)
{
	const struct matrix_cell *cell = matrix_cell(matrix, row, column);
	const struct matrix_change *change = drift ? &cell->drift : &cell->change;
	bool is_base = matrix_is_base(matrix, row, column);
	double percent = is_base ? 0 : 100 * change->relative.mean;
	char text[32] = "0";

	if (!cell->point || !isfinite(percent))
		return;
	/* "+14" or "-0.3": so many digits as a cell has room for. */
	if (is_base)
		strcpy(text, "base");
	else if (fabs(percent) >= 0.05)
		snprintf(text, sizeof(text), "%+.*f", fabs(percent) < 9.95, percent);
	plot_row(script, "%zu %zu %.6g %s %d %d", column, row, percent, text, change->significant,
		 drift && matrix_is_unfair(change));
}

static void write_block(struct plot_script *script, const struct matrix *matrix, bool drift)
{
	plot_block(script, drift ? "drift: of the bystander's share, in %%"
				 : "change: of throughput, in %%");
	for (size_t row = 0; row < matrix->nr_rows; row++)
		for (size_t column = 0; column < matrix->nr_columns; column++)
			write_cell(script, matrix, row, column, drift);
}

static void write_labels(struct plot_script *script, const char *name, char *const *labels,
			 size_t nr)
{
	plot_array(script, name, nr);
	for (size_t i = 0; i < nr; i++)
		plot_element(script, name, i, "%s", labels[i]);
}

static void write_script(struct plot_script *script, const struct matrix *matrix)
{
	/* The style knows series; this picture has none. */
	plot_number(script, "NR_SERIES", 0);
	plot_number(script, "NR_ROWS", (double)matrix->nr_rows);
	plot_number(script, "NR_COLUMNS", (double)matrix->nr_columns);
	write_labels(script, "ROW_LABEL", matrix->rows, matrix->nr_rows);
	write_labels(script, "COLUMN_LABEL", matrix->columns, matrix->nr_columns);
	plot_text(script, "SCOPE", "%s", plot_scope_label(matrix->scope));
	plot_text(script, "BYSTANDER", "%s",
		  matrix->bystander ? plot_scope_label(matrix->bystander) : "");
	plot_number(script, "LIMIT", MATRIX_DRIFT_LIMIT);
	plot_number(script, "NR_TESTS", (double)matrix->nr_tests);
	write_block(script, matrix, false);
	if (matrix->bystander)
		write_block(script, matrix, true);
}

static enum oversub_status draw(const struct plot_data *data, const char *directory,
				const struct plot_options *options, struct oversub_error *error)
{
	struct plot_script script;
	struct matrix matrix;
	enum oversub_status status = matrix_make(data, &matrix, error);

	if (status)
		return status;
	status = plot_script_open(&script, "matrix", data, directory, options, error);
	if (!status) {
		write_script(&script, &matrix);
		status = plot_script_draw(&script, error);
	}
	if (!status)
		status = output_file_write(directory, "matrix.txt", matrix_write_text, &matrix,
					   error);
	if (!status)
		status = output_file_write(directory, "matrix.csv", matrix_write_csv, &matrix,
					   error);
	matrix_free(&matrix);
	return status;
}

const struct plot_picture plot_matrix = {
	.name = "matrix",
	.help = "what each policy changes, in colours, and as matrix.txt and matrix.csv in "
		"DIR/plots",
	.needs = "a sweep over policies and something else, with requests of VMs",
	.applies = applies,
	.by_default = by_default,
	.draw = draw,
};
