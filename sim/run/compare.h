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
#include "sim/stats/interval.h"

/* One result to compare. Everything belongs to the caller. */
struct compare_side {
	const char *label; /* for messages: its directory */
	const char *seed;  /* as its result file writes it */
	const struct aggregate *aggregate;
};

/* One metric that base and other both have. Strings belong to the base's aggregate. */
struct compared_metric {
	const char *scope, *name, *unit;
	double base, other;	  /* means over the pairs */
	struct sim_paired paired; /* difference.n pairs: those where both values exist */
	double relative;	  /* mean difference / |base|; NAN if base is 0 */
	double relative_half_width;
	double p_holm;	  /* p after Holm's correction over all others; p if there is one */
	bool significant; /* p_holm < 0.05 */
};

/* Base against one other. */
struct comparison {
	const char *base_label, *other_label;
	size_t nr_pairs;	  /* replications that both have */
	size_t nr_base, nr_other; /* replications that each has; unequal: some were left out */
	bool corrected;		  /* several others share the risk of a false alarm */
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

/* The metric, NULL if there is none. */
const struct compared_metric *comparison_find(const struct comparison *comparison,
					      const char *scope, const char *name);

/*
 * Holm's step-down correction of n p-values: adjusted[i] belongs to p[i]. NANs stay NAN and do not
 * count. p and adjusted may be the same array.
 */
void compare_holm(const double *p, double *adjusted, size_t n);

/* Free what comparison points to and leave it empty. */
void comparison_free(struct comparison *comparison);

#endif
