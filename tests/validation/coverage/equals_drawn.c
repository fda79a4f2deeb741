/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "sim/stats/histogram.h"
#include "tests/validation/coverage/equals.h"
#include "tests/validation/coverage/noise.h"

/* How a metric comes about in one replication. */
enum shape {
	SHAPE_SMOOTH, /* mean x load^power x a lognormal deviate of its own */
	SHAPE_BUCKET, /* the same, rounded to a bucket of a histogram */
	SHAPE_RARE,   /* a Poisson number of that mean */
	SHAPE_UNUSED, /* 0 */
};

struct drawn_metric {
	const char *name, *unit;
	enum shape shape;
	double mean;
	double power; /* how it follows the load of its VM */
	double cv;    /* of its own deviate */
};

static const struct drawn_metric of_vms[] = {
	{"requests_per_s", "1/s", SHAPE_SMOOTH, 30000, -1, 0.01},
	{"request.chunk.p50", "ns", SHAPE_BUCKET, 400e3, 1, 0.01},
	{"request.chunk.p99", "ns", SHAPE_BUCKET, 5e6, 2, 0.05},
	{"request.chunk.p99.9", "ns", SHAPE_BUCKET, 9e6, 2, 0.2},
	{"time.spin", "fraction", SHAPE_SMOOTH, 0.1, 3, 0.02},
	{"time.steal", "fraction", SHAPE_SMOOTH, 0.5, 1, 0.005},
	{"time.exit", "fraction", SHAPE_SMOOTH, 0.02, 2, 0.05},
	{"cpu_over_entitlement", "ratio", SHAPE_SMOOTH, 1, 0, 0.002},
	{"ple_exits_per_s", "1/s", SHAPE_SMOOTH, 3e5, 3, 0.05},
	{"yield.tried_per_s", "1/s", SHAPE_SMOOTH, 2e5, 3, 0.06},
	{"yield.honoured_per_s", "1/s", SHAPE_SMOOTH, 5e4, 2, 0.1},
	{"yield.futile_per_s", "1/s", SHAPE_SMOOTH, 1e5, 3, 0.1},
	{"yield.remote_exits_for_nothing_per_s", "1/s", SHAPE_SMOOTH, 1e5, 3, 0.1},
	{"hint.precision", "fraction", SHAPE_SMOOTH, 0.1, -1, 0.1},
	{"hint.recall", "fraction", SHAPE_SMOOTH, 0.1, -1, 0.1},
	{"hint.precision.tlb", "fraction", SHAPE_SMOOTH, 0.1, -1, 0.2},
	{"hint.recall.tlb", "fraction", SHAPE_SMOOTH, 0.1, -1, 0.2},
	{"hint.stale", "fraction", SHAPE_RARE, 0.3, 0, 0},
	{"hint.polluted", "fraction", SHAPE_UNUSED, 0, 0, 0},
	{"ipi_response.p99", "ns", SHAPE_BUCKET, 3e6, 1, 0.1},
	{"tlb_flush.p99", "ns", SHAPE_BUCKET, 4e6, 1, 0.3},
	{"lock_wait.p99", "ns", SHAPE_BUCKET, 5e5, 1, 0.8},
	{"wakeup_wait.p99", "ns", SHAPE_BUCKET, 1e6, 0, 0.001},
};

static const struct drawn_metric of_the_host[] = {
	{"switches_per_s", "1/s", SHAPE_SMOOTH, 2e5, 2, 0.02},
	{"migrations_per_s", "1/s", SHAPE_RARE, 4, 0, 0},
	{"jain", "ratio", SHAPE_SMOOTH, 0.99, 0, 0.001},
	{"stacking", "fraction", SHAPE_SMOOTH, 0.5, 1, 0.1},
	{"cpu.idle", "fraction", SHAPE_UNUSED, 0, 0, 0},
};

#define NR_OF(array) (sizeof(array) / sizeof(*(array)))

static double lognormal(gsl_rng *rng, double cv)
{
	double variance = log1p(cv * cv);

	return gsl_ran_lognormal(rng, -variance / 2, sqrt(variance));
}

static double bucketed(double value)
{
	double width = sim_histogram_resolution(value);

	return width * (floor(value / width) + 1) - 1;
}

static double draw(const struct drawn_metric *metric, gsl_rng *rng, double load)
{
	double value = metric->mean;

	if (metric->shape == SHAPE_UNUSED)
		return 0;
	if (metric->shape == SHAPE_RARE)
		return gsl_ran_poisson(rng, value);
	value *= pow(load, metric->power) * lognormal(rng, metric->cv);
	return metric->shape == SHAPE_BUCKET ? bucketed(value) : value;
}

static void draw_scope(struct aggregate *side, const char *scope,
		       const struct drawn_metric *metrics, size_t nr, gsl_rng *rng,
		       const double *loads)
{
	for (size_t m = 0; m < nr; m++) {
		struct aggregate_metric *metric =
			aggregate_add_metric(side, scope, metrics[m].name, metrics[m].unit);

		if (!metric) {
			fputs("coverage: out of memory\n", stderr);
			exit(1);
		}
		for (size_t i = 0; i < side->nr_replications; i++)
			metric->values[i] = draw(&metrics[m], rng, loads[i]);
		aggregate_compute(metric, side->nr_replications);
	}
}

/* The load of each replication of a side: half of what varies is common to all sides. */
static void draw_loads(gsl_rng *rng, const double *common, double *loads, size_t replications)
{
	for (size_t i = 0; i < replications; i++)
		loads[i] = common[i] * lognormal(rng, 0.05);
}

void equals_drawn(uint32_t trial, struct aggregate *sides, size_t nr, size_t replications)
{
	double common[EQUALS_MAX_REPLICATIONS], loads[EQUALS_MAX_REPLICATIONS];
	struct sim_stream stream;
	gsl_rng *rng = sim_stream_rng(&stream);

	noise_stream(&stream, "equals", trial);
	for (size_t i = 0; i < replications; i++)
		common[i] = lognormal(rng, 0.05);
	for (size_t s = 0; s < nr; s++) {
		sides[s] = (struct aggregate){.nr_replications = replications};
		draw_loads(rng, common, loads, replications);
		draw_scope(&sides[s], "host", of_the_host, NR_OF(of_the_host), rng, loads);
		draw_scope(&sides[s], "vm.db", of_vms, NR_OF(of_vms), rng, loads);
		draw_loads(rng, common, loads, replications);
		draw_scope(&sides[s], "vm.calc", of_vms, NR_OF(of_vms), rng, loads);
	}
}
