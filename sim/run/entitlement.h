/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What share of the host a VM had a right to, and what it got. */
#ifndef SIM_RUN_ENTITLEMENT_H
#define SIM_RUN_ENTITLEMENT_H

#include <stdbool.h>

#include "sim/run/world_internal.h"

/* CPU time in ns that the vCPU and I/O threads of vm used since the end of the warm-up. */
double entitlement_cpu_time(const struct kvm_vm *vm);
/* The same of count host threads from number first on. */
double entitlement_thread_time(const struct host_threads *threads, int first, int count);

/*
 * Weighted max-min shares: the host's CPU time is filled up by weight, each VM capped at what it
 * could have used: the time its vCPUs were runnable, on the CPUs where each may run (affinity).
 * entitled[i] is the share of VM i in ns; *jain is Jain's index of CPU time over entitlement, NAN
 * without VMs. Host threads take what they used off the top. cpu.max caps what a VM could have
 * used, and in a tree of cgroups each of them shares out what it was given itself. False if memory
 * ran out.
 */
bool entitlement_compute(const struct world *world, double *entitled, double *jain);

#endif
