/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Load averages of CPUs where nothing happens, and of groups that have left a CPU, must decay, or
 * they keep shares that others need. The kernel sees to it in its periodic balancing, and for idle
 * CPUs from the tick of a busy one (nohz_balancer_kick with NOHZ_STATS_KICK); here the latter does
 * for all. Only if group weights come from load averages.
 */
#include "models/host/host_internal.h"

/* LOAD_AVG_PERIOD: within it an average loses half. */
#define INTERVAL_NS 32000000

void host_decay_loads(struct host *host)
{
	int64_t now = host_now(host);

	if (now < host->next_load_decay)
		return;
	host->next_load_decay = now + INTERVAL_NS;
	for (int i = 0; i < host->nr_cpus; i++)
		eevdf_update_blocked_averages(&host->cpus[i].rq, (uint64_t)now);
}
