/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A histogram of durations, log-linear: 64 buckets for every power of two, so that a value is
 * known to within 1/64 (1.6 %) of itself, and exactly below 128 ns. Under 10 KiB, records in a
 * few ns, merges exactly.
 */
#ifndef SIM_STATS_HISTOGRAM_H
#define SIM_STATS_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SIM_HISTOGRAM_SUB_BITS = 6,
	SIM_HISTOGRAM_SUB_BUCKETS = 1 << SIM_HISTOGRAM_SUB_BITS,
	SIM_HISTOGRAM_RANGE_BITS = 42, /* values from 2^42 ns (73 min) on share the last bucket */
	SIM_HISTOGRAM_BUCKETS =
		(SIM_HISTOGRAM_RANGE_BITS - SIM_HISTOGRAM_SUB_BITS + 1) * SIM_HISTOGRAM_SUB_BUCKETS,
};

/*
 * Plain data, may be copied; zero bytes are an empty one. Use the functions to write it; count, min
 * and max may be read.
 */
struct sim_histogram {
	uint64_t count;				/* values recorded */
	int64_t min;				/* ns, exact; 0 while empty */
	int64_t max;				/* ns, exact; 0 while empty */
	__int128 sum;				/* ns, exact */
	uint32_t bucket[SIM_HISTOGRAM_BUCKETS]; /* values in each; stays at UINT32_MAX once there */
};

/* One bucket that is not empty, and where the iteration has got to. */
struct sim_histogram_bucket {
	int index;	     /* -1 before the first */
	int64_t low;	     /* ns, smallest value that falls in it */
	int64_t high;	     /* ns, largest value that falls in it; the last: INT64_MAX */
	uint64_t count;	     /* values in it */
	uint64_t cumulative; /* values in it and in all before it */
};

/* Start of an iteration. */
#define SIM_HISTOGRAM_BEGIN ((struct sim_histogram_bucket){.index = -1})

/* Makes it empty. */
void sim_histogram_reset(struct sim_histogram *histogram);

/* Counts one value, ns, >= 0. */
void sim_histogram_record(struct sim_histogram *histogram, int64_t value);

/* Adds all values of other. */
void sim_histogram_merge(struct sim_histogram *histogram, const struct sim_histogram *other);

/* Mean of the values, ns, exact up to the last rounding; NAN while empty. */
double sim_histogram_mean(const struct sim_histogram *histogram);

/*
 * The value at a percentile (0 .. 100), ns: of the bucket in which that share of all values is
 * reached, the point that the share reaches if the bucket's values lie evenly in it. Within 1/64
 * of the value of that rank, exact below 128 ns, and without bias. Percentile 0 is min, 100 is
 * max; 0 while empty.
 */
double sim_histogram_percentile(const struct sim_histogram *histogram, double percentile);

/* How many values are at most value, ns; within its bucket, by the same assumption. */
double sim_histogram_below(const struct sim_histogram *histogram, double value);

/* The width of the bucket in which a value of value ns, >= 0, falls, ns: what is not known of it.
 */
double sim_histogram_resolution(double value);

/*
 * Steps to the next bucket that is not empty; false when there is none. Usage:
 *
 *	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
 *
 *	while (sim_histogram_next(histogram, &bucket))
 */
bool sim_histogram_next(const struct sim_histogram *histogram, struct sim_histogram_bucket *bucket);

#endif
