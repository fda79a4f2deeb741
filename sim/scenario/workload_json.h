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

/*
 * Fill *workload, which is zeroed, from object, which has been read as far as grammar_workload goes
 * (json_read_object()). The reader is at object, whose name is name. CPUs,
 * cgroups and VMs of scenario are complete if runner is the host. In any case workload_free() must
 * be called on it in the end.
 */
enum oversub_status workload_read(struct json_reader *reader, const cJSON *object, const char *name,
				  enum workload_runner runner, const struct scenario *scenario,
				  struct workload *workload);

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
