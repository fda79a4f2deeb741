/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "models/workload/workload.h"

int workload_nr_threads(const struct workload *workload)
{
	int threads = 0;

	for (int i = 0; i < workload->nr_classes; i++)
		threads += workload->classes[i].count;
	return threads;
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
