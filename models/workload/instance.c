/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "models/workload/instance.h"

/* calloc() that tells "none wanted" from "none there". */
static void *array(int count, size_t size, bool *failed)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (!memory)
		*failed = true;
	return memory;
}

static bool allocate(struct workload_instance *instance)
{
	const struct workload *workload = instance->workload;
	bool failed = false;

	instance->locks = array(workload->nr_locks, sizeof(*instance->locks), &failed);
	instance->events = array(workload->nr_events, sizeof(*instance->events), &failed);
	instance->barriers = array(workload->nr_barriers, sizeof(*instance->barriers), &failed);
	instance->sources = array(workload->nr_sources, sizeof(*instance->sources), &failed);
	instance->stats.requests =
		array(workload->nr_requests, sizeof(*instance->stats.requests), &failed);
	return !failed;
}

static void init_objects(struct workload_instance *instance, int64_t start, uint64_t seed,
			 uint32_t replication)
{
	const struct workload *workload = instance->workload;

	for (int i = 0; i < workload->nr_locks; i++)
		lock_init(&instance->locks[i], &workload->locks[i]);
	for (int i = 0; i < workload->nr_events; i++)
		event_init(&instance->events[i], workload->events[i], start);
	for (int i = 0; i < workload->nr_barriers; i++)
		barrier_init(&instance->barriers[i], &workload->barriers[i]);
	for (int i = 0; i < workload->nr_sources; i++)
		source_init(&instance->sources[i], &workload->sources[i], instance->name, start,
			    seed, replication);
}

enum oversub_status workload_instance_init(struct workload_instance *instance,
					   const struct workload *workload, const char *name,
					   int64_t start, uint64_t seed, uint32_t replication,
					   struct oversub_error *error)
{
	*instance = (struct workload_instance){.workload = workload, .name = name};
	if (!allocate(instance)) {
		workload_instance_fini(instance);
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for workload %s",
				    workload->name);
	}
	init_objects(instance, start, seed, replication);
	workload_instance_reset_stats(instance);
	return OVERSUB_OK;
}

void workload_instance_fini(struct workload_instance *instance)
{
	if (instance->sources)
		for (int i = 0; i < instance->workload->nr_sources; i++)
			source_fini(&instance->sources[i]);
	if (instance->events)
		for (int i = 0; i < instance->workload->nr_events; i++)
			event_fini(&instance->events[i]);
	free(instance->locks);
	free(instance->events);
	free(instance->barriers);
	free(instance->sources);
	free(instance->stats.requests);
	*instance = (struct workload_instance){0};
}

void workload_instance_reset_stats(struct workload_instance *instance)
{
	struct sim_histogram *requests = instance->stats.requests;

	memset(&instance->stats, 0, sizeof(instance->stats));
	instance->stats.requests = requests;
	for (int i = 0; i < instance->workload->nr_requests; i++)
		sim_histogram_reset(&requests[i]);
}

void workload_instance_begin_window(struct workload_instance *instance, int64_t now, int64_t length)
{
	for (int i = 0; i < instance->workload->nr_sources; i++)
		backlog_begin(&instance->sources[i].backlog, now, length);
	for (int i = 0; i < instance->workload->nr_events; i++)
		backlog_begin(&instance->events[i].backlog, now, length);
}

void workload_instance_account(struct workload_instance *instance, int64_t now)
{
	for (int i = 0; i < instance->workload->nr_sources; i++)
		backlog_account(&instance->sources[i].backlog, now);
	for (int i = 0; i < instance->workload->nr_events; i++)
		backlog_account(&instance->events[i].backlog, now);
}

uint64_t workload_instance_requests(const struct workload_instance *instance)
{
	uint64_t finished = 0;

	for (int i = 0; i < instance->workload->nr_requests; i++)
		finished += instance->stats.requests[i].count;
	return finished;
}

void workload_count_lock(struct workload_instance *instance, bool contended, int64_t ns)
{
	instance->stats.lock_acquired++;
	if (!contended)
		return;
	instance->stats.lock_contended++;
	sim_histogram_record(&instance->stats.lock_wait, ns);
}
