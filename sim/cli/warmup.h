/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --warmup auto: how long the warm-up must be, found by running everything once without one. */
#ifndef SIM_CLI_WARMUP_H
#define SIM_CLI_WARMUP_H

#include <stddef.h>

#include <oversub/error.h>

#include "sim/cli/options.h"

/*
 * Choose one warm-up for nr scenarios, which are to be compared, and set it in each; nothing if
 * options do not ask for it. Each is run from its start for as long as its warm-up and its measured
 * window together, and MSER-5 looks at what each class does, averaged over the replications; the
 * longest is taken. So the choice is a function of scenarios and seed.
 */
enum oversub_status warmup_choose(const struct cli_options *options,
				  struct scenario *const *scenarios, size_t nr,
				  struct oversub_error *error);

#endif
