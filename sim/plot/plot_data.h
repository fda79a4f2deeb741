/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a result directory holds, in the form in which pictures need it: the points of a grid, with
 * a role for each axis and a policy for each point. A run is a grid without axes.
 */
#ifndef SIM_PLOT_PLOT_DATA_H
#define SIM_PLOT_PLOT_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/output/result_json.h"
#include "sim/run/sweep.h"

/* What an axis means for a picture; found from the end of its path. */
enum plot_role {
	PLOT_ROLE_OTHER,
	PLOT_ROLE_CANDIDATE, /* yield.candidate.policy */
	PLOT_ROLE_SCHED,     /* yield.sched.policy */
	PLOT_ROLE_POLICIES,  /* policies, or something else that selects some: yield.candidate={...}
			      */
	PLOT_ROLE_COUNT,     /* vms.NAME.count */
	PLOT_ROLE_RATE,	     /* how often work arrives: arrivals.NAME.rate, or its mean interval */
	PLOT_ROLE_WINDOW,    /* ipi_window_ns */
	PLOT_ROLE_RELAXED,   /* enable_relaxed_boost */
	PLOT_ROLE_EOI,	     /* apicv, pv_eoi: whether KVM sees EOIs */
};

struct plot_point {
	bool present;		 /* a point of an unfinished sweep may be missing */
	char *directory;	 /* where its result.json is; owned */
	struct result_file file; /* its json without metrics and histograms */
	char *policy; /* "candidate+sched", the key of colours, and window and cosched that are not
		       * the default; owned */
};

struct plot_data {
	char *directory; /* owned */
	bool is_sweep;
	struct sweep_grid grid;
	enum plot_role *roles;		/* one for each axis */
	struct plot_point *points;	/* nr_points */
	size_t nr_points;		/* 1 for a run */
	const struct plot_point *first; /* the first that is present */
};

/*
 * Read directory. OVERSUB_BAD_INPUT: there are no results in it, or one cannot be read; then *data
 * is empty. Else free it with plot_data_free().
 */
enum oversub_status plot_data_load(const char *directory, struct plot_data *data,
				   struct oversub_error *error);
void plot_data_free(struct plot_data *data);

/* The role of an axis with this path. */
enum plot_role plot_role_of(const char *path);
/* The first axis with role, or -1. */
int plot_axis_with(const struct plot_data *data, enum plot_role role);
bool plot_axis_is_policy(const struct plot_data *data, size_t axis);
/* Whether any axis is one of policies, and how many combinations of policies there are. */
bool plot_has_policies(const struct plot_data *data);
size_t plot_nr_policies(const struct plot_data *data);
/* Whether the scenario of point has what axis varies; a policy may lack a parameter. */
bool plot_point_has(const struct plot_data *data, size_t point, size_t axis);
/*
 * What to write for value of an axis: "50 ms" for a duration, "relaxed pass off", "apicv off,
 * pv_eoi" for an object ... into buffer, which is returned.
 */
const char *plot_value_label(const struct plot_data *data, size_t axis, const char *value,
			     char *buffer, size_t size);
/* What to write at an axis: "VMs of class db", "IPI recency window". */
const char *plot_axis_label(const struct plot_data *data, size_t axis, char *buffer, size_t size);
/*
 * The number that value stands for: a plain number, ns for a duration, or so many per second for a
 * rate ("5000/s"); NAN if it is none.
 */
double plot_value_number(const char *value);
/* The same for an axis of PLOT_ROLE_RATE: arrivals per second, whichever way they are given. */
double plot_value_rate(const char *value);
/* The name of the source that the path of such an axis is of, into buffer, which is returned. */
const char *plot_source_of(const char *path, char *buffer, size_t size);
/* "10 ms", "1.5 us": for people. */
const char *plot_format_ns(double ns, char *buffer, size_t size);

/* The first scope that has metric name in any point, vm.* first; NULL if none has. */
const char *plot_scope_with(const struct plot_data *data, const char *name);
/* "db" from "vm.db"; other scopes as they are. */
const char *plot_scope_label(const char *scope);
/* The title of the picture's scenario and "10 replications x 2 s, seed 1". */
const char *plot_title(const struct plot_data *data);
void plot_caption(const struct plot_data *data, char *buffer, size_t size);

#endif
