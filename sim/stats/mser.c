/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "sim/stats/mser.h"

/* Of the mean: what is not worth a longer warm-up, or a constant series with jitter had one. */
static const double negligible = 1e-3;

static double batch_mean(const double *values, size_t batch)
{
	double sum = 0;

	for (size_t i = 0; i < SIM_MSER_BATCH; i++)
		sum += values[batch * SIM_MSER_BATCH + i];
	return sum / SIM_MSER_BATCH;
}

size_t sim_mser(const double *values, size_t n)
{
	size_t batches = n / SIM_MSER_BATCH, best = 0;
	double mean = 0, squares = 0, smallest = INFINITY;

	/* From the end, where each step adds one batch to the mean and to the sum of squares. */
	for (size_t left = 1; left <= batches; left++) {
		double value = batch_mean(values, batches - left), off = value - mean, count, error;

		count = (double)left;
		mean += off / count;
		squares += off * (value - mean);
		if (batches - left > batches / 2)
			continue;
		error = (squares + count * pow(negligible * mean, 2)) / (count * count);
		if (error <= smallest) {
			smallest = error;
			best = batches - left;
		}
	}
	return best * SIM_MSER_BATCH;
}
