/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_notes.h"

#include <math.h>
#include <stdlib.h>

#include "sim/base/wrap.h"
#include "sim/report/format.h"
#include "sim/report/measure.h"
#include "sim/run/drift.h"
#include "sim/run/overload.h"
#include "sim/stats/explained.h"

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

/* Less is not worth a line. */
static const double least_explained = 0.5;

/* Time of work for each request of scope, per replication; for free(). NULL if there are none. */
static double *work_per_request(const struct aggregate *aggregate, const char *scope)
{
	const struct aggregate_metric *rate = aggregate_find(aggregate, scope, "requests_per_s");
	const struct aggregate_metric *work = aggregate_find(aggregate, scope, "time.work");
	double *values;

	if (!rate || !work)
		return NULL;
	values = calloc(aggregate->nr_replications + 1, sizeof(*values));
	for (size_t r = 0; values && r < aggregate->nr_replications; r++)
		values[r] = work->values[r] / rate->values[r];
	return values;
}

/*
 * Not an adjusted mean: for that one would have to know what stacking and work per request are on
 * average, and all that is known of these is from the same replications.
 */
void summary_write_explained(FILE *stream, const struct scenario *scenario,
			     const struct aggregate *aggregate)
{
	const struct aggregate_metric *stacking = aggregate_find(aggregate, "host", "stacking");

	for (int i = 0; stacking && i < scenario->nr_vms; i++) {
		const struct aggregate_metric *rate;
		struct format_buffer b[3];
		char scope[MEASURE_NAME_MAX];
		double *work, share;

		snprintf(scope, sizeof(scope), "vm.%s", scenario->vms[i].name);
		rate = aggregate_find(aggregate, scope, "requests_per_s");
		work = work_per_request(aggregate, scope);
		share = work ? sim_explained(rate->values, stacking->values, work,
					     aggregate->nr_replications)
			     : NAN;
		free(work);
		if (!(share >= least_explained))
			continue;
		fprintf(stream,
			"%s req/s: stacking and work per request explain %s of the variance;\n"
			"  with both as they are on average, which is not known, %s instead of "
			"%s\n",
			scenario->vms[i].name, format_percent(share, &b[0]),
			format_relative_width(rate->interval.mean,
					      rate->interval.half_width * sqrt(1 - share), &b[1]),
			format_relative_width(rate->interval.mean, rate->interval.half_width,
					      &b[2]));
	}
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
	fprintf(stream, "%s %s is %s %s in the second half than in the first (p %s%.2g)\n",
		worst.scope, worst.what, format_percent(fabs(worst.mean), &b[0]),
		worst.mean > 0 ? "higher" : "lower", worst.p < 0.0001 ? "< " : "",
		fmax(worst.p, 0.0001));
	fputs("  ", stream);
	if (found > 1)
		fprintf(stream, "(and %zu more) ", found - 1);
	fputs("measuring began too early: a longer run.warmup, or --warmup auto\n", stream);
}

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
