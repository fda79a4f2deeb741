/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often do the program's statements about uncertainty hold? Each case is one statement, put to
 * the test on many samples of a system whose answer is known.
 *
 * A new kind of statement is a file with a table of cases, named in coverage_tables.
 */
#ifndef TESTS_VALIDATION_COVERAGE_COVERAGE_H
#define TESTS_VALIDATION_COVERAGE_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

/* What the true rate of a case must be in; the intervals' is that of the statement of quality. */
#define COVERAGE_95    0.95, 0.93, 0.97
#define COVERAGE_NEVER 0.0, 0.0, 0.001
/* Stars: at most 5 %, and what the interval of a rate from thousands of tables, or hundreds, needs.
 */
#define COVERAGE_STARS	   0.05, 0.0, 0.055
#define COVERAGE_STARS_FEW 0.05, 0.0, 0.075

struct coverage_case {
	const char *quantity;	  /* what the statement is about; NULL ends a table */
	double nominal;		  /* the rate that the program promises, 0..1 */
	double low, high;	  /* the true rate must be in here, 0..1 */
	int trials, quick_trials; /* in a full and in a quick run; 0: none */
	/*
	 * Draw sample number trial, make the statement about it and say whether it came true: an
	 * interval covers, a star is shown. A function of its arguments alone, so that a rate is
	 * the same everywhere.
	 */
	bool (*trial)(const struct coverage_case *self, uint32_t trial);
	const void *parameters; /* for the trial; NULL: none */
	bool is_control;	/* a statement that is known to be wrong: it must be found out */
};

/* Cases that belong together. */
struct coverage_table {
	const char *title;
	const char *rate; /* what is counted: "intervals that cover" */
	const struct coverage_case *cases;
};

/* Student intervals of means. */
extern const struct coverage_case coverage_means[];
/* looks.c */
extern const struct coverage_case coverage_looks[];
/* Fieller's intervals of changes in per cent, and what they must never say. */
extern const struct coverage_case coverage_changes[];
extern const struct coverage_case coverage_impossible[];
/* Tables of results that do not differ. */
extern const struct coverage_case coverage_stars[];
/* Percentiles of all replications together. */
extern const struct coverage_case coverage_quantiles[];
/* Warm-ups that are called too short. */
extern const struct coverage_case coverage_drifts[];

#endif
