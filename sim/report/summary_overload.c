/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The warning that arrivals outrun service. */
#include "sim/base/wrap.h"
#include "sim/report/format.h"
#include "sim/report/measure.h"
#include "sim/report/summary.h"
#include "sim/run/overload.h"

void summary_write_overload(FILE *stream, const struct aggregate *aggregate)
{
	struct overload overload;
	size_t position = 0;

	while (overload_next(aggregate, &position, &overload)) {
		const char *scope = measure_scope_name(overload.scope);
		struct wrap wrap = {.stream = stream, .indent = 2};
		struct format_buffer buffer;

		wrap_piece(&wrap, "", "! arrivals outrun service at %s of %s: %s/s come,",
			   overload.name, scope, format_short(overload.offered, &buffer));
		wrap_piece(&wrap, " ", "%s/s are served;", format_short(overload.served, &buffer));
		wrap_piece(&wrap, " ", "%s wait at the end,",
			   format_grouped(overload.backlog, &buffer));
		wrap_piece(&wrap, " ", "the oldest for %s;", format_ns(overload.oldest, &buffer));
		wrap_piece(&wrap, " ", "latencies of %s are lower bounds", scope);
		wrap_piece(&wrap, " ", "and grow with the length of the run");
		wrap_end(&wrap);
	}
}
