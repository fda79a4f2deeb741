/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paired comparison of results: replication i of one against replication i of the other. With one
 * seed both met the same random numbers, so the differences vary much less than the values.
 */
#ifndef SIM_RUN_COMPARE_H
#define SIM_RUN_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/run/aggregate.h"
#include "sim/stats/paired.h"

/* One result to compare. Everything belongs to the caller. */
struct compare_side {
	const char *label; /* for messages: its directory */
	const char *seed;  /* as its result file writes it */
	const struct aggregate *aggregate;
};

/*
 * The metric that decides. Tests of it take half of the risk of a false alarm, however many others
 * there are, so that looking at those costs it little.
 */
#define COMPARE_PRIMARY "requests_per_s"

/* One metric that base and other both have. Strings belong to the base's aggregate. */
struct compared_metric {
	const char *scope, *name, *unit;
	double base, other;	  /* means over the pairs */
	struct sim_paired paired; /* difference.n pairs: those where both values exist */
	double p_holm;		  /* p after compare_correct(); NAN before, or if it is no test */
	bool significant;	  /* p_holm < 0.05 */
};

/* Base against one other. */
struct comparison {
	const char *base_label, *other_label;
	size_t nr_pairs;	  /* replications that both have */
	size_t nr_base, nr_other; /* replications that each has; unequal: some were left out */
	struct compared_metric *metrics;
	size_t nr_metrics;
	size_t nr_missing; /* metrics of the base that the other lacks; they are left out */
};

/*
 * Compare each of nr others with base; comparisons has room for nr and each is freed with
 * comparison_free(). Replications that only one of a pair has are left out and show in nr_base
 * and nr_other. OVERSUB_BAD_INPUT if the seeds differ, or no metric is common.
 */
enum oversub_status compare_results(const struct compare_side *base,
				    const struct compare_side *others, size_t nr,
				    struct comparison *comparisons, struct oversub_error *error);

/*
 * One metric of other against that of base. Its difference.n is 0 if one of them lacks the metric.
 */
struct sim_paired compare_one(const struct aggregate *base, const struct aggregate *other,
			      const char *scope, const char *name);

/* The metric, NULL if there is none. */
const struct compared_metric *comparison_find(const struct comparison *comparison,
					      const char *scope, const char *name);

/* One of the tests that are shown together. */
struct compare_test {
	double p;	  /* NAN: no test */
	bool primary;	  /* of COMPARE_PRIMARY */
	double p_holm;	  /* written: after the correction over all; NAN if it is no test */
	bool significant; /* written: p_holm < 0.05 */
};

/* The test that a metric is; none if it has no interval, or nothing differs at all. */
struct compare_test compare_test_of(const struct compared_metric *metric);
/*
 * Correct nr tests for each other, by Holm's method with weights: if nothing differs in truth, any
 * of them is significant in at most 5 % of all such tables. *nr_tests, if not NULL, becomes the
 * number of those that are tests. OVERSUB_FAILED if memory runs out.
 */
enum oversub_status compare_correct(struct compare_test *tests, size_t nr, size_t *nr_tests,
				    struct oversub_error *error);

/* Free what comparison points to and leave it empty. */
void comparison_free(struct comparison *comparison);

#endif
