/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/compact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/report/format.h"

enum { WIDTH = 80, PLACE_WIDTH = 23, BASE_WIDTH = 10, LEAST_CELL = 22, CELL_SIZE = 64 };

const char *const compact_formats[] = {"text", "md", "csv", "latex", NULL};

/* ---- What is in a table ---------------------------------------------------------------------- */

static const struct compared_metric *metric_at(const struct compact_row *row, size_t variant,
					       const char *scope, const char *name)
{
	return row->cells[variant] ? comparison_find(row->cells[variant], scope, name) : NULL;
}

/* Any variant knows the base. */
static const struct compared_metric *base_of(const struct compact_table *table, size_t row,
					     const char *scope, const char *name)
{
	const struct compared_metric *metric = NULL;

	for (size_t v = 0; !metric && v < table->nr_variants; v++)
		metric = metric_at(&table->rows[row], v, scope, name);
	return metric;
}

/* text without its percent signs. */
static const char *bare(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != '%')
			*to++ = *from;
	*to = '\0';
	return text;
}

/* "+5.2 +-0.4 *": a star if it is certain, ~ if it may be nothing, - if there is none. */
static const char *cell(const struct compared_metric *metric, char text[CELL_SIZE])
{
	const struct sim_relative *change = metric ? &metric->paired.relative : NULL;
	struct format_buffer mean, interval;

	if (!change || isnan(change->mean))
		snprintf(text, CELL_SIZE, "-");
	else
		snprintf(text, CELL_SIZE, "%s%s%s %s", format_signed_percent(change->mean, &mean),
			 *format_change_interval(change, &interval) ? " " : "", interval.text,
			 metric->significant ? "*" : "~");
	return bare(text);
}

/*
 * The geometric mean of a variant's ratios over all rows, less 1: of rates and times, if there are
 * several and none of them is missing. NAN otherwise.
 */
static double geometric_mean(const struct compact_table *table, size_t variant, const char *scope,
			     const char *name)
{
	double sum = 0;

	for (size_t r = 0; r < table->nr_rows; r++) {
		const struct compared_metric *metric =
			metric_at(&table->rows[r], variant, scope, name);
		double ratio = metric ? 1 + metric->paired.relative.mean : NAN;

		if (!(ratio > 0) || (strcmp(metric->unit, "1/s") && strcmp(metric->unit, "ns")))
			return NAN;
		sum += log(ratio);
	}
	return table->nr_rows > 1 ? exp(sum / (double)table->nr_rows) - 1 : NAN;
}

static const char *mean_text(double mean, struct format_buffer *buffer)
{
	format_signed_percent(mean, buffer);
	return bare(buffer->text);
}

static bool has_geometric_mean(const struct compact_table *table, const char *scope,
			       const char *name)
{
	bool any = false;

	for (size_t v = 0; v < table->nr_variants; v++)
		any |= !isnan(geometric_mean(table, v, scope, name));
	return any;
}

/* ---- Text -------------------------------------------------------------------------------------
 */

static int cell_width(const struct compact_table *table, size_t variant)
{
	int length = (int)strlen(table->variants[variant]);

	return length > LEAST_CELL ? length : LEAST_CELL;
}

/* The first variant that has no room beside those from first on; there is room for one. */
static size_t end_of_block(const struct compact_table *table, size_t first)
{
	int used = PLACE_WIDTH + BASE_WIDTH + 1 + cell_width(table, first);
	size_t v = first + 1;

	while (v < table->nr_variants && (used += 2 + cell_width(table, v)) <= WIDTH)
		v++;
	return v;
}

/* A place that is too long keeps its end, which is what tells it from others. */
static const char *shortened(const char *place, char text[PLACE_WIDTH + 1])
{
	size_t length = strlen(place);

	if (length < PLACE_WIDTH)
		return place;
	snprintf(text, PLACE_WIDTH + 1, "..%s", place + length - (PLACE_WIDTH - 3));
	return text;
}

static void write_text_block(FILE *stream, const struct compact_table *table, const char *scope,
			     const char *name, size_t first, size_t end)
{
	struct format_buffer buffer;
	char text[CELL_SIZE], place[PLACE_WIDTH + 1];

	fprintf(stream, "%-*s %*.*s", PLACE_WIDTH - 1, "", BASE_WIDTH, BASE_WIDTH, table->base);
	for (size_t v = first; v < end; v++)
		fprintf(stream, "  %-*s", v + 1 < end ? cell_width(table, v) : 0,
			table->variants[v]);
	fputc('\n', stream);
	for (size_t r = 0; r < table->nr_rows; r++) {
		const struct compared_metric *base = base_of(table, r, scope, name);

		fprintf(stream, "%-*s %*s", PLACE_WIDTH - 1, shortened(table->rows[r].place, place),
			BASE_WIDTH, base ? format_value(base->base, base->unit, &buffer) : "-");
		for (size_t v = first; v < end; v++)
			fprintf(stream, "  %-*s", v + 1 < end ? cell_width(table, v) : 0,
				cell(metric_at(&table->rows[r], v, scope, name), text));
		fputc('\n', stream);
	}
	if (!has_geometric_mean(table, scope, name))
		return;
	fprintf(stream, "%-*s %*s", PLACE_WIDTH - 1, "geometric mean", BASE_WIDTH, "");
	for (size_t v = first; v < end; v++) {
		double mean = geometric_mean(table, v, scope, name);

		fprintf(stream, "  %-*s", v + 1 < end ? cell_width(table, v) : 0,
			isnan(mean) ? "-" : mean_text(mean, &buffer));
	}
	fputc('\n', stream);
}

static void write_text(FILE *stream, const struct compact_table *table, const char *scope,
		       const char *name)
{
	fprintf(stream, "\n%s:%s\n", scope, name);
	for (size_t first = 0; first < table->nr_variants;) {
		size_t end = end_of_block(table, first);

		write_text_block(stream, table, scope, name, first, end);
		first = end;
	}
}

/* ---- Tables of others -------------------------------------------------------------------------
 */

/* How a format writes a row of cells. */
struct dialect {
	const char *begin, *between, *end;
	const char *plus_minus, *percent; /* instead of "+-" and "%" */
	const char *special;		  /* letters that want a backslash */
};

static const struct dialect markdown = {"| ", " | ", " |\n", "±", "%", "|"};
static const struct dialect latex = {"", " & ", " \\\\\n", "$\\pm$", "\\%", "_&#$%"};

/* text as the dialect wants it; percent signs and "+-" are its own if it is a number. */
static void put(FILE *stream, const struct dialect *dialect, const char *text, bool number)
{
	for (; *text; text++) {
		if (number && text[0] == '+' && text[1] == '-') {
			fputs(dialect->plus_minus, stream);
			text++;
		} else if (number && *text == '%') {
			fputs(dialect->percent, stream);
		} else if (number && *text == '~' && dialect == &latex) {
			fputs("$\\sim$", stream);
		} else {
			if (strchr(dialect->special, *text))
				fputc('\\', stream);
			fputc(*text, stream);
		}
	}
}

static void write_head(FILE *stream, const struct compact_table *table,
		       const struct dialect *dialect, const char *scope, const char *name)
{
	if (dialect == &latex) {
		fputs("\n\\begin{tabular}{lr", stream);
		for (size_t v = 0; v < table->nr_variants; v++)
			fputc('r', stream);
		fputs("}\n", stream);
	} else {
		fputc('\n', stream);
	}
	fputs(dialect->begin, stream);
	put(stream, dialect, scope, false);
	fputc(':', stream);
	put(stream, dialect, name, false);
	fputs(dialect->between, stream);
	put(stream, dialect, table->base, false);
	for (size_t v = 0; v < table->nr_variants; v++) {
		fputs(dialect->between, stream);
		put(stream, dialect, table->variants[v], false);
	}
	fputs(dialect->end, stream);
	if (dialect == &latex) {
		fputs("\\hline\n", stream);
		return;
	}
	fputs("|---|---:", stream);
	for (size_t v = 0; v < table->nr_variants; v++)
		fputs("|---:", stream);
	fputs("|\n", stream);
}

static void write_dialect(FILE *stream, const struct compact_table *table,
			  const struct dialect *dialect, const char *scope, const char *name)
{
	struct format_buffer buffer;
	char text[CELL_SIZE];

	write_head(stream, table, dialect, scope, name);
	for (size_t r = 0; r < table->nr_rows; r++) {
		const struct compared_metric *base = base_of(table, r, scope, name);

		fputs(dialect->begin, stream);
		put(stream, dialect, table->rows[r].place, false);
		fputs(dialect->between, stream);
		put(stream, dialect, base ? format_value(base->base, base->unit, &buffer) : "-",
		    true);
		for (size_t v = 0; v < table->nr_variants; v++) {
			fputs(dialect->between, stream);
			put(stream, dialect, cell(metric_at(&table->rows[r], v, scope, name), text),
			    true);
		}
		fputs(dialect->end, stream);
	}
	if (has_geometric_mean(table, scope, name)) {
		fprintf(stream, "%sgeometric mean%s", dialect->begin, dialect->between);
		for (size_t v = 0; v < table->nr_variants; v++) {
			double mean = geometric_mean(table, v, scope, name);

			fputs(dialect->between, stream);
			put(stream, dialect, isnan(mean) ? "-" : mean_text(mean, &buffer), true);
		}
		fputs(dialect->end, stream);
	}
	if (dialect == &latex)
		fputs("\\end{tabular}\n", stream);
}

/* ---- CSV ---------------------------------------------------------------------------------------
 */

static void csv_text(FILE *stream, const char *text)
{
	fputc('"', stream);
	for (; *text; text++)
		fprintf(stream, *text == '"' ? "\"\"" : "%c", *text);
	fputc('"', stream);
}

static void csv_number(FILE *stream, double value)
{
	fprintf(stream, isfinite(value) ? ",%.10g" : ",", value);
}

static void write_csv(FILE *stream, const struct compact_table *table, const char *scope,
		      const char *name)
{
	for (size_t r = 0; r < table->nr_rows; r++)
		for (size_t v = 0; v < table->nr_variants; v++) {
			const struct compared_metric *metric =
				metric_at(&table->rows[r], v, scope, name);

			if (!metric)
				continue;
			csv_text(stream, scope);
			fputc(',', stream);
			csv_text(stream, name);
			fprintf(stream, ",\"%s\",", metric->unit);
			csv_text(stream, table->rows[r].place);
			fputc(',', stream);
			csv_text(stream, table->base);
			fputc(',', stream);
			csv_text(stream, table->variants[v]);
			csv_number(stream, metric->base);
			csv_number(stream, metric->other);
			csv_number(stream, metric->paired.relative.mean);
			csv_number(stream, metric->paired.relative.low);
			csv_number(stream, metric->paired.relative.high);
			csv_number(stream, metric->paired.p);
			csv_number(stream, metric->p_holm);
			fputc('\n', stream);
		}
}

/* ---- All
 * ---------------------------------------------------------------------------------------*/

static void write_metric(FILE *stream, const struct compact_table *table,
			 enum compact_format format, const char *scope, const char *name)
{
	switch (format) {
	case COMPACT_TEXT: write_text(stream, table, scope, name); break;
	case COMPACT_MARKDOWN: write_dialect(stream, table, &markdown, scope, name); break;
	case COMPACT_LATEX: write_dialect(stream, table, &latex, scope, name); break;
	case COMPACT_CSV: write_csv(stream, table, scope, name); break;
	}
}

/* Whether metric number i of the comparison at row and variant was not in any before it. */
static bool is_new(const struct compact_table *table, size_t row, size_t variant, size_t i)
{
	const struct compared_metric *metric = &table->rows[row].cells[variant]->metrics[i];

	for (size_t r = 0; r <= row; r++)
		for (size_t v = 0; v < (r == row ? variant : table->nr_variants); v++)
			if (metric_at(&table->rows[r], v, metric->scope, metric->name))
				return false;
	return true;
}

int compact_write(FILE *stream, const struct compact_table *table, enum compact_format format)
{
	int nr = 0;

	if (format == COMPACT_TEXT)
		fprintf(stream,
			"change against %s in %%, paired, with 95 %% intervals\n"
			"* p < 0.05 after Holm's correction over all %zu, ~ may be nothing\n",
			table->base, table->nr_tests);
	else if (format == COMPACT_CSV)
		fputs("scope,metric,unit,place,base,variant,base_mean,mean,change,low,high,p,p_holm"
		      "\n",
		      stream);
	for (size_t r = 0; r < table->nr_rows; r++)
		for (size_t v = 0; v < table->nr_variants; v++) {
			const struct comparison *comparison = table->rows[r].cells[v];

			for (size_t i = 0; comparison && i < comparison->nr_metrics; i++) {
				const struct compared_metric *metric = &comparison->metrics[i];

				if (!comparison_has_row(table->filter, metric) ||
				    !is_new(table, r, v, i))
					continue;
				write_metric(stream, table, format, metric->scope, metric->name);
				nr++;
			}
		}
	return nr;
}
