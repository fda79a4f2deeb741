/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/regret.h"

#include <string.h>

/* Of VMs: what lasts longer if the wrong vCPU gets the CPU. */
static const char *const waits[] = {"lock_wait.mean",	"lock_wait.p99",  "ipi_response.mean",
				    "ipi_response.p99", "tlb_flush.mean", "tlb_flush.p99"};

static bool is_wait(const char *name)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++)
		if (!strcmp(name, waits[i]))
			return true;
	return false;
}

bool regret_of(const struct compared_metric *metric, struct regret *regret)
{
	const struct sim_interval *difference = &metric->paired.difference;
	bool is_throughput = !strcmp(metric->name, COMPARE_PRIMARY);
	double sign = is_throughput ? -1 : 1;

	if (strncmp(metric->scope, "vm.", 3) || (!is_throughput && !is_wait(metric->name)))
		return false;
	*regret = (struct regret){
		.lost = sign * difference->mean,
		.half_width = difference->half_width,
		.relative = is_throughput ? sim_relative_negated(metric->paired.relative)
					  : metric->paired.relative,
	};
	return true;
}
