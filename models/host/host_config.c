/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters of the host and their defaults. */
#include "models/host/host_internal.h"

static const char *const host_hz_choices[] = {"100", "250", "300", "1000", NULL};
static const int host_hz_values[] = {100, 250, 300, 1000};
static const char *const host_preempt_choices[] = {"lazy", "full", "none", NULL};
static const char *const host_layout_choices[] = {"none", "vm", "vcpu", "libvirt", NULL};

static const char *const host_weights_choices[] = {"instantaneous", "pelt", "fixed", NULL};
static const char *const host_balance_choices[] = {"none", "newidle", "full", NULL};
static const char *const host_start_state_choices[] = {"settled", "boot", NULL};
static const char *const host_start_cpu_choices[] = {"idlest", "fork", NULL};
static const char *const host_start_choices[] = {"shuffled", "by_vm", NULL};

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

const struct oversub_param host_params[] = {
	OVERSUB_INT(struct host_config, cpus, "CPUs", 16, 1, OVERSUB_MAX_CPUS,
		    "number of physical CPUs"),
	OVERSUB_ENUM(struct host_config, hz, host_hz_choices, 1, "scheduler ticks a second"),
	OVERSUB_ENUM(struct host_config, preempt, host_preempt_choices, HOST_PREEMPT_LAZY,
		     "preemption model; none is for comparison with older kernels"),
	OVERSUB_BOOL(struct host_config, hrtick, 1,
		     "end time slices by a high-resolution timer instead of the tick"),
	OVERSUB_INT(struct host_config, tsc_khz, "kHz", 2500000, 100000, 10000000,
		    "frequency of the time stamp counter"),
	OVERSUB_ENUM(struct host_config, cgroup_layout, host_layout_choices, HOST_LAYOUT_VCPU,
		     "task groups: none, one per VM, within it one per vCPU, or those of libvirt: "
		     "machine, a scope per VM, libvirt, and in that one per vCPU and one for "
		     "the emulator"),
	OVERSUB_INT(struct host_config, llc_cpus, "CPUs", 0, 0, OVERSUB_MAX_CPUS,
		    "CPUs that share a last-level cache, 0 means all of a NUMA node"),
	OVERSUB_INT(
		struct host_config, smt, "CPUs", 1, 1, 8,
		"threads per core; a busy sibling changes where tasks are put, and see smt_speed"),
	OVERSUB_INT(struct host_config, smt_speed, "1/1000", HOST_FULL_SPEED, 300, HOST_FULL_SPEED,
		    "speed of a CPU while another one of its core does anything at all, in "
		    "thousandths of its speed alone: programs with their system calls and refills "
		    "slow down; switches, interrupts, exits and PAUSE loops do not"),
	OVERSUB_INT(struct host_config, numa_nodes, "nodes", 1, 1, 64, "NUMA nodes"),
	OVERSUB_ENUM(struct host_config, balance, host_balance_choices, HOST_BALANCE_FULL,
		     "load balancing: none, by CPUs that run dry, or also periodically"),
	OVERSUB_DURATION(struct host_config, base_slice_ns, 0, 0, 100 * MS,
			 "base slice, 0 means the kernel's value for this number of CPUs"),
	OVERSUB_BOOL(struct host_config, skew_tick, 0,
		     "spread the ticks of the CPUs over half a tick (boot option skew_tick=1)"),
	OVERSUB_ENUM(struct host_config, start, host_start_state_choices, HOST_START_SETTLED,
		     "state at the first instant: of a host that has had this load for minutes, or "
		     "of one where all tasks have just been made"),
	OVERSUB_ENUM(struct host_config, start_order, host_start_choices, HOST_START_SHUFFLED,
		     "order in which vCPU threads get their first CPU, the idlest: mixed over all "
		     "VMs, so that siblings meet by chance, or VM by VM, so that they never do"),
	OVERSUB_ENUM(struct host_config, start_cpu, host_start_cpu_choices, HOST_START_IDLEST,
		     "first CPU of a thread: the idlest, which shares threads out evenly, or where "
		     "the kernel puts the child of the thread started before"),
	OVERSUB_ENUM(struct host_config, group_weights, host_weights_choices, HOST_WEIGHTS_PELT,
		     "how a group's shares are split over CPUs: by what is queued now, by load "
		     "averages as the kernel does, or not at all"),
	OVERSUB_PARAM_END,
};

const struct oversub_param host_costs_params[] = {
	OVERSUB_DURATION(struct host_costs, context_switch_ns, 1300, 0, S,
			 "switch between two threads, direct cost"),
	OVERSUB_DURATION(struct host_costs, cache_refill_ns, 10000, 0, S,
			 "refill of a whole working set; after a time off the CPU, that part of it "
			 "which the "
			 "time is of cache_refill_tau_ns: 40 ns after 20 us, 200 ns after 100 us"),
	OVERSUB_DURATION(struct host_costs, cache_refill_tau_ns, 5 * MS, 0, S,
			 "time off the CPU after which the whole working set is cold, before that "
			 "proportionally less"),
	OVERSUB_DURATION(struct host_costs, ipi_flight_ns, 900, 0, S,
			 "host IPI from sending to being taken"),
	OVERSUB_DURATION(struct host_costs, idle_wake_ns, 1550, 0, S,
			 "interrupt of an idle CPU until it schedules"),
	OVERSUB_DURATION(struct host_costs, cstate_exit_ns, 0, 0, S,
			 "exit latency of a deep idle state, on top of idle_wake_ns: 133 us for "
			 "C6 of recent Xeons, 2 to 10 us for C1 and C1E; 0: there is none"),
	OVERSUB_DURATION(struct host_costs, cstate_after_ns, 0, 0, S,
			 "a CPU that has been idle for so long is in the deep state, and in none "
			 "before"),
	OVERSUB_DURATION(struct host_costs, interrupt_ns, 1000, 0, S,
			 "host interrupt while a plain thread runs"),
	OVERSUB_DURATION(struct host_costs, migration_ns, 30000, 0, S,
			 "extra refill after a move to another last-level cache"),
	OVERSUB_PARAM_END,
};

int host_config_hz(const struct host_config *config)
{
	return host_hz_values[config->hz];
}

struct topology_sizes host_config_sizes(const struct host_config *config)
{
	int64_t node = config->cpus / config->numa_nodes;

	return (struct topology_sizes){
		.nr_cpus = (int)config->cpus,
		.smt = (int)config->smt,
		.llc = (int)(config->llc_cpus && config->llc_cpus < node ? config->llc_cpus : node),
		.pkg = (int)node,
	};
}

enum oversub_status host_config_check(const struct host_config *config, struct oversub_error *error)
{
	int cpus = (int)config->cpus;
	int nodes = (int)config->numa_nodes;
	struct topology_sizes sizes;

	if (cpus % nodes)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%d CPUs cannot be shared out evenly to %d NUMA nodes "
				    "(numa_nodes)",
				    cpus, nodes);
	sizes = host_config_sizes(config);
	if (nodes > 1 && sizes.pkg % sizes.llc)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "the %d CPUs of a NUMA node cannot be shared out evenly "
				    "to caches of %d CPUs (llc_cpus)",
				    sizes.pkg, sizes.llc);
	if (sizes.llc % sizes.smt || cpus % sizes.smt)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "cores of %d threads (smt) do not fit into caches of %d "
				    "of %d CPUs",
				    sizes.smt, sizes.llc, cpus);
	return OVERSUB_OK;
}
