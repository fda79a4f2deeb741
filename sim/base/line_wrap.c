/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/base/line_wrap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void break_line(struct flow *flow, const char *separator)
{
	size_t length = strlen(separator);

	while (length && separator[length - 1] == ' ')
		length--;
	fprintf(flow->stream, "%.*s\n%*s", (int)length, separator, flow->indent, "");
	flow->column = flow->indent;
}

void flow_piece(struct flow *flow, const char *separator, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if (flow->column > flow->indent &&
	    flow->column + (int)strlen(separator) + length > SUMMARY_WIDTH)
		break_line(flow, separator);
	else if (flow->column)
		flow->column += fprintf(flow->stream, "%s", separator);
	flow->column += fprintf(flow->stream, "%s", text);
	free(text);
}

void flow_end(struct flow *flow)
{
	fputc('\n', flow->stream);
	flow->column = 0;
}
