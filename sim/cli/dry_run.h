/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep would run, and about how long that would take. */
#ifndef SIM_CLI_DRY_RUN_H
#define SIM_CLI_DRY_RUN_H

#include <oversub/error.h>

#include "sim/cli/options.h"
#include "sim/cli/sweep_plan.h"

/*
 * Print the points of plan, whose runs are found, and an estimate of the time that they take, made
 * from a short simulation of a few of them. OVERSUB_FAILED if such a simulation fails.
 */
enum oversub_status dry_run(const struct sweep_plan *plan, const struct cli_options *options,
			    struct oversub_error *error);

#endif
