/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host threads as a tracer sees them: run intervals, waits after wake-ups and the order of picks,
 * out of the simulator's own sched_switch and sched_wakeup records. That is how the measurements of
 * the real kernel were made, too.
 *
 * The metrics have the scope "observed"; CLASS is the name of a thread class, all its threads taken
 * together:
 *
 *   CLASS.share            of the CPU time that all threads together got, fraction
 *   CLASS.share_min, _max  the least and the most that one thread of the class got
 *   CLASS.run_mean, .run_p50	  time on the CPU from one switch to the next, ns
 *   CLASS.run_ticks_N      fraction of these that round to N ticks; N = 0 .. OBSERVE_TICKS - 1
 *   CLASS.wait_p50, .wait_over_1ms  from a wake-up until the switch to the thread, ns and fraction
 *   CLASS.pick_lru         fraction of the picks on its CPU that took the thread that had not run
 *                          for longest
 *   REQUEST.over_1ms_per_s requests that took more than 1 ms, 1/s
 *   spin                   share of spinning in the time that all threads had a CPU, fraction
 */
#ifndef TESTS_VALIDATION_OBSERVE_H
#define TESTS_VALIDATION_OBSERVE_H

#include <stdint.h>

#include <oversub/error.h>

#include "sim/run/result.h"
#include "sim/run/world.h"
#include "sim/scenario/scenario.h"

enum { OBSERVE_TICKS = 14 };

/*
 * An experiment_run_fn: world_run() with a tracer, whose metrics come after the others, and with
 * timers whose phase differs from one replication to the next. Of a scenario with VMs, which has no
 * host threads, it is observe_costs_run().
 */
enum oversub_status observe_run(const struct scenario *scenario, uint32_t replication,
				const struct world_options *options,
				struct replication_result *result, struct oversub_error *error);

#endif
