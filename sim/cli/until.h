/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --until: as many replications at each point as it takes to know a metric well enough. One looks
 * at all points after the same numbers of replications, once all of them are complete, so that
 * what is run does not depend on who was quicker; see sim/stats/sequential.h.
 */
#ifndef SIM_CLI_UNTIL_H
#define SIM_CLI_UNTIL_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/cli/keeper.h"
#include "sim/cli/options.h"
#include "sim/output/run_json.h"

/* More replications than this are not run unless --reps allows them. */
enum { UNTIL_CAP = 1000 };

/*
 * Before the keeper is opened: begin with as many replications as the first look wants. has_bases:
 * there is something that a gain could be against. OVERSUB_BAD_INPUT: what --until wants cannot be.
 */
enum oversub_status until_begin(const struct cli_options *options,
				struct scenario *const *scenarios, size_t nr, bool has_bases,
				struct oversub_error *error);
/*
 * Run replications of nr scenarios, whose keeper is open, until all are known well enough, and set
 * their numbers of replications to what that took. bases has for each of them that with which it is
 * compared, itself if with none; NULL: none is. Adds to *run what it has run.
 */
enum oversub_status until_run(const struct cli_options *options, struct keeper *keeper,
			      struct scenario *const *scenarios, size_t nr, const size_t *bases,
			      struct run_info *run, struct oversub_error *error);

#endif
