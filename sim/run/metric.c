/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/metric.h"

#include <stdio.h>
#include <string.h>

#include "sim/stats/histogram.h"

const struct latency_part latency_parts[LATENCY_PARTS] = {
	{"count_per_s", "1/s", LATENCY_COUNT, 0, "how many"},
	{"mean", "ns", LATENCY_MEAN, 0, "arithmetic mean"},
	{"p50", "ns", LATENCY_PERCENTILE, 50, "median"},
	{"p90", "ns", LATENCY_PERCENTILE, 90, "90th percentile"},
	{"p99", "ns", LATENCY_PERCENTILE, 99, "99th percentile"},
	{"p99.9", "ns", LATENCY_PERCENTILE, 99.9, "99.9th percentile"},
	{"max", "ns", LATENCY_MAX, 0, "largest"},
};

const char *metric_name(const char *pattern, const char *member, char *buffer, size_t size)
{
	const char *star = strchr(pattern, '*');

	if (star)
		snprintf(buffer, size, "%.*s%s%s", (int)(star - pattern), pattern, member,
			 star + 1);
	else
		snprintf(buffer, size, "%s", pattern);
	return buffer;
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	return length > end && name[length - end - 1] == '.' &&
	       !strcmp(name + length - end, suffix);
}

bool metric_is_percentile(const char *name)
{
	for (int i = 0; i < LATENCY_PARTS; i++)
		if (latency_parts[i].kind == LATENCY_PERCENTILE &&
		    ends_in(name, latency_parts[i].suffix))
			return true;
	return false;
}

double metric_resolution(const char *name, double value)
{
	return value >= 0 && metric_is_percentile(name) ? sim_histogram_resolution(value) : 0;
}
