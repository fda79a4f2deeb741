/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario: the JSON document that a user writes, as checked structs.
 *
 * Everything that can be wrong with a document is found here, before anything runs or is written,
 * and reported as one message: syntax with file:line:column, meaning with the file and the JSON
 * path ("vms.db.vcpus: 0 is out of range 1..1024"). The tables of parameters that the models
 * export say which keys there are; this module knows only where they hang (grammar.h).
 *
 * A loaded scenario is constant and may be shared by any number of simulations and threads.
 */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include <oversub/error.h>
#include <oversub/param.h>
#include <oversub/policy.h>

#include "models/guest/guest.h"
#include "models/host/host.h"
#include "models/host/thread.h"
#include "models/kvm/kvm.h"
#include "models/workload/workload.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/policy_registry.h"

/* The value of the top-level key "oversub_scenario" that this program reads. */
#define SCENARIO_VERSION 1

/* Limits on the whole document. */
#define SCENARIO_MAX_BYTES (16 << 20)
#define SCENARIO_MAX_DEPTH 64
#define SCENARIO_MAX_VCPUS 65536 /* of all VMs together */

/* How long and how often to simulate. */
struct run_config {
	int64_t warmup_ns;    /* simulated, thrown away; >= 0 */
	int64_t measure_ns;   /* simulated, measured; > 0 */
	int64_t replications; /* >= 1, numbered from 0 */
	uint64_t seed;	      /* root of all random streams; below 2^63 */
	int64_t watchdog_ns;  /* simulated time without progress that is reported as a hang; > 0 */
};

/* The size of a VM and its place among the others. */
struct scenario_vm_size {
	int64_t count;	       /* VMs like this one; 0: none, and its metrics have no values */
	int64_t vcpus;	       /* 1 .. 1024 */
	int64_t cpu_weight;    /* of the VM's cgroup, 1 .. 10000 */
	int64_t start_ns;      /* from the beginning of the warm-up on, >= 0: when it is started */
	int64_t start_step_ns; /* VM i of the class i times that later; >= 0 */
};

/* count VMs that are alike. */
struct scenario_vm {
	char *name; /* of the class: "db"; its VMs are db0, db1 ... */
	struct scenario_vm_size size;
	struct host_cpu_max cpu_max; /* of the VM's cgroup */
	int cgroup;		     /* number of the cgroup that it is in, 0 = root */
	struct kvm_config kvm;
	struct guest_config guest;
	const struct workload *workload; /* what its threads do; NULL: the VM is idle */
	/*
	 * Affinity: NULL if its vCPUs may run anywhere, else size.vcpus bitmaps of host.cpus bits;
	 * the same for each of the count VMs. Fits kvm_vm_params.cpus.
	 */
	const uint64_t **cpus;
	uint64_t *cpus_bits; /* memory behind cpus */
};

/* The policy of a kind that was chosen, and what was set for it. */
struct scenario_policy {
	const struct oversub_policy *policy;
	void *params; /* policy->params_size bytes; NULL if that is 0 */
};

struct scenario {
	char *name;	   /* stem of the file's name */
	char *file;	   /* as it was opened */
	char *title;	   /* one line for people; "" if the document has none */
	char *description; /* "" if the document has none */

	const struct policy_registry *policies; /* what it could choose from; outlives it */
	struct host_config host;
	struct host_cgroup *cgroups; /* number i is cgroups[i - 1]; parents before children */
	int nr_cgroups;
	struct scenario_policy chosen[OVERSUB_POLICY_KINDS]; /* of every kind one */

	struct scenario_vm vm_defaults; /* no VM, but what they are unless they say otherwise */
	struct scenario_vm *vms;	/* in the order of the document */
	int nr_vms;
	struct workload *workloads; /* those of "workloads", in the order of the document */
	int nr_workloads;
	struct workload *host_workload;	   /* threads of the host itself; NULL if there are none */
	struct thread_config host_threads; /* what their system calls cost: host_workload.costs */
	struct run_config run;
	struct measurements measurements; /* of all distributions */

	cJSON *json;  /* the document with all overrides and files applied; for result files */
	char **notes; /* what a user should be told although nothing is wrong; sentences */
	int nr_notes;
};

/* One --set PATH=VALUE. Strings belong to the caller. */
struct scenario_override {
	/*
	 * Full dotted path ("vms.db.count", "workloads.w.threads.t.program[0].count") or an ending
	 * of one that only one parameter of the scenario has ("ipi_window_ns", "db.count").
	 */
	const char *path;
	const char *value; /* JSON if it can be read as JSON, else a string */
};

struct scenario_overrides {
	const struct scenario_override
		*list; /* applied in order; a policy's name before the rest */
	int nr;
	/*
	 * For grids: a parameter that the selected policy lacks, but another one has, is left out
	 * with a note instead of being refused.
	 */
	bool drop_inapplicable;
	/* To choose from; NULL: the built-in policies. It must outlive the scenario. */
	const struct policy_registry *policies;
};

/*
 * Split "PATH=VALUE" at the first '='. text is cut in place and must outlive *override.
 */
enum oversub_status scenario_override_parse(char *text, struct scenario_override *override,
					    struct oversub_error *error);

/*
 * Find, read and check a scenario. path_or_name is a path if it has a '/' or ends in ".json"; a
 * name is looked up as ./NAME, ./scenarios/NAME.json, $OVERSUB_DATA/scenarios/NAME.json and in the
 * installed data. overrides may be NULL. On success *out is the caller's, for scenario_free();
 * otherwise it is NULL and *error says what to mend.
 */
enum oversub_status scenario_load(const char *path_or_name,
				  const struct scenario_overrides *overrides, struct scenario **out,
				  struct oversub_error *error);

/* Only find, read and parse: *document for cJSON_Delete(), *file (the path opened) for free(). */
enum oversub_status scenario_read(const char *path_or_name, cJSON **document, char **file,
				  struct oversub_error *error);

/*
 * As scenario_load() from a parsed document, which is copied; for sweeps, once per grid point.
 * file is for messages and for the scenario's name.
 */
enum oversub_status scenario_from_json(const cJSON *document, const char *file,
				       const struct scenario_overrides *overrides,
				       struct scenario **out, struct oversub_error *error);

/* scenario may be NULL. */
void scenario_free(struct scenario *scenario);

/*
 * The full path that an override's path stands for in document (scenario_read()), for sweeps that
 * want to name their columns; for free(). policies may be NULL, for the built-in ones.
 */
enum oversub_status scenario_resolve_path(const cJSON *document, const char *file,
					  const struct policy_registry *policies, const char *path,
					  char **full_path, struct oversub_error *error);

/* All VMs together. */
int scenario_nr_vms(const struct scenario *scenario);
int scenario_nr_vcpus(const struct scenario *scenario);

#endif
