/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/result_directory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/output/csv.h"
#include "sim/output/files.h"
#include "sim/output/hgrm.h"
#include "sim/output/json_writer.h"

struct content {
	struct result_info info;
	const struct aggregate *aggregate;
};

struct result_info result_info_of(const struct scenario *scenario, char seed[24])
{
	struct result_info info = {
		.name = scenario->name,
		.title = scenario->title,
		.seed = seed,
		.warmup_ns = scenario->run.warmup_ns,
		.measure_ns = scenario->run.measure_ns,
		.scenario = scenario->json,
	};

	snprintf(seed, 24, "%" PRIu64, scenario->run.seed);
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
		info.policies[i] = policy_named(scenario->chosen[i].policy);
	return info;
}

static void write_result(FILE *stream, const void *context)
{
	const struct content *content = context;

	result_json_write(stream, &content->info, content->aggregate);
}

static void write_run(FILE *stream, const void *context)
{
	run_json_write(stream, context);
}

static void write_scenario(FILE *stream, const void *context)
{
	const struct scenario *scenario = context;

	json_document(stream, scenario->json);
}

static void write_metrics(FILE *stream, const void *context)
{
	const struct content *content = context;

	struct csv_point point = {.candidate = content->info.policies[OVERSUB_CANDIDATE],
				  .sched = content->info.policies[OVERSUB_SCHED]};

	csv_write_header(stream, &point);
	csv_write_point(stream, &point, content->aggregate);
}

static void write_histogram(FILE *stream, const void *context)
{
	hgrm_write(stream, context);
}

static enum oversub_status write_histograms(const char *directory,
					    const struct aggregate *aggregate,
					    struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (size_t i = 0; !status && i < aggregate->nr_histograms; i++) {
		const struct result_histogram *named = &aggregate->histograms[i];
		char *name = hgrm_file_name(named->scope, named->name);

		if (!name)
			return oversub_fail(error, OVERSUB_FAILED, "out of memory");
		status = output_file_write(directory, name, write_histogram, &named->histogram,
					   error);
		free(name);
	}
	return status;
}

enum oversub_status result_directory_write(const char *path, const struct scenario *scenario,
					   const struct aggregate *aggregate,
					   const struct run_info *run, bool *renewed,
					   struct oversub_error *error)
{
	char seed[24];
	struct content content = {result_info_of(scenario, seed), aggregate};
	struct output_directory directory;
	enum oversub_status status = output_directory_open(&directory, path, error);
	const char *inside = directory.temporary;

	if (status)
		return status;
	status = output_file_write(inside, "scenario.json", write_scenario, scenario, error);
	if (!status)
		status = output_file_write(inside, "metrics.csv", write_metrics, &content, error);
	if (!status)
		status = write_histograms(inside, aggregate, error);
	if (!status && run)
		status = output_file_write(inside, "run.json", write_run, run, error);
	if (!status)
		status = output_file_write(inside, "result.json", write_result, &content, error);
	if (!status)
		return output_directory_close(&directory, renewed, error);
	output_directory_abandon(&directory);
	return status;
}

enum oversub_status result_directory_write_run(const char *path, const struct run_info *run,
					       struct oversub_error *error)
{
	return output_file_write(path, "run.json", write_run, run, error);
}
