/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a scenario out of JSON, each in a file of its own, and where an op is in it. */
#ifndef SIM_SCENARIO_SCENARIO_PARTS_H
#define SIM_SCENARIO_SCENARIO_PARTS_H

#include "sim/scenario/param_json.h"
#include "sim/scenario/scenario.h"

/* ---- scenario_cgroup.c: "host.cgroups", and references to its nodes ----------------------- */

/*
 * Fill scenario->cgroups from the document, parents before their children. What a failure leaves is
 * scenario_free()'s.
 */
enum oversub_status scenario_read_cgroups(struct json_reader *reader, const cJSON *document,
					  struct scenario *scenario);
/* The number of the cgroup of all VMs in libvirt's layout, "machine"; added if need be. */
enum oversub_status cgroup_add_machine_slice(struct json_reader *reader, struct scenario *scenario,
					     int *number);
/* The number of the cgroup that value names by its path; the reader is at value. */
enum oversub_status cgroup_find(struct json_reader *reader, const cJSON *value,
				const struct scenario *scenario, int *number);

/* ---- scenario_vm.c: "vms" ----------------------------------------------------------------- */

/*
 * Fill scenario->vms from the document. scenario->host and scenario->workloads are complete. What a
 * failure leaves is scenario_free()'s.
 */
enum oversub_status scenario_read_vms(struct json_reader *reader, const cJSON *document,
				      struct scenario *scenario);

/* ---- scenario_workload.c: "workloads.NAME" and "host_workload" ---------------------------- */

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
 * An array of CPU numbers and ranges ([0, 2, "4-7"]) into a bitmap of cpus bits, zeroed before.
 */
enum oversub_status cpu_list_read(struct json_reader *reader, const cJSON *list, int64_t cpus,
				  uint64_t *bits);

/* ---- scenario_op.c: programs -------------------------------------------------------------- */

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

#endif
