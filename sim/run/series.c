/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/series.h"

#include <math.h>
#include <stdlib.h>

#include "sim/run/entitlement.h"
#include "sim/run/world_internal.h"

const char *const series_quantity_names[SERIES_QUANTITIES] = {
	[SERIES_REQUESTS] = "requests/s", [SERIES_CPU_TIME] = "CPU time"};

static double *row_of(const struct series *series, int row, int quantity)
{
	return series->values +
	       ((size_t)row * SERIES_QUANTITIES + (size_t)quantity) * RESULT_SLICES;
}

bool series_begin(struct series *series, const struct world *world, int64_t length)
{
	size_t rows = (size_t)world->scenario->nr_vms + world->has_threads;

	*series = (struct series){
		.begin = sim_now(&world->engine), .length = length, .nr_rows = (int)rows};
	series->last = calloc(rows * SERIES_QUANTITIES + 1, sizeof(*series->last));
	series->values =
		calloc(rows * SERIES_QUANTITIES * RESULT_SLICES + 1, sizeof(*series->values));
	return series->last && series->values;
}

static int64_t end_of(const struct series *series, int slice)
{
	/* In two steps, as the product could overflow. */
	int64_t whole = series->length / RESULT_SLICES, rest = series->length % RESULT_SLICES;

	return series->begin + whole * (slice + 1) + rest * (slice + 1) / RESULT_SLICES;
}

int64_t series_next(const struct series *series)
{
	if (!series->values || series->nr_done == RESULT_SLICES)
		return INT64_MAX;
	return end_of(series, series->nr_done);
}

/* What the counts of a row stand at. */
static void read_counts(struct world *world, int row, double counts[SERIES_QUANTITIES])
{
	struct world_vm *vms;
	int nr;

	counts[SERIES_REQUESTS] = counts[SERIES_CPU_TIME] = 0;
	if (row == world->scenario->nr_vms) {
		host_threads_account(&world->threads);
		counts[SERIES_REQUESTS] =
			(double)workload_instance_requests(&world->threads.instance);
		counts[SERIES_CPU_TIME] =
			entitlement_thread_time(&world->threads, 0, world->threads.nr_threads);
		return;
	}
	vms = world_class(world, row, &nr);
	for (int i = 0; i < nr; i++) {
		kvm_vm_account(&vms[i].kvm);
		counts[SERIES_REQUESTS] +=
			(double)workload_instance_requests(&vms[i].guest.instance);
		counts[SERIES_CPU_TIME] += entitlement_cpu_time(&vms[i].kvm);
	}
}

void series_sample(struct series *series, struct world *world)
{
	if (!series->values || series->nr_done == RESULT_SLICES)
		return;
	for (int row = 0; row < series->nr_rows; row++) {
		double counts[SERIES_QUANTITIES];

		read_counts(world, row, counts);
		for (int q = 0; q < SERIES_QUANTITIES; q++) {
			double *last = &series->last[row * SERIES_QUANTITIES + q];

			row_of(series, row, q)[series->nr_done] = counts[q] - *last;
			*last = counts[q];
		}
	}
	/* Of several that end now, because nothing happened meanwhile, the first has it all. */
	do {
		series->nr_done++;
	} while (series_next(series) <= sim_now(&world->engine));
}

double series_drift(const struct series *series, int row, enum series_quantity quantity)
{
	const double *values = row_of(series, row, quantity);
	double halves[2] = {0, 0};

	for (int i = 0; i < RESULT_SLICES; i++)
		halves[i >= RESULT_SLICES / 2] += values[i];
	if (halves[0] + halves[1] <= 0)
		return NAN;
	return 2 * (halves[1] - halves[0]) / (halves[0] + halves[1]);
}

void series_add(const struct series *series, int row, const char *scope,
		struct replication_result *result)
{
	for (int q = 0; q < SERIES_QUANTITIES; q++)
		result_add_series(result, scope, series_quantity_names[q], row_of(series, row, q));
}

void series_fini(struct series *series)
{
	free(series->last);
	free(series->values);
	*series = (struct series){0};
}
