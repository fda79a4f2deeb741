/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/warmup.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/cli/message.h"
#include "sim/cli/simulate.h"
#include "sim/report/format.h"
#include "sim/scenario/units.h"
#include "sim/stats/mser.h"

/* Warm-ups are rounded up to a multiple of this: they are for people to read. */
#define GRAIN_NS 1000000

/* The class that takes longest of all that were looked at. */
struct choice {
	struct scenario *const *scenarios;
	int64_t warmup_ns;
	size_t point;
	char scope[256];
	const char *quantity; /* NULL: all have settled from the start */
	bool settled;
};

static int64_t whole_run_of(const struct scenario *scenario)
{
	return scenario->run.warmup_ns + scenario->run.measure_ns;
}

static int64_t time_of_slices(int64_t length, size_t slices)
{
	double time = (double)length * (double)slices / RESULT_SLICES;

	return (int64_t)((time + GRAIN_NS - 1) / GRAIN_NS) * GRAIN_NS;
}

static void look_at(struct choice *choice, size_t point, int64_t length,
		    const struct result_series *series)
{
	size_t slices = sim_mser(series->values, RESULT_SLICES);
	int64_t warmup = time_of_slices(length, slices);

	if (slices == 0 || warmup <= choice->warmup_ns)
		return;
	choice->warmup_ns = warmup;
	choice->point = point;
	choice->quantity = series->quantity;
	choice->settled = slices < RESULT_SLICES / 2;
	snprintf(choice->scope, sizeof(choice->scope), "%s", series->scope);
}

static enum oversub_status point_done(void *context, size_t point, struct aggregate *aggregate,
				      struct oversub_error *error)
{
	struct choice *choice = context;
	/* While this runs, all of it is measured. */
	int64_t length = choice->scenarios[point]->run.measure_ns;

	for (size_t i = 0; i < aggregate->nr_series; i++)
		look_at(choice, point, length, &aggregate->series[i]);
	aggregate_free(aggregate);
	return OVERSUB_OK;
}

static void tell(const struct choice *choice, size_t nr, int64_t length)
{
	char text[UNITS_TEXT_MAX], at[32] = "";
	struct format_buffer buffer;

	units_format_duration(choice->warmup_ns, text);
	if (!choice->quantity) {
		message_note("--warmup auto: run.warmup=%s, as nothing changes from the start on",
			     text);
		return;
	}
	if (nr > 1)
		snprintf(at, sizeof(at), "point %zu, ", choice->point);
	if (choice->settled)
		message_note("--warmup auto: run.warmup=%s, after which %s%s %s is at its level "
			     "(MSER-5)",
			     text, at, choice->scope, choice->quantity);
	else
		message_note("--warmup auto: %s%s %s reaches no level within half of %s; "
			     "run.warmup=%s is that half, and a longer run.measure is needed",
			     at, choice->scope, choice->quantity,
			     format_ns((double)length, &buffer), text);
}

/* In the scenario, and in its document, from which others repeat the run. */
static bool set_warmup(struct scenario *scenario, int64_t warmup_ns)
{
	cJSON *run = cJSON_GetObjectItemCaseSensitive(scenario->json, "run");
	char text[UNITS_TEXT_MAX];

	if (!run)
		run = cJSON_AddObjectToObject(scenario->json, "run");
	cJSON_DeleteItemFromObjectCaseSensitive(run, "warmup");
	scenario->run.warmup_ns = warmup_ns;
	return cJSON_AddStringToObject(run, "warmup", units_format_duration(warmup_ns, text));
}

static enum oversub_status apply(const struct choice *choice, size_t nr,
				 struct oversub_error *error)
{
	for (size_t i = 0; i < nr; i++)
		if (!set_warmup(choice->scenarios[i], choice->warmup_ns))
			return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	return OVERSUB_OK;
}

/* Simulate all scenarios without a warm-up. They are as before when this returns. */
static enum oversub_status run_without(const struct cli_options *options, struct choice *choice,
				       size_t nr, struct oversub_error *error)
{
	struct simulation simulation = {.options = options,
					.scenarios = choice->scenarios,
					.nr_points = nr,
					.context = choice,
					.point_done = point_done};
	struct run_config *saved = calloc(nr + 1, sizeof(*saved));
	enum oversub_status status;

	if (!saved)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	for (size_t i = 0; i < nr; i++) {
		struct run_config *config = &choice->scenarios[i]->run;

		saved[i] = *config;
		config->measure_ns = whole_run_of(choice->scenarios[i]);
		config->warmup_ns = 0;
	}
	status = simulate(&simulation, error);
	for (size_t i = 0; i < nr; i++)
		choice->scenarios[i]->run = saved[i];
	free(saved);
	return status;
}

enum oversub_status warmup_choose(const struct cli_options *options,
				  struct scenario *const *scenarios, size_t nr,
				  struct oversub_error *error)
{
	struct choice choice = {.scenarios = scenarios, .settled = true};
	enum oversub_status status;

	if (!options->warmup_auto)
		return OVERSUB_OK;
	status = run_without(options, &choice, nr, error);
	if (!status)
		status = apply(&choice, nr, error);
	if (!status && !options->quiet)
		tell(&choice, nr, whole_run_of(scenarios[choice.point]));
	return status;
}
