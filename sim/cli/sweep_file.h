/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep as a file, for what would be a long command line:
 *
 *	{ "oversub_sweep": 1, "scenario": "demo",
 *	  "set": { "yield.candidate.policy": "v3", "io.exponential.mean": "1ms" },
 *	  "vary": { "policies": ["mainline", "v3"], "ipi_window_ns": "100us..50ms:log" },
 *	  "design": "sobol:64", "reps": 10, "seed": 1, "metrics": ["vm.db:requests_per_s"] }
 *
 * Comments are allowed. What the command line says comes after it and so wins.
 */
#ifndef SIM_CLI_SWEEP_FILE_H
#define SIM_CLI_SWEEP_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/cli/options.h"

struct sweep_file {
	struct cli_options options; /* those of the command line with those of the file */
	char **texts;		    /* memory behind them; owned */
	size_t nr_texts;
	bool is_file;	    /* the arrays of options are owned */
	char *arguments[2]; /* the scenario; owned array */
};

/*
 * If the argument of options is a sweep file, read it; otherwise file->options are the same.
 * OVERSUB_BAD_INPUT: the message says what is wrong with it. Free it with sweep_file_free().
 */
enum oversub_status sweep_file_read(struct sweep_file *file, const struct cli_options *options,
				    struct oversub_error *error);
void sweep_file_free(struct sweep_file *file);

#endif
