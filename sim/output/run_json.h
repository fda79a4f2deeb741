/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.json: what does not belong into result.json because it is not a function of scenario and
 * seed: when, where, by what and how fast it was made.
 */
#ifndef SIM_OUTPUT_RUN_JSON_H
#define SIM_OUTPUT_RUN_JSON_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "sim/scenario/policy_registry.h"

struct run_info {
	int argc; /* the command line, from the subcommand on */
	char *const *argv;
	time_t started;
	double wall_s;	      /* of all replications together, as the user waits for them */
	double busy_s;	      /* sum over the replications of their own time */
	unsigned int jobs;    /* worker threads */
	uint64_t events;      /* sum over the replications */
	int64_t simulated_ns; /* sum over the replications */
	const struct policy_registry *policies; /* what was loaded; NULL: no plug-ins */
};

/* Add what another part of the same command has run. */
void run_info_add(struct run_info *info, const struct run_info *part);
/* The commit that the program was built from, with "-dirty" behind it if it was changed; static. */
const char *run_source_state(void);

/* Write it; finds out about host, compiler and git by itself. Errors stay in the stream. */
void run_json_write(FILE *stream, const struct run_info *info);

#endif
