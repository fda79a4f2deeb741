/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a result directory holds, in the form in which pictures need it: the points of a grid. A run
 * is a grid without axes.
 */
#ifndef SIM_PLOT_PLOT_DATA_H
#define SIM_PLOT_PLOT_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/output/result_json.h"
#include "sim/run/sweep.h"

struct plot_point {
	bool present;		 /* a point of an unfinished sweep may be missing */
	char *directory;	 /* where its result.json is; owned */
	struct result_file file; /* its json without metrics and histograms */
};

struct plot_data {
	char *directory; /* owned */
	bool is_sweep;
	struct sweep_grid grid;
	struct plot_point *points;	/* nr_points */
	size_t nr_points;		/* 1 for a run */
	const struct plot_point *first; /* the first that is present */
	size_t nr_missing;		/* points that are not there: the sweep is unfinished */
};

/*
 * Read directory. OVERSUB_BAD_INPUT: there are no results in it, or one cannot be read; then *data
 * is empty. Else free it with plot_data_free().
 */
enum oversub_status plot_data_load(const char *directory, struct plot_data *data,
				   struct oversub_error *error);
void plot_data_free(struct plot_data *data);

/* Whether the scenario of point has what axis varies; a policy may lack a parameter. */
bool plot_point_has(const struct plot_data *data, const struct plot_point *point, size_t axis);
/* Whether point is mainline on all axes of policies. */
bool plot_point_is_mainline(const struct plot_point *point);

/* The first scope that has metric name in any point, vm.* first; NULL if none has. */
const char *plot_scope_with(const struct plot_data *data, const char *name);
/* "db" from "vm.db"; other scopes as they are. */
const char *plot_scope_label(const char *scope);
/* The title of the picture's scenario and "10 replications x 2 s, seed 1". */
const char *plot_title(const struct plot_data *data);
void plot_caption(const struct plot_data *data, char *buffer, size_t size);

#endif
