/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The warning that arrivals outrun service. */
#include <string.h>

#include "sim/base/line_wrap.h"
#include "sim/report/format.h"
#include "sim/report/summary.h"
#include "sim/run/overload.h"

void summary_write_overload(FILE *stream, const struct aggregate *aggregate)
{
	struct overload overload;
	size_t position = 0;

	while (overload_next(aggregate, &position, &overload)) {
		const char *scope = overload.scope;
		struct flow flow = {.stream = stream, .indent = 2};
		struct format_buffer buffer;

		if (!strncmp(scope, "vm.", 3))
			scope += 3;
		flow_piece(&flow, "", "! arrivals outrun service at %s of %s: %s/s come,",
			   overload.name, scope, format_short(overload.offered, &buffer));
		flow_piece(&flow, " ", "%s/s are served;", format_short(overload.served, &buffer));
		flow_piece(&flow, " ", "%s wait at the end,",
			   format_grouped(overload.backlog, &buffer));
		flow_piece(&flow, " ", "the oldest for %s;", format_ns(overload.oldest, &buffer));
		flow_piece(&flow, " ", "latencies of %s are lower bounds", scope);
		flow_piece(&flow, " ", "and grow with the length of the run");
		flow_end(&flow);
	}
}
