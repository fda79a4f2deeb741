/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

#include "sim/stats/holm.h"

static double weight_of(const double *weights, size_t i)
{
	return weights ? weights[i] : 1;
}

/* p over weight decides the order; NANs come last. Returns the sum of all weights that count. */
static double make_keys(const double *p, const double *weights, double *keys, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		keys[i] = isnan(p[i]) ? INFINITY : p[i] / weight_of(weights, i);
		sum += isnan(p[i]) ? 0 : weight_of(weights, i);
	}
	return sum;
}

bool sim_holm(const double *p, const double *weights, double *adjusted, size_t n)
{
	double *keys = calloc(n + 1, sizeof(*keys)), left, largest = 0;
	size_t *order = calloc(n + 1, sizeof(*order));

	if (!keys || !order) {
		free(keys);
		free(order);
		return false;
	}
	left = make_keys(p, weights, keys, n);
	gsl_sort_index(order, keys, 1, n);
	for (size_t k = 0; k < n; k++) {
		size_t i = order[k];

		if (isnan(p[i])) {
			adjusted[i] = NAN;
			continue;
		}
		/* Each has its share of what those before it have left. */
		largest = fmax(largest, fmin(1, keys[i] * left));
		left -= weight_of(weights, i);
		adjusted[i] = largest;
	}
	free(keys);
	free(order);
	return true;
}
