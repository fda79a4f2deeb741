/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/summary_notes.h"

#include <math.h>

#include "sim/output/format.h"
#include "sim/run/drift.h"

void summary_write_placement(FILE *stream, const struct scenario *scenario,
			     const struct aggregate *aggregate)
{
	const struct aggregate_metric *migrations =
		aggregate_find(aggregate, "host", "migrations_per_s");
	size_t all = aggregate->nr_replications, fixed = 0;

	if (!migrations || scenario->host.cpus < 2 ||
	    scenario_nr_vcpus(scenario) <= scenario->host.cpus)
		return;
	for (size_t r = 0; r < all; r++)
		fixed += migrations->values[r] == 0;
	if (!fixed)
		return;
	fputs("! placement did not change within ", stream);
	if (fixed < all)
		fprintf(stream, "%zu of %zu replications", fixed, all);
	else
		fputs(all == 1 ? "the replication" : "any replication", stream);
	fputs(": each is one placement of the vCPUs,\n  and more replications are worth more than "
	      "longer ones\n",
	      stream);
}

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
