/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep is to run: its grid, and a checked scenario for each point. */
#ifndef SIM_CLI_SWEEP_PLAN_H
#define SIM_CLI_SWEEP_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/cli/options.h"
#include "sim/run/aggregate.h"
#include "sim/run/sweep.h"

struct sweep_plan {
	struct sweep_grid grid;	      /* with full paths */
	struct scenario **scenarios;  /* one for each point; owned */
	struct aggregate *aggregates; /* one for each point, empty until it is done; owned */
	/*
	 * Points that are the same, as they differ in nothing that their policies have, are run
	 * once: those that are run, for each the first point that it is for, and for each point the
	 * next one that is the same, or nr_points.
	 */
	struct scenario **runs; /* owned array; the scenarios are those of points */
	size_t *first_point;	/* owned */
	size_t nr_runs;
	size_t *next_same; /* owned */
	size_t *same_as;   /* for each point the first that is the same; owned */
	bool *idle;	   /* per --set: at no point would leaving it out change anything; owned */
};

/*
 * Make the plan that the command line asks for and check every point of it. OVERSUB_BAD_INPUT:
 * the message says which point is wrong and why.
 */
enum oversub_status sweep_plan_make(struct sweep_plan *plan, const struct cli_options *options,
				    struct oversub_error *error);
/* Find which points are the same, once warm-ups are what they will be. */
enum oversub_status sweep_plan_find_runs(struct sweep_plan *plan, struct oversub_error *error);
/* For each point the run that it is, for free(); NULL without memory. */
size_t *sweep_plan_runs_of_points(const struct sweep_plan *plan);
/* Tell the user what the loader noted, each sentence once. */
void sweep_plan_show_notes(const struct sweep_plan *plan, const struct cli_options *options);
/* Free what plan points to and leave it empty. */
void sweep_plan_free(struct sweep_plan *plan);

#endif
