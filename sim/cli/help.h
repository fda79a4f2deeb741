/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help texts and the man page, all from the tables of commands and options. */
#ifndef SIM_CLI_HELP_H
#define SIM_CLI_HELP_H

#include <stdio.h>

struct command;

/* What oversub is and which commands there are. */
void help_overview(FILE *out);
/* All about one command. */
void help_command(FILE *out, const struct command *command);
/* How to write a scenario, with an example. */
void help_scenario(FILE *out);
/* The man page oversub(1), as roff. */
void help_man(FILE *out);

#endif
