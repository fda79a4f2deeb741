/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of subcommands. */
#include <limits.h>
#include <stddef.h>

#include "sim/cli/command.h"
#include "sim/plot/plot.h"

#define TAKES(option) (UINT64_C(1) << CLI_##option)

/* What all commands that simulate take. */
#define SIMULATION_OPTIONS                                                                         \
	(TAKES(SET) | TAKES(PLUGIN) | TAKES(SEED) | TAKES(REPS) | TAKES(UNTIL) | TAKES(METRIC) |   \
	 TAKES(WARMUP) | TAKES(JOBS) | TAKES(OUT) | TAKES(FORCE) | TAKES(RESUME) | TAKES(SHARD) |  \
	 TAKES(MAX_TIME) | TAKES(MAX_MEMORY) | TAKES(PROGRESS) | TAKES(CHECK_INVARIANTS) |         \
	 TAKES(JSON) | TAKES(QUIET) | TAKES(HELP))

const struct command commands[] = {
	{"run", 1, 1, SIMULATION_OPTIONS | TAKES(TRACE), cmd_run},
	{"sweep", 1, 1,
	 SIMULATION_OPTIONS | TAKES(VARY) | TAKES(DESIGN) | TAKES(DRY_RUN) | TAKES(KEEP_GOING),
	 cmd_sweep},
	{"tune", 1, 1,
	 (SIMULATION_OPTIONS & ~(TAKES(UNTIL) | TAKES(SHARD) | TAKES(JSON) | TAKES(METRIC))) |
		 TAKES(VARY) | TAKES(DESIGN) | TAKES(MAXIMISE) | TAKES(MINIMISE) |
		 TAKES(SUBJECT_TO),
	 cmd_tune},
	{"compare", 1, INT_MAX,
	 TAKES(METRIC) | TAKES(ALL) | TAKES(FORMAT) | TAKES(JSON) | TAKES(QUIET) | TAKES(HELP),
	 cmd_compare},
	{"sensitivity", 1, 1, TAKES(METRIC) | TAKES(JSON) | TAKES(HELP), cmd_sensitivity},
	{"status", 1, 1, TAKES(JSON) | TAKES(HELP), cmd_status},
	{"explain", 1, 1,
	 TAKES(SET) | TAKES(PLUGIN) | TAKES(SEED) | TAKES(TOP) | TAKES(REPLICATION) | TAKES(POINT) |
		 TAKES(MEASURE) | TAKES(JSON) | TAKES(HELP),
	 cmd_explain},
	{"plot", 1, 1,
	 TAKES(FORCE) | TAKES(FORMAT) | TAKES(ONLY) | TAKES(METRIC) | TAKES(FROM) | TAKES(LENGTH) |
		 TAKES(QUIET) | TAKES(HELP),
	 cmd_plot, plot_help},
	{"check", 1, INT_MAX,
	 TAKES(SET) | TAKES(PLUGIN) | TAKES(SEED) | TAKES(REPS) | TAKES(QUIET) | TAKES(HELP),
	 cmd_check},
	{"list", 1, 1, TAKES(PLUGIN) | TAKES(HELP), cmd_list},
	{"help", 0, 1, TAKES(HELP), cmd_help},
	{NULL},
};
