/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One simulated world: a host with its VMs, guests and threads, built from a scenario, run for one
 * replication, and collected into a result. Worlds share nothing that changes: any number of
 * threads may run one each.
 */
#ifndef SIM_RUN_WORLD_H
#define SIM_RUN_WORLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <oversub/error.h>

#include "sim/trace/trace.h"
#include "sim/run/result.h"
#include "sim/scenario/scenario.h"

struct world_options {
	struct trace_sink *trace; /* NULL: no trace; written from the end of the warm-up on */
	bool trace_warmup;	  /* write it from the very beginning */
	atomic_llong
		*progress; /* NULL, or a counter to which simulated ns are added as they pass */
	const atomic_bool *cancel; /* NULL, or a flag that ends the run early with OVERSUB_FAILED */
	/*
	 * Check the scheduler, the LAPICs, the guests and the accounts every WORLD_CHECK_NS of
	 * simulated time, and give up with OVERSUB_FAILED and what is wrong. Results are the same.
	 */
	bool check_invariants;
};

#define WORLD_CHECK_NS 20000

/*
 * Run replication number `replication` (from 0) of scenario. On OVERSUB_OK *result holds the
 * metrics and is the caller's to free with result_free(). OVERSUB_FAILED: *error says why, for a
 * guest deadlock or a run without progress with the chain of who waits for whom.
 */
enum oversub_status world_run(const struct scenario *scenario, uint32_t replication,
			      const struct world_options *options,
			      struct replication_result *result, struct oversub_error *error);

#endif
