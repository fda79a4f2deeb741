/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The grid of a sweep: every `--vary PATH=V1,V2,...` is an axis, every combination of one value
 * from each axis is a point. The last axis varies fastest, as the digits of a number do.
 */
#ifndef SIM_RUN_SWEEP_H
#define SIM_RUN_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/run/sweep_design.h"

/* More points than this are taken for a mistake. */
#define SWEEP_MAX_POINTS 100000

struct sweep_axis {
	char *path;    /* as the user wrote it; owned */
	char **values; /* texts as --set takes them; owned */
	size_t nr_values;
};

struct sweep_grid {
	struct sweep_axis *axes;
	size_t nr_axes;
	size_t nr_points; /* product of nr_values; 0 while there is no axis */
	/* Of the axis SWEEP_DESIGN_PATH, the last one; of kind SWEEP_NO_DESIGN if there is none. */
	struct sweep_design design;
};

/*
 * Add the axis that spec, "PATH=V1,V2,...", describes to grid, which starts zeroed. Commas inside
 * JSON brackets, braces and strings do not separate. OVERSUB_BAD_INPUT: no '=', no path, an empty
 * value, unbalanced brackets, the same path or the same value twice, too many points. A value may
 * be a range that stands for several, "LOW..HIGH:N". If grid has a design, an axis that is one
 * range without a number of values becomes one of its parameters.
 */
enum oversub_status sweep_grid_add(struct sweep_grid *grid, const char *spec,
				   struct oversub_error *error);

/*
 * No axis follows: make the rows of the design, if there is one, the last axis. OVERSUB_BAD_INPUT:
 * there are too few axes or too many points.
 */
enum oversub_status sweep_grid_close(struct sweep_grid *grid, struct oversub_error *error);
/* The row of the design that point, 0 .. nr_points - 1, has; grid has a design. */
size_t sweep_grid_row(const struct sweep_grid *grid, size_t point);

/* Which of the values of axis point, 0 .. nr_points - 1, has: 0 .. nr_values - 1. */
size_t sweep_grid_index(const struct sweep_grid *grid, size_t point, size_t axis);
/* The value that point, 0 .. nr_points - 1, has on axis. */
const char *sweep_grid_value(const struct sweep_grid *grid, size_t point, size_t axis);
/* The point that has the first value on axis, and is like point on all others. */
size_t sweep_grid_first(const struct sweep_grid *grid, size_t point, size_t axis);
/* The end of the path of axis that tells it from the other axes: "count", or "db.count". */
const char *sweep_grid_name(const struct sweep_grid *grid, size_t axis);
/*
 * "lag_credit, credit_unit_ns 20us" for {"policy":"lag_credit","credit_unit_ns":"20us"}, as much
 * as buffer holds. False: value is no JSON object, or an empty one.
 */
bool sweep_value_words(const char *value, char *buffer, size_t size);
/* "name=value name=value" for people, objects in words; the caller frees. */
char *sweep_grid_label(const struct sweep_grid *grid, size_t point);

/* Free what grid points to and leave it empty. */
void sweep_grid_free(struct sweep_grid *grid);

#endif
