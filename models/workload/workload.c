/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "models/workload/workload.h"

int workload_class_threads(const struct workload_thread_class *class, int vcpus)
{
	return class->count + class->per_vcpu * vcpus;
}

int workload_nr_threads(const struct workload *workload, int vcpus)
{
	int threads = 0;

	for (int i = 0; i < workload->nr_classes; i++)
		threads += workload_class_threads(&workload->classes[i], vcpus);
	return threads;
}

static bool has_threads(const struct workload_thread_class *class)
{
	return class->count || class->per_vcpu;
}

const char *const workload_object_keys[WORKLOAD_OBJECTS] = {
	[OP_ARGUMENT_LOCK] = "locks",
	[OP_ARGUMENT_EVENT] = "events",
	[OP_ARGUMENT_BARRIER] = "barriers",
	[OP_ARGUMENT_SOURCE] = "arrivals",
};

const char *workload_object_name(const struct workload *workload, enum op_argument kind, int index)
{
	switch (kind) {
	case OP_ARGUMENT_LOCK:
		return index < workload->nr_locks ? workload->locks[index].name : NULL;
	case OP_ARGUMENT_EVENT: return index < workload->nr_events ? workload->events[index] : NULL;
	case OP_ARGUMENT_BARRIER:
		return index < workload->nr_barriers ? workload->barriers[index].name : NULL;
	case OP_ARGUMENT_SOURCE:
		return index < workload->nr_sources ? workload->sources[index].name : NULL;
	default: return NULL;
	}
}

bool workload_object_used(const struct workload *workload, enum op_argument kind, int index)
{
	for (int c = 0; c < workload->nr_classes; c++)
		for (int i = 0; i < workload->classes[c].nr_ops; i++) {
			const struct op *op = &workload->classes[c].ops[i];

			if (op_descriptions[op->kind].name && op->object == index &&
			    op_descriptions[op->kind].argument == kind)
				return true;
		}
	return false;
}

bool workload_awaits(const struct workload *workload, int event)
{
	for (int c = 0; c < workload->nr_classes; c++)
		for (int i = 0; i < workload->classes[c].nr_ops; i++)
			if (workload->classes[c].ops[i].kind == OP_WAIT &&
			    workload->classes[c].ops[i].object == event)
				return true;
	return false;
}

bool workload_needs_io_threads(const struct workload *workload)
{
	for (int c = 0; c < workload->nr_classes; c++)
		for (int i = 0;
		     has_threads(&workload->classes[c]) && i < workload->classes[c].nr_ops; i++)
			if (workload->classes[c].ops[i].kind == OP_IO &&
			    workload->classes[c].ops[i].served_by == OP_SERVED_BY_IO_THREAD)
				return true;
	return false;
}

static void free_strings(char **strings, int count)
{
	for (int i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

void workload_free(struct workload *workload)
{
	for (int i = 0; i < workload->nr_locks; i++)
		free(workload->locks[i].name);
	for (int i = 0; i < workload->nr_barriers; i++)
		free(workload->barriers[i].name);
	for (int i = 0; i < workload->nr_sources; i++)
		free(workload->sources[i].name);
	for (int i = 0; i < workload->nr_classes; i++) {
		free(workload->classes[i].name);
		free(workload->classes[i].ops);
	}
	free(workload->locks);
	free(workload->barriers);
	free(workload->sources);
	free(workload->classes);
	free_strings(workload->events, workload->nr_events);
	free_strings(workload->requests, workload->nr_requests);
	free(workload->name);
	*workload = (struct workload){0};
}
