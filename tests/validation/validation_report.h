/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of `make validation`. */
#ifndef TESTS_VALIDATION_VALIDATION_REPORT_H
#define TESTS_VALIDATION_VALIDATION_REPORT_H

#include "tests/validation/cases.h"

struct validation_count {
	int agree;     /* the interval is within the tolerance */
	int explained; /* not, but the table says why */
	int open; /* the interval is too wide to tell: a failure, if the run was not a quick one */
	int differ; /* not: a failure */
};

/* One table, of cases with their scenarios and results, up to the case without a name. */
struct validation_table {
	const struct validation_case *cases;
	struct scenario **scenarios;
	const struct aggregate *results; /* empty for a case that has not been run */
};

/* Notes are numbered as they come; the same text has one number. Returns it, from 1. */
enum { REPORT_NOTES = 64 };
int report_note_number(const char **notes, int *nr, const char *note);

/* case, quantity, theory, simulated with interval, difference, verdict. */
void report_theory(const struct validation_table *table, struct validation_count *count);
/* case, quantity, measured, simulated with interval, ratio, tolerance, verdict; then why not. */
void report_kernel(const struct validation_table *table, struct validation_count *count);
/* row, step, hardware, expected, simulated, difference, row's value and range; the sum; remarks. */
void report_costs(const struct validation_table *table, struct validation_count *count);

#endif
