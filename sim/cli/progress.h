/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line that says how far an experiment is; on standard error, and only if that is a terminal.
 */
#ifndef SIM_CLI_PROGRESS_H
#define SIM_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress_mode { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER, PROGRESS_JSON };

/* "auto", "always", "never", "json", NULL. */
extern const char *const progress_modes[];

struct progress {
	enum progress_mode mode; /* auto became one of the others */
	bool shown;		 /* there is a line to remove */
	double started;		 /* s, monotonic */
	double last_shown;	 /* s, monotonic */
	/* What there is to show; the caller keeps it up to date. */
	size_t points, of_points;
	uint64_t replications, of_replications;
	uint64_t events; /* of the replications that are done */
};

/* Start to measure. quiet: never show anything. auto: on a terminal, and what takes some time. */
void progress_start(struct progress *progress, enum progress_mode mode, bool quiet);
/* Show how much of total simulated ns is done. */
void progress_show(struct progress *progress, int64_t done_ns, int64_t total_ns);
/* Remove the line. Returns the seconds since progress_start(). */
double progress_end(struct progress *progress);

#endif
