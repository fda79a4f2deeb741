/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the subcommands, from one table that --help is made from too. */
#ifndef SIM_CLI_OPTIONS_H
#define SIM_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>

#include "sim/cli/progress.h"
#include "sim/cli/shard.h"
#include "sim/cli/until_target.h"
#include "sim/scenario/scenario.h"

struct command;

enum cli_option {
	CLI_SET,
	CLI_PLUGIN,
	CLI_VARY,
	CLI_DESIGN,
	CLI_SEED,
	CLI_REPS,
	CLI_UNTIL,
	CLI_WARMUP,
	CLI_JOBS,
	CLI_OUT,
	CLI_FORCE,
	CLI_RESUME,
	CLI_KEEP_GOING,
	CLI_SHARD,
	CLI_MAX_TIME,
	CLI_MAX_MEMORY,
	CLI_PROGRESS,
	CLI_DRY_RUN,
	CLI_MAXIMISE,
	CLI_MINIMISE,
	CLI_SUBJECT_TO,
	CLI_TRACE,
	CLI_CHECK_INVARIANTS,
	CLI_JSON,
	CLI_METRIC,
	CLI_ALL,
	CLI_ONLY,
	CLI_FORMAT,
	CLI_FROM,
	CLI_LENGTH,
	CLI_TOP,
	CLI_REPLICATION,
	CLI_POINT,
	CLI_MEASURE,
	CLI_QUIET,
	CLI_HELP,
	CLI_OPTIONS
};

struct cli_options;

struct cli_option_spec {
	const char *name;     /* without the dashes */
	char letter;	      /* short form; 0: none */
	const char *argument; /* what it takes, for help; NULL: nothing; "=X": only as --name=X */
	const char *help;     /* lines of up to 56 characters */
	/* Takes what was given, usually into the field at offset, if it is from min to max. */
	enum oversub_status (*take)(struct cli_options *options, const struct cli_option_spec *spec,
				    const char *text, struct oversub_error *error);
	size_t offset; /* in struct cli_options */
	int64_t min, max;
};

extern const struct cli_option_spec cli_option_specs[CLI_OPTIONS];

/* What a command line says. Texts point into argv unless they are said to be owned. */
struct cli_options {
	const struct command *commands; /* the table that the command is from, for help */
	int argc;			/* as it was typed, from the command on */
	char *const *typed;
	uint64_t given;	  /* UINT64_C(1) << enum cli_option for each option that was there */
	char **argv;	  /* the command line, its options first; owned */
	char **arguments; /* what is no option; at the end of argv */
	int nr_arguments;

	/* --set in order, then --seed and --reps as further overrides; owned, as are the texts. */
	struct scenario_override *overrides;
	int nr_overrides;
	char **texts; /* memory behind overrides */
	int nr_texts;

	const char **vary; /* owned array */
	int nr_vary;
	struct policy_registry policies; /* the built-in ones and those of --plugin; owned */
	int64_t jobs;			 /* 0: as many as there are CPUs */
	const char *out;
	const char *trace;
	const char *metric;   /* the last --metric */
	const char **metrics; /* all of them; owned array */
	int nr_metrics;
	const char *design;
	const char *maximise, *minimise;
	const char **limits; /* --subject-to; owned array */
	int nr_limits;
	const char *only;
	const char *format;
	int64_t from_ns;     /* -1: not given */
	int64_t length_ns;   /* 0: not given */
	int64_t top, point;  /* as given */
	int64_t replication; /* from 1 */
	int64_t measure_ns;  /* as given */
	bool warmup_auto;    /* --warmup auto */
	int64_t number;	     /* the last one that became an override */
	struct shard shard;
	enum progress_mode progress;
	int64_t max_time_ns, max_memory; /* ns, bytes; 0: not given */
	struct until until;
	int64_t reps;  /* --reps; 0: not given */
	int *ended_by; /* becomes the number of the signal that ended the command */
	bool force, resume, mixed, keep_going, json, all, quiet, dry_run, check_invariants, help;
};

/*
 * Read the command line of command; argv[0] is its name. If it asks for help, nothing behind that
 * is looked at. OVERSUB_BAD_INPUT: the message says what is wrong and what may have been meant.
 * Free *options with cli_options_free() in any case.
 */
enum oversub_status cli_options_parse(const struct command *command, int argc, char **argv,
				      struct cli_options *options, struct oversub_error *error);
void cli_options_free(struct cli_options *options);

/* Whether option was on the command line. */
static inline bool cli_given(const struct cli_options *options, enum cli_option option)
{
	return options->given >> option & 1;
}

/* What options change in a scenario; borrowed. */
static inline struct scenario_overrides cli_overrides(const struct cli_options *options)
{
	return (struct scenario_overrides){.list = options->overrides,
					   .nr = options->nr_overrides,
					   .policies = &options->policies};
}

#endif
