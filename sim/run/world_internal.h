/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that build, run, watch and collect a world share. Others include world.h. */
#ifndef SIM_RUN_WORLD_INTERNAL_H
#define SIM_RUN_WORLD_INTERNAL_H

#include "models/guest/guest.h"
#include "models/host/host.h"
#include "models/host/thread.h"
#include "models/kvm/kvm.h"
#include "sim/engine/event.h"
#include "sim/run/series.h"
#include "sim/run/world.h"

struct world_vm {
	struct kvm_vm kvm;
	struct guest guest;
	const struct scenario_vm *class;
	int class_index;	/* among scenario->vms */
	char name[64];		/* "db0" */
	struct sim_event start; /* of a VM that is started later */
};

/* What is counted by looking now and then. */
struct world_stats {
	uint64_t runnable;	/* vCPUs */
	uint64_t stacked;	/* of those, with a sibling on their queue */
	uint64_t pairs;		/* of runnable vCPUs of a VM */
	uint64_t stacked_pairs; /* of those, on one queue */
};

struct world {
	const struct scenario *scenario;
	struct sim_engine engine;
	struct host host;
	bool has_host;
	struct world_vm *vms;
	int nr_vms;
	struct host_threads threads;
	bool has_threads;
	struct trace_sink *trace; /* given to the host when the warm-up is over */
	int64_t measure_start;	  /* ns */
	struct world_stats stats;
	int *scratch;	      /* per pCPU, for samples */
	struct series series; /* of the measured window */
};

/* world_build.c: all of it, and nothing has begun. To be freed by world_fini() even if it fails. */
enum oversub_status world_init(struct world *world, const struct scenario *scenario,
			       uint32_t replication, struct trace_sink *trace,
			       struct oversub_error *error);
void world_fini(struct world *world);
/* The VMs of an entry of "vms", by its index in the scenario; *nr becomes their number. */
struct world_vm *world_class(const struct world *world, int class_index, int *nr);
/* What their threads do; a workload without threads if the scenario names none. */
const struct workload *world_workload(const struct world *world, int class_index);

/* watch.c: OVERSUB_FAILED with the chain of who waits for whom if nothing can happen any more. */
enum oversub_status world_report_standstill(const struct world *world, struct oversub_error *error);
/* watch.c: the same if somebody has waited for longer than the watchdog allows in a cycle. */
enum oversub_status world_report_deadlock(const struct world *world, struct oversub_error *error);
/* invariants.c: every ns of every pCPU, vCPU and thread is in exactly one state. */
enum oversub_status world_check_accounts(const struct world *world, struct oversub_error *error);

/* invariants.c: OVERSUB_FAILED with the first thing that ought to be true at all times and is not.
 */
enum oversub_status world_check_invariants(const struct world *world, struct oversub_error *error);

/* collect.c: the metrics of a finished run. */
enum oversub_status world_collect(const struct world *world, struct replication_result *result,
				  struct oversub_error *error);

#endif
