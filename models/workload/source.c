/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/workload/source.h"

enum oversub_status source_init(struct source_state *source,
				const struct workload_source *description, const char *instance,
				int64_t start, uint64_t seed, uint32_t replication,
				struct oversub_error *error)
{
	char entity[256];

	*source = (struct source_state){.description = description};
	source->pending = malloc(SOURCE_INITIAL_CAPACITY * sizeof(*source->pending));
	if (!source->pending)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for source %s",
				    description->name);
	source->capacity = SOURCE_INITIAL_CAPACITY;
	snprintf(entity, sizeof(entity), "%s/%s", instance, description->name);
	sim_stream_init(&source->stream, seed, replication, entity, "arrival");
	source->next_arrival = start + sim_variate_ns(&description->interarrival, &source->stream);
	return OVERSUB_OK;
}

void source_fini(struct source_state *source)
{
	free(source->pending);
	source->pending = NULL;
	source->capacity = source->nr_pending = 0;
}

static enum oversub_status grow(struct source_state *source, struct oversub_error *error)
{
	int64_t *larger;

	if (source->capacity >= SOURCE_MAX_PENDING)
		return oversub_fail(error, OVERSUB_FAILED,
				    "%u items wait at source %s: they arrive faster than the "
				    "threads take them; make interarrival times longer or add "
				    "threads",
				    source->nr_pending, source->description->name);
	larger = malloc(2 * (size_t)source->capacity * sizeof(*larger));
	if (!larger)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for source %s",
				    source->description->name);
	for (uint32_t i = 0; i < source->nr_pending; i++)
		larger[i] = source->pending[(source->head + i) & (source->capacity - 1)];
	free(source->pending);
	source->pending = larger;
	source->head = 0;
	source->capacity *= 2;
	return OVERSUB_OK;
}

enum oversub_status source_arrive(struct source_state *source, struct exec_waiter **served,
				  struct oversub_error *error)
{
	int64_t now = source->next_arrival;
	enum oversub_status status;

	*served = waiter_queue_pop(&source->idle);
	if (*served) {
		(*served)->state = WAITER_IDLE;
		(*served)->arrival = now;
	} else {
		if (source->nr_pending == source->capacity) {
			status = grow(source, error);
			if (status)
				return status;
		}
		source->pending[(source->head + source->nr_pending) & (source->capacity - 1)] = now;
		source->nr_pending++;
	}
	source->arrivals++;
	source->next_arrival += sim_variate_ns(&source->description->interarrival, &source->stream);
	return OVERSUB_OK;
}

bool source_take(struct source_state *source, struct exec_waiter *waiter, int64_t now)
{
	assert(waiter->state == WAITER_IDLE);
	if (source->nr_pending) {
		waiter->arrival = source->pending[source->head];
		source->head = (source->head + 1) & (source->capacity - 1);
		source->nr_pending--;
		return true;
	}
	waiter->state = WAITER_SOURCE;
	waiter->source = source;
	waiter->since = now;
	waiter_queue_push(&source->idle, waiter);
	return false;
}
