/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line that says how far an experiment is; on standard error, and only if that is a terminal.
 */
#ifndef SIM_CLI_PROGRESS_H
#define SIM_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool enabled;
	bool shown;	   /* there is a line to remove */
	double started;	   /* s, monotonic */
	double last_shown; /* s, monotonic */
};

/* Start to measure; quiet: never show anything. */
void progress_start(struct progress *progress, bool quiet);
/* Show how much of total simulated ns is done; the context is the struct progress. */
void progress_show(void *context, int64_t done_ns, int64_t total_ns);
/* Remove the line. Returns the seconds since progress_start(). */
double progress_end(struct progress *progress);

#endif
