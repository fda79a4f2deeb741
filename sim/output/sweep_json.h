/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep.json: which values span the grid of a sweep and where its points are.
 *
 *	{ "format": 2, "oversub": "0.1.0", "name": ..., "title": ..., "seed": "1",
 *	  "axes": [ { "path": "yield.candidate.ipi_window_ns", "values": ["1ms", "5ms"] } ... ],
 *	  "points": [ { "directory": "points/000", "values": ["1ms", ...],
 *	                "candidate": ..., "sched": ..., "replications": 10 } ... ] }
 *
 * Points are in the order of the grid, the last axis varying fastest. Values are the texts that
 * --set takes. A point whose directory is missing has not been run.
 */
#ifndef SIM_OUTPUT_SWEEP_JSON_H
#define SIM_OUTPUT_SWEEP_JSON_H

#include <stdio.h>

#include <oversub/error.h>

#include "sim/run/aggregate.h"
#include "sim/run/sweep.h"
#include "sim/scenario/scenario.h"

enum { SWEEP_POINT_NAME = 40 };

/* "points/007", or "points/000007" if there are more than a thousand. */
const char *sweep_point_directory(size_t point, size_t nr_points, char name[SWEEP_POINT_NAME]);

/* Remove what other grids, larger or numbered otherwise, left of points in directory. */
void sweep_points_tidy(const char *directory, size_t nr_points);

/*
 * Write it; scenarios has one for each point, and same_as, which may be NULL, the first point that
 * simulates the same. aggregates may be NULL; otherwise it has one for each
 * point, too, and each point gets the "metrics" of a result.json. Errors stay in the stream.
 */
void sweep_json_write(FILE *stream, const struct sweep_grid *grid,
		      struct scenario *const *scenarios, const size_t *same_as,
		      const struct aggregate *aggregates);

/*
 * How many replications the points of the sweep in directory have, of those that are the same once.
 * OVERSUB_BAD_INPUT as sweep_json_read().
 */
enum oversub_status sweep_json_replications(const char *directory, uint64_t *nr,
					    struct oversub_error *error);

/*
 * Read the grid of the sweep in directory. OVERSUB_BAD_INPUT if there is no sweep.json or it is
 * none; then *grid is empty. Else free it with sweep_grid_free().
 */
enum oversub_status sweep_json_read(const char *directory, struct sweep_grid *grid,
				    struct oversub_error *error);

#endif
