/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/stats/histogram.h"

/*
 * Values below 64 have a bucket each. A value of b > 6 bits drops its b - 7 lowest bits, and the
 * seven that are left, of which the first is 1, count on within the block of 64 for that b.
 */
static int bucket_of(int64_t value)
{
	uint64_t v = (uint64_t)value;
	int shift;

	if (v < SIM_HISTOGRAM_SUB_BUCKETS)
		return (int)v;
	shift = 63 - __builtin_clzll(v) - SIM_HISTOGRAM_SUB_BITS;
	if (shift >= SIM_HISTOGRAM_RANGE_BITS - SIM_HISTOGRAM_SUB_BITS)
		return SIM_HISTOGRAM_BUCKETS - 1;
	return shift * SIM_HISTOGRAM_SUB_BUCKETS + (int)(v >> shift);
}

/* The smallest value of a bucket; of one past the last, the end of the range. */
static int64_t bucket_low(int index)
{
	int shift = index / SIM_HISTOGRAM_SUB_BUCKETS - 1;

	if (shift < 0)
		return index;
	return (int64_t)(index % SIM_HISTOGRAM_SUB_BUCKETS + SIM_HISTOGRAM_SUB_BUCKETS) << shift;
}

static int64_t bucket_high(int index)
{
	return index == SIM_HISTOGRAM_BUCKETS - 1 ? INT64_MAX : bucket_low(index + 1) - 1;
}

static void add_count(uint32_t *bucket, uint32_t count)
{
	if (__builtin_add_overflow(*bucket, count, bucket))
		*bucket = UINT32_MAX;
}

void sim_histogram_reset(struct sim_histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
}

void sim_histogram_record(struct sim_histogram *histogram, int64_t value)
{
	assert(value >= 0);
	add_count(&histogram->bucket[bucket_of(value)], 1);
	if (!histogram->count++ || value < histogram->min)
		histogram->min = value;
	histogram->sum += value;
	if (value > histogram->max)
		histogram->max = value;
}

void sim_histogram_merge(struct sim_histogram *histogram, const struct sim_histogram *other)
{
	if (!other->count)
		return;
	if (!histogram->count || other->min < histogram->min)
		histogram->min = other->min;
	for (int i = 0; i < SIM_HISTOGRAM_BUCKETS; i++)
		add_count(&histogram->bucket[i], other->bucket[i]);
	histogram->count += other->count;
	histogram->sum += other->sum;
	if (other->max > histogram->max)
		histogram->max = other->max;
}

double sim_histogram_mean(const struct sim_histogram *histogram)
{
	return histogram->count ? (double)histogram->sum / (double)histogram->count : NAN;
}

/*
 * The ends between which the values of a bucket are taken to lie evenly: its own, as far as the
 * smallest and the largest of all values leave them.
 */
static void ends_of(const struct sim_histogram *histogram,
		    const struct sim_histogram_bucket *bucket, double *low, double *high)
{
	*low = (double)(bucket->low > histogram->min ? bucket->low : histogram->min);
	*high = (double)(bucket->high < histogram->max ? bucket->high : histogram->max);
}

double sim_histogram_percentile(const struct sim_histogram *histogram, double percentile)
{
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
	double rank = percentile * (double)histogram->count / 100;

	assert(percentile >= 0 && percentile <= 100);
	if (!histogram->count)
		return 0;
	if (percentile == 0)
		return (double)histogram->min;
	/* A hair less, or 99.9 % of 1000 comes out a bit above 999, in the next bucket. */
	rank -= rank * 1e-14;
	while (percentile < 100 && sim_histogram_next(histogram, &bucket)) {
		double low, high, share;

		if ((double)bucket.cumulative < rank)
			continue;
		ends_of(histogram, &bucket, &low, &high);
		share = (rank - (double)(bucket.cumulative - bucket.count)) / (double)bucket.count;
		/* An integer stands for all that is rounded to it. */
		return fmin(fmax(low + share * (high - low + 1) - 0.5, low), high);
	}
	return (double)histogram->max; /* or a bucket was full */
}

double sim_histogram_below(const struct sim_histogram *histogram, double value)
{
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
	double low, high;

	while (sim_histogram_next(histogram, &bucket)) {
		ends_of(histogram, &bucket, &low, &high);
		if (value >= high)
			continue;
		if (value < low)
			return (double)(bucket.cumulative - bucket.count);
		return (double)(bucket.cumulative - bucket.count) +
		       (double)bucket.count * (value - low + 0.5) / (high - low + 1);
	}
	return (double)histogram->count;
}

double sim_histogram_resolution(double value)
{
	double last = ldexp(1, SIM_HISTOGRAM_RANGE_BITS);
	int index = bucket_of(value < last ? (int64_t)value : (int64_t)last - 1);

	return (double)(bucket_low(index + 1) - bucket_low(index));
}

bool sim_histogram_next(const struct sim_histogram *histogram, struct sim_histogram_bucket *bucket)
{
	int index = bucket->index + 1;

	while (index < SIM_HISTOGRAM_BUCKETS && !histogram->bucket[index])
		index++;
	bucket->index = index;
	if (index >= SIM_HISTOGRAM_BUCKETS) {
		bucket->index = SIM_HISTOGRAM_BUCKETS - 1; /* asking again is harmless */
		return false;
	}
	bucket->low = bucket_low(index);
	bucket->high = bucket_high(index);
	bucket->count = histogram->bucket[index];
	bucket->cumulative += bucket->count;
	return true;
}
