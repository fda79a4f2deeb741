/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host that has been up for a while: see eevdf_settle.h. */
#include "models/host/eevdf_settle.h"
#include "models/host/host_internal.h"

static uint64_t draw(void *context, uint64_t n)
{
	return sim_stream_below(context, n);
}

void host_settle_begin(struct host *host)
{
	host->scatters_starts = true;
	sim_stream_init(&host->start_dice, host->seed, host->replication, "host", "settled CPUs");
}

void host_settle_end(struct host *host)
{
	struct sim_stream stream;

	host->scatters_starts = false;
	sim_stream_init(&stream, host->seed, host->replication, "host", "settled requests");
	for (struct host_group *group = host->groups; group; group = group->next)
		eevdf_settle_group(&group->group);
	for (int i = 0; i < host->nr_cpus; i++)
		eevdf_settle_rq(&host->cpus[i].rq, draw, &stream);
}
