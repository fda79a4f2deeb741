/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double significance_level = 0.05;

void compare_holm(const double *p, double *adjusted, size_t n)
{
	size_t nr_real = 0, done = 0;
	double last = -1, floor = 0;

	for (size_t i = 0; i < n; i++)
		nr_real += !isnan(p[i]);
	if (p != adjusted)
		memcpy(adjusted, p, n * sizeof(*p));

	/*
	 * Smallest first, equal ones together. Values that are done are kept negated and shifted,
	 * so that they cannot be met again before the last pass turns them back.
	 */
	while (done < nr_real) {
		size_t equal = 0;
		double smallest = INFINITY;

		for (size_t i = 0; i < n; i++)
			if (adjusted[i] >= 0 && adjusted[i] < smallest)
				smallest = adjusted[i];
		last = fmin(1, smallest * (double)(nr_real - done));
		floor = fmax(floor, last);
		for (size_t i = 0; i < n; i++)
			if (adjusted[i] == smallest) {
				adjusted[i] = -1 - floor;
				equal++;
			}
		done += equal;
	}
	for (size_t i = 0; i < n; i++)
		if (adjusted[i] < 0)
			adjusted[i] = -1 - adjusted[i];
}

/* Fill in metric from nr pairs; NANs on either side take their pair out. */
static bool compare_metric(struct compared_metric *metric, const double *base, const double *other,
			   size_t nr)
{
	double *pairs = malloc((2 * nr + 1) * sizeof(*pairs));
	size_t n = 0;

	if (!pairs)
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (isnan(base[i]) || isnan(other[i]))
			continue;
		pairs[n] = base[i];
		pairs[nr + n] = other[i];
		n++;
	}
	metric->base = sim_interval_of(pairs, n).mean;
	metric->other = sim_interval_of(pairs + nr, n).mean;
	metric->paired = sim_paired_of(pairs, pairs + nr, n);
	metric->relative = NAN;
	metric->relative_half_width = NAN;
	if (n && metric->base != 0) {
		metric->relative = metric->paired.difference.mean / fabs(metric->base);
		metric->relative_half_width =
			metric->paired.difference.half_width / fabs(metric->base);
	}
	metric->p_holm = metric->paired.p;
	free(pairs);
	return true;
}

static enum oversub_status compare_two(const struct compare_side *base,
				       const struct compare_side *other,
				       struct comparison *comparison, struct oversub_error *error)
{
	const struct aggregate *a = base->aggregate, *b = other->aggregate;

	if (strcmp(base->seed, other->seed))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s was run with seed %s and %s with seed %s: their "
				    "replications cannot be paired; run both with the same --seed",
				    base->label, base->seed, other->label, other->seed);
	comparison->base_label = base->label;
	comparison->other_label = other->label;
	comparison->nr_base = a->nr_replications;
	comparison->nr_other = b->nr_replications;
	comparison->nr_pairs =
		a->nr_replications < b->nr_replications ? a->nr_replications : b->nr_replications;
	comparison->metrics = calloc(a->nr_metrics + 1, sizeof(*comparison->metrics));
	if (!comparison->metrics)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory comparing results");
	for (size_t i = 0; i < a->nr_metrics; i++) {
		const struct aggregate_metric *mine = &a->metrics[i];
		const struct aggregate_metric *theirs = aggregate_find(b, mine->scope, mine->name);
		struct compared_metric *metric = &comparison->metrics[comparison->nr_metrics];

		if (!theirs) {
			comparison->nr_missing++;
			continue;
		}
		metric->scope = mine->scope;
		metric->name = mine->name;
		metric->unit = mine->unit;
		if (!compare_metric(metric, mine->values, theirs->values, comparison->nr_pairs))
			return oversub_fail(error, OVERSUB_FAILED,
					    "out of memory comparing results");
		comparison->nr_metrics++;
	}
	if (!comparison->nr_metrics)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s and %s have no metric in common: compare results of "
				    "scenarios with the same VM names",
				    base->label, other->label);
	return OVERSUB_OK;
}

static struct compared_metric *find(const struct comparison *comparison, const char *scope,
				    const char *name)
{
	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		struct compared_metric *metric = &comparison->metrics[i];

		if (!strcmp(metric->name, name) && !strcmp(metric->scope, scope))
			return metric;
	}
	return NULL;
}

const struct compared_metric *comparison_find(const struct comparison *comparison,
					      const char *scope, const char *name)
{
	return find(comparison, scope, name);
}

/* One family of tests is one metric of all the others. */
static enum oversub_status correct(const struct aggregate *base, struct comparison *comparisons,
				   size_t nr, struct oversub_error *error)
{
	struct compared_metric **family = calloc(nr + 1, sizeof(*family));
	double *p = calloc(nr + 1, sizeof(*p));

	for (size_t m = 0; family && p && m < base->nr_metrics; m++) {
		for (size_t i = 0; i < nr; i++) {
			family[i] = find(&comparisons[i], base->metrics[m].scope,
					 base->metrics[m].name);
			p[i] = family[i] ? family[i]->paired.p : NAN;
		}
		compare_holm(p, p, nr);
		for (size_t i = 0; i < nr; i++) {
			if (!family[i])
				continue;
			family[i]->p_holm = p[i];
			family[i]->significant = p[i] < significance_level;
		}
	}
	free(family);
	free(p);
	if (!family || !p)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory comparing results");
	for (size_t i = 0; i < nr; i++)
		comparisons[i].corrected = nr > 1;
	return OVERSUB_OK;
}

enum oversub_status compare_results(const struct compare_side *base,
				    const struct compare_side *others, size_t nr,
				    struct comparison *comparisons, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	memset(comparisons, 0, nr * sizeof(*comparisons));
	for (size_t i = 0; !status && i < nr; i++)
		status = compare_two(base, &others[i], &comparisons[i], error);
	if (!status)
		status = correct(base->aggregate, comparisons, nr, error);
	for (size_t i = 0; status && i < nr; i++)
		comparison_free(&comparisons[i]);
	return status;
}

void comparison_free(struct comparison *comparison)
{
	free(comparison->metrics);
	*comparison = (struct comparison){0};
}
