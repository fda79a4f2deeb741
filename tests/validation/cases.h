/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is validated, as data, and how it is run and printed. */
#ifndef TESTS_VALIDATION_CASES_H
#define TESTS_VALIDATION_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/run/aggregate.h"
#include "sim/scenario/scenario.h"

enum { CASE_OVERRIDES = 12, CASE_CHECKS = 8 };

/* One number that a scenario must yield. */
struct validation_check {
	const char *what;   /* the quantity, for people */
	const char *metric; /* "SCOPE/NAME" */
	/* What it should be: computed from the scenario if there is a function, else reference. */
	double (*theory)(const struct scenario *scenario, int argument);
	int argument;	  /* of theory */
	double reference; /* measured, in the unit of the metric times scale */
	double scale;	  /* 0 = 1: the metric is multiplied by it before it is compared */
	double tolerance; /* relative; a difference below it agrees */
	bool absolute;	  /* tolerance is absolute */
	bool factor;	  /* tolerance is a factor: agrees within reference / tolerance .. * */
	/* Why it may differ by more: then it is reported, and is no failure. NULL: it may not. */
	const char *explanation;

	/* Costs only: the row of the cost table, or the section of the notes that says it. */
	const char *row;
	/* What the step consists of, from which theory is computed unless there is a function. */
	const char *sum;
	double low, high; /* range of the row; both 0: reference is all there is, or nothing */
};

struct validation_case {
	const char *name;
	const char *scenario; /* file in tests/validation, without .json */
	const char
		*overrides[CASE_OVERRIDES]; /* PATH=VALUE, ' stands for "; unused ones are NULL */
	struct validation_check checks[CASE_CHECKS]; /* unused ones have no name */
	const char *hardware;			     /* costs only: of whose interrupts */
};

/* Tables; each ends with an entry without a name. */
extern const struct validation_case theory_cases[];
extern const struct validation_case kernel_cases[];
extern const struct validation_case cost_cases[];

/* Rows of the cost table that no case is about, and why; ends with NULL. */
extern const char *const cost_remarks[];

#endif
