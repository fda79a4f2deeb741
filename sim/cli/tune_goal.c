/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/tune_goal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/cli/probe.h"

/* "SCOPE:NAME", length bytes of text. */
static enum oversub_status parse_metric(const char *option, const char *text, size_t length,
					struct tune_metric *metric, struct oversub_error *error)
{
	const char *colon = memchr(text, ':', length);

	if (!colon || colon == text || colon + 1 == text + length)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--%s %.200s: name scope and metric, as in "
				    "vm.db:requests_per_s",
				    option, text);
	metric->scope = strndup(text, (size_t)(colon - text));
	metric->name = strndup(colon + 1, length - (size_t)(colon + 1 - text));
	if (metric->scope && metric->name)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

static enum oversub_status parse_limit(const char *text, struct tune_limit *limit,
				       struct oversub_error *error)
{
	const char *sign = strstr(text, ">=");
	char *end;

	limit->at_least = sign;
	if (!sign)
		sign = strstr(text, "<=");
	if (sign)
		limit->bound = strtod(sign + 2, &end);
	if (!sign || end == sign + 2 || *end || !isfinite(limit->bound))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--subject-to %.200s: expected SCOPE:NAME>=X or SCOPE:NAME<=X",
				    text);
	return parse_metric("subject-to", text, (size_t)(sign - text), &limit->metric, error);
}

enum oversub_status tune_goal_parse(const struct cli_options *options, struct tune_goal *goal,
				    struct oversub_error *error)
{
	const char *text = options->maximise ? options->maximise : options->minimise;
	enum oversub_status status;

	*goal = (struct tune_goal){.minimise = !options->maximise};
	if (!text || (options->maximise && options->minimise))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "tune: give either --maximise or --minimise SCOPE:NAME");
	status = parse_metric(goal->minimise ? "minimise" : "maximise", text, strlen(text),
			      &goal->metric, error);
	for (int i = 0; !status && i < options->nr_limits; i++) {
		struct tune_limit *limit = array_add(goal->limits, goal->nr_limits);

		status = limit ? parse_limit(options->limits[i], limit, error)
			       : oversub_fail(error, OVERSUB_FAILED, "out of memory");
	}
	return status;
}

static void free_metric(struct tune_metric *metric)
{
	free(metric->scope);
	free(metric->name);
}

void tune_goal_free(struct tune_goal *goal)
{
	for (size_t i = 0; i < goal->nr_limits; i++)
		free_metric(&goal->limits[i].metric);
	free_metric(&goal->metric);
	free(goal->limits);
	*goal = (struct tune_goal){0};
}

enum oversub_status tune_goal_check(const struct tune_goal *goal, struct scenario *scenario,
				    struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (size_t i = 0; !status && i <= goal->nr_limits; i++) {
		const struct tune_metric *metric = i ? &goal->limits[i - 1].metric : &goal->metric;
		char *full;

		if (asprintf(&full, "%s:%s", metric->scope, metric->name) < 0)
			return oversub_fail(error, OVERSUB_FAILED, "out of memory");
		status = probe_metric(scenario,
				      i		       ? "subject-to"
				      : goal->minimise ? "minimise"
						       : "maximise",
				      full, error);
		free(full);
	}
	return status;
}

void tune_score_of(const struct tune_goal *goal, const struct aggregate *aggregate,
		   struct tune_score *score)
{
	score->value = aggregate_mean(aggregate, goal->metric.scope, goal->metric.name);
	score->better = goal->minimise ? -score->value : score->value;
	/* A percentile of too few is no reason to end: it is the worst there is. */
	if (!isfinite(score->value))
		score->better = -INFINITY;
	score->violation = 0;
	for (size_t i = 0; i < goal->nr_limits; i++) {
		const struct tune_limit *limit = &goal->limits[i];
		double mean = aggregate_mean(aggregate, limit->metric.scope, limit->metric.name);
		double beyond = limit->at_least ? limit->bound - mean : mean - limit->bound;

		if (!isfinite(mean))
			score->violation = INFINITY;
		else if (beyond > 0)
			score->violation += beyond / fmax(fabs(limit->bound), 1e-9);
	}
}

int tune_score_order(const struct tune_score *a, const struct tune_score *b)
{
	if (a->violation != b->violation)
		return a->violation < b->violation ? -1 : 1;
	if (a->better != b->better)
		return a->better > b->better ? -1 : 1;
	return 0;
}
