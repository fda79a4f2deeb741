/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help and the man page, from the pages in sim/cli/help and the tables of commands and options. */
#ifndef SIM_CLI_HELP_H
#define SIM_CLI_HELP_H

#include <stdio.h>

struct command;

/* What oversub is and which commands of the table there are. */
void help_overview(FILE *out, const struct command *table);
/* All about one command. */
void help_command(FILE *out, const struct command *command);
/* The man page oversub(1), as roff. */
void help_man(FILE *out, const struct command *table);

#endif
