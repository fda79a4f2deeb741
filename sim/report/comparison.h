/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as a table or as JSON. */
#ifndef SIM_REPORT_COMPARISON_H
#define SIM_REPORT_COMPARISON_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/output/json_writer.h"
#include "sim/run/compare.h"

/* Which metrics to show. */
struct comparison_filter {
	/* Wildcards of "SCOPE:NAME" or "NAME", any of which will do; none: the most telling ones.
	 */
	const char *const *metrics;
	size_t nr_metrics;
	bool all;     /* all, whatever metrics say */
	bool compact; /* without metrics, the few that decide */
};

/* Whether the filter lets a metric pass. */
bool comparison_shows(const struct comparison_filter *filter, const char *scope, const char *name);

/* The same for a row: only what was asked for has one if it does not exist. */
bool comparison_has_row(const struct comparison_filter *filter,
			const struct compared_metric *metric);

/* A comparison, and whether what is shown of it is the regret. */
struct comparison_view {
	struct comparison *comparison; /* never NULL; belongs to the caller */
	bool is_regret;
};

/*
 * Correct the tests of all rows of nr views, which are shown together, for each other. *nr_tests
 * becomes their number. OVERSUB_FAILED if memory runs out.
 */
enum oversub_status comparison_correct(const struct comparison_view *views, size_t nr,
				       const struct comparison_filter *filter, size_t *nr_tests,
				       struct oversub_error *error);
/* A line that says what the star means, over so many tests. */
void comparison_write_star(FILE *stream, size_t nr_tests, const struct comparison_filter *filter);

/*
 * Write the table of what passes filter, without a title. Of a regret, whose base is an oracle:
 * what throughput the other lost, and how much longer its waits are. Nothing at all is written if
 * there is nothing to say. Returns the number of rows.
 */
int comparison_write(FILE *stream, const struct comparison_view *view,
		     const struct comparison_filter *filter);
/*
 * Write an object {"base", "other", "pairs", "tests", "metrics": {SCOPE: {NAME: {...}}}} of what
 * passes filter; of a regret, {"oracle", "other", "pairs", "tests", "regret": ...}. Returns the
 * number of its metrics.
 */
int comparison_write_json(struct json_writer *writer, const struct comparison_view *view,
			  size_t nr_tests, const struct comparison_filter *filter);

#endif
