/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/help.h"
#include "sim/base/suggest.h"
#include "sim/run/experiment.h"
#include "sim/scenario/units.h"

/* Values of getopt_long() that no letter has. */
enum { LONG_BASE = 1000 };

#define MAX_REPLICATIONS 1000000

const struct cli_option_spec cli_option_specs[CLI_OPTIONS] = {
	[CLI_SET] = {"set", 's', "PATH=VALUE",
		     "Change a value of the scenario before anything runs;\n"
		     "may be repeated, the last one wins. PATH is a full path\n"
		     "(vms.db.count) or an end of one that is unique\n"
		     "(ipi_window_ns). VALUE is JSON or a string."},
	[CLI_PLUGIN] = {"plugin", 'p', "FILE",
			"Load policies from a shared object, so that scenarios\n"
			"can choose them by name; may be repeated. README says\n"
			"how to make one."},
	[CLI_VARY] = {"vary", 'v', "PATH=V1,V2,...",
		      "An axis of the grid; may be repeated, every combination\n"
		      "is run. Commas inside brackets, braces and quotes do\n"
		      "not separate values."},
	[CLI_SEED] = {"seed", 0, "N",
		      "Root of all random streams, 0 to 2^63 - 1. Results with\n"
		      "the same seed can be compared pair by pair."},
	[CLI_REPS] = {"reps", 'n', "N", "Replications; the scenario's run.replications."},
	[CLI_WARMUP] = {"warmup", 0, "TIME|auto",
			"The scenario's run.warmup. auto: run all of it without\n"
			"one first, and choose the time from which on requests/s\n"
			"and CPU time of every class are level (MSER-5); the\n"
			"result says which it was."},
	[CLI_JOBS] = {"jobs", 'j', "N",
		      "Worker threads; as many as there are CPUs. Results do\n"
		      "not depend on it."},
	[CLI_OUT] = {"out", 'o', "DIR",
		     "Directory for the results; it must be empty or new.\n"
		     "Without it, the usual one or, if that is there, a new\n"
		     "one with .2, .3, ... behind its name, which is said even\n"
		     "with --quiet."},
	[CLI_FORCE] = {"force", 'f', NULL,
		       "Replace earlier results in the directory; other files\n"
		       "in it stay."},
	[CLI_RESUME] = {"resume", 0, NULL,
			"Keep the points that the directory has already and run\n"
			"the rest. Scenario, seed and replications must agree.\n"
			"Without --out, the directory is the usual one or that\n"
			"with .2, .3, ...: of those unfinished, or else of all,\n"
			"the one that was begun last."},
	[CLI_TRACE] = {"trace", 0, "FILE",
		       "Trace the first replication into FILE, from the end of\n"
		       "the warm-up on, as `perf script` prints events; `oversub\n"
		       "plot` looks for trace.txt beside the results."},
	[CLI_CHECK_INVARIANTS] = {"check-invariants", 0, NULL,
				  "Check many times that scheduler, LAPICs, guests and\n"
				  "accounts are sound, and stop if they are not. Results\n"
				  "stay the same; the run takes a few times as long."},
	[CLI_JSON] = {"json", 0, NULL,
		      "Print JSON to standard output instead of text. Files\n"
		      "are then written only if --out is given."},
	[CLI_METRIC] = {"metric", 'm', "NAME",
			"Which metric: a name (requests_per_s) or scope and name\n"
			"(vm.db:requests_per_s); may have wildcards where several\n"
			"metrics can be shown."},
	[CLI_ALL] = {"all", 'a', NULL, "Show all metrics, not only the most telling ones."},
	[CLI_ONLY] = {"only", 0, "PICTURE", "Draw only this picture."},
	[CLI_FORMAT] = {"format", 0, "png|svg", "Kind of pictures; png."},
	[CLI_FROM] = {"from", 0, "TIME",
		      "Start of the timeline on the clock of the trace, such as\n"
		      "310ms."},
	[CLI_LENGTH] = {"length", 0, "TIME",
			"Length of the timeline; what is legible, or 5ms after\n"
			"--from."},
	[CLI_TOP] = {"top", 0, "N", "How many of the longest waits to tell; 5."},
	[CLI_REPLICATION] = {"replication", 0, "N", "Which replication, from 1; 1."},
	[CLI_POINT] = {"point", 0, "N", "Which point of a sweep, from 0."},
	[CLI_MEASURE] = {"measure", 0, "TIME",
			 "Measure only for so long, such as 100ms, to be quicker."},
	[CLI_QUIET] = {"quiet", 'q', NULL, "Print errors only; no summary, notes or progress."},
	[CLI_HELP] = {"help", 'h', NULL, "Show this help."},
};

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory reading the command line");
}

/* ---- Values ------------------------------------------------------------------------------- */

/* A copy of text that lives as long as options. */
static char *keep_text(struct cli_options *options, char *text)
{
	char **larger = realloc(options->texts, (size_t)(options->nr_texts + 1) * sizeof(*larger));

	if (!larger || !text) {
		free(text);
		options->texts = larger ? larger : options->texts;
		return NULL;
	}
	options->texts = larger;
	larger[options->nr_texts++] = text;
	return text;
}

static enum oversub_status add_override(struct cli_options *options, char *text,
					struct oversub_error *error)
{
	struct scenario_override *larger =
		realloc(options->overrides, (size_t)(options->nr_overrides + 1) * sizeof(*larger));

	if (larger)
		options->overrides = larger;
	text = keep_text(options, text);
	if (!larger || !text)
		return out_of_memory(error);
	return scenario_override_parse(text, &larger[options->nr_overrides++], error);
}

static enum oversub_status add_set(struct cli_options *options, const char *text,
				   struct oversub_error *error)
{
	struct oversub_error inner;
	enum oversub_status status = add_override(options, strdup(text), &inner);

	return status ? oversub_fail(error, status, "--set %s", inner.message) : OVERSUB_OK;
}

static enum oversub_status add_vary(struct cli_options *options, const char *text,
				    struct oversub_error *error)
{
	const char **larger =
		realloc(options->vary, (size_t)(options->nr_vary + 1) * sizeof(*larger));

	if (!larger)
		return out_of_memory(error);
	options->vary = larger;
	larger[options->nr_vary++] = text;
	return OVERSUB_OK;
}

/* A decimal number from min to max that option takes. */
static enum oversub_status parse_number(enum cli_option option, const char *text, int64_t min,
					int64_t max, int64_t *value, struct oversub_error *error)
{
	bool digits = *text && strspn(text, "0123456789") == strlen(text);
	long long parsed;

	errno = 0;
	parsed = strtoll(text, NULL, 10);
	if (!digits || errno || parsed < min || parsed > max)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--%s %.100s: expected a number from %lld to %lld",
				    cli_option_specs[option].name, text, (long long)min,
				    (long long)max);
	*value = parsed;
	return OVERSUB_OK;
}

/* --seed and --reps are overrides with a shorter name. */
static enum oversub_status add_number(struct cli_options *options, enum cli_option option,
				      const char *text, struct oversub_error *error)
{
	bool is_seed = option == CLI_SEED;
	enum oversub_status status;
	int64_t value;
	char *override;

	status = parse_number(option, text, is_seed ? 0 : 1, is_seed ? INT64_MAX : MAX_REPLICATIONS,
			      &value, error);
	if (status)
		return status;
	/* A seed is a string, as JSON numbers above 2^53 lose bits. */
	if (asprintf(&override, is_seed ? "run.seed=\"%lld\"" : "run.replications=%lld",
		     (long long)value) < 0)
		return out_of_memory(error);
	return add_override(options, override, error);
}

static enum oversub_status parse_time(enum cli_option option, const char *text, int64_t *ns,
				      struct oversub_error *error)
{
	if (units_parse_duration(text, ns) && *ns >= 0)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--%s %.100s: expected a time with its unit, such as 310ms",
			    cli_option_specs[option].name, text);
}

static enum oversub_status take_warmup(struct cli_options *options, const char *text,
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

static enum oversub_status take(struct cli_options *options, enum cli_option option,
				const char *text, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	int64_t number = 0;

	options->given |= 1u << option;
	switch (option) {
	case CLI_SET: return add_set(options, text, error);
	case CLI_PLUGIN: return policy_registry_load(&options->policies, text, error);
	case CLI_VARY: return add_vary(options, text, error);
	case CLI_SEED:
	case CLI_REPS: return add_number(options, option, text, error);
	case CLI_WARMUP: return take_warmup(options, text, error);
	case CLI_JOBS:
		status = parse_number(option, text, 1, EXPERIMENT_MAX_JOBS, &number, error);
		options->jobs = (unsigned int)number;
		break;
	case CLI_OUT: options->out = text; break;
	case CLI_TRACE: options->trace = text; break;
	case CLI_METRIC: options->metric = text; break;
	case CLI_ONLY: options->only = text; break;
	case CLI_FORMAT: options->format = text; break;
	case CLI_FROM: return parse_time(option, text, &options->from_ns, error);
	case CLI_LENGTH:
		status = parse_time(option, text, &options->length_ns, error);
		if (!status && options->length_ns == 0)
			status = oversub_fail(error, OVERSUB_BAD_INPUT,
					      "--length %.100s: expected more than that", text);
		break;
	case CLI_TOP: return parse_number(option, text, 0, 1000, &options->top, error);
	case CLI_REPLICATION:
		return parse_number(option, text, 1, MAX_REPLICATIONS, &options->replication,
				    error);
	case CLI_POINT: return parse_number(option, text, 0, INT32_MAX, &options->point, error);
	case CLI_MEASURE:
		status = parse_time(option, text, &options->measure_ns, error);
		if (!status && options->measure_ns == 0)
			status = oversub_fail(error, OVERSUB_BAD_INPUT,
					      "--measure %.100s: expected more than that", text);
		break;
	case CLI_FORCE: options->force = true; break;
	case CLI_RESUME: options->resume = true; break;
	case CLI_CHECK_INVARIANTS: options->check_invariants = true; break;
	case CLI_JSON: options->json = true; break;
	case CLI_ALL: options->all = true; break;
	case CLI_QUIET: options->quiet = true; break;
	case CLI_HELP:
	case CLI_OPTIONS: break;
	}
	return status;
}

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

		if (!(command->options & 1u << i))
			continue;
		tables->longs[nr++] = (struct option){
			spec->name, spec->argument ? required_argument : no_argument, NULL,
			LONG_BASE + i};
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
		if (command->options & 1u << i)
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

static enum oversub_status check_arguments(const struct command *command, int min, int max,
					   const struct cli_options *options,
					   struct oversub_error *error)
{
	if (options->nr_arguments < min)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s needs more arguments: oversub %s %s", command->name,
				    command->name, command->synopsis);
	if (options->nr_arguments > max)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: unexpected argument %.200s; usage: oversub %s %s",
				    command->name, options->arguments[max], command->name,
				    command->synopsis);
	return OVERSUB_OK;
}

enum oversub_status cli_options_parse(const struct command *command, int argc, char **argv, int min,
				      int max, struct cli_options *options, bool *helped,
				      struct oversub_error *error)
{
	struct getopt_tables tables;
	int code;

	*options = (struct cli_options){
		.from_ns = -1, .replication = 1, .policies = policy_registry_builtin};
	*helped = false;
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
		enum oversub_status status;

		if (code == '?' || code == ':')
			return refuse(command, code, argv[optind - 1], error);
		if (option_of(code) == CLI_HELP) {
			help_command(stdout, command);
			*helped = true;
			return OVERSUB_OK;
		}
		status = take(options, (enum cli_option)option_of(code), optarg, error);
		if (status)
			return status;
	}
	options->arguments = argv + optind;
	options->nr_arguments = argc - optind;
	return check_arguments(command, min, max, options, error);
}

void cli_options_free(struct cli_options *options)
{
	for (int i = 0; i < options->nr_texts; i++)
		free(options->texts[i]);
	free(options->texts);
	free(options->argv);
	free(options->overrides);
	free(options->vary);
	policy_registry_free(&options->policies);
	*options = (struct cli_options){0};
}
