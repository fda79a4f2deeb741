/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a replication that was simulated again is the one that a result was made from. */
#ifndef SIM_EXPLAIN_VERIFY_H
#define SIM_EXPLAIN_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "sim/run/aggregate.h"
#include "sim/run/result.h"

struct verification {
	size_t compared; /* metrics that both have */
	size_t differ;
	const struct aggregate_metric *first; /* that differs, or NULL */
	double now;			      /* its value now */
};

/* Compare the metrics of result with those of replication number `replication` of stored. */
struct verification verify_metrics(const struct aggregate *stored, uint32_t replication,
				   const struct replication_result *result);

#endif
