/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads out of JSON: what "workloads.NAME" and "host_workload" say, as struct workload. */
#ifndef SIM_SCENARIO_WORKLOAD_JSON_H
#define SIM_SCENARIO_WORKLOAD_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "models/workload/workload.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/scenario.h"

/* Who runs the threads: decides which ops and which keys of a thread class there are. */
struct workload_place {
	enum workload_runner runner;
	/* For host threads: its CPUs, cgroups and VMs are complete. */
	const struct scenario *scenario;
};

/* Keys of a workload and of a thread class that have no parameter table. */
/* Range of the rate of a source, per second. */
#define SOURCE_MIN_RATE 1e-3
#define SOURCE_MAX_RATE 1e9

extern const char *const workload_keys[];
extern const char *const host_workload_keys[]; /* with "costs" */
extern const char *const source_keys[];	       /* of which each source has exactly one */
extern const char *const guest_class_keys[];
extern const char *const host_class_keys[]; /* with "cpus", "cgroup", "emulator_of" */

/*
 * Fill *workload, which is zeroed, from object. The reader is at object, whose name is name. In any
 * case workload_free() must be called on it in the end.
 */
enum oversub_status workload_read(struct json_reader *reader, const cJSON *object, const char *name,
				  struct workload_place place, struct workload *workload);

/*
 * The class's "program" into class->ops. Locks, events, barriers and sources of workload are
 * complete; requests are added to it as they appear. Whether it makes sense is for
 * workload_is_wrong() to say.
 */
enum oversub_status program_read(struct json_reader *reader, const cJSON *program,
				 enum workload_runner runner, struct workload *workload,
				 struct workload_thread_class *class);
/*
 * Go down to op number *op of the program that the reader is at, as program_read() counts them.
 * False if it has no such op, and *op is how many are missing.
 */
bool program_enter_op(struct json_reader *reader, const cJSON *program, int *op);

/* The description of the op that object stands for, NULL if none of its keys is an op. */
const struct op_description *op_find(const cJSON *object, enum workload_runner runner);
/* Its parameters; if runner does not have the op, those that it has elsewhere. */
const struct oversub_param *op_params(const struct op_description *op, enum workload_runner runner);

/*
 * An array of CPU numbers and ranges ([0, 2, "4-7"]) into a bitmap of cpus bits, zeroed before.
 */
enum oversub_status cpu_list_read(struct json_reader *reader, const cJSON *list, int64_t cpus,
				  uint64_t *bits);

#endif
