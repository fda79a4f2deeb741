/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ctrl-C and its like as something to read, so that a run can end cleanly. */
#ifndef SIM_CLI_SIGNALS_H
#define SIM_CLI_SIGNALS_H

/*
 * From now on SIGINT, SIGTERM and SIGHUP make the returned descriptor readable and do nothing
 * else. -1 if that is impossible: then they end the program as ever.
 */
int interrupt_open(void);
/* They end the program again; what came meanwhile and was not needed does so at once. */
void interrupt_close(int fd);

#endif
