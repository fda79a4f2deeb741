/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tune is to find: a metric that is to be large or small, and limits of others. */
#ifndef SIM_CLI_TUNE_GOAL_H
#define SIM_CLI_TUNE_GOAL_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/cli/options.h"
#include "sim/run/aggregate.h"

struct tune_metric {
	char *scope, *name; /* owned */
};

struct tune_limit {
	struct tune_metric metric;
	bool at_least; /* >= bound, else <= */
	double bound;
};

struct tune_goal {
	struct tune_metric metric;
	bool minimise;
	struct tune_limit *limits; /* owned */
	size_t nr_limits;
};

/* How good a candidate is. */
struct tune_score {
	double value;	  /* the mean of the metric */
	double better;	  /* the same, or minus that if it is to be small */
	double violation; /* how far it is beyond limits, each relative to its bound; 0: keeps them
			   */
};

/* Read --maximise or --minimise, and --subject-to. OVERSUB_BAD_INPUT if one cannot be read. */
enum oversub_status tune_goal_parse(const struct cli_options *options, struct tune_goal *goal,
				    struct oversub_error *error);
void tune_goal_free(struct tune_goal *goal);
/* Before anything runs: OVERSUB_BAD_INPUT if scenario lacks one of the metrics. */
enum oversub_status tune_goal_check(const struct tune_goal *goal, struct scenario *scenario,
				    struct oversub_error *error);
/* How good aggregate is. What has no value is the worst, or beyond all limits. */
void tune_score_of(const struct tune_goal *goal, const struct aggregate *aggregate,
		   struct tune_score *score);
/* Below 0: a comes first. Who keeps all limits comes before who does not. */
int tune_score_order(const struct tune_score *a, const struct tune_score *b);

#endif
