/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrix as a table for people and as CSV. */
#include <math.h>
#include <string.h>

#include "sim/output/format.h"
#include "sim/output/matrix.h"

static int widest(char *const *labels, size_t nr)
{
	size_t width = strlen("policy");

	for (size_t i = 0; i < nr; i++)
		width = strlen(labels[i]) > width ? strlen(labels[i]) : width;
	return width < 50 ? (int)width : 50;
}

/* " +3.1% +-1.2% *" with mark; instead "none" if there is no interval. */
static void write_interval(FILE *stream, const struct sim_interval *interval, const char *mark,
			   const char *none)
{
	struct format_buffer b[2];

	if (!interval->n || isnan(interval->mean)) {
		fprintf(stream, "%8s %-7s  ", none, "");
		return;
	}
	fprintf(stream, "%8s %-7s%-2s", format_signed_percent(interval->mean / 100, &b[0]),
		format_percent_width(interval->half_width / 100, &b[1]), mark);
}

static const char *ratio(double value, struct format_buffer *buffer)
{
	return isnan(value) ? "-" : format_ratio(value, buffer);
}

static void write_row(FILE *stream, const struct matrix *matrix, size_t row, size_t column,
		      int width)
{
	const struct matrix_cell *cell = matrix_cell(matrix, row, column);
	const struct sim_interval none = {.n = 0};
	bool is_base = matrix_is_base(matrix, row, column);
	struct format_buffer b[4];

	fprintf(stream, "  %-*.*s", width, width, matrix->rows[row]);
	if (!cell->point) {
		fputs("  not there yet\n", stream);
		return;
	}
	fprintf(stream, "%10s", format_grouped(cell->throughput, &b[0]));
	write_interval(stream, is_base ? &none : &cell->change,
		       matrix_excludes_zero(&cell->change) ? "*" : "", is_base ? "base" : "-");
	write_interval(stream, &cell->regret, "", "-");
	if (matrix->bystander) {
		fprintf(stream, "%6s", ratio(cell->share, &b[1]));
		write_interval(stream, is_base ? &none : &cell->drift,
			       matrix_is_unfair(&cell->drift)	    ? "!"
			       : matrix_excludes_zero(&cell->drift) ? "*"
								    : "",
			       is_base ? "base" : "-");
	}
	fprintf(stream, "%6s%6s\n", ratio(cell->precision, &b[2]), ratio(cell->recall, &b[3]));
}

static void write_titles(FILE *stream, const struct matrix *matrix, int width)
{
	fprintf(stream, "  %-*s%10s%8s %-9s%8s %-9s", width, "policy", "req/s", "change", "",
		"regret", "");
	if (matrix->bystander)
		fprintf(stream, "%6s%8s %-9s", "share", "drift", "");
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
		"  interval; * it excludes 0. regret: throughput lost against the block's best "
		"oracle.\n",
		plot_scope_label(matrix->scope));
	if (matrix->bystander)
		fprintf(stream,
			"share: CPU time over entitlement of %s, and its drift likewise; ! more "
			"than %g %%.\n",
			plot_scope_label(matrix->bystander), MATRIX_DRIFT_LIMIT);
	fputs("prec., rec.: precision and recall of hints.\n", stream);
}

void matrix_write_text(FILE *stream, const struct matrix *matrix)
{
	int width = widest(matrix->rows, matrix->nr_rows);

	write_head(stream, matrix);
	for (size_t column = 0; column < matrix->nr_columns; column++) {
		fprintf(stream, "\n%s\n", matrix->columns[column]);
		write_titles(stream, matrix, width);
		for (size_t row = 0; row < matrix->nr_rows; row++)
			write_row(stream, matrix, row, column, width);
	}
}

/* ---- CSV ------------------------------------------------------------------------------------ */

static void write_quoted(FILE *stream, const char *text)
{
	fputc('"', stream);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', stream);
		fputc(*text, stream);
	}
	fputc('"', stream);
}

static void write_number(FILE *stream, double number)
{
	if (isnan(number))
		fputc(',', stream);
	else
		fprintf(stream, ",%.6g", number);
}

static void write_two(FILE *stream, const struct sim_interval *interval)
{
	write_number(stream, interval->n ? interval->mean : NAN);
	write_number(stream, interval->n ? interval->half_width : NAN);
}

void matrix_write_csv(FILE *stream, const struct matrix *matrix)
{
	fputs("conditions,policy,vms,requests_per_s,change_percent,change_half_width,"
	      "regret_percent,regret_half_width,bystander,cpu_over_entitlement,drift_percent,"
	      "drift_half_width,hint_precision,hint_recall\n",
	      stream);
	for (size_t column = 0; column < matrix->nr_columns; column++)
		for (size_t row = 0; row < matrix->nr_rows; row++) {
			const struct matrix_cell *cell = matrix_cell(matrix, row, column);

			if (!cell->point)
				continue;
			write_quoted(stream, matrix->columns[column]);
			fputc(',', stream);
			write_quoted(stream, matrix->rows[row]);
			fprintf(stream, ",%s", plot_scope_label(matrix->scope));
			write_number(stream, cell->throughput);
			write_two(stream, &cell->change);
			write_two(stream, &cell->regret);
			fprintf(stream, ",%s",
				matrix->bystander ? plot_scope_label(matrix->bystander) : "");
			write_number(stream, cell->share);
			write_two(stream, &cell->drift);
			write_number(stream, cell->precision);
			write_number(stream, cell->recall);
			fputc('\n', stream);
		}
}
