/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/grammar.h"

#include <string.h>

#include "sim/scenario/scenario.h"
#include "sim/scenario/policy_registry.h"

#define MILLISECOND INT64_C(1000000)
#define SECOND	    (1000 * MILLISECOND)
#define HOUR	    (3600 * SECOND)

/* ---- Parameters that no model has --------------------------------------------------------- */

/* A duration whose key lacks the field's "_ns". */
#define NAMED_DURATION(type_, key_, field_, def_, min_, max_, help_)                               \
	{                                                                                          \
		.name = (key_), .type = OVERSUB_PARAM_DURATION, .offset = offsetof(type_, field_), \
		.unit = "ns", .def = (def_), .min = (min_), .max = (max_), .help = (help_)         \
	}

static const struct oversub_param run_params[] = {
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

static const struct oversub_param size_params[] = {
	OVERSUB_INT(struct scenario_vm_size, count, "VMs", 1, 0, SCENARIO_MAX_VCPUS,
		    "VMs like this one."),
	OVERSUB_INT(struct scenario_vm_size, vcpus, "vCPUs", 1, 1, OVERSUB_MAX_VCPUS,
		    "vCPUs of each VM."),
	OVERSUB_INT(struct scenario_vm_size, cpu_weight, NULL, 100, 1, 10000,
		    "cpu.weight of the VM's cgroup."),
	NAMED_DURATION(struct scenario_vm_size, "start", start_ns, 0, 0, 1000 * HOUR,
		       "When it is started, from the beginning of the warm-up on; until then it is "
		       "not there."),
	NAMED_DURATION(struct scenario_vm_size, "start_step", start_step_ns, 0, 0, HOUR,
		       "How much later than the one before each of the count VMs is started."),
	OVERSUB_PARAM_END,
};

static const struct oversub_param cgroup_params[] = {
	OVERSUB_INT(struct host_cgroup, cpu_weight, NULL, 100, 1, 10000,
		    "cpu.weight of the cgroup."),
	OVERSUB_PARAM_END,
};

static const struct oversub_param class_params[] = {
	OVERSUB_INT(struct scenario_thread_class, count, "threads", 1, 0, SCENARIO_MAX_VCPUS,
		    "Threads of this class."),
	OVERSUB_INT(struct scenario_thread_class, nice, NULL, 0, -20, 19,
		    "Nice value; in a VM of use only if threads share vCPUs."),
	OVERSUB_PARAM_END,
};

static const struct oversub_param vm_class_params[] = {
	OVERSUB_INT(struct scenario_thread_class, per_vcpu, "threads", 0, 0, 1024,
		    "Threads of this class for each vCPU of the VM, instead of count; 0: count "
		    "says how many there are."),
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

static const struct oversub_param barrier_params[] = {
	{.name = "parties",
	 .type = OVERSUB_PARAM_INT,
	 .unit = "threads",
	 .def = 2,
	 .min = 1,
	 .max = SCENARIO_MAX_VCPUS,
	 .help = "Threads that must arrive."},
	OVERSUB_PARAM_END,
};

/* ---- Objects ------------------------------------------------------------------------------ */

#define PARAMS(key_, params_, offset_)                                                             \
	{                                                                                          \
		(key_), GRAMMAR_PARAMS, .params = (params_), .offset = (offset_)                   \
	}
#define OBJECT(key_, kind_, object_, ...)                                                          \
	{                                                                                          \
		(key_), GRAMMAR_##kind_, .object = (object_), ##__VA_ARGS__                        \
	}
#define VALUE(key_, kind_, help_, ...)                                                             \
	{                                                                                          \
		(key_), GRAMMAR_##kind_, .help = (help_), ##__VA_ARGS__                            \
	}
#define END                                                                                        \
	{                                                                                          \
		.kind = GRAMMAR_END                                                                \
	}

const struct grammar_object grammar_lock = {
	.members = (const struct grammar_member[]){PARAMS(NULL, lock_params, 0), END},
	.instead = lock_params,
};

const struct grammar_object grammar_barrier = {
	.members = (const struct grammar_member[]){END},
	.instead = barrier_params,
};

const struct grammar_object grammar_source = {
	.members =
		(const struct grammar_member[]){
			VALUE("interarrival", DISTRIBUTION, "Time from one arrival to the next."),
			VALUE("rate", RATE, "Arrivals per second, at exponential intervals."), END},
	.one_of = true,
};

/* One of the first three; the last is left where a file was. */
const struct grammar_object grammar_empirical = {
	.members =
		(const struct grammar_member[]){
			VALUE("samples", SAMPLES, "Durations, of which each is as likely."),
			VALUE("quantiles", QUANTILES,
			      "[ [ 0.5, \"10us\" ], ... ], with straight lines between them."),
			VALUE("file", FILE,
			      "Lines of one duration, or of a probability and a duration."),
			VALUE("from", FILE, "Name of the file that they were read from."), END},
};

#define PROGRAM(runner_)                                                                           \
	VALUE("program", PROGRAM, "What its threads do: `oversub list ops`.", .number = (runner_), \
	      .missing = "\"program\": [ ops ] is missing")

const struct grammar_object grammar_class[] = {
	[WORKLOAD_OF_VM] = {(const struct grammar_member[]){PROGRAM(WORKLOAD_OF_VM),
							    PARAMS(NULL, class_params, 0),
							    PARAMS(NULL, vm_class_params, 0), END}},
	[WORKLOAD_OF_HOST] = {(const struct grammar_member[]){
		PROGRAM(WORKLOAD_OF_HOST), PARAMS(NULL, class_params, 0),
		PARAMS(NULL, host_class_params, 0),
		PARAMS("cpu_max", host_cpu_max_params,
		       offsetof(struct scenario_thread_class, cpu_max)),
		VALUE("cpus", CPUS, "Where they may run: [ 0, \"4-7\" ].", .by_path = true),
		VALUE("cgroup", CGROUP, "Which of host.cgroups they are in, by its path.",
		      .by_path = true),
		VALUE("emulator_of", NAME, "Which of \"vms\" they belong to, in whose cgroups.",
		      .by_path = true),
		END}},
};

#define WORKLOAD                                                                                   \
	OBJECT("locks", MAP, &grammar_lock),                                                       \
		VALUE("events", NAMES, "Names of events, for wait and wake."),                     \
		OBJECT("barriers", MAP, &grammar_barrier,                                          \
		       .help = "Threads that must arrive at each."),                               \
		OBJECT("arrivals", MAP, &grammar_source)

const struct grammar_object grammar_workload[] = {
	/* Without threads it has a file, which has them. */
	[WORKLOAD_OF_VM] = {(const struct grammar_member[]){
		VALUE("file", FILE, "A workload's file: `oversub list workloads`.",
		      .by_path = true),
		VALUE("parameters", VALUES, "Values that \"$NAME\" stands for in it, by name."),
		WORKLOAD, OBJECT("threads", MAP, &grammar_class[WORKLOAD_OF_VM]), END}},
	[WORKLOAD_OF_HOST] = {(const struct grammar_member[]){
		WORKLOAD,
		OBJECT("threads", MAP, &grammar_class[WORKLOAD_OF_HOST],
		       .missing = "it has no threads"),
		PARAMS("costs", thread_params, offsetof(struct scenario, host_threads)), END}},
};

const struct grammar_object grammar_declaration = {
	.members =
		(const struct grammar_member[]){
			VALUE("default", VALUE, "Its value where a scenario says no other.",
			      .missing = "\"default\": VALUE is missing"),
			VALUE("help", TEXT, "What it is.",
			      .offset = offsetof(struct workload_declaration, help),
			      .missing = "\"help\": what it is, is missing"),
			VALUE("source", TEXT, "Where the default comes from.",
			      .offset = offsetof(struct workload_declaration, source)),
			END},
};

#define ABOUT(key_, help_)                                                                         \
	VALUE(#key_, TEXT, help_, .offset = offsetof(struct workload_about, key_))

const struct grammar_object grammar_workload_file = {
	.members =
		(const struct grammar_member[]){
			VALUE("oversub_workload", VERSION, "Version of the format: 1.",
			      .missing = "not a workload: it has no \"oversub_workload\": 1"),
			ABOUT(title, "One line for people."),
			ABOUT(description, "What it is like."),
			ABOUT(source, "Where its numbers come from."),
			ABOUT(fitted, "What was fitted to what."),
			OBJECT("parameters", MAP, &grammar_declaration), WORKLOAD,
			OBJECT("threads", MAP, &grammar_class[WORKLOAD_OF_VM],
			       .missing = "it has no threads"),
			END},
};

const struct grammar_object grammar_pool = {
	.members =
		(const struct grammar_member[]){VALUE("pool", CPUS, "Where each vCPU may run.",
						      .missing = "\"pool\": [ CPUs ] is missing"),
						END},
};

const struct grammar_object grammar_vm = {
	.definition = "vm",
	.members =
		(const struct grammar_member[]){
			PARAMS(NULL, size_params, offsetof(struct scenario_vm, size)),
			PARAMS(NULL, kvm_params, offsetof(struct scenario_vm, kvm)),
			PARAMS("cpu_max", host_cpu_max_params,
			       offsetof(struct scenario_vm, cpu_max)),
			PARAMS("ple", ple_params, offsetof(struct scenario_vm, kvm.ple)),
			PARAMS("halt_poll", halt_poll_params,
			       offsetof(struct scenario_vm, kvm.halt_poll)),
			PARAMS("costs", kvm_costs_params, offsetof(struct scenario_vm, kvm.costs)),
			PARAMS("guest", guest_params, offsetof(struct scenario_vm, guest)),
			VALUE("cgroup", CGROUP, "Which of host.cgroups it is in, by its path."),
			VALUE("pin", PIN,
			      "\"1:1\", { \"pool\": [ 0, \"4-7\" ] } or a list of CPUs for each "
			      "vCPU."),
			VALUE("workload", NAME, "Which of \"workloads\" its threads do."), END},
};

const struct grammar_object grammar_cgroup = {
	.definition = "cgroup",
	.members =
		(const struct grammar_member[]){
			PARAMS(NULL, cgroup_params, 0),
			PARAMS("cpu_max", host_cpu_max_params,
			       offsetof(struct host_cgroup, cpu_max)),
			OBJECT("children", MAP, &grammar_cgroup,
			       .help = "Cgroups in it, like those of host.cgroups."),
			END},
};

const struct grammar_object grammar_host = {
	.members =
		(const struct grammar_member[]){
			PARAMS(NULL, host_params, 0),
			PARAMS("costs", host_costs_params, offsetof(struct host_config, costs)),
			OBJECT("cgroups", MAP, &grammar_cgroup),
			VALUE("cosched", POLICY, NULL, .number = OVERSUB_COSCHED), END},
};

static const struct grammar_object yield = {
	.members =
		(const struct grammar_member[]){
			VALUE("candidate", POLICY, NULL, .number = OVERSUB_CANDIDATE),
			VALUE("sched", POLICY, NULL, .number = OVERSUB_SCHED),
			VALUE("window", POLICY, NULL, .number = OVERSUB_WINDOW), END},
};

const struct grammar_object grammar_document = {
	.members =
		(const struct grammar_member[]){
			VALUE("oversub_scenario", VERSION, "Version of the format: 1.",
			      .missing = "not a scenario: it has no \"oversub_scenario\": 1"),
			VALUE("title", TEXT, "One line for people.",
			      .offset = offsetof(struct scenario, title)),
			VALUE("description", TEXT, "What it is for.",
			      .offset = offsetof(struct scenario, description)),
			OBJECT("yield", OBJECT, &yield),
			OBJECT("host", OBJECT, &grammar_host,
			       .offset = offsetof(struct scenario, host)),
			OBJECT("vm_defaults", OBJECT, &grammar_vm,
			       .offset = offsetof(struct scenario, vm_defaults),
			       .help = "Like one of \"vms\", for all that do not say otherwise."),
			OBJECT("vms", MAP, &grammar_vm, .defaults = "vm_defaults"),
			OBJECT("workloads", MAP, &grammar_workload[WORKLOAD_OF_VM]),
			OBJECT("host_workload", OBJECT, &grammar_workload[WORKLOAD_OF_HOST]),
			PARAMS("run", run_params, offsetof(struct scenario, run)), END},
};

const struct oversub_param *param_find(const struct oversub_param *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}
