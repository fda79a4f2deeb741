/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of text that flow onto as many lines as they need, none broken in the middle. */
#ifndef SIM_BASE_LINE_WRAP_H
#define SIM_BASE_LINE_WRAP_H

#include <stdio.h>

/* As wide as anything that a terminal is shown. */
#define SUMMARY_WIDTH 100

/* Begin with zeroes but for stream and indent. */
struct flow {
	FILE *stream;
	int indent; /* of the lines after the first */
	int column; /* where the line ends by now */
};

/*
 * Write separator and the formatted text, which begins a line of its own if the present one has no
 * room; separator then stays behind, without the blanks that it ends with.
 */
void flow_piece(struct flow *flow, const char *separator, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* End the last line. */
void flow_end(struct flow *flow);

#endif
