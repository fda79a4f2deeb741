/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the balancer would have a task by now, as it begins on a host that has been up for long. */
#include "models/host/settle.h"

/* CPUs as a task sees them. */
struct place {
	int first;	     /* CPU */
	uint64_t cpus, idle; /* that it may use, and of these */
	uint64_t load;
};

static struct place place_at(const struct host_task *task, int first, int end)
{
	const struct host *host = task->host;
	struct place place = {.first = first};

	for (int i = first; i < end; i++) {
		if (!host_task_allows(task, i))
			continue;
		place.cpus++;
		place.idle += !host->cpus[i].rq.nr_running;
		place.load += host->settling->loads[i];
	}
	return place;
}

static int compare(unsigned __int128 a, unsigned __int128 b)
{
	return (a > b) - (a < b);
}

/* > 0: a is better, by idle CPUs or else by load, per CPU. */
static int compare_places(const struct place *a, const struct place *b)
{
	int order =
		compare((unsigned __int128)a->idle * b->cpus, (unsigned __int128)b->idle * a->cpus);

	if (order)
		return order;
	return compare((unsigned __int128)b->load * a->cpus, (unsigned __int128)a->load * b->cpus);
}

/* The best group of span CPUs in first .. end - 1, any of those that are alike. */
static int best_group(const struct host_task *task, int first, int end, int span)
{
	struct place best = {.first = -1};
	uint64_t nr_alike = 0;

	for (int i = first; i < end; i += span) {
		struct place place = place_at(task, i, i + span < end ? i + span : end);
		int order;

		if (!place.cpus)
			continue;
		order = best.cpus ? compare_places(&place, &best) : 1;
		if (order < 0)
			continue;
		nr_alike = order > 0 ? 1 : nr_alike + 1;
		if (order > 0 || !sim_stream_below(&task->host->settling->dice, nr_alike))
			best = place;
	}
	return best.first;
}

struct pcpu *host_settled_cpu(const struct host_task *task)
{
	const struct topology *topology = &task->host->topology;
	struct host_settling *settling = task->host->settling;
	int first = 0;
	int end = topology->nr_cpus;

	for (int i = topology->nr_levels - 1; i >= 0; i--) {
		int span = topology->levels[i].group;

		first = best_group(task, first, end, span);
		end = topology_end(topology, first, span);
	}
	settling->loads[first] += settling->next_load;
	return &task->host->cpus[first];
}
