/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tidy CSV: a row for each point, replication and metric, for R, pandas and spreadsheets. Columns:
 * one for each varied path, then candidate, sched, replication, scope, metric, unit, value. A
 * value that does not exist is an empty field.
 */
#ifndef SIM_OUTPUT_CSV_H
#define SIM_OUTPUT_CSV_H

#include <stddef.h>
#include <stdio.h>

#include "sim/run/aggregate.h"

/* A field in quotes. */
void csv_write_quoted(FILE *stream, const char *text);
/* The line with the names of the columns. Errors of all functions stay in the stream. */
void csv_write_header(FILE *stream, const char *const *paths, size_t nr_paths);
/* All rows of one point; varied has the values of its nr_varied paths. */
void csv_write_point(FILE *stream, const char *const *varied, size_t nr_varied,
		     const char *candidate, const char *sched, const struct aggregate *aggregate);

#endif
