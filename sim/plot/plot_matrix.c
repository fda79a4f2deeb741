/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies by conditions, coloured by the change of throughput; beside it the same of the share of
 * a bystander. The numbers go to matrix.txt and matrix.csv as well.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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
	return matrix_applies(data) && (axis_with(&data->grid, AXIS_POLICIES) >= 0 ||
					axis_combinations(&data->grid, true) > PLOT_MAX_SERIES);
}

/* "+14" or "-0.3": so many digits as a cell has room for. */
static void write_percent(FILE *stream, double percent)
{
	if (fabs(percent) < 0.05)
		fputs("0", stream);
	else
		fprintf(stream, fabs(percent) < 9.95 ? "%+.1f" : "%+.0f", percent);
}

/* A block of rows "column row percent text marked unfair", of the change or of the drift. */
static void write_block(struct plot_script *script, const struct matrix *matrix, bool drift)
{
	FILE *stream = script->data.stream;

	plot_script_begin_block(script, drift ? "drift: of the bystander's share, in %"
					      : "change: of throughput, in %");
	for (size_t row = 0; row < matrix->nr_rows; row++)
		for (size_t column = 0; column < matrix->nr_columns; column++) {
			const struct matrix_cell *cell = matrix_cell(matrix, row, column);
			const struct matrix_change *change = drift ? &cell->drift : &cell->change;
			bool is_base = matrix_is_base(matrix, row, column);
			double percent = is_base ? 0 : 100 * change->relative.mean;

			if (!cell->point || !isfinite(percent))
				continue;
			fprintf(stream, "%zu %zu %.6g ", column, row, percent);
			if (is_base)
				fputs("base", stream);
			else
				write_percent(stream, percent);
			fprintf(stream, " %d %d\n", change->significant,
				drift && matrix_is_unfair(change));
		}
	plot_script_end_block(script);
}

static void write_script(struct plot_script *script, const struct matrix *matrix)
{
	/* The style knows series; this picture has none. */
	plot_script_number(script, "NR_SERIES", 0);
	plot_script_number(script, "NR_ROWS", (double)matrix->nr_rows);
	plot_script_number(script, "NR_COLUMNS", (double)matrix->nr_columns);
	plot_script_array(script, "ROW_LABEL", (const char *const *)matrix->rows, matrix->nr_rows);
	plot_script_array(script, "COLUMN_LABEL", (const char *const *)matrix->columns,
			  matrix->nr_columns);
	plot_script_string(script, "SCOPE", plot_scope_label(matrix->scope));
	plot_script_string(script, "BYSTANDER",
			   matrix->bystander ? plot_scope_label(matrix->bystander) : "");
	plot_script_number(script, "LIMIT", MATRIX_DRIFT_LIMIT);
	plot_script_number(script, "NR_TESTS", (double)matrix->nr_tests);
	write_block(script, matrix, false);
	if (matrix->bystander)
		write_block(script, matrix, true);
}

static enum oversub_status write_table(const struct matrix *matrix, const char *directory,
				       const char *name,
				       void (*write)(FILE *stream, const struct matrix *matrix),
				       struct oversub_error *error)
{
	char *path = output_path(directory, name);
	struct output_file file;
	enum oversub_status status =
		path ? output_file_open(&file, path, error)
		     : oversub_fail(error, OVERSUB_FAILED, "out of memory for the matrix");

	free(path);
	if (status)
		return status;
	write(file.stream, matrix);
	return output_file_close(&file, error);
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
		status = write_table(&matrix, directory, "matrix.txt", matrix_write_text, error);
	if (!status)
		status = write_table(&matrix, directory, "matrix.csv", matrix_write_csv, error);
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
