/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <oversub/simulation.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "sim/base/array.h"
#include "sim/base/suggest.h"
#include "sim/run/aggregate.h"
#include "sim/run/experiment.h"
#include "sim/run/overload.h"
#include "sim/scenario/json_text.h"
#include "sim/scenario/policy_registry.h"
#include "sim/scenario/scenario.h"

struct oversub_simulation {
	struct policy_registry policies;
	cJSON *document; /* NULL: nothing is loaded */
	char *file;
	struct scenario_override *changes; /* strings are owned */
	int nr_changes;
	struct aggregate aggregate;
};

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

struct oversub_simulation *oversub_simulation_new(void)
{
	struct oversub_simulation *simulation = calloc(1, sizeof(*simulation));

	if (simulation)
		simulation->policies = policy_registry_builtin;
	return simulation;
}

static void unload(struct oversub_simulation *simulation)
{
	for (int i = 0; i < simulation->nr_changes; i++) {
		free((char *)simulation->changes[i].path);
		free((char *)simulation->changes[i].value);
	}
	simulation->nr_changes = 0;
	cJSON_Delete(simulation->document);
	simulation->document = NULL;
	free(simulation->file);
	simulation->file = NULL;
	aggregate_free(&simulation->aggregate);
}

void oversub_simulation_free(struct oversub_simulation *simulation)
{
	if (!simulation)
		return;
	unload(simulation);
	free(simulation->changes);
	policy_registry_free(&simulation->policies);
	free(simulation);
}

enum oversub_status oversub_simulation_plugin(struct oversub_simulation *simulation,
					      const char *path, struct oversub_error *error)
{
	return policy_registry_load(&simulation->policies, path, error);
}

/* ---- The scenario ---------------------------------------------------------------------------- */

enum oversub_status oversub_simulation_load(struct oversub_simulation *simulation,
					    const char *path_or_name, struct oversub_error *error)
{
	unload(simulation);
	return scenario_read(path_or_name, &simulation->document, &simulation->file, error);
}

enum oversub_status oversub_simulation_load_text(struct oversub_simulation *simulation,
						 const char *name, const char *text,
						 struct oversub_error *error)
{
	enum oversub_status status;
	char *copy = strdup(text);

	unload(simulation);
	simulation->file = strdup(name);
	if (copy && simulation->file)
		status = json_text_parse(name, copy, strlen(copy), SCENARIO_MAX_DEPTH,
					 &simulation->document, error);
	else
		status = out_of_memory(error);
	free(copy);
	return status;
}

enum oversub_status oversub_simulation_set(struct oversub_simulation *simulation, const char *path,
					   const char *value, struct oversub_error *error)
{
	struct scenario_override change = {.path = strdup(path), .value = strdup(value)};
	struct scenario_override *to = NULL;

	for (int i = 0; i < simulation->nr_changes && !to; i++)
		if (!strcmp(simulation->changes[i].path, path))
			to = &simulation->changes[i];
	if (!to && change.path && change.value)
		to = array_add(simulation->changes, simulation->nr_changes);
	if (!to || !change.path || !change.value) {
		free((char *)change.path);
		free((char *)change.value);
		return out_of_memory(error);
	}
	free((char *)to->path);
	free((char *)to->value);
	*to = change;
	return OVERSUB_OK;
}

/* ---- The run --------------------------------------------------------------------------------- */

static enum oversub_status keep(void *context, size_t point, struct aggregate *aggregate,
				struct oversub_error *error)
{
	struct oversub_simulation *simulation = context;

	aggregate_drop_histograms(aggregate);
	simulation->aggregate = *aggregate;
	return OVERSUB_OK;
}

enum oversub_status oversub_simulation_run(struct oversub_simulation *simulation, unsigned int jobs,
					   struct oversub_error *error)
{
	const struct scenario_overrides overrides = {.list = simulation->changes,
						     .nr = simulation->nr_changes,
						     .policies = &simulation->policies};
	const struct experiment_options options = {.run = world_run,
						   .jobs = jobs,
						   .cancel_fd = -1,
						   .context = simulation,
						   .point_done = keep};
	struct experiment_point point = {0};
	struct scenario *scenario;
	enum oversub_status status;

	aggregate_free(&simulation->aggregate);
	if (!simulation->document)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "no scenario is loaded");
	if (jobs > EXPERIMENT_MAX_JOBS)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%u jobs are more than %d", jobs,
				    EXPERIMENT_MAX_JOBS);
	gsl_set_error_handler_off();
	status = scenario_from_json(simulation->document, simulation->file, &overrides, &scenario,
				    error);
	if (status)
		return status;
	point.scenario = scenario;
	point.simulated_ns = scenario->run.warmup_ns + scenario->run.measure_ns;
	point.nr_replications = (uint32_t)scenario->run.replications;
	status = experiment_run(&point, 1, &options, NULL, error);
	scenario_free(scenario);
	return status;
}

/* ---- What it measured ------------------------------------------------------------------------ */

size_t oversub_simulation_nr_metrics(const struct oversub_simulation *simulation)
{
	return simulation->aggregate.nr_metrics;
}

static struct oversub_metric metric_of(const struct aggregate *aggregate,
				       const struct aggregate_metric *metric)
{
	return (struct oversub_metric){
		.scope = metric->scope,
		.name = metric->name,
		.unit = metric->unit,
		.mean = metric->interval.mean,
		.half_width =
			isfinite(metric->interval.half_width) ? metric->interval.half_width : NAN,
		.values = metric->values,
		.nr_values = aggregate->nr_replications,
		.lower_bound =
			overload_bounds(aggregate, metric->scope, metric->name, metric->unit),
	};
}

struct oversub_metric oversub_simulation_metric_at(const struct oversub_simulation *simulation,
						   size_t index)
{
	return metric_of(&simulation->aggregate, &simulation->aggregate.metrics[index]);
}

static enum oversub_status no_metric(const struct aggregate *aggregate, const char *scope,
				     const char *name, struct oversub_error *error)
{
	struct suggestion scopes = {.wrong = scope}, names = {.wrong = name};
	bool has_scope = false;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		suggest(&scopes, metric->scope);
		if (strcmp(metric->scope, scope))
			continue;
		has_scope = true;
		suggest(&names, metric->name);
	}
	if (!aggregate->nr_metrics)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "there are no metrics before a run that succeeds");
	if (!has_scope)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "no scope \"%.100s\"%s%.100s", scope,
				    scopes.nearest ? "; did you mean " : "",
				    scopes.nearest ? scopes.nearest : "");
	return oversub_fail(error, OVERSUB_BAD_INPUT, "%.100s has no metric \"%.100s\"%s%.100s",
			    scope, name, names.nearest ? "; did you mean " : "",
			    names.nearest ? names.nearest : "");
}

enum oversub_status oversub_simulation_metric(const struct oversub_simulation *simulation,
					      const char *scope, const char *name,
					      struct oversub_metric *metric,
					      struct oversub_error *error)
{
	const struct aggregate_metric *found = aggregate_find(&simulation->aggregate, scope, name);

	if (!found)
		return no_metric(&simulation->aggregate, scope, name, error);
	*metric = metric_of(&simulation->aggregate, found);
	return OVERSUB_OK;
}
