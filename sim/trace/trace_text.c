/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trace/trace_text.h"

const struct trace_event trace_events[TRACE_KINDS] = {
#define EVENT(system, name, fields) {#system, #name},
#include "sim/trace/trace_events.h"
};

const char *const trace_state_names[TRACE_STATES] = {
	[TRACE_STATE_INTERRUPTIBLE] = "S",
	[TRACE_STATE_UNINTERRUPTIBLE] = "D",
	[TRACE_STATE_RUNNING] = "R",
};

const char *const trace_exit_names[2][TRACE_EXIT_REASONS] = {
#define EXIT(name, vmx, svm) vmx,
	{TRACE_EXITS(EXIT)},
#undef EXIT
#define EXIT(name, vmx, svm) svm,
	{TRACE_EXITS(EXIT)},
#undef EXIT
};

const struct trace_icr_part trace_icr_parts[TRACE_ICR_PARTS] = {
	{8, 7, " (", {"Fixed", "LowPrio", "SMI", "Res3", "NMI", "INIT", "SIPI", "ExtINT"}},
	{11, 1, "|", {"physical", "logical"}},
	{14, 1, "|", {"de-assert", "assert"}},
	{15, 1, "|", {"edge", "level"}},
	{18, 3, "|", {"dst", "self", "all", "all-but-self"}},
};
