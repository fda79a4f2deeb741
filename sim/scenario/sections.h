/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the models' tables of parameters hang in the document. Loader, overrides, listing and
 * schema walk these lists, so a table is hung up in exactly one place.
 */
#ifndef SIM_SCENARIO_SECTIONS_H
#define SIM_SCENARIO_SECTIONS_H

#include <stddef.h>
#include <stdint.h>

#include <oversub/param.h>
#include <oversub/policy.h>

#include "models/host/cgroup.h"
#include "sim/scenario/policy_registry.h"

/* A table of parameters in a JSON object. A list of sections ends with one whose params is NULL. */
struct param_section {
	const char *key; /* the table is in this sub-object; NULL: in the object itself */
	const struct oversub_param *params; /* never NULL but at the end of a list */
	size_t offset; /* of the table's struct in the struct that the whole object fills */
};

extern const struct param_section scenario_host_sections[]; /* "host": struct host_config */
extern const struct param_section
	scenario_cgroup_sections[]; /* a node of "host.cgroups": struct host_cgroup */
extern const struct param_section
	scenario_vm_sections[]; /* "vms.NAME", "vm_defaults": struct scenario_vm */
extern const struct param_section scenario_run_sections[]; /* "run": struct run_config */

/* What a thread class has besides its program. */
struct scenario_thread_class {
	int64_t count; /* threads, >= 1 */
	int64_t nice;
	int64_t slice_ns;
	int64_t cpu_weight;
	struct host_cpu_max cpu_max;
};

/* Thread classes of a VM's workload have a count only; the others are for host threads. */
extern const struct param_section scenario_guest_class_sections[];
extern const struct param_section scenario_host_class_sections[];

/* A lock of a workload. */
struct scenario_lock {
	int64_t kind; /* enum lock_kind */
};
extern const struct param_section scenario_lock_sections[];
/* The only parameter there, which may stand for the whole object. */
extern const struct oversub_param *const scenario_lock_kind;

/* A barrier's number of parties, as a table with one parameter; an int64_t. */
extern const struct oversub_param scenario_barrier_param;

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

/* The parameter of that name, NULL if table has none. */
const struct oversub_param *param_find(const struct oversub_param *table, const char *name);

#endif
