/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An experiment as a command runs it: with progress, Ctrl-C and an account of the time. */
#ifndef SIM_CLI_SIMULATE_H
#define SIM_CLI_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <oversub/error.h>

#include "sim/cli/keeper.h"
#include "sim/cli/options.h"
#include "sim/output/run_json.h"
#include "sim/run/experiment.h"

struct simulation {
	/* Input. */
	const struct cli_options *options;
	struct scenario *const *scenarios; /* one for each point */
	size_t nr_points;		   /* how many that are */
	struct trace_sink *trace;	   /* of the first replication; may be NULL */
	struct keeper *keeper;		   /* of these points; NULL: nothing is kept */
	void *context;
	/* Before the first replication is kept; may be NULL. */
	enum oversub_status (*begin)(void *context, struct oversub_error *error);
	/* The program ends at once: remove what is unfinished; may be NULL. */
	void (*abandon)(void *context);
	/* As in struct experiment_options; point is an index into scenarios. */
	enum oversub_status (*point_done)(void *context, size_t point, struct aggregate *aggregate,
					  struct oversub_error *error);

	/* Output. */
	struct run_info run;
	uint64_t nr_kept;   /* replications that this command has added */
	uint64_t nr_failed; /* that failed, with --keep-going */
};

/*
 * Run it. An interruption is told with the command that goes on, and ends the program with 128 and
 * the signal's number, through options->ended_by or, if workers do not hear it, at once.
 */
enum oversub_status simulate(struct simulation *simulation, struct oversub_error *error);

#endif
