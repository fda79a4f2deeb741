/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics of what waits to be taken: items of sources, signals of events. */
#include <math.h>

#include <gsl/gsl_statistics_double.h>

#include "sim/run/collect.h"

/* The backlogs of one source or event in all VMs of a class. */
struct backlog_totals {
	double offered, served, length, area;
	double marks[BACKLOG_PARTS + 1];
	int64_t oldest;
};

static void merge_backlog(struct backlog_totals *to, const struct backlog *from, int64_t now)
{
	int64_t oldest = backlog_oldest(from, now);

	to->offered += (double)from->offered;
	to->served += (double)from->served;
	to->length += from->nr;
	to->area += from->area;
	for (int i = 0; i < from->nr_marks; i++)
		to->marks[i] += from->marks[i];
	if (oldest > to->oldest)
		to->oldest = oldest;
}

/*
 * What a backlog grew by in the parts of the second half of the window. In a queue that cannot keep
 * up these are independent, so their spread tells how sure their mean is; in one that can they sum
 * to about nothing, however much it goes up and down.
 */
static void growth_of(const struct backlog_totals *totals, double part_s, double *mean,
		      double *error)
{
	double grown[BACKLOG_PARTS / 2];
	const size_t n = BACKLOG_PARTS / 2;

	for (size_t i = 0; i < n; i++)
		grown[i] = (totals->marks[n + i + 1] - totals->marks[n + i]) / part_s;
	*mean = gsl_stats_mean(grown, 1, n);
	*error = gsl_stats_sd_m(grown, 1, n, *mean) / sqrt((double)n);
}

static void add_backlog(struct collection *to, enum metric first, const char *name,
			const struct backlog_totals *totals)
{
	double values[METRIC_BACKLOG_PARTS] = {
		[METRIC_OFFERED] = totals->offered / to->elapsed_s,
		[METRIC_SERVED] = totals->served / to->elapsed_s,
		[METRIC_BACKLOG] = totals->length,
		[METRIC_BACKLOG_MEAN] = totals->area / (1e9 * to->elapsed_s),
		[METRIC_BACKLOG_OLDEST] = (double)totals->oldest,
	};

	growth_of(totals, to->elapsed_s / BACKLOG_PARTS, &values[METRIC_GROWTH],
		  &values[METRIC_GROWTH_ERROR]);
	for (int i = 0; i < METRIC_BACKLOG_PARTS; i++) {
		const struct metric_description *metric = &metric_descriptions[first + i];
		char full[NAME_SIZE];

		result_add(to->result, to->scope,
			   metric_name(metric->name, name, full, sizeof(full)), metric->unit,
			   values[i]);
	}
}

/* Backlog number index of instance: its sources come first, then its events. */
static const struct backlog *backlog_of(const struct workload_instance *instance, int index)
{
	int nr_sources = instance->workload->nr_sources;

	return index < nr_sources ? &instance->sources[index].backlog
				  : &instance->events[index - nr_sources].backlog;
}

/* Signals that nobody waits for wait for nobody. */
static bool is_served(const struct workload *workload, int index)
{
	return index < workload->nr_sources ||
	       workload_awaits(workload, index - workload->nr_sources);
}

static void add_named_backlog(struct collection *to, const struct workload *workload, int index,
			      const struct backlog_totals *totals)
{
	if (!is_served(workload, index))
		return;
	if (index < workload->nr_sources)
		add_backlog(to, METRIC_SOURCE, workload->sources[index].name, totals);
	else
		add_backlog(to, METRIC_EVENT, workload->events[index - workload->nr_sources],
			    totals);
}

void collect_class_backlogs(struct collection *to, const struct workload *workload, int class_index)
{
	const struct world *world = to->world;

	for (int i = 0; i < workload->nr_sources + workload->nr_events; i++) {
		struct backlog_totals totals = {0};

		for (int v = 0; v < world->nr_vms; v++)
			if (world->vms[v].class_index == class_index)
				merge_backlog(&totals, backlog_of(&world->vms[v].guest.instance, i),
					      sim_now(&world->engine));
		add_named_backlog(to, workload, i, &totals);
	}
}

/* Items and signals that wait are waits that have not ended. */
void collect_unfinished(const struct workload_instance *instance, int64_t now, double *count,
			int64_t *oldest)
{
	int nr = instance->workload->nr_sources + instance->workload->nr_events;

	for (int i = 0; i < nr; i++) {
		const struct backlog *backlog = backlog_of(instance, i);

		if (!is_served(instance->workload, i))
			continue;
		*count += backlog->nr;
		if (backlog_oldest(backlog, now) > *oldest)
			*oldest = backlog_oldest(backlog, now);
	}
}

void collect_threads_backlogs(struct collection *to)
{
	const struct workload_instance *instance = &to->world->threads.instance;
	const struct workload *workload = instance->workload;
	int64_t now = sim_now(&to->world->engine), oldest = 0;
	double count = 0;

	for (int i = 0; i < to->world->threads.nr_threads; i++) {
		const struct exec_waiter *waiter = &to->world->threads.threads[i].waiter;

		if (waiter->state != WAITER_LOCK)
			continue;
		count++;
		if (now - waiter->since > oldest)
			oldest = now - waiter->since;
	}
	collect_unfinished(instance, now, &count, &oldest);
	collect_add(to, METRIC_UNFINISHED_WAITS, count);
	collect_add(to, METRIC_UNFINISHED_OLDEST, (double)oldest);
	for (int i = 0; i < workload->nr_sources + workload->nr_events; i++) {
		struct backlog_totals totals = {0};

		merge_backlog(&totals, backlog_of(instance, i), now);
		add_named_backlog(to, workload, i, &totals);
	}
}
