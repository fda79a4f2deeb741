/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ctrl-C and its like as something to read, so that a run can end cleanly. */
#ifndef SIM_CLI_SIGNALS_H
#define SIM_CLI_SIGNALS_H

#include <stdint.h>

/*
 * From now on SIGINT, SIGTERM and SIGHUP make the returned descriptor readable and do nothing
 * else; and so does SIGALRM, which comes once this process has run for after_ns of wall-clock time,
 * 0: never. A signal that is ignored stays so. -1 if that is impossible: then they end the program
 * as ever.
 */
int interrupt_open(int64_t after_ns);
/* They end the program again; what came meanwhile and was not needed does so at once. */
void interrupt_close(int fd);

#endif
