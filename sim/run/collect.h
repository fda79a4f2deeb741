/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that collect the metrics of a finished run share. Others include world.h. */
#ifndef SIM_RUN_COLLECT_H
#define SIM_RUN_COLLECT_H

#include "sim/run/metric.h"
#include "sim/run/world_internal.h"

#define NAME_SIZE 128

/* What is being collected. */
struct collection {
	const struct world *world;
	struct replication_result *result;
	const char *scope;
	double elapsed_s;
};

/* Append a metric of the present scope. */
void collect_add(struct collection *to, enum metric metric, double value);

/* Those of the sources and events of all VMs of a class, which run workload. */
void collect_class_backlogs(struct collection *to, const struct workload *workload,
			    int class_index);
/* The same for host threads, with their waits that have not ended. */
void collect_threads_backlogs(struct collection *to);
/*
 * Items and signals of an instance that wait are waits that have not ended: add their number to
 * *count, and raise *oldest to the age in ns of the oldest.
 */
void collect_unfinished(const struct workload_instance *instance, int64_t now, double *count,
			int64_t *oldest);

#endif
