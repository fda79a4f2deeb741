/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace in the form of `perf script`, read back for what needs to see its events several times.
 */
#ifndef SIM_TRACE_TRACE_READ_H
#define SIM_TRACE_TRACE_READ_H

#include <stddef.h>
#include <stdio.h>

#include <oversub/error.h>

#include "sim/trace/perf_parse.h"
#include "sim/trace/replay.h"

/* A trace may be longer than memory; a picture does not need more. */
#define TRACE_MAX_RECORDS 2000000

/* Of a trace, until it is known what most tasks do, ns. */
enum { TRACE_SETTLE_NS = 1000000 };

struct trace {
	struct trace_record *records; /* at least one; times never decrease */
	size_t nr_records;
	struct trace_words words; /* the strings in records */
	struct replay replay;	  /* knows all tasks; rewind it, and take the records again */
};

/*
 * Read the events of stream from `from` to `to` ns that say who runs, yields, spins, and sends and
 * takes interrupts, at most TRACE_MAX_RECORDS. Lines of other events and comments are skipped.
 * OVERSUB_BAD_INPUT if nothing is left; name is for messages. Free it with trace_free() if
 * OVERSUB_OK.
 */
enum oversub_status trace_read(FILE *stream, const char *name, int64_t from, int64_t to,
			       struct trace *trace, struct oversub_error *error);
void trace_free(struct trace *trace);

#endif
