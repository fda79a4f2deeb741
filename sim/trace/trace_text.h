/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a trace's text, which its writer and its reader share. */
#ifndef SIM_TRACE_TRACE_TEXT_H
#define SIM_TRACE_TRACE_TEXT_H

#include "sim/trace/trace.h"

/* By enum trace_kind. */
extern const struct trace_event {
	const char *system, *name; /* "sched", "sched_switch" */
} trace_events[TRACE_KINDS];

extern const char *const trace_state_names[TRACE_STATES];

/* As VMX calls them, and as SVM does. */
extern const char *const trace_exit_names[2][TRACE_EXIT_REASONS];

/* A part of an ICR: which bits, what the text calls their values, and what stands before that. */
struct trace_icr_part {
	int shift;
	unsigned int mask;
	const char *before;
	const char *names[8];
};
enum { TRACE_ICR_PARTS = 5 };
extern const struct trace_icr_part trace_icr_parts[TRACE_ICR_PARTS];

#endif
