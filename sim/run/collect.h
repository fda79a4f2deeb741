/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the metrics of a finished run come from what was counted: the counters that rows of
 * metric_table name by their offset, and the functions that say the others. Others include world.h.
 */
#ifndef SIM_RUN_COLLECT_H
#define SIM_RUN_COLLECT_H

#include "sim/run/metric.h"
#include "sim/run/world_internal.h"

enum { COLLECT_NAME_SIZE = 128 };

/*
 * All that is counted, by whoever counts it. It only gives counters their offsets: what a scope has
 * of each of these is somewhere else, often several times, and counts together.
 */
struct counters {
	struct world_stats world;
	struct host_stats host;
	struct pcpu_stats pcpu;
	struct host_group_stats cgroup;
	struct thread_stats thread;
	struct kvm_stats kvm;
	struct vcpu_stats vcpu;
	struct guest_stats guest;
	struct workload_stats workload;
};

/* One of the structures of a scope. */
struct counters_part {
	size_t offset, size; /* in struct counters */
	const void *data;
};

/* What is being collected. */
struct collection {
	const struct world *world;
	struct replication_result *result;
	double elapsed_s;
	const double *entitled; /* ns, per VM */
	double jain;

	/* The present scope. */
	const char *scope; /* "vm.db" */
	struct counters_part *parts;
	int nr_parts, parts_capacity;
	bool nobody; /* a class of VMs that has none: its metrics exist, but no value does */
	/* An entry of "vms", or host threads: */
	int row;		    /* of world->series */
	const struct world_vm *vms; /* its VMs */
	int nr_vms;
	const struct workload *workload;
	const struct workload_instance **instances; /* of its workload, one for each VM */
	int nr_instances;
};

/* collect_add.c */

/* Where in part the member of struct counters at offset is; NULL: part is of another kind. */
const void *collect_member(const struct counters_part *part, size_t offset);
/* part over whole; NAN of nothing. */
double collect_ratio(double part, double whole);
/* The sum of the counters at offset, in struct counters, of all parts of the scope. */
double collect_sum(const struct collection *to, size_t offset);
/* Append the metric, of a name with a '*' that of member. */
void collect_add(struct collection *to, const struct metric *metric, const char *member,
		 double value);
/* Append the metrics of a group, whose first row is first, from the structure of doubles. */
void collect_add_group(struct collection *to, const struct metric *first, const char *member,
		       const void *values);
/* Append all that is told of a latency, and its histogram. */
void collect_add_latency(struct collection *to, const char *name,
			 const struct sim_histogram *histogram);

/* ---- The functions of metric_table --------------------------------------------------------- */

/* The members of "cpu.*": the states of a physical CPU, and halt polling, which is set apart. */
enum { METRIC_CPU_POLL = PCPU_STATES, METRIC_CPU_STATES };

struct backlog_metrics {
	double offered_per_s, served_per_s;
	double backlog, backlog_mean, backlog_oldest;
	double growth_per_s, growth_error_per_s;
};
struct unfinished_metrics {
	double waits, oldest;
};
struct each_metrics {
	double requests_per_s, cpu_over_entitlement;
};
struct drift_metrics {
	double requests, cpu;
};

double collect_jain(const struct collection *to);
double collect_requests_per_s(const struct collection *to);
double collect_cpu_over_entitlement(const struct collection *to);
void collect_cpu(struct collection *to, const struct metric *metric);
void collect_requests(struct collection *to, const struct metric *metric);
void collect_each(struct collection *to, const struct metric *metric);
void collect_drift(struct collection *to, const struct metric *metric);
/* Of classes whose I/O is served by threads of the host; nothing of others. */
void collect_io(struct collection *to, const struct metric *metric);
void collect_io_time(struct collection *to, const struct metric *metric);
/* collect_backlog.c */
void collect_unfinished(struct collection *to, const struct metric *metric);
void collect_sources(struct collection *to, const struct metric *metric);
void collect_events(struct collection *to, const struct metric *metric);

#endif
