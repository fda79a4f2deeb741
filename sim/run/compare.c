/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/metric.h"
#include "sim/stats/holm.h"

static const double significance_level = 0.05;

/* Fill in metric from nr pairs; NANs on either side take their pair out. */
static bool compare_metric(struct compared_metric *metric, const double *base, const double *other,
			   size_t nr)
{
	double *pairs = malloc((2 * nr + 1) * sizeof(*pairs));
	struct sim_resolution resolution;
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
	resolution = (struct sim_resolution){metric_resolution(metric->name, metric->base),
					     metric_resolution(metric->name, metric->other)};
	metric->paired = sim_paired_of(pairs, pairs + nr, n, &resolution);
	metric->p_holm = NAN;
	free(pairs);
	return true;
}

static size_t pairs_of(const struct aggregate *a, const struct aggregate *b)
{
	return a->nr_replications < b->nr_replications ? a->nr_replications : b->nr_replications;
}

struct sim_paired compare_one(const struct aggregate *base, const struct aggregate *other,
			      const char *scope, const char *name)
{
	const struct aggregate_metric *mine = aggregate_find(base, scope, name);
	const struct aggregate_metric *theirs = aggregate_find(other, scope, name);
	struct compared_metric metric = {.name = name,
					 .paired = sim_paired_of(NULL, NULL, 0, NULL)};

	if (mine && theirs)
		compare_metric(&metric, mine->values, theirs->values, pairs_of(base, other));
	return metric.paired;
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
	comparison->nr_pairs = pairs_of(a, b);
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

const struct compared_metric *comparison_find(const struct comparison *comparison,
					      const char *scope, const char *name)
{
	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		const struct compared_metric *metric = &comparison->metrics[i];

		if (!strcmp(metric->name, name) && !strcmp(metric->scope, scope))
			return metric;
	}
	return NULL;
}

/* ---- Significance --------------------------------------------------------------------------- */

struct compare_test compare_test_of(const struct compared_metric *metric)
{
	bool differs = sim_paired_differs(&metric->paired);

	return (struct compare_test){.p = differs ? metric->paired.p : NAN,
				     .primary = !strcmp(metric->name, COMPARE_PRIMARY),
				     .p_holm = NAN};
}

/* Primary tests share one half of the risk, all others the other. */
static void weigh(const struct compare_test *tests, size_t nr, double *p, double *weights)
{
	size_t nr_of[2] = {0, 0};

	for (size_t i = 0; i < nr; i++)
		nr_of[tests[i].primary] += !isnan(tests[i].p);
	for (size_t i = 0; i < nr; i++) {
		p[i] = tests[i].p;
		weights[i] = isnan(p[i]) ? 1 : 1 / (double)nr_of[tests[i].primary];
	}
}

enum oversub_status compare_correct(struct compare_test *tests, size_t nr, size_t *nr_tests,
				    struct oversub_error *error)
{
	double *p = calloc(2 * nr + 1, sizeof(*p));
	bool corrected = false;

	if (p) {
		weigh(tests, nr, p, p + nr);
		corrected = sim_holm(p, p + nr, p, nr);
	}
	for (size_t i = 0; corrected && i < nr; i++) {
		tests[i].p_holm = p[i];
		tests[i].significant = p[i] < significance_level;
	}
	free(p);
	if (!corrected)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory comparing results");
	if (nr_tests)
		*nr_tests = 0;
	for (size_t i = 0; nr_tests && i < nr; i++)
		*nr_tests += !isnan(tests[i].p);
	return OVERSUB_OK;
}

/* ---- Results -------------------------------------------------------------------------------- */

enum oversub_status compare_results(const struct compare_side *base,
				    const struct compare_side *others, size_t nr,
				    struct comparison *comparisons, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	memset(comparisons, 0, nr * sizeof(*comparisons));
	for (size_t i = 0; !status && i < nr; i++)
		status = compare_two(base, &others[i], &comparisons[i], error);
	for (size_t i = 0; status && i < nr; i++)
		comparison_free(&comparisons[i]);
	return status;
}

void comparison_free(struct comparison *comparison)
{
	free(comparison->metrics);
	*comparison = (struct comparison){0};
}
