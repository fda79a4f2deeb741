/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tidy CSV: a row for each point, replication and metric, for R, pandas and spreadsheets. Columns:
 * one for each varied path, then candidate, sched, replication, scope, metric, unit, value. A
 * value that does not exist is an empty field.
 */
#ifndef SIM_OUTPUT_CSV_H
#define SIM_OUTPUT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/run/aggregate.h"

/* A field in quotes. */
void csv_write_quoted(FILE *stream, const char *text);
/* What the rows of a point have in common. Texts belong to the caller. */
struct csv_point {
	const char *const *varied; /* values of the axes, or their paths in a header */
	size_t nr_varied;
	const char *candidate, *sched;
	/* Columns behind the value, which sweeps have: all others by which points may be told. */
	bool has_more;
	const char *window, *cosched, *scenario, *seed;
};

/*
 * The line with the names of the columns; of point, only varied and has_more matter. Errors of all
 * functions stay in the stream.
 */
void csv_write_header(FILE *stream, const struct csv_point *point);
/* All rows of one point. */
void csv_write_point(FILE *stream, const struct csv_point *point,
		     const struct aggregate *aggregate);

#endif
