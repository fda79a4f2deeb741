/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The subcommands: one table that main() dispatches from and from which help and man page are made.
 */
#ifndef SIM_CLI_COMMAND_H
#define SIM_CLI_COMMAND_H

#include "sim/cli/options.h"

struct command {
	const char *name;
	const char *synopsis;	 /* what follows the name: "SCENARIO [OPTION]..." */
	const char *help;	 /* one line */
	const char *description; /* paragraphs, lines of up to 78 characters */
	const char *examples;	 /* lines "command    # what it does"; NULL if there are none */
	const char *files;	 /* lines "name   what it is"; NULL if there are none */
	unsigned int options;	 /* which of cli_option_specs it takes: 1 << enum cli_option */
	/* argv[0] is the subcommand. Returns the exit status, enum oversub_status. */
	int (*run)(int argc, char **argv);
};

/* In the order in which help shows them; the last one has no name. */
extern const struct command commands[];

/* The command of that name, NULL if there is none. */
const struct command *command_find(const char *name);

int cmd_run(int argc, char **argv);
int cmd_sweep(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_help(int argc, char **argv);

#endif
