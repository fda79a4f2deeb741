/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/summary_notes.h"

#include <math.h>

#include "sim/output/format.h"
#include "sim/run/drift.h"

void summary_write_drift(FILE *stream, const struct aggregate *aggregates, size_t nr)
{
	struct oversub_error error;
	struct format_buffer b[1];
	struct drift worst;
	size_t found;

	if (drift_find(aggregates, nr, &found, &worst, &error) || !found)
		return;
	fputs("! warm-up: ", stream);
	if (nr > 1)
		fprintf(stream, "point %zu, ", worst.point);
	fprintf(stream, "%s %s %s by %s from the first half to the second (p %.2g)\n", worst.scope,
		worst.what, worst.mean > 0 ? "rise" : "fall",
		format_percent(fabs(worst.mean), &b[0]), worst.p);
	fputs("  ", stream);
	if (found > 1)
		fprintf(stream, "(and %zu more) ", found - 1);
	fputs("measuring began too early: a longer run.warmup, or --warmup auto\n", stream);
}
