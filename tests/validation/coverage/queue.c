/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <gsl/gsl_randist.h>

#include "tests/validation/coverage/queue.h"

/* What an arriving job waits, in the steady state. */
static double steady_wait(gsl_rng *rng)
{
	return gsl_rng_uniform(rng) < QUEUE_LOAD ? gsl_ran_exponential(rng, QUEUE_TIME_NS) : 0;
}

void queue_times(struct sim_histogram *times, int n, struct sim_stream *stream)
{
	gsl_rng *rng = sim_stream_rng(stream);
	double wait = steady_wait(rng);

	sim_histogram_reset(times);
	for (int i = 0; i < n; i++) {
		double time = wait + gsl_ran_exponential(rng, QUEUE_SERVICE_NS);

		sim_histogram_record(times, llrint(time));
		wait = fmax(time - gsl_ran_exponential(rng, QUEUE_SERVICE_NS / QUEUE_LOAD), 0);
	}
}

/* The part of begin .. end that is between low and high. */
static double overlap(double begin, double end, double low, double high)
{
	return fmax(0, fmin(end, high) - fmax(begin, low));
}

struct queue_halves queue_halves_of(double length, struct sim_stream *stream)
{
	gsl_rng *rng = sim_stream_rng(stream);
	struct queue_halves halves = {{0, 0}, {0, 0}};
	double arrival = 0, free_at = steady_wait(rng);

	/* Those who are there already leave as the server is busy: it is, until free_at. */
	for (double leaves = gsl_ran_exponential(rng, QUEUE_SERVICE_NS); leaves < free_at;
	     leaves += gsl_ran_exponential(rng, QUEUE_SERVICE_NS))
		halves.jobs[leaves >= length]++;
	for (int h = 0; h < 2; h++)
		halves.busy[h] += overlap(0, free_at, h * length, (h + 1) * length);
	for (;;) {
		double begin, end;

		arrival += gsl_ran_exponential(rng, QUEUE_SERVICE_NS / QUEUE_LOAD);
		if (arrival >= 2 * length)
			return halves;
		begin = fmax(arrival, free_at);
		end = begin + gsl_ran_exponential(rng, QUEUE_SERVICE_NS);
		if (end < 2 * length)
			halves.jobs[end >= length]++;
		for (int h = 0; h < 2; h++)
			halves.busy[h] += overlap(begin, end, h * length, (h + 1) * length);
		free_at = end;
	}
}
