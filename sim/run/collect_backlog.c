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

static struct backlog_metrics metrics_of(const struct collection *to,
					 const struct backlog_totals *totals)
{
	struct backlog_metrics metrics = {
		.offered_per_s = totals->offered / to->elapsed_s,
		.served_per_s = totals->served / to->elapsed_s,
		.backlog = totals->length,
		.backlog_mean = totals->area / (1e9 * to->elapsed_s),
		.backlog_oldest = (double)totals->oldest,
	};

	growth_of(totals, to->elapsed_s / BACKLOG_PARTS, &metrics.growth_per_s,
		  &metrics.growth_error_per_s);
	return metrics;
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

static void add_backlog(struct collection *to, const struct metric *metric, int index,
			const char *name)
{
	struct backlog_totals totals = {0};
	struct backlog_metrics metrics;

	for (int i = 0; i < to->nr_instances; i++)
		merge_backlog(&totals, backlog_of(to->instances[i], index),
			      sim_now(&to->world->engine));
	metrics = metrics_of(to, &totals);
	collect_add_group(to, metric, name, &metrics);
}

void collect_sources(struct collection *to, const struct metric *metric)
{
	const struct workload *workload = to->workload;

	for (int i = 0; i < workload->nr_sources; i++)
		add_backlog(to, metric, i, workload->sources[i].name);
}

void collect_events(struct collection *to, const struct metric *metric)
{
	const struct workload *workload = to->workload;

	for (int i = 0; i < workload->nr_events; i++)
		if (is_served(workload, workload->nr_sources + i))
			add_backlog(to, metric, workload->nr_sources + i, workload->events[i]);
}

static void count_wait(struct unfinished_metrics *unfinished, double count, int64_t oldest)
{
	unfinished->waits += count;
	unfinished->oldest = fmax(unfinished->oldest, (double)oldest);
}

/* Items and signals that wait are waits that have not ended. */
static void count_backlogs(struct unfinished_metrics *unfinished,
			   const struct workload_instance *instance, int64_t now)
{
	int nr = instance->workload->nr_sources + instance->workload->nr_events;

	for (int i = 0; i < nr; i++)
		if (is_served(instance->workload, i))
			count_wait(unfinished, backlog_of(instance, i)->nr,
				   backlog_oldest(backlog_of(instance, i), now));
}

static void count_threads(struct unfinished_metrics *unfinished, const struct host_threads *threads,
			  int64_t now)
{
	for (int i = 0; i < threads->nr_threads; i++)
		if (threads->threads[i].waiter.state == WAITER_LOCK)
			count_wait(unfinished, 1, now - threads->threads[i].waiter.since);
}

void collect_unfinished(struct collection *to, const struct metric *metric)
{
	int64_t now = sim_now(&to->world->engine), oldest;
	struct unfinished_metrics unfinished = {0};
	int count;

	for (int i = 0; i < to->nr_vms; i++) {
		guest_unfinished_waits(&to->vms[i].guest, now, &count, &oldest);
		count_wait(&unfinished, count, oldest);
	}
	if (to->nr_vms == 0)
		count_threads(&unfinished, &to->world->threads, now);
	for (int i = 0; i < to->nr_instances; i++)
		count_backlogs(&unfinished, to->instances[i], now);
	collect_add_group(to, metric, NULL, &unfinished);
}
