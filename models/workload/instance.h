/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workload at run time, once per VM and once for the host's own threads: its shared objects. */
#ifndef MODELS_WORKLOAD_INSTANCE_H
#define MODELS_WORKLOAD_INSTANCE_H

#include <oversub/error.h>

#include "models/workload/barrier.h"
#include "models/workload/workload_event.h"
#include "models/workload/lock.h"
#include "models/workload/source.h"
#include "models/workload/workload.h"
#include "sim/stats/histogram.h"

/* What the threads of an instance have done since the last reset. Durations in ns. */
struct workload_stats {
	struct sim_histogram *requests; /* latency, per request name; count = finished */
	struct sim_histogram lock_wait; /* per contended acquisition, all locks together */
	uint64_t lock_acquired;		/* acquisitions, contended or not */
	uint64_t lock_contended;	/* of those, the ones that had to wait */
	struct sim_histogram sync_wait; /* per wait for an event or a barrier */
};

struct workload_instance {
	const struct workload *workload;
	const char *name; /* "db0", "host"; outlives the instance */
	int vcpus;	  /* of its VM, 0 for the host; set by who has threads per vCPU */
	struct sync_lock *locks;
	struct sync_event *events;
	struct sync_barrier *barriers;
	struct source_state *sources;
	struct workload_stats stats;
};

/*
 * Create all objects of workload, which must outlive the instance, with sources that begin at
 * start (ns). workload_check() has found nothing wrong. OVERSUB_FAILED without memory.
 */
enum oversub_status workload_instance_init(struct workload_instance *instance,
					   const struct workload *workload, const char *name,
					   int64_t start, uint64_t seed, uint32_t replication,
					   struct oversub_error *error);
void workload_instance_fini(struct workload_instance *instance);
/* End of the warm-up: forget what was counted; objects and waiters stay as they are. */
void workload_instance_reset_stats(struct workload_instance *instance);

/* The measured window begins, and is to last for length ns: what arrives is counted anew. */
void workload_instance_begin_window(struct workload_instance *instance, int64_t now,
				    int64_t length);
/* Bring the backlogs of sources and events up to now. */
void workload_instance_account(struct workload_instance *instance, int64_t now);

/* Requests that have finished since the last reset, of all names together. */
uint64_t workload_instance_requests(const struct workload_instance *instance);

/* A lock was acquired after waiting for ns (0 and contended = false: at once). */
void workload_count_lock(struct workload_instance *instance, bool contended, int64_t ns);

#endif
