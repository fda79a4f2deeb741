/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/empirical.h"

#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_interp.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

struct sim_empirical {
	size_t nr;
	double *values;	       /* ascending */
	double *probabilities; /* of the values, ascending; NULL: of samples, which are alike */
	gsl_interp *inverse;   /* of the distribution function: values over probabilities */
};

static double *copy_of(const double *values, size_t nr)
{
	double *copy = malloc(nr * sizeof(*copy));

	if (copy)
		memcpy(copy, values, nr * sizeof(*copy));
	return copy;
}

struct sim_empirical *sim_empirical_samples(const double *values, size_t nr)
{
	struct sim_empirical *empirical = calloc(1, sizeof(*empirical));

	if (!empirical)
		return NULL;
	empirical->nr = nr;
	empirical->values = copy_of(values, nr);
	if (!empirical->values) {
		sim_empirical_free(empirical);
		return NULL;
	}
	/* The same samples in another order are the same distribution, draw by draw. */
	gsl_sort(empirical->values, 1, nr);
	return empirical;
}

struct sim_empirical *sim_empirical_quantiles(const double *probabilities, const double *values,
					      size_t nr)
{
	struct sim_empirical *empirical = calloc(1, sizeof(*empirical));

	if (!empirical)
		return NULL;
	empirical->nr = nr;
	empirical->values = copy_of(values, nr);
	empirical->probabilities = copy_of(probabilities, nr);
	empirical->inverse = gsl_interp_alloc(gsl_interp_linear, nr);
	if (!empirical->values || !empirical->probabilities || !empirical->inverse) {
		sim_empirical_free(empirical);
		return NULL;
	}
	gsl_interp_init(empirical->inverse, empirical->probabilities, empirical->values, nr);
	return empirical;
}

void sim_empirical_free(struct sim_empirical *empirical)
{
	if (!empirical)
		return;
	if (empirical->inverse)
		gsl_interp_free(empirical->inverse);
	free(empirical->probabilities);
	free(empirical->values);
	free(empirical);
}

double sim_empirical_variate(const struct sim_empirical *empirical, struct sim_stream *stream)
{
	const double *p = empirical->probabilities, *values = empirical->values;
	size_t last = empirical->nr - 1;
	double u;

	if (!p)
		return values[sim_stream_below(stream, empirical->nr)];
	u = sim_stream_uniform(stream);
	if (u <= p[0])
		return values[0];
	if (u >= p[last])
		return values[last];
	return gsl_interp_eval(empirical->inverse, p, values, u, NULL);
}

double sim_empirical_mean(const struct sim_empirical *empirical)
{
	const double *p = empirical->probabilities, *values = empirical->values;
	size_t last = empirical->nr - 1;

	if (!p)
		return gsl_stats_mean(values, 1, empirical->nr);
	return p[0] * values[0] + (1 - p[last]) * values[last] +
	       gsl_interp_eval_integ(empirical->inverse, p, values, p[0], p[last], NULL);
}
