/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trace as `perf script` prints it, a line an event:
 *
 *	comm pid [cpu] secs.usecs: system:event: fields
 *
 * Events that the kernel has come with the kernel's fields in the kernel's format, so that scripts
 * for perf read them; the simulator's own are called oversub:* and have key=value fields.
 */
#ifndef SIM_TRACE_PERF_SCRIPT_H
#define SIM_TRACE_PERF_SCRIPT_H

#include <stdio.h>

#include "sim/trace/trace.h"

struct perf_script {
	struct trace_sink sink; /* give this to whoever traces */
	FILE *stream;		/* the caller's; errors stay in it */
};

/* Start to write to stream. There is nothing to end. */
void perf_script_start(struct perf_script *script, FILE *stream);

#endif
