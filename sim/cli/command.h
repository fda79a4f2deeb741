/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The subcommands: one table that main() dispatches from and from which help and man page are made.
 * What a command is for, its arguments and examples are in sim/cli/help/NAME.txt.
 */
#ifndef SIM_CLI_COMMAND_H
#define SIM_CLI_COMMAND_H

#include <stdio.h>

#include "sim/cli/options.h"

struct command {
	const char *name;
	int min, max;	  /* how many arguments it takes that are no options */
	uint64_t options; /* which of cli_option_specs it takes: 1 << enum cli_option */
	/*
	 * Do it. What fails is told in error, and by the caller to the user; an empty message means
	 * that the command has told it already. The status is that of the program.
	 */
	enum oversub_status (*run)(const struct cli_options *options, struct oversub_error *error);
	void (*list)(FILE *out); /* what follows the description in help; NULL: nothing */
};

/* In the order in which help shows them; the last one has no name. */
extern const struct command commands[];

/* The one of that name in table; NULL if there is none: then error tells what may be meant. */
const struct command *command_find(const struct command *table, const char *name,
				   struct oversub_error *error);

enum oversub_status cmd_run(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_sweep(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_tune(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_compare(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_sensitivity(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_status(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_explain(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_plot(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_check(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_list(const struct cli_options *options, struct oversub_error *error);
enum oversub_status cmd_help(const struct cli_options *options, struct oversub_error *error);

#endif
