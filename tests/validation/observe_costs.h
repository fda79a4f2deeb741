/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What single steps of vCPUs take, as somebody with a tracer sees it: exits until the entry that
 * follows, wake-ups, interrupts. It reads the simulator's trace, not its cost parameters.
 *
 * The metrics have the scope "observed". They are means in ns, of vCPU N of the first VM, the first
 * few vCPUs only:
 *
 *   vcpuN.exit.REASON	   exit to entry, by the hardware's name of the reason
 *   vcpuN.exit.REASON.switched  the same where others ran meanwhile, without the time off its CPU
 *   vcpuN.asleep	   HLT exit until it leaves its CPU
 *   vcpuN.wake		   IPI sent to it by KVM until it enters the guest, if it slept
 *   vcpuN.kick		   IPI sent to it by KVM until its external-interrupt exit
 *   vcpuN.loaded_call	   given a CPU until it runs the function of a call that came before
 *   vcpuN.call		   interrupt injected until the handler, after its EOI, runs the function
 *   vcpuN.handler	   interrupt injected until the handler is over
 *   vcpuN.window	   entry after a pause-loop exit until the next one
 *   vcpuN.transfer	   its call is answered until its request is over
 *   vcpuN.off		   off its CPU
 *   vcpuN.refill	   what row 20 makes of each of these: WS x min(off / tau, 1)
 *   other.kicks	   interrupts of the CPUs that other VMs run on, ticks apart; a number
 */
#ifndef TESTS_VALIDATION_OBSERVE_COSTS_H
#define TESTS_VALIDATION_OBSERVE_COSTS_H

#include <stdint.h>

#include <oversub/error.h>

#include "sim/run/result.h"
#include "sim/run/world.h"
#include "sim/scenario/scenario.h"

/* An experiment_run_fn: world_run() with a tracer, whose metrics come after the others. */
enum oversub_status observe_costs_run(const struct scenario *scenario, uint32_t replication,
				      const struct world_options *options,
				      struct replication_result *result,
				      struct oversub_error *error);

#endif
