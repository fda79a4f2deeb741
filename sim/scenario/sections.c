/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/scenario/scenario.h"
#include "sim/scenario/sections.h"

#define MILLISECOND INT64_C(1000000)
#define SECOND	    (1000 * MILLISECOND)
#define HOUR	    (3600 * SECOND)

/* A duration whose key lacks the field's "_ns". */
#define NAMED_DURATION(type_, key_, field_, def_, min_, max_, help_)                               \
	{                                                                                          \
		.name = (key_), .type = OVERSUB_PARAM_DURATION, .offset = offsetof(type_, field_), \
		.unit = "ns", .def = (def_), .min = (min_), .max = (max_), .help = (help_)         \
	}

const struct oversub_param run_params[] = {
	NAMED_DURATION(struct run_config, "warmup", warmup_ns, 300 * MILLISECOND, 0, 1000 * HOUR,
		       "Simulated time before the measurement begins."),
	NAMED_DURATION(struct run_config, "measure", measure_ns, 2 * SECOND, 1000, 1000 * HOUR,
		       "Simulated time that is measured."),
	OVERSUB_INT(struct run_config, replications, NULL, 10, 1, 1000000,
		    "Independent repetitions, from which the confidence intervals come."),
	OVERSUB_INT(struct run_config, seed, NULL, 1, 0, INT64_MAX,
		    "Root of all random streams; from 2^53 on as a string."),
	NAMED_DURATION(struct run_config, "watchdog", watchdog_ns, 10 * SECOND, MILLISECOND,
		       1000 * HOUR,
		       "Simulated time without any progress after which a run is given up."),
	OVERSUB_PARAM_END,
};

const struct oversub_param scenario_vm_params[] = {
	OVERSUB_INT(struct scenario_vm_size, count, "VMs", 1, 1, SCENARIO_MAX_VCPUS,
		    "VMs like this one."),
	OVERSUB_INT(struct scenario_vm_size, vcpus, "vCPUs", 1, 1, OVERSUB_MAX_VCPUS,
		    "vCPUs of each VM."),
	OVERSUB_INT(struct scenario_vm_size, cpu_weight, NULL, 100, 1, 10000,
		    "cpu.weight of the VM's cgroup."),
	OVERSUB_PARAM_END,
};

static const struct oversub_param cgroup_params[] = {
	OVERSUB_INT(struct host_cgroup, cpu_weight, NULL, 100, 1, 10000,
		    "cpu.weight of the cgroup."),
	OVERSUB_PARAM_END,
};

static const struct oversub_param guest_class_params[] = {
	OVERSUB_INT(struct scenario_thread_class, count, "threads", 1, 1, SCENARIO_MAX_VCPUS,
		    "Threads of this class."),
	OVERSUB_INT(struct scenario_thread_class, nice, NULL, 0, -20, 19,
		    "Nice value; in a VM of use only if threads share vCPUs."),
	OVERSUB_PARAM_END,
};

static const struct oversub_param host_class_params[] = {
	NAMED_DURATION(struct scenario_thread_class, "slice", slice_ns, 0, 0, 100 * MILLISECOND,
		       "Custom slice (sched_attr::sched_runtime); 0 means the base slice."),
	OVERSUB_INT(struct scenario_thread_class, cpu_weight, NULL, 0, 0, 10000,
		    "cpu.weight of a cgroup for this class; 0 leaves it in the root cgroup, unless "
		    "there is a cpu_max."),
	OVERSUB_PARAM_END,
};

static const struct oversub_param lock_params[] = {
	OVERSUB_ENUM(
		struct scenario_lock, kind, lock_kind_names, LOCK_SPINLOCK,
		"What the lock is. spinlock: what a Linux guest has, tas, pv or queued by what "
		"it is told of its VM; others insist on it."),
	OVERSUB_PARAM_END,
};

const struct oversub_param *const scenario_lock_kind = &lock_params[0];

const struct oversub_param scenario_barrier_param = {
	.name = "parties",
	.type = OVERSUB_PARAM_INT,
	.unit = "threads",
	.def = 2,
	.min = 1,
	.max = SCENARIO_MAX_VCPUS,
	.help = "Threads that must arrive.",
};

const struct oversub_param scenario_no_params[] = {OVERSUB_PARAM_END};

const struct param_section scenario_host_sections[] = {
	{NULL, host_params, 0},
	{"costs", host_costs_params, offsetof(struct host_config, costs)},
	{NULL, NULL, 0},
};

const struct param_section scenario_cgroup_sections[] = {
	{NULL, cgroup_params, 0},
	{"cpu_max", host_cpu_max_params, offsetof(struct host_cgroup, cpu_max)},
	{NULL, NULL, 0},
};

const struct param_section scenario_vm_sections[] = {
	{NULL, scenario_vm_params, offsetof(struct scenario_vm, size)},
	{NULL, kvm_params, offsetof(struct scenario_vm, kvm)},
	{"cpu_max", host_cpu_max_params, offsetof(struct scenario_vm, cpu_max)},
	{"ple", ple_params, offsetof(struct scenario_vm, kvm.ple)},
	{"halt_poll", halt_poll_params, offsetof(struct scenario_vm, kvm.halt_poll)},
	{"costs", kvm_costs_params, offsetof(struct scenario_vm, kvm.costs)},
	{"guest", guest_params, offsetof(struct scenario_vm, guest)},
	{NULL, NULL, 0},
};

const struct param_section scenario_lock_sections[] = {
	{NULL, lock_params, 0},
	{NULL, NULL, 0},
};

const struct param_section scenario_run_sections[] = {
	{NULL, run_params, 0},
	{NULL, NULL, 0},
};

const struct param_section scenario_guest_class_sections[] = {
	{NULL, guest_class_params, 0},
	{NULL, NULL, 0},
};

const struct param_section scenario_host_class_sections[] = {
	{NULL, guest_class_params, 0},
	{NULL, host_class_params, 0},
	{"cpu_max", host_cpu_max_params, offsetof(struct scenario_thread_class, cpu_max)},
	{NULL, NULL, 0},
};

/* ---- Policies ----------------------------------------------------------------------------- */

/* The lists of the registry are alike but for the type of what they hold. */
#define AXIS_FUNCTIONS(axis_, list_)                                                               \
	static const char *axis_##_axis_name(const struct policy_registry *policies, int index)    \
	{                                                                                          \
		return policies->list_[index] ? policies->list_[index]->name : NULL;               \
	}                                                                                          \
	static const char *axis_##_axis_help(const struct policy_registry *policies, int index)    \
	{                                                                                          \
		return policies->list_[index]->help;                                               \
	}                                                                                          \
	static const struct oversub_param *axis_##_axis_params(                                    \
		const struct policy_registry *policies, int index)                                 \
	{                                                                                          \
		return policies->list_[index]->params ? policies->list_[index]->params             \
						      : scenario_no_params;                        \
	}                                                                                          \
	static size_t axis_##_axis_params_size(const struct policy_registry *policies, int index)  \
	{                                                                                          \
		return policies->list_[index]->params_size;                                        \
	}

AXIS_FUNCTIONS(candidate, candidates)
AXIS_FUNCTIONS(sched, scheds)
AXIS_FUNCTIONS(window, windows)
AXIS_FUNCTIONS(cosched, coscheds)

static uint32_t candidate_axis_needs(const struct policy_registry *policies, int index)
{
	return policies->candidates[index]->needs;
}

static uint32_t cosched_axis_needs(const struct policy_registry *policies, int index)
{
	return policies->coscheds[index]->needs;
}

const struct scenario_axis scenario_axes[SCENARIO_AXES] = {
	[SCENARIO_AXIS_CANDIDATE] = {"yield", "candidate", "mainline", candidate_axis_name,
				     candidate_axis_help, candidate_axis_params,
				     candidate_axis_params_size, candidate_axis_needs},
	[SCENARIO_AXIS_SCHED] = {"yield", "sched", "mainline", sched_axis_name, sched_axis_help,
				 sched_axis_params, sched_axis_params_size, NULL},
	[SCENARIO_AXIS_WINDOW] = {"yield", "window", "mainline", window_axis_name, window_axis_help,
				  window_axis_params, window_axis_params_size, NULL},
	[SCENARIO_AXIS_COSCHED] = {"host", "cosched", "none", cosched_axis_name, cosched_axis_help,
				   cosched_axis_params, cosched_axis_params_size,
				   cosched_axis_needs},
};

const char *scenario_axis_path(const struct scenario_axis *axis,
			       char buffer[SCENARIO_AXIS_PATH_MAX])
{
	snprintf(buffer, SCENARIO_AXIS_PATH_MAX, "%s.%s", axis->section, axis->key);
	return buffer;
}

int scenario_axis_find(const struct scenario_axis *axis, const struct policy_registry *policies,
		       const char *name)
{
	for (int i = 0; axis->name(policies, i); i++)
		if (!strcmp(axis->name(policies, i), name))
			return i;
	return -1;
}

const struct oversub_param *param_find(const struct oversub_param *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}
