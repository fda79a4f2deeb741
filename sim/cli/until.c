/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/until.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/message.h"
#include "sim/cli/probe.h"
#include "sim/cli/simulate.h"
#include "sim/stats/sequential.h"

/* What one point has shown so far. */
struct looked {
	double *values; /* of the metric that is watched, one a replication; owned */
	size_t nr;
	double width; /* at the last look, relative; INFINITY: not known */
	bool settled;
};

struct looks {
	const struct cli_options *options;
	struct looked *points; /* owned */
	size_t nr;
};

static bool set_replications(struct scenario *scenario, size_t nr)
{
	cJSON *run = cJSON_GetObjectItemCaseSensitive(scenario->json, "run");

	if (!run)
		run = cJSON_AddObjectToObject(scenario->json, "run");
	cJSON_DeleteItemFromObjectCaseSensitive(run, "replications");
	scenario->run.replications = (int64_t)nr;
	return cJSON_AddNumberToObject(run, "replications", (double)nr);
}

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

static const char *wanted_metric(const struct cli_options *options)
{
	return options->metric ? options->metric : "requests_per_s";
}

static size_t cap_of(const struct cli_options *options)
{
	return options->reps ? (size_t)options->reps : UNTIL_CAP;
}

enum oversub_status until_begin(const struct cli_options *options,
				struct scenario *const *scenarios, size_t nr, bool has_bases,
				struct oversub_error *error)
{
	enum oversub_status status;

	if (options->until.gain && !has_bases)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--until gain: there is nothing that a gain could be against: "
				    "let the first --vary be a list, as in policies=mainline,v3");
	if (options->shard.of)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--until looks at all replications, and --shard runs a share "
				    "of them: leave one of them out");
	if (!options->out && options->json)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--until needs a directory to look at: give --out with --json");
	status = probe_metric(scenarios[0], "until", wanted_metric(options), error);
	if (status)
		return status;
	for (size_t i = 0; i < nr; i++)
		if (!set_replications(scenarios[i], sim_sequential_next(0, cap_of(options))))
			return out_of_memory(error);
	return OVERSUB_OK;
}

/* ---- Looking ----------------------------------------------------------------------------------
 */

/* The metric that is watched: the one that --metric names, or the first rate of requests. */
static const struct aggregate_metric *watched(const struct looks *looks,
					      const struct aggregate *aggregate)
{
	const char *wanted = wanted_metric(looks->options);

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		if (metric->interval.n && probe_matches(wanted, metric->scope, metric->name))
			return metric;
	}
	return NULL;
}

static enum oversub_status look(void *context, size_t point, struct aggregate *aggregate,
				struct oversub_error *error)
{
	struct looks *looks = context;
	struct looked *looked = &looks->points[point];
	const struct aggregate_metric *metric = watched(looks, aggregate);
	enum oversub_status status = OVERSUB_OK;

	if (!metric) {
		status = oversub_fail(
			error, OVERSUB_BAD_INPUT,
			"--until: %.200s has no value at a point; name another --metric",
			wanted_metric(looks->options));
	} else {
		free(looked->values);
		looked->nr = aggregate->nr_replications;
		looked->values = calloc(looked->nr, sizeof(*looked->values));
		if (looked->values)
			memcpy(looked->values, metric->values,
			       looked->nr * sizeof(*looked->values));
		else
			status = out_of_memory(error);
	}
	aggregate_free(aggregate);
	return status;
}

static double mean_of(const struct looked *looked)
{
	double sum = 0;

	for (size_t i = 0; i < looked->nr; i++)
		sum += looked->values[i];
	return sum / (double)looked->nr;
}

/* How well a point is known, relative to its mean or that of its base; values may be missing. */
static double width_of(const struct looks *looks, size_t point, const size_t *bases)
{
	const struct looked *looked = &looks->points[point];
	const struct looked *base = bases ? &looks->points[bases[point]] : looked;
	double width;

	if (looks->options->until.gain)
		width = sim_sequential_change(base->values, looked->values,
					      looked->nr < base->nr ? looked->nr : base->nr);
	else
		width = sim_sequential_half_width(looked->values, looked->nr) /
			fabs(mean_of(looked));
	return isnan(width) ? INFINITY : width;
}

/* Who is not known well enough has more replications, and with it what it is compared with. */
static enum oversub_status extend(struct looks *looks, struct scenario *const *scenarios,
				  const size_t *bases, size_t *nr_extended,
				  struct oversub_error *error)
{
	*nr_extended = 0;
	for (size_t i = 0; i < looks->nr; i++) {
		struct looked *looked = &looks->points[i];

		looked->width = width_of(looks, i, bases);
		looked->settled = looked->width <= looks->options->until.target ||
				  (looks->options->until.gain && (!bases || bases[i] == i));
	}
	for (size_t i = 0; i < looks->nr; i++) {
		size_t pair[2] = {i, bases ? bases[i] : i};

		for (int k = 0; !looks->points[i].settled && k < 2; k++) {
			struct scenario *scenario = scenarios[pair[k]];
			size_t next =
				sim_sequential_next(looks->points[i].nr, cap_of(looks->options));

			if (next <= (size_t)scenario->run.replications)
				continue;
			if (!set_replications(scenario, next))
				return out_of_memory(error);
			++*nr_extended;
		}
	}
	return OVERSUB_OK;
}

static enum oversub_status one_round(struct looks *looks, struct keeper *keeper,
				     struct scenario *const *scenarios, struct run_info *run,
				     struct oversub_error *error)
{
	struct simulation simulation = {.options = looks->options,
					.scenarios = scenarios,
					.nr_points = looks->nr,
					.keeper = keeper,
					.context = looks,
					.point_done = look};
	enum oversub_status status = simulate(&simulation, error);

	run_info_add(run, &simulation.run);
	return status ? status : keeper_refresh(keeper, scenarios, error);
}

static void tell(const struct looks *looks, const size_t *bases)
{
	double worst = 0;
	size_t open = 0, most = 0;

	for (size_t i = 0; i < looks->nr; i++) {
		bool is_base = looks->options->until.gain && (!bases || bases[i] == i);

		open += !looks->points[i].settled;
		if (!is_base)
			worst = fmax(worst, looks->points[i].width);
		most = looks->points[i].nr > most ? looks->points[i].nr : most;
	}
	if (!open)
		message_note("--until: after up to %zu replications %s known within %.2g %% "
			     "(corrected for repeated looks)",
			     most, looks->nr > 1 ? "all points are" : "it is", 100 * worst);
	else
		message_note("--until: %zu point%s not known within %g %% after %zu replications, "
			     "the cap; the worst is within %.2g %%; --reps allows more",
			     open, open == 1 ? " is" : "s are", 100 * looks->options->until.target,
			     most, 100 * worst);
}

enum oversub_status until_run(const struct cli_options *options, struct keeper *keeper,
			      struct scenario *const *scenarios, size_t nr, const size_t *bases,
			      struct run_info *run, struct oversub_error *error)
{
	struct looks looks = {.options = options, .nr = nr};
	size_t extended = 1;
	enum oversub_status status = OVERSUB_OK;

	looks.points = calloc(nr, sizeof(*looks.points));
	if (!looks.points)
		status = out_of_memory(error);
	while (!status && extended) {
		status = one_round(&looks, keeper, scenarios, run, error);
		if (!status)
			status = extend(&looks, scenarios, bases, &extended, error);
		if (!status)
			status = keeper_refresh(keeper, scenarios, error);
	}
	if (!status && !options->quiet)
		tell(&looks, bases);
	for (size_t i = 0; looks.points && i < nr; i++)
		free(looks.points[i].values);
	free(looks.points);
	return status;
}
