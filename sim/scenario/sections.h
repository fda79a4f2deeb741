/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The axes of policies, so that code can treat them alike. */
#ifndef SIM_SCENARIO_SECTIONS_H
#define SIM_SCENARIO_SECTIONS_H

#include <stddef.h>
#include <stdint.h>

#include <oversub/param.h>
#include <oversub/policy.h>

#include "sim/scenario/policy_registry.h"

/* A table without parameters, for policies that have none. */
extern const struct oversub_param scenario_no_params[];

/* The policy axes, so that code can treat them alike. */
struct scenario_axis {
	const char *section;	  /* object at the top of the document: "yield", "host" */
	const char *key;	  /* in there: "candidate", "sched", "window", "cosched" */
	const char *default_name; /* policy if the document does not say */
	/* Policy number index of the axis: its name, NULL behind the last one. */
	const char *(*name)(const struct policy_registry *policies, int index);
	const char *(*help)(const struct policy_registry *policies, int index);
	/* Never NULL. */
	const struct oversub_param *(*params)(const struct policy_registry *policies, int index);
	size_t (*params_size)(const struct policy_registry *policies, int index);
	/* enum oversub_needs, and oversub_cosched_needs for cosched. NULL: the axis has none. */
	uint32_t (*needs)(const struct policy_registry *policies, int index);
};

enum {
	SCENARIO_AXIS_CANDIDATE,
	SCENARIO_AXIS_SCHED,
	SCENARIO_AXIS_WINDOW,
	SCENARIO_AXIS_COSCHED,
	SCENARIO_AXES
};
extern const struct scenario_axis scenario_axes[SCENARIO_AXES];
/* "yield.candidate", to buffer. */
enum { SCENARIO_AXIS_PATH_MAX = 32 };
const char *scenario_axis_path(const struct scenario_axis *axis,
			       char buffer[SCENARIO_AXIS_PATH_MAX]);
/* Index of the policy with that name, -1 if there is none. */
int scenario_axis_find(const struct scenario_axis *axis, const struct policy_registry *policies,
		       const char *name);

#endif
