/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/csv.h"

#include <math.h>
#include <string.h>

#include "sim/output/json_writer.h"

void csv_write_quoted(FILE *stream, const char *text)
{
	fputc('"', stream);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', stream);
		fputc(*text, stream);
	}
	fputc('"', stream);
}

/* One field, in quotes if it needs them (RFC 4180). */
static void write_field(FILE *stream, const char *text)
{
	if (strpbrk(text, ",\"\r\n"))
		csv_write_quoted(stream, text);
	else
		fputs(text, stream);
}

void csv_write_header(FILE *stream, const struct csv_point *point)
{
	for (size_t i = 0; i < point->nr_varied; i++) {
		write_field(stream, point->varied[i]);
		fputc(',', stream);
	}
	fputs("candidate,sched,replication,scope,metric,unit,value", stream);
	fputs(point->has_more ? ",window,cosched,scenario,seed\n" : "\n", stream);
}

static void write_row(FILE *stream, const struct csv_point *point, size_t replication,
		      const struct aggregate_metric *metric)
{
	const char *more[] = {point->window, point->cosched, point->scenario, point->seed};
	char number[32] = "";

	for (size_t i = 0; i < point->nr_varied; i++) {
		write_field(stream, point->varied[i]);
		fputc(',', stream);
	}
	if (isfinite(metric->values[replication]))
		json_format_number(metric->values[replication], number);
	write_field(stream, point->candidate);
	fputc(',', stream);
	write_field(stream, point->sched);
	fprintf(stream, ",%zu,", replication);
	write_field(stream, metric->scope);
	fputc(',', stream);
	write_field(stream, metric->name);
	fputc(',', stream);
	write_field(stream, metric->unit);
	fprintf(stream, ",%s", number);
	for (size_t i = 0; point->has_more && i < sizeof(more) / sizeof(*more); i++) {
		fputc(',', stream);
		write_field(stream, more[i]);
	}
	fputc('\n', stream);
}

void csv_write_point(FILE *stream, const struct csv_point *point, const struct aggregate *aggregate)
{
	for (size_t r = 0; r < aggregate->nr_replications; r++)
		for (size_t i = 0; i < aggregate->nr_metrics; i++)
			write_row(stream, point, r, &aggregate->metrics[i]);
}
