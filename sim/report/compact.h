/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Comparisons of a sweep as small tables: for each metric a row for each place, and in it the base
 * and the change that each variant makes.
 */
#ifndef SIM_REPORT_COMPACT_H
#define SIM_REPORT_COMPACT_H

#include <stdio.h>

#include <oversub/error.h>

#include "sim/report/comparison.h"

enum compact_format { COMPACT_TEXT, COMPACT_MARKDOWN, COMPACT_CSV, COMPACT_LATEX };

/* As --format has them, NULL at the end. */
extern const char *const compact_formats[];

/* What belongs to the caller: all of it. */
struct compact_row {
	const char *place; /* "count 2, pv none"; "" if there is but one */
	/* One for each variant; NULL: it is missing. All have the same base. */
	const struct comparison **cells;
};

struct compact_table {
	const char *base;	     /* what all are compared with: "mainline" */
	const char *const *variants; /* "v3", ... */
	size_t nr_variants;
	const struct compact_row *rows;
	size_t nr_rows;
	const struct comparison_filter *filter;
	size_t nr_tests; /* that were corrected for each other */
};

/* Write the tables of all metrics that pass the filter; returns how many there are. */
int compact_write(FILE *stream, const struct compact_table *table, enum compact_format format);

#endif
