/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that perf_script.h writes, or `perf script` itself, taken apart. */
#ifndef SIM_TRACE_PERF_PARSE_H
#define SIM_TRACE_PERF_PARSE_H

#include "sim/trace/trace.h"

/* Strings, each once. Zeroes are none; trace_words_free() frees them. */
struct trace_words {
	struct trace_word *lists[256];
	bool failed; /* memory ran out: words are missing */
};
void trace_words_free(struct trace_words *words);

/*
 * Make record of a line. False, and record is undefined, if it is no event of one of
 * the kinds, bits 1 << enum trace_kind. Strings of record are in words. A field that the line does
 * not have is -1, "" or unknown; one that no text has is 0.
 */
bool perf_parse(const char *line, uint64_t kinds, struct trace_words *words,
		struct trace_record *record);

#endif
