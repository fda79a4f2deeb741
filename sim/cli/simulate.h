/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An experiment as a command runs it: with progress, Ctrl-C and an account of the time. */
#ifndef SIM_CLI_SIMULATE_H
#define SIM_CLI_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <oversub/error.h>

#include "sim/cli/options.h"
#include "sim/output/run_json.h"
#include "sim/run/experiment.h"

struct simulation {
	/* Input. */
	const struct cli_options *options;
	struct scenario *const *scenarios; /* one for each point */
	const size_t *points;		   /* which of them to run, in order; NULL: all */
	size_t nr_points;		   /* how many that are */
	struct trace_sink *trace;	   /* of the first replication; may be NULL */
	void *context;
	/* As in struct experiment_options; point is an index into scenarios. */
	enum oversub_status (*point_done)(void *context, size_t point, struct aggregate *aggregate,
					  struct oversub_error *error);

	/* Output. */
	struct run_info run;
};

/* Run it. */
enum oversub_status simulate(struct simulation *simulation, struct oversub_error *error);

#endif
