/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the axes of a sweep mean, and how axes and their values are called in tables and pictures.
 * Values stay the texts that --set takes, and are numbers where numbers are asked for; a label is
 * made last and never read. Texts go to buffer, as much as fits, which is returned.
 */
#ifndef SIM_REPORT_AXIS_H
#define SIM_REPORT_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/run/sweep.h"

/* Found from the end of the path. */
enum axis_role {
	AXIS_OTHER,
	AXIS_CANDIDATE, /* yield.candidate.policy */
	AXIS_SCHED,	/* yield.sched.policy */
	AXIS_POLICIES,	/* policies, or something else that selects some: yield.candidate={...} */
	AXIS_COUNT,	/* vms.NAME.count */
	AXIS_RATE,	/* how often work arrives: arrivals.NAME.rate, or its mean interval */
	AXIS_WINDOW,	/* ipi_window_ns */
	AXIS_RELAXED,	/* enable_relaxed_boost */
	AXIS_EOI,	/* apicv, pv_eoi: whether KVM sees EOIs */
};

enum axis_role axis_role_of(const char *path);
enum axis_role axis_role(const struct sweep_grid *grid, size_t axis);
/* The first axis with role, or -1. */
int axis_with(const struct sweep_grid *grid, enum axis_role role);
bool axis_is_policy(const struct sweep_grid *grid, size_t axis);
/* Whether any axis is one of policies. */
bool axis_any_policy(const struct sweep_grid *grid);
/* How many combinations there are of the values of the axes that are of policies, or are not. */
size_t axis_combinations(const struct sweep_grid *grid, bool policies);

/* Whether value, of something that is on or off, is on. */
bool axis_is_on(const char *value);
/*
 * The number that value stands for: a plain number, ns for a duration, or so many per second for a
 * rate ("5000/s"); NAN if it is none. Of an axis of AXIS_RATE it is arrivals per second, whichever
 * way they are given.
 */
double axis_number(enum axis_role role, const char *value);
/* The name of the source that a path of AXIS_RATE is of. */
const char *axis_source(const char *path, char *buffer, size_t size);

/* What to write for value number value of axis: "50 ms", "relaxed pass off", "v3" ... */
const char *axis_value_label(const struct sweep_grid *grid, size_t axis, size_t value, char *buffer,
			     size_t size);
/* The same where the axis is not named beside it: "ipi_window_ns 50 ms", "2 VMs db", "v3". */
const char *axis_setting(const struct sweep_grid *grid, size_t axis, size_t value, char *buffer,
			 size_t size);
/* What to write along an axis: "VMs db", "candidate policy". */
const char *axis_label(const struct sweep_grid *grid, size_t axis, char *buffer, size_t size);
/* "10 ms", "1.5 µs" */
const char *axis_format_ns(double ns, char *buffer, size_t size);

#endif
