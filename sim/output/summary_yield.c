/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/summary_yield.h"

#include <math.h>

#include "sim/output/format.h"

enum { SCOPE_SIZE = 256 };

static double of_vm(const struct aggregate *aggregate, const struct scenario_vm *vm,
		    const char *name)
{
	char scope[SCOPE_SIZE];

	snprintf(scope, sizeof(scope), "vm.%s", vm->name);
	return aggregate_mean(aggregate, scope, name);
}

/* Sum of a rate over all VMs that have it. */
static double sum(const struct scenario *scenario, const struct aggregate *aggregate,
		  const char *name)
{
	double total = 0;

	for (int i = 0; i < scenario->nr_vms; i++) {
		double rate = of_vm(aggregate, &scenario->vms[i], name);

		if (!isnan(rate))
			total += rate;
	}
	return total;
}

static void write_hints(FILE *stream, const struct scenario *scenario,
			const struct aggregate *aggregate)
{
	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		double precision = of_vm(aggregate, vm, "hint.precision");
		double recall = of_vm(aggregate, vm, "hint.recall");
		double stale = of_vm(aggregate, vm, "hint.stale");
		struct format_buffer b[3];

		if (isnan(precision) && isnan(recall))
			continue;
		if (scenario->nr_vms > 1)
			fprintf(stream, " hints of %.38s\n", vm->name);
		fprintf(stream, " hint precision %s  recall %s  stale %s\n",
			format_ratio(precision, &b[0]), format_ratio(recall, &b[1]),
			format_percent(stale, &b[2]));
	}
}

void summary_write_yields(FILE *stream, const struct scenario *scenario,
			  const struct aggregate *aggregate)
{
	double exits = sum(scenario, aggregate, "ple_exits_per_s");
	double tried = sum(scenario, aggregate, "yield.tried_per_s");
	double taken = sum(scenario, aggregate, "yield.taken_per_s");
	double same = sum(scenario, aggregate, "yield.same_rq_per_s");
	double cross = sum(scenario, aggregate, "yield.cross_rq_per_s");
	double useless = sum(scenario, aggregate, "yield.remote_exits_for_nothing_per_s");
	struct format_buffer b[4];

	if (exits <= 0 && tried <= 0)
		return;
	fprintf(stream, " %s/s tried at %s PLE exits/s\n", format_short(tried, &b[0]),
		format_short(exits, &b[1]));
	if (tried <= 0)
		return;
	fprintf(stream, " tried > taken > honoured  100%% > %s > %s\n",
		format_percent(taken / tried, &b[0]),
		format_percent(sum(scenario, aggregate, "yield.honoured_per_s") / tried, &b[1]));
	fprintf(stream, " futile %s  refused %s  -ESRCH %s\n",
		format_percent(sum(scenario, aggregate, "yield.futile_per_s") / tried, &b[0]),
		format_percent(sum(scenario, aggregate, "yield.refused_per_s") / tried, &b[1]),
		format_percent(sum(scenario, aggregate, "yield.esrch_per_s") / tried, &b[2]));
	fprintf(stream, " same-rq %s  cross-rq %s\n", format_percent(same / (same + cross), &b[0]),
		format_percent(cross / (same + cross), &b[1]));
	fprintf(stream, " remote exit for nothing %s\n", format_percent(useless / taken, &b[0]));
	write_hints(stream, scenario, aggregate);
}
