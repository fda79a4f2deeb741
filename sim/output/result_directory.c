/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/result_directory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/output/csv.h"
#include "sim/output/files.h"
#include "sim/output/hgrm.h"
#include "sim/output/json_writer.h"

/* All that the writers of single files need. */
struct content {
	const struct scenario *scenario;
	struct result_info info;
	const struct aggregate *aggregate;
	const struct run_info *run;
	const struct sim_histogram *histogram; /* the one to write */
};

typedef void write_fn(FILE *stream, const struct content *content);

struct result_info result_info_of(const struct scenario *scenario, char seed[24])
{
	snprintf(seed, 24, "%" PRIu64, scenario->run.seed);
	return (struct result_info){
		.name = scenario->name,
		.title = scenario->title,
		.candidate = scenario->candidate->name,
		.sched = scenario->sched->name,
		.window =
			strcmp(scenario->window->name, "mainline") ? scenario->window->name : NULL,
		.cosched = strcmp(scenario->cosched->name, "none") ? scenario->cosched->name : NULL,
		.seed = seed,
		.warmup_ns = scenario->run.warmup_ns,
		.measure_ns = scenario->run.measure_ns,
		.scenario = scenario->json,
	};
}

static void write_result(FILE *stream, const struct content *content)
{
	result_json_write(stream, &content->info, content->aggregate);
}

static void write_run(FILE *stream, const struct content *content)
{
	run_json_write(stream, content->run);
}

static void write_scenario(FILE *stream, const struct content *content)
{
	struct json_writer writer;

	json_start(&writer, stream);
	json_value(&writer, NULL, content->scenario->json);
	json_finish(&writer);
}

static void write_metrics(FILE *stream, const struct content *content)
{
	csv_write_header(stream, NULL, 0);
	csv_write_point(stream, NULL, 0, content->info.candidate, content->info.sched,
			content->aggregate);
}

static void write_histogram(FILE *stream, const struct content *content)
{
	hgrm_write(stream, content->histogram);
}

static enum oversub_status write_file(const char *directory, const char *name, write_fn *write,
				      const struct content *content, struct oversub_error *error)
{
	char *path = output_path(directory, name);
	enum oversub_status status;
	struct output_file file;

	if (!path)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = output_file_open(&file, path, error);
	if (!status) {
		write(file.stream, content);
		status = output_file_close(&file, error);
	} else {
		status = OVERSUB_FAILED; /* the directory is ours: nobody's input is at fault */
	}
	free(path);
	return status;
}

static enum oversub_status write_histograms(const char *directory, struct content *content,
					    struct oversub_error *error)
{
	for (size_t i = 0; i < content->aggregate->nr_histograms; i++) {
		const struct result_histogram *named = &content->aggregate->histograms[i];
		char *name = hgrm_file_name(named->scope, named->name);
		enum oversub_status status;

		if (!name)
			return oversub_fail(error, OVERSUB_FAILED, "out of memory");
		content->histogram = &named->histogram;
		status = write_file(directory, name, write_histogram, content, error);
		free(name);
		if (status)
			return status;
	}
	return OVERSUB_OK;
}

enum oversub_status result_directory_write(const char *path, const struct scenario *scenario,
					   const struct aggregate *aggregate,
					   const struct run_info *run, struct oversub_error *error)
{
	char seed[24];
	struct content content = {.scenario = scenario,
				  .info = result_info_of(scenario, seed),
				  .aggregate = aggregate,
				  .run = run};
	struct output_directory directory;
	enum oversub_status status = output_directory_open(&directory, path, error);
	const char *inside = directory.temporary;

	if (status)
		return status;
	status = write_file(inside, "scenario.json", write_scenario, &content, error);
	if (!status)
		status = write_file(inside, "metrics.csv", write_metrics, &content, error);
	if (!status)
		status = write_histograms(inside, &content, error);
	if (!status && run)
		status = write_file(inside, "run.json", write_run, &content, error);
	if (!status)
		status = write_file(inside, "result.json", write_result, &content, error);
	if (!status)
		return output_directory_close(&directory, error);
	output_directory_abandon(&directory);
	return status;
}

enum oversub_status result_directory_write_run(const char *path, const struct run_info *run,
					       struct oversub_error *error)
{
	struct content content = {.run = run};

	return write_file(path, "run.json", write_run, &content, error);
}
