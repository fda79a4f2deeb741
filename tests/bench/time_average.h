/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The average over time of something that changes in steps: a queue's length, a state. */
#ifndef TESTS_BENCH_TIME_AVERAGE_H
#define TESTS_BENCH_TIME_AVERAGE_H

#include <math.h>
#include <stdint.h>

/* Plain data, may be copied. Exact: the area is an integer. */
struct sim_time_average {
	int64_t start; /* ns, beginning of the average */
	int64_t since; /* ns, when value was set */
	int64_t value; /* current value, any unit */
	__int128 area; /* sum of value x ns from start to since */
};

/* Begins (again) at now with the given value; at the end of a warm-up, pass the current value. */
static inline void sim_time_average_start(struct sim_time_average *average, int64_t now,
					  int64_t value)
{
	*average = (struct sim_time_average){.start = now, .since = now, .value = value};
}

/* From now on, ns and never decreasing, the value is another. */
static inline void sim_time_average_set(struct sim_time_average *average, int64_t now,
					int64_t value)
{
	average->area += (__int128)average->value * (now - average->since);
	average->since = now;
	average->value = value;
}

/* The average from start to now; NAN if no time has passed. */
static inline double sim_time_average_get(const struct sim_time_average *average, int64_t now)
{
	__int128 area = average->area + (__int128)average->value * (now - average->since);

	return now > average->start ? (double)area / (double)(now - average->start) : NAN;
}

#endif
