/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <stdio.h>

#include "models/workload/source.h"

void source_init(struct source_state *source, const struct workload_source *description,
		 const char *instance, int64_t start, uint64_t seed, uint32_t replication)
{
	char entity[256];

	*source = (struct source_state){.description = description};
	backlog_init(&source->backlog, start);
	snprintf(entity, sizeof(entity), "%s/%s", instance, description->name);
	sim_stream_init(&source->stream, seed, replication, entity, "arrival");
	source->next_arrival = start + sim_variate_ns(&description->interarrival, &source->stream);
}

void source_fini(struct source_state *source)
{
	backlog_fini(&source->backlog);
}

enum oversub_status source_arrive(struct source_state *source, struct exec_waiter **served,
				  struct oversub_error *error)
{
	int64_t now = source->next_arrival;

	*served = waiter_queue_pop(&source->idle);
	if (*served) {
		(*served)->state = WAITER_IDLE;
		(*served)->arrival = now;
		backlog_pass(&source->backlog, now);
	} else if (!backlog_push(&source->backlog, now)) {
		return oversub_fail(error, OVERSUB_FAILED,
				    "%u items wait at source %s, and there is no room for more: "
				    "they arrive faster than the threads take them; make "
				    "interarrival times longer or add threads",
				    source->backlog.nr, source->description->name);
	}
	source->next_arrival += sim_variate_ns(&source->description->interarrival, &source->stream);
	return OVERSUB_OK;
}

bool source_take(struct source_state *source, struct exec_waiter *waiter, int64_t now)
{
	assert(waiter->state == WAITER_IDLE);
	if (source->backlog.nr) {
		waiter->arrival = backlog_pop(&source->backlog, now);
		return true;
	}
	waiter->state = WAITER_SOURCE;
	waiter->source = source;
	waiter->since = now;
	waiter_queue_push(&source->idle, waiter);
	return false;
}
