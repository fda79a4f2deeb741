/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrix as a table for people and as CSV. */
#include <math.h>
#include <string.h>

#include "sim/output/csv.h"
#include "sim/report/format.h"
#include "sim/plot/matrix.h"

static int widest(char *const *labels, size_t nr)
{
	size_t width = strlen("policy");

	for (size_t i = 0; i < nr; i++)
		width = strlen(labels[i]) > width ? strlen(labels[i]) : width;
	return width < 50 ? (int)width : 50;
}

struct layout {
	int name, interval; /* width of names, and of intervals */
};

/* Of the widest interval of all cells. */
static int widest_interval(const struct matrix *matrix)
{
	size_t width = strlen("+-1.0%");

	for (size_t i = 0; i < matrix->nr_rows * matrix->nr_columns; i++) {
		const struct matrix_cell *cell = &matrix->cells[i];
		const struct sim_relative *const changes[] = {&cell->change.relative,
							      &cell->drift.relative, &cell->regret};

		for (size_t k = 0; cell->point && k < sizeof(changes) / sizeof(*changes); k++) {
			struct format_buffer buffer;
			size_t length = strlen(format_change_interval(changes[k], &buffer));

			width = length > width ? length : width;
		}
	}
	return (int)width;
}

static struct layout layout_of(const struct matrix *matrix)
{
	return (struct layout){widest(matrix->rows, matrix->nr_rows), widest_interval(matrix)};
}

/* " +3.1% +-1.2% *" with mark. */
static void write_change(FILE *stream, const struct layout *layout,
			 const struct sim_relative *change, const char *mark)
{
	struct format_buffer b[2];

	fprintf(stream, "%8s %-*s %-2s", format_signed_percent(change->mean, &b[0]),
		layout->interval, format_change_interval(change, &b[1]), mark);
}

/* Of the base against itself there is none. */
static void write_change_of(FILE *stream, const struct layout *layout,
			    const struct matrix_change *change, bool is_base, const char *mark)
{
	if (is_base)
		fprintf(stream, "%8s %-*s %-2s", "base", layout->interval, "", "");
	else
		write_change(stream, layout, &change->relative, mark);
}

static const char *ratio(double value, struct format_buffer *buffer)
{
	return isnan(value) ? "-" : format_ratio(value, buffer);
}

static void write_row(FILE *stream, const struct layout *layout, const struct matrix *matrix,
		      size_t row, size_t column)
{
	const struct matrix_cell *cell = matrix_cell(matrix, row, column);
	bool is_base = matrix_is_base(matrix, row, column);
	struct format_buffer b[4];

	fprintf(stream, "  %-*.*s", layout->name, layout->name, matrix->rows[row]);
	if (!cell->point) {
		fputs("  not there yet\n", stream);
		return;
	}
	fprintf(stream, "%10s", format_grouped(cell->throughput, &b[0]));
	write_change_of(stream, layout, &cell->change, is_base,
			cell->change.significant ? "*" : "");
	write_change(stream, layout, &cell->regret, "");
	if (matrix->bystander) {
		fprintf(stream, "%6s", ratio(cell->share, &b[1]));
		write_change_of(stream, layout, &cell->drift, is_base,
				matrix_is_unfair(&cell->drift) ? "!"
				: cell->drift.significant      ? "*"
							       : "");
	}
	fprintf(stream, "%6s%6s\n", ratio(cell->precision, &b[2]), ratio(cell->recall, &b[3]));
}

static void write_titles(FILE *stream, const struct layout *layout, const struct matrix *matrix)
{
	int rest = layout->interval + (int)strlen("  * ");

	fprintf(stream, "  %-*s%10s%8s%-*s%8s%-*s", layout->name, "policy", "req/s", "change", rest,
		"", "regret", rest, "");
	if (matrix->bystander)
		fprintf(stream, "%6s%8s%-*s", "share", "drift", rest, "");
	fprintf(stream, "%6s%6s\n", "prec.", "rec.");
}

static void write_head(FILE *stream, const struct matrix *matrix)
{
	char caption[256];

	plot_caption(matrix->data, caption, sizeof(caption));
	fprintf(stream, "%s; %s\n", plot_title(matrix->data), caption);
	fprintf(stream,
		"change: throughput of %s against the base of the block, paired by replication, "
		"with "
		"its 95 %%\n"
		"  interval. regret: throughput lost against the block's best oracle.\n",
		plot_scope_label(matrix->scope));
	if (matrix->bystander)
		fprintf(stream, "share: CPU time over entitlement of %s, and its drift likewise.\n",
			plot_scope_label(matrix->bystander));
	fprintf(stream, "* p < 0.05 after Holm's correction over all %zu changes%s of this table",
		matrix->nr_tests, matrix->bystander ? " and drifts" : "");
	if (matrix->bystander)
		fprintf(stream, ";\n  ! the same and more than %g %%", MATRIX_DRIFT_LIMIT);
	fputs(".\n", stream);
	fputs("prec., rec.: precision and recall of hints.\n", stream);
}

void matrix_write_text(FILE *stream, const void *context)
{
	const struct matrix *matrix = context;
	struct layout layout = layout_of(matrix);

	write_head(stream, matrix);
	for (size_t column = 0; column < matrix->nr_columns; column++) {
		fprintf(stream, "\n%s\n", matrix->columns[column]);
		write_titles(stream, &layout, matrix);
		for (size_t row = 0; row < matrix->nr_rows; row++)
			write_row(stream, &layout, matrix, row, column);
	}
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static void write_number(FILE *stream, double number)
{
	if (!isfinite(number))
		fputc(',', stream);
	else
		fprintf(stream, ",%.6g", number);
}

/* An end that does not exist is empty. */
static void write_three(FILE *stream, const struct sim_relative *change)
{
	write_number(stream, 100 * change->mean);
	write_number(stream, 100 * change->low);
	write_number(stream, 100 * change->high);
}

void matrix_write_csv(FILE *stream, const void *context)
{
	const struct matrix *matrix = context;
	fputs("conditions,policy,vms,requests_per_s,change_percent,change_low,change_high,"
	      "change_p_holm,regret_percent,regret_low,regret_high,bystander,"
	      "cpu_over_entitlement,drift_percent,drift_low,drift_high,drift_p_holm,"
	      "hint_precision,hint_recall\n",
	      stream);
	for (size_t column = 0; column < matrix->nr_columns; column++)
		for (size_t row = 0; row < matrix->nr_rows; row++) {
			const struct matrix_cell *cell = matrix_cell(matrix, row, column);

			if (!cell->point)
				continue;
			csv_write_quoted(stream, matrix->columns[column]);
			fputc(',', stream);
			csv_write_quoted(stream, matrix->rows[row]);
			fprintf(stream, ",%s", plot_scope_label(matrix->scope));
			write_number(stream, cell->throughput);
			write_three(stream, &cell->change.relative);
			write_number(stream, cell->change.p_holm);
			write_three(stream, &cell->regret);
			fprintf(stream, ",%s",
				matrix->bystander ? plot_scope_label(matrix->bystander) : "");
			write_number(stream, cell->share);
			write_three(stream, &cell->drift.relative);
			write_number(stream, cell->drift.p_holm);
			write_number(stream, cell->precision);
			write_number(stream, cell->recall);
			fputc('\n', stream);
		}
}
