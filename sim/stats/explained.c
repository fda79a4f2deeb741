/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <gsl/gsl_statistics_double.h>

#include "sim/stats/explained.h"

/* Adjusted for a regression on so many quantities. */
static double adjusted(double share, size_t n, int quantities)
{
	return fmax(0, 1 - (1 - share) * (double)(n - 1) / (double)(n - 1 - (size_t)quantities));
}

double sim_explained(const double *y, const double *a, const double *b, size_t n)
{
	double ya, yb, ab;

	if (n < SIM_EXPLAINED_MIN || !(gsl_stats_variance(y, 1, n) > 0))
		return NAN;
	ya = gsl_stats_correlation(y, 1, a, 1, n);
	yb = gsl_stats_correlation(y, 1, b, 1, n);
	ab = gsl_stats_correlation(a, 1, b, 1, n);
	if (gsl_stats_variance(a, 1, n) == 0 && gsl_stats_variance(b, 1, n) == 0)
		return 0;
	if (gsl_stats_variance(a, 1, n) == 0)
		return adjusted(yb * yb, n, 1);
	if (gsl_stats_variance(b, 1, n) == 0 || fabs(ab) > 1 - 1e-9)
		return adjusted(ya * ya, n, 1);
	/* Of two regressors, from the correlations alone. */
	return adjusted((ya * ya + yb * yb - 2 * ya * yb * ab) / (1 - ab * ab), n, 2);
}
