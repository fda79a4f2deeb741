/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/verify.h"

#include <math.h>

static bool equal(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

struct verification verify_metrics(const struct aggregate *stored, uint32_t replication,
				   const struct replication_result *result)
{
	struct verification verification = {.first = NULL};

	for (size_t i = 0; i < stored->nr_metrics; i++) {
		const struct aggregate_metric *metric = &stored->metrics[i];
		const struct result_metric *now = result_find(result, metric->scope, metric->name);

		if (!now)
			continue;
		verification.compared++;
		if (equal(now->value, metric->values[replication]))
			continue;
		if (verification.differ++ == 0) {
			verification.first = metric;
			verification.now = now->value;
		}
	}
	return verification;
}
