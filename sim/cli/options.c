/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/base/suggest.h"
#include "sim/cli/command.h"
#include "sim/cli/help_text.h"
#include "sim/cli/memory_limit.h"
#include "sim/run/experiment.h"
#include "sim/scenario/units.h"

/* Values of getopt_long() that no letter has. */
enum { LONG_BASE = 1000 };

#define MAX_REPLICATIONS 1000000

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory reading the command line");
}

/* ---- Values ------------------------------------------------------------------------------- */

static enum oversub_status take_flag(struct cli_options *options,
				     const struct cli_option_spec *spec, const char *text,
				     struct oversub_error *error)
{
	*(bool *)((char *)options + spec->offset) = true;
	return OVERSUB_OK;
}

static enum oversub_status take_text(struct cli_options *options,
				     const struct cli_option_spec *spec, const char *text,
				     struct oversub_error *error)
{
	*(const char **)((char *)options + spec->offset) = text;
	return OVERSUB_OK;
}

static enum oversub_status take_number(struct cli_options *options,
				       const struct cli_option_spec *spec, const char *text,
				       struct oversub_error *error)
{
	bool digits = *text && strspn(text, "0123456789") == strlen(text);
	long long parsed;

	errno = 0;
	parsed = strtoll(text, NULL, 10);
	if (!digits || errno || parsed < spec->min || parsed > spec->max)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--%s %.100s: expected a number from %lld to %lld", spec->name,
				    text, (long long)spec->min, (long long)spec->max);
	*(int64_t *)((char *)options + spec->offset) = parsed;
	return OVERSUB_OK;
}

static enum oversub_status take_time(struct cli_options *options,
				     const struct cli_option_spec *spec, const char *text,
				     struct oversub_error *error)
{
	int64_t ns;

	if (!units_parse_duration(text, &ns) || ns < 0)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--%s %.100s: expected a time with its unit, such as 310ms",
				    spec->name, text);
	if (ns < spec->min)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--%s %.100s: expected more than that", spec->name, text);
	*(int64_t *)((char *)options + spec->offset) = ns;
	return OVERSUB_OK;
}

/* text, which may be NULL, becomes owned by options. */
static enum oversub_status add_override(struct cli_options *options, char *text,
					struct oversub_error *error)
{
	char **kept = array_add(options->texts, options->nr_texts);
	struct scenario_override *override = NULL;

	if (kept)
		*kept = text;
	else
		free(text);
	if (kept && text)
		override = array_add(options->overrides, options->nr_overrides);
	return override ? scenario_override_parse(text, override, error) : out_of_memory(error);
}

static enum oversub_status take_set(struct cli_options *options, const struct cli_option_spec *spec,
				    const char *text, struct oversub_error *error)
{
	struct oversub_error inner;
	enum oversub_status status = add_override(options, strdup(text), &inner);

	return status ? oversub_fail(error, status, "--set %s", inner.message) : OVERSUB_OK;
}

static enum oversub_status take_resume(struct cli_options *options,
				       const struct cli_option_spec *spec, const char *text,
				       struct oversub_error *error)
{
	options->resume = true;
	options->mixed = text && !strcmp(text, "mixed");
	if (text && !options->mixed)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--resume=%.100s: expected --resume, or --resume=mixed", text);
	return OVERSUB_OK;
}

static enum oversub_status take_until(struct cli_options *options,
				      const struct cli_option_spec *spec, const char *text,
				      struct oversub_error *error)
{
	return until_parse(text, &options->until, error);
}

static enum oversub_status take_progress(struct cli_options *options,
					 const struct cli_option_spec *spec, const char *text,
					 struct oversub_error *error)
{
	for (int i = 0; progress_modes[i]; i++) {
		if (strcmp(text, progress_modes[i]) != 0)
			continue;
		options->progress = (enum progress_mode)i;
		return OVERSUB_OK;
	}
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--progress %.100s: expected auto, always, never or json", text);
}

static enum oversub_status take_memory(struct cli_options *options,
				       const struct cli_option_spec *spec, const char *text,
				       struct oversub_error *error)
{
	return memory_limit_parse(text, &options->max_memory, error);
}

static enum oversub_status take_shard(struct cli_options *options,
				      const struct cli_option_spec *spec, const char *text,
				      struct oversub_error *error)
{
	return shard_parse(text, &options->shard, error);
}

static enum oversub_status take_plugin(struct cli_options *options,
				       const struct cli_option_spec *spec, const char *text,
				       struct oversub_error *error)
{
	return policy_registry_load(&options->policies, text, error);
}

static enum oversub_status take_metric(struct cli_options *options,
				       const struct cli_option_spec *spec, const char *text,
				       struct oversub_error *error)
{
	const char **metric = array_add(options->metrics, options->nr_metrics);

	if (!metric)
		return out_of_memory(error);
	*metric = options->metric = text;
	return OVERSUB_OK;
}

static enum oversub_status take_limit(struct cli_options *options,
				      const struct cli_option_spec *spec, const char *text,
				      struct oversub_error *error)
{
	const char **limit = array_add(options->limits, options->nr_limits);

	if (!limit)
		return out_of_memory(error);
	*limit = text;
	return OVERSUB_OK;
}

static enum oversub_status take_vary(struct cli_options *options,
				     const struct cli_option_spec *spec, const char *text,
				     struct oversub_error *error)
{
	const char **vary = array_add(options->vary, options->nr_vary);

	if (!vary)
		return out_of_memory(error);
	*vary = text;
	return OVERSUB_OK;
}

/* An override with a shorter name. A seed is a string, as JSON numbers above 2^53 lose bits. */
static enum oversub_status take_run(struct cli_options *options, const struct cli_option_spec *spec,
				    const char *text, struct oversub_error *error)
{
	bool is_seed = spec == &cli_option_specs[CLI_SEED];
	enum oversub_status status = take_number(options, spec, text, error);
	char *override;

	if (status)
		return status;
	if (!is_seed)
		options->reps = options->number;
	if (asprintf(&override, is_seed ? "run.seed=\"%lld\"" : "run.replications=%lld",
		     (long long)options->number) < 0)
		return out_of_memory(error);
	return add_override(options, override, error);
}

static enum oversub_status take_warmup(struct cli_options *options,
				       const struct cli_option_spec *spec, const char *text,
				       struct oversub_error *error)
{
	int64_t ns;
	char *override;

	options->warmup_auto = !strcmp(text, "auto");
	if (options->warmup_auto)
		return OVERSUB_OK;
	if (!units_parse_duration(text, &ns) || ns < 0)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--warmup %.100s: expected auto, or a time with its unit, such "
				    "as 500ms",
				    text);
	if (asprintf(&override, "run.warmup=%s", text) < 0)
		return out_of_memory(error);
	return add_override(options, override, error);
}

/* ---- The table ------------------------------------------------------------------------------ */

#define FIELD(member)		    .offset = offsetof(struct cli_options, member)
#define FLAG(member)		    .take = take_flag, FIELD(member)
#define TEXT(member)		    .take = take_text, FIELD(member)
#define NUMBER(member, least, most) .take = take_number, FIELD(member), .min = least, .max = most
#define TIME(member, least)	    .take = take_time, FIELD(member), .min = least

const struct cli_option_spec cli_option_specs[CLI_OPTIONS] = {
	[CLI_SET] = {"set", 's', "PATH=VALUE",
		     "Change a value of the scenario before anything runs;\n"
		     "may be repeated, the last one wins. PATH is a full path\n"
		     "(vms.db.count) or an end of one that is unique\n"
		     "(ipi_window_ns). VALUE is JSON or a string.",
		     .take = take_set},
	[CLI_PLUGIN] = {"plugin", 'p', "FILE",
			"Load policies from a shared object, so that scenarios\n"
			"can choose them by name; may be repeated. README says\n"
			"how to make one.",
			.take = take_plugin},
	[CLI_VARY] = {"vary", 'v', "PATH=V1,V2,...",
		      "An axis of the grid; may be repeated, every combination\n"
		      "is run. 10us..200ms:log9 is nine values with equal\n"
		      "factors between them, 1..16:5 five evenly spaced. Commas\n"
		      "inside brackets, braces and quotes separate nothing.",
		      .take = take_vary},
	[CLI_DESIGN] = {"design", 0, "KIND:N",
			"How to spread points over the ranges LOW..HIGH (or\n"
			"LOW..HIGH:log) of --vary: lhs:N, a Latin hypercube;\n"
			"sobol:N, N (k + 2) points for the variance that each of\n"
			"k parameters explains; morris:R, R (k + 1) points for\n"
			"elementary effects. `oversub sensitivity` reads them.",
			TEXT(design)},
	[CLI_SEED] = {"seed", 0, "N",
		      "Root of all random streams, 0 to 2^63 - 1. Results with\n"
		      "the same seed can be compared pair by pair.",
		      .take = take_run, FIELD(number), .max = INT64_MAX},
	[CLI_REPS] = {"reps", 'n', "N", "Replications; the scenario's run.replications.",
		      .take = take_run, FIELD(number), .min = 1, .max = MAX_REPLICATIONS},
	[CLI_UNTIL] = {"until", 0, "P%|gain:P%",
		       "As many replications, from 10 to 1000 or --reps, as it\n"
		       "takes to know the metric of --metric (requests_per_s)\n"
		       "within so many per cent of its mean. gain: its change\n"
		       "against the first value of the first --vary, in points.",
		       .take = take_until},
	[CLI_WARMUP] = {"warmup", 0, "TIME|auto",
			"The scenario's run.warmup. auto: run all of it without\n"
			"one first, and choose the time from which on requests/s\n"
			"and CPU time of every class are level (MSER-5); the\n"
			"result says which it was.",
			.take = take_warmup},
	[CLI_JOBS] = {"jobs", 'j', "N",
		      "Worker threads; as many as there are CPUs. Results do\n"
		      "not depend on it.",
		      NUMBER(jobs, 1, EXPERIMENT_MAX_JOBS)},
	[CLI_OUT] = {"out", 'o', "DIR",
		     "Directory for the results; it must be empty or new.\n"
		     "Without it, the usual one or, if that is there, a new\n"
		     "one with .2, .3, ... behind its name, which is said even\n"
		     "with --quiet.",
		     TEXT(out)},
	[CLI_FORCE] = {"force", 'f', NULL,
		       "Replace earlier results in the directory; other files\n"
		       "in it stay.",
		       FLAG(force)},
	[CLI_RESUME] = {"resume", 0, "=mixed",
			"Keep the replications that the directory has already and\n"
			"run the rest: of more points and of a higher --reps,\n"
			"too. What was damaged is done again. =mixed: though they\n"
			"come from another program, plug-in or scenario. Without\n"
			"--out, the directory is the usual one or that with .2,\n"
			".3, ...: of those unfinished, or else of all, the one\n"
			"that was begun last.",
			.take = take_resume},
	[CLI_KEEP_GOING] = {"keep-going", 'k', NULL,
			    "Go on after a replication has failed. Its point is not\n"
			    "complete, and the exit status is 1.",
			    FLAG(keep_going)},
	[CLI_SHARD] = {"shard", 0, "I/N|auto",
		       "Run only share I of N, on this machine or another, into\n"
		       "a journal in the directory of --out. When all shares are\n"
		       "there, --resume makes results of them. auto: the rank\n"
		       "that Slurm or an MPI launcher gives.",
		       .take = take_shard},
	[CLI_MAX_TIME] = {"max-time", 0, "TIME",
			  "Stop after so much wall-clock time, such as 3600s, as an\n"
			  "interruption would; --resume goes on. Exit status 1.",
			  TIME(max_time_ns, 1)},
	[CLI_MAX_MEMORY] = {"max-memory", 0, "SIZE",
			    "Refuse what needs more than, say, 4G, and stop what\n"
			    "does all the same, as --max-time.",
			    .take = take_memory},
	[CLI_PROGRESS] = {"progress", 0, "MODE",
			  "A line on standard error: auto, on a terminal and if it\n"
			  "takes a while; always; never; json, one object a second.",
			  .take = take_progress},
	[CLI_DRY_RUN] = {"dry-run", 0, NULL,
			 "List the points and about how long they take, and run\n"
			 "and write nothing.",
			 FLAG(dry_run)},
	[CLI_MAXIMISE] = {"maximise", 0, "METRIC", "What is to be large: vm.db:requests_per_s.",
			  TEXT(maximise)},
	[CLI_MINIMISE] = {"minimise", 0, "METRIC", "What is to be small: vm.db:request.chunk.p99.",
			  TEXT(minimise)},
	[CLI_SUBJECT_TO] = {"subject-to", 0, "LIMIT",
			    "METRIC>=X or METRIC<=X, in the metric's own unit; may be\n"
			    "repeated.",
			    .take = take_limit},
	[CLI_TRACE] = {"trace", 0, "FILE",
		       "Trace the first replication into FILE, from the end of\n"
		       "the warm-up on, as `perf script` prints events; `oversub\n"
		       "plot` looks for trace.txt beside the results.",
		       TEXT(trace)},
	[CLI_CHECK_INVARIANTS] = {"check-invariants", 0, NULL,
				  "Check many times that scheduler, LAPICs, guests and\n"
				  "accounts are sound, and stop if they are not. Results\n"
				  "stay the same; the run takes a few times as long.",
				  FLAG(check_invariants)},
	[CLI_JSON] = {"json", 0, NULL,
		      "Print JSON to standard output instead of text. Files\n"
		      "are then written only if --out is given.",
		      FLAG(json)},
	[CLI_METRIC] = {"metric", 'm', "NAME",
			"Which metric: a name (requests_per_s) or scope and name\n"
			"(vm.db:requests_per_s); may have wildcards, and be\n"
			"repeated, where several metrics can be shown.",
			.take = take_metric},
	[CLI_ALL] = {"all", 'a', NULL, "Show all metrics, not only the most telling ones.",
		     FLAG(all)},
	[CLI_ONLY] = {"only", 0, "PICTURE", "Draw only this picture.", TEXT(only)},
	[CLI_FORMAT] = {"format", 0, "FORMAT",
			"Kind of pictures, png or svg; of tables of a sweep, text,\n"
			"md, csv or latex.",
			TEXT(format)},
	[CLI_FROM] = {"from", 0, "TIME",
		      "Start of the timeline on the clock of the trace, such as\n"
		      "310ms.",
		      TIME(from_ns, 0)},
	[CLI_LENGTH] = {"length", 0, "TIME",
			"Length of the timeline; what is legible, or 5ms after\n"
			"--from.",
			TIME(length_ns, 1)},
	[CLI_TOP] = {"top", 0, "N", "How many of the longest waits to tell; 5.",
		     NUMBER(top, 0, 1000)},
	[CLI_REPLICATION] = {"replication", 0, "N", "Which replication, from 1; 1.",
			     NUMBER(replication, 1, MAX_REPLICATIONS)},
	[CLI_POINT] = {"point", 0, "N", "Which point of a sweep, from 0.",
		       NUMBER(point, 0, INT32_MAX)},
	[CLI_MEASURE] = {"measure", 0, "TIME",
			 "Measure only for so long, such as 100ms, to be quicker.",
			 TIME(measure_ns, 1)},
	[CLI_QUIET] = {"quiet", 'q', NULL, "Print errors only; no summary, notes or progress.",
		       FLAG(quiet)},
	[CLI_HELP] = {"help", 'h', NULL, "Show this help.", FLAG(help)},
};

/* ---- The command line --------------------------------------------------------------------- */

/* What getopt_long() wants to know. */
struct getopt_tables {
	struct option longs[CLI_OPTIONS + 1];
	char shorts[2 * CLI_OPTIONS + 2];
};

static void make_tables(const struct command *command, struct getopt_tables *tables)
{
	char *shorts = tables->shorts;
	int nr = 0;

	memset(tables, 0, sizeof(*tables));
	*shorts++ = ':'; /* tell a missing argument from an unknown option */
	for (int i = 0; i < CLI_OPTIONS; i++) {
		const struct cli_option_spec *spec = &cli_option_specs[i];

		if (!(command->options >> i & 1))
			continue;
		tables->longs[nr++] = (struct option){spec->name,
						      !spec->argument	       ? no_argument
						      : *spec->argument == '=' ? optional_argument
									       : required_argument,
						      NULL, LONG_BASE + i};
		if (!spec->letter)
			continue;
		*shorts++ = spec->letter;
		if (spec->argument)
			*shorts++ = ':';
	}
}

static int option_of(int code)
{
	for (int i = 0; i < CLI_OPTIONS; i++)
		if (code == LONG_BASE + i || code == cli_option_specs[i].letter)
			return i;
	return -1;
}

static enum oversub_status unknown_option(const struct command *command, const char *text,
					  struct oversub_error *error)
{
	char name[64];
	struct suggestion suggestion = {.wrong = name};

	if (strncmp(text, "--", 2))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: unknown option %.100s; see `oversub help %s`",
				    command->name, text, command->name);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text + 2, "="), text + 2);
	for (int i = 0; i < CLI_OPTIONS; i++)
		if (command->options >> i & 1)
			suggest(&suggestion, cli_option_specs[i].name);
	if (suggestion.nearest)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: unknown option --%s; did you mean --%s?", command->name,
				    name, suggestion.nearest);
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s: unknown option --%s; see `oversub help %s`", command->name, name,
			    command->name);
}

/* Why getopt_long() gave up at argument. */
static enum oversub_status refuse(const struct command *command, int code, const char *argument,
				  struct oversub_error *error)
{
	int option = optopt ? option_of(optopt) : -1;
	char letter[3] = {'-', (char)optopt, '\0'};

	if (code == ':')
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: --%s needs a value: --%s %s",
				    command->name, cli_option_specs[option].name,
				    cli_option_specs[option].name,
				    cli_option_specs[option].argument);
	if (option >= 0 && optopt >= LONG_BASE)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: --%s takes no value",
				    command->name, cli_option_specs[option].name);
	return unknown_option(command, optopt && optopt < LONG_BASE ? letter : argument, error);
}

static enum oversub_status check_arguments(const struct command *command,
					   const struct cli_options *options,
					   struct oversub_error *error)
{
	struct help_part usage = help_line(help_text(command->name), "usage: ");

	if (options->nr_arguments < command->min)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s needs more arguments: %.*s",
				    command->name, usage.length, usage.at);
	if (options->nr_arguments > command->max)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: unexpected argument %.200s; usage: %.*s", command->name,
				    options->arguments[command->max], usage.length, usage.at);
	return OVERSUB_OK;
}

enum oversub_status cli_options_parse(const struct command *command, int argc, char **argv,
				      struct cli_options *options, struct oversub_error *error)
{
	struct getopt_tables tables;
	int code;

	*options = (struct cli_options){.argc = argc,
					.typed = argv,
					.from_ns = -1,
					.replication = 1,
					.policies = policy_registry_builtin};
	/* getopt_long() puts what is no option behind the rest; argv stays as it was typed. */
	options->argv = malloc(((size_t)argc + 1) * sizeof(*options->argv));
	if (!options->argv)
		return out_of_memory(error);
	memcpy(options->argv, argv, ((size_t)argc + 1) * sizeof(*options->argv));
	argv = options->argv;
	make_tables(command, &tables);
	optind = 0; /* GNU: begin anew */
	opterr = 0;
	while ((code = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		const struct cli_option_spec *spec;
		enum oversub_status status;

		if (code == '?' || code == ':')
			return refuse(command, code, argv[optind - 1], error);
		spec = &cli_option_specs[option_of(code)];
		options->given |= UINT64_C(1) << option_of(code);
		status = spec->take(options, spec, optarg, error);
		if (status || options->help)
			return status;
	}
	options->arguments = argv + optind;
	options->nr_arguments = argc - optind;
	return check_arguments(command, options, error);
}

void cli_options_free(struct cli_options *options)
{
	for (int i = 0; i < options->nr_texts; i++)
		free(options->texts[i]);
	free(options->texts);
	free(options->argv);
	free(options->overrides);
	free(options->vary);
	free(options->metrics);
	free(options->limits);
	policy_registry_free(&options->policies);
	*options = (struct cli_options){0};
}
