/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directory of one result: result.json, run.json, scenario.json, metrics.csv and a .hgrm for
 * each histogram. It appears complete or not at all.
 */
#ifndef SIM_OUTPUT_RESULT_DIRECTORY_H
#define SIM_OUTPUT_RESULT_DIRECTORY_H

#include <oversub/error.h>

#include "sim/output/result_json.h"
#include "sim/output/run_json.h"
#include "sim/run/aggregate.h"
#include "sim/scenario/scenario.h"

/* What a scenario says about its results. The strings live in scenario and in seed. */
struct result_info result_info_of(const struct scenario *scenario, char seed[24]);

/*
 * Write the directory at path. run may be NULL: then there is no run.json. *renewed (may be NULL):
 * there was none, or it was another.
 */
enum oversub_status result_directory_write(const char *path, const struct scenario *scenario,
					   const struct aggregate *aggregate,
					   const struct run_info *run, bool *renewed,
					   struct oversub_error *error);

/* Write run.json alone into the existing directory path. */
enum oversub_status result_directory_write_run(const char *path, const struct run_info *run,
					       struct oversub_error *error);

#endif
