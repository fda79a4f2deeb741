/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/output/hgrm.h"

#include <inttypes.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

enum { TICKS_PER_HALF_DISTANCE = 5 };

char *hgrm_file_name(const char *scope, const char *name)
{
	char *file;

	if (asprintf(&file, "%s.%s.hgrm", scope, name) < 0)
		return NULL;
	for (char *c = file; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			*c = '_';
	return file;
}

/* The value that a bucket is reported as: its largest, as HdrHistogram does. */
static int64_t value_of(const struct sim_histogram *histogram,
			const struct sim_histogram_bucket *bucket)
{
	return bucket->high < histogram->max ? bucket->high : histogram->max;
}

/* The percentile after one at which a line was written: steps halve with the distance to 100. */
static double next_percentile(double percentile)
{
	double halvings = floor(log2(100 / (100 - percentile))) + 1;

	return percentile + 100 / (TICKS_PER_HALF_DISTANCE * exp2(halvings));
}

static double standard_deviation(const struct sim_histogram *histogram)
{
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
	double mean = sim_histogram_mean(histogram), squares = 0;

	while (sim_histogram_next(histogram, &bucket)) {
		double middle =
			((double)bucket.low + (double)value_of(histogram, &bucket)) / 2 - mean;

		squares += middle * middle * (double)bucket.count;
	}
	return sqrt(squares / (double)histogram->count);
}

static void write_lines(FILE *stream, const struct sim_histogram *histogram)
{
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
	double percentile = 0;

	while (sim_histogram_next(histogram, &bucket)) {
		/* Falls short of 100 at the end if a bucket was full. */
		double reached = 100 * (double)bucket.cumulative / (double)histogram->count;

		while (percentile <= reached) {
			fprintf(stream, "%12" PRId64 " %14.12f %10" PRIu64 " %14.2f\n",
				value_of(histogram, &bucket), percentile / 100, bucket.cumulative,
				1 / (1 - percentile / 100));
			percentile = next_percentile(percentile);
			/* All further lines would say the same. */
			if (bucket.cumulative == histogram->count)
				break;
		}
	}
	fprintf(stream, "%12" PRId64 " %14.12f %10" PRIu64 "\n", histogram->max, 1.0,
		histogram->count);
}

void hgrm_write(FILE *stream, const struct sim_histogram *histogram)
{
	double mean = 0, deviation = 0;

	fprintf(stream, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	if (histogram->count) {
		write_lines(stream, histogram);
		mean = sim_histogram_mean(histogram);
		deviation = standard_deviation(histogram);
	}
	fprintf(stream, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean, deviation);
	fprintf(stream, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n",
		(double)histogram->max, histogram->count);
	fprintf(stream, "#[Buckets = %12d, SubBuckets     = %12d]\n",
		SIM_HISTOGRAM_BUCKETS / SIM_HISTOGRAM_SUB_BUCKETS, SIM_HISTOGRAM_SUB_BUCKETS);
}
