/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_CLI_CMD_CONFORMANCE_H
#define SIM_CLI_CMD_CONFORMANCE_H

/*
 * `oversub conformance FILE...`; argv[0] is the subcommand. Prints the first mismatch of each file
 * and a last line with the totals. Returns 0 if nothing differs, 1 if something does, 2 if a file
 * cannot be read or is no conformance vector.
 */
int cmd_conformance(int argc, char **argv);

#endif
