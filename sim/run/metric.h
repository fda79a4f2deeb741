/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run measures: a table with one row for each metric, which world_collect() and `oversub
 * list metrics` walk. A new one is a counter among what its owner counts (struct kvm_stats, say),
 * and a row.
 */
#ifndef SIM_RUN_METRIC_H
#define SIM_RUN_METRIC_H

#include <stdbool.h>
#include <stddef.h>

/* Of whom a metric speaks; a set. */
enum {
	METRIC_OF_VMS = 1,     /* "vm.NAME": all VMs of an entry of "vms" together */
	METRIC_OF_THREADS = 2, /* "host_threads": all threads of "host_workload" together */
	METRIC_OF_HOST = 4,    /* "host" */
	METRIC_OF_CGROUPS = 8, /* "cgroup.PATH": all that is in a node of "host.cgroups" */
};

/* Where the value of a metric comes from; see also the macros of metric_table.c. */
enum metric_kind {
	METRIC_RATE,	/* a counter, per second */
	METRIC_RATE_US, /* a counter of ns, as microseconds per second */
	METRIC_RATIO,	/* a counter over another; NAN if that is 0 */
	METRIC_SHARE,	/* a counter over the sum of those of its family */
	METRIC_LATENCY, /* a histogram of ns: several metrics, see latency_parts */
	METRIC_VALUE,	/* what .value returns */
	METRIC_GROUP,	/* what .add appends, with the rows that follow and have none */
};

struct collection; /* collect.h */

struct metric {
	/*
	 * "jain"; a '*' in it stands for one of members or, if there are none, for the name of a
	 * VM, a source, an event or a request.
	 */
	const char *name;
	unsigned int scopes;
	const char *help; /* what it is, in up to 50 letters */
	enum metric_kind kind;
	const char *unit; /* "1/s", "fraction" (of 1), "ratio", "count", "ns"; NULL of a latency */

	/* The counter or histogram; strides lead to those of the next member of a family. */
	size_t offset, stride;	    /* bytes in struct counters, of collect.h */
	size_t whole, whole_stride; /* METRIC_RATIO: the other counter */
	double (*value)(const struct collection *to);
	void (*add)(struct collection *to, const struct metric *metric); /* may be NULL */

	/* A family of metrics: what the '*' stands for, and what each means. */
	const char *const *members;
	const char *const *member_help;
	int nr_members; /* 0: it is no family */
};

/* All metrics, in the order in which results have those of a scope; the last row has no name. */
extern const struct metric metric_table[];

/* What a run tells of each latency: "tlb_flush.p99". */
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

/* Whether a metric of this name is a percentile of a latency. */
bool metric_is_percentile(const char *name);

#endif
