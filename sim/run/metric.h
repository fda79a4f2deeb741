/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run measures: one table of names, units and meanings, from which collect.c takes them and
 * `oversub list metrics` shows them.
 */
#ifndef SIM_RUN_METRIC_H
#define SIM_RUN_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "models/host/host.h"

/* Of whom a metric speaks; a set. */
enum {
	METRIC_OF_VMS = 1,     /* "vm.NAME": all VMs of an entry of "vms" together */
	METRIC_OF_THREADS = 2, /* "host_threads": all threads of "host_workload" together */
	METRIC_OF_HOST = 4,    /* "host" */
	METRIC_OF_CGROUPS = 8, /* "cgroup.PATH": all that is in a node of "host.cgroups" */
};

/* What is told of each source and each event, in this order from METRIC_SOURCE, METRIC_EVENT on. */
enum metric_backlog {
	METRIC_OFFERED,
	METRIC_SERVED,
	METRIC_BACKLOG,
	METRIC_BACKLOG_MEAN,
	METRIC_BACKLOG_OLDEST,
	METRIC_GROWTH,
	METRIC_GROWTH_ERROR,
	METRIC_BACKLOG_PARTS
};

/* In the order in which `oversub list metrics` shows them. */
enum metric {
	METRIC_CPU,
	METRIC_SWITCHES,
	METRIC_MIGRATIONS,
	METRIC_JAIN,
	METRIC_STACKING,
	METRIC_STACKED_PAIRS,
	METRIC_COSCHED,
	METRIC_REQUESTS,
	METRIC_VCPU_TIME,
	METRIC_THREAD_TIME,
	METRIC_CPU_OVER_ENTITLEMENT,
	METRIC_EACH_REQUESTS,
	METRIC_EACH_CPU_OVER_ENTITLEMENT,
	METRIC_USAGE_USEC,
	METRIC_NR_PERIODS,
	METRIC_NR_THROTTLED,
	METRIC_NR_BURSTS,
	METRIC_THROTTLED_USEC,
	METRIC_LOCKS,
	METRIC_LOCK_CONTENDED,
	METRIC_DRIFT_REQUESTS,
	METRIC_DRIFT_CPU,
	METRIC_UNFINISHED_WAITS,
	METRIC_UNFINISHED_OLDEST,
	METRIC_SOURCE, /* the first of METRIC_BACKLOG_PARTS */
	METRIC_EVENT = METRIC_SOURCE + METRIC_BACKLOG_PARTS,
	METRIC_PLE_EXITS = METRIC_EVENT + METRIC_BACKLOG_PARTS,
	METRIC_YIELD_TRIED,
	METRIC_YIELD_TAKEN,
	METRIC_YIELD_REFUSED,
	METRIC_YIELD_ESRCH,
	METRIC_YIELD_HONOURED,
	METRIC_YIELD_FUTILE,
	METRIC_YIELD_SAME_RQ,
	METRIC_YIELD_CROSS_RQ,
	METRIC_YIELD_FOR_NOTHING,
	METRIC_YIELD_BY_REASON,
	METRIC_HINT_PRECISION,
	METRIC_HINT_RECALL,
	METRIC_HINT_ALSO_NEEDED,
	METRIC_HINT_STALE,
	METRIC_HINT_POLLUTED,
	METRIC_HINT_WRONG,
	METRIC_HINT_PRECISION_OF,
	METRIC_HINT_RECALL_OF,
	METRIC_HINT_EXITS,
	METRIC_HINT_CHAIN,
	METRIC_HINT_HOPS,
	METRIC_HINT_IRQS_OFF,
	METRIC_EXITS,
	METRIC_IPIS_SENT,
	METRIC_IPIS_UNICAST,
	METRIC_IPIS_BY_HARDWARE,
	METRIC_NMIS,
	METRIC_IPIS_AVOIDED,
	METRIC_PV_TLB_LEFT_TO_HOST,
	METRIC_GUEST_WAKEUPS,
	METRIC_GUEST_RESCHEDULES,
	METRIC_GUEST_WAKE_IPIS,
	METRIC_GUEST_SWITCHES,
	METRIC_GUEST_TICKS,
	METRIC_GUEST_POLLS,
	METRIC_LOCK_SLEEPS,
	METRIC_PV_LOCK_HALTS,
	METRIC_PV_KICKS,
	METRIC_PV_YIELDS_ASKED,
	METRIC_PV_YIELDS_TAKEN,
	METRIC_PV_REPORTED_PREEMPTED,
	METRIC_INTERRUPTS_INJECTED,
	METRIC_EOIS,
	METRIC_THREAD_YIELDS,
	METRICS
};

/* Members of METRIC_CPU: the states of a physical CPU, and halt polling, which is set apart. */
enum { METRIC_CPU_POLL = PCPU_STATES, METRIC_CPU_MEMBERS };

struct metric_description {
	/*
	 * "jain"; a '*' in it stands for one of members or, if there are none, for the name of a
	 * VM, a source or an event.
	 */
	const char *name;
	const char *unit; /* "1/s", "fraction" (of 1), "ratio", "count", "ns" */
	unsigned int scopes;
	const char *help; /* what it is, in up to 50 letters */
	/* A family of metrics: what the '*' stands for, and what each means. */
	const char *const *members;
	const char *const *member_help;
	int nr_members;
};

extern const struct metric_description metric_descriptions[METRICS];

/* Times of which a run keeps a histogram, and several metrics: "tlb_flush.p99". */
enum latency {
	LATENCY_REQUEST,
	LATENCY_IPI_DELIVERY,
	LATENCY_IPI_RESPONSE,
	LATENCY_SMP_CALL,
	LATENCY_TLB_FLUSH,
	LATENCY_LOCK_WAIT,
	LATENCY_SYNC_WAIT,
	LATENCY_GUEST_WAKEUP_WAIT,
	LATENCY_GUEST_TICK_DELAY,
	LATENCY_WAKEUP_WAIT,
	LATENCY_RUNQUEUE_WAIT,
	LATENCIES
};

struct latency_description {
	const char *name; /* a '*' in it stands for the name of a request */
	unsigned int scopes;
	const char *help;
};

extern const struct latency_description latency_descriptions[LATENCIES];

/* What a run tells of each latency. */
enum latency_kind { LATENCY_COUNT, LATENCY_MEAN, LATENCY_PERCENTILE, LATENCY_MAX };

struct latency_part {
	const char *suffix; /* "p99" */
	const char *unit;
	enum latency_kind kind;
	double percentile; /* LATENCY_PERCENTILE */
	const char *help;
};

enum { LATENCY_PARTS = 7 };
extern const struct latency_part latency_parts[LATENCY_PARTS];

/* pattern with its '*', if it has one, replaced by member, into buffer, which is returned. */
const char *metric_name(const char *pattern, const char *member, char *buffer, size_t size);

/*
 * How coarse a value of a metric is, in its unit: a percentile is known to within a bucket of its
 * histogram, all else exactly: 0. NAN has 0, too.
 */
double metric_resolution(const char *name, double value);

/* The unit of a metric of a result; NULL if no table has it. */
const char *metric_unit(const char *scope, const char *name);

/* Whether a metric of this name is a percentile of a latency. */
bool metric_is_percentile(const char *name);

#endif
