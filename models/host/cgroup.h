/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Control groups of a host: their shares (cpu.weight), their limits (cpu.max), and how often those
 * have struck (cpu.stat). The event shell around eevdf_bandwidth.h: it turns the timers of a
 * limited group into interrupts of the CPU that started them, and time for queues of other CPUs
 * into IPIs.
 */
#ifndef MODELS_HOST_CGROUP_H
#define MODELS_HOST_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include <oversub/param.h>

#include "models/sched/eevdf.h"
#include "sim/engine/event.h"

struct host;
struct pcpu;

/* cpu.max and cpu.max.burst of a group. */
struct host_cpu_max {
	int64_t quota_ns;  /* CPU time in each period, over all CPUs; 0: no limit, else 1 ms or more
			    */
	int64_t period_ns; /* 1 ms .. 1 s */
	int64_t burst_ns;  /* unused quota that may be kept; 0 .. quota_ns */
};

extern const struct oversub_param host_cpu_max_params[]; /* of struct host_cpu_max */
/*
 * What the kernel would refuse although each value is in its range: a sentence, and *key is the
 * name of the parameter. NULL: nothing.
 */
const char *host_cpu_max_error(const struct host_cpu_max *max, const char **key);

/* A control group that the host has whatever runs on it, as an administrator makes them. */
struct host_cgroup {
	char *path; /* "machine/tenant1"; owned by whoever fills this in */
	int parent; /* number of the cgroup that it is in; 0: the root, which has no entry */
	int64_t cpu_weight; /* 1 .. 10000 */
	struct host_cpu_max cpu_max;
};

/* Events since the start or the last host_reset_stats() (cpu.stat). */
struct host_group_stats {
	uint64_t usage_ns;     /* CPU time of all in it, as of the last ticks */
	uint64_t nr_periods;   /* that have ended */
	uint64_t nr_throttled; /* of them, those at whose end somebody was throttled */
	uint64_t nr_bursts;    /* of them, those in which more than the quota was used */
	uint64_t throttled_ns; /* queues were throttled, summed over CPUs, counted at the end */
};

/* A timer of a limited group. */
struct host_bandwidth_timer {
	struct sim_event event;
	struct host_group *group;
	struct pcpu *cpu;		       /* that started it, and is interrupted */
	bool due;			       /* it has fired, and cpu has not looked yet */
	struct host_bandwidth_timer *next_due; /* on cpu */
};

/* A control group of a host, made by host_group(). Private to the host. */
struct host_group {
	struct eevdf_group group;
	struct host *host;
	struct host_group *next; /* among those of the host, the next older one */
	struct host_bandwidth_timer period, slack;
	struct host_group_stats stats;	/* since the last reset, as of the last question */
	struct host_group_stats before; /* at the last reset */
	uint64_t members;		/* weight of all in it; while a settled host starts */
};

/*
 * A task group below parent (NULL = root) with cgroup cpu.weight 1..10000. Freed by host_fini. NULL
 * when there is no memory.
 */
struct eevdf_group *host_group(struct host *host, struct eevdf_group *parent, int64_t cpu_weight);
/*
 * Limit group, made by host_group(), before anything runs in it. name: of the random stream that
 * the phase of its periods is drawn from. Without a quota nothing happens.
 */
void host_group_limit(struct eevdf_group *group, const struct host_cpu_max *max, const char *name);
/*
 * Make the nr cgroups of list, with numbers from 1; parents come before their children. False: no
 * memory.
 */
bool host_make_cgroups(struct host *host, const struct host_cgroup *list, int nr);
/* The cgroup with that number; NULL for 0, the root. */
struct eevdf_group *host_cgroup(const struct host *host, int number);

/* What was counted of a group up to now; belongs to it, and is good until it is asked again. */
const struct host_group_stats *host_group_stats(struct eevdf_group *group);

#endif
