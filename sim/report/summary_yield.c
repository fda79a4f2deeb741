/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_yield.h"

#include <math.h>

#include "models/kvm/truth.h"
#include "sim/report/format.h"
#include "sim/report/measure.h"

/* Kinds of wait of fewer exits than this are no use to anybody. */
static const double least_share = 0.01;

/* The mean of a metric of vm. */
static double of_vm(const struct aggregate *aggregate, const struct scenario_vm *vm,
		    const char *name)
{
	char scope[MEASURE_NAME_MAX];

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

/* "hint.FAMILY.KIND" of vm. */
static double of_kind(const struct aggregate *aggregate, const struct scenario_vm *vm,
		      const char *family, int kind)
{
	char name[64];

	snprintf(name, sizeof(name), "hint.%s.%s", family, vcpu_wait_names[kind]);
	return of_vm(aggregate, vm, name);
}

/* For which kinds of wait hints are right most and least often, if several matter. */
static void write_extremes(FILE *stream, const struct scenario_vm *vm,
			   const struct aggregate *aggregate)
{
	double highest = -INFINITY, lowest = INFINITY;
	int best = 0, worst = 0;
	struct format_buffer b[2];

	for (int kind = 0; kind < VCPU_WAITS; kind++) {
		double precision = of_kind(aggregate, vm, "precision", kind);

		if (isnan(precision) || of_kind(aggregate, vm, "exits", kind) < least_share)
			continue;
		if (precision > highest) {
			highest = precision;
			best = kind;
		}
		if (precision < lowest) {
			lowest = precision;
			worst = kind;
		}
	}
	if (best != worst)
		/* Goes on from the line before, with names of up to 13 letters. */
		fprintf(stream, " %s %s .. %s %s\n", vcpu_wait_names[worst],
			format_ratio(lowest, &b[0]), vcpu_wait_names[best],
			format_ratio(highest, &b[1]));
}

static void write_hints_of(FILE *stream, const struct scenario_vm *vm,
			   const struct aggregate *aggregate)
{
	struct format_buffer b[3];

	fprintf(stream, " hint recall %s  precision %s\n",
		format_ratio(of_vm(aggregate, vm, "hint.recall"), &b[0]),
		format_ratio(of_vm(aggregate, vm, "hint.precision"), &b[1]));
	write_extremes(stream, vm, aggregate);
	fprintf(stream, " the others: also needed %s  wrong %s\n",
		format_percent(of_vm(aggregate, vm, "hint.also_needed"), &b[0]),
		format_percent(of_vm(aggregate, vm, "hint.wrong"), &b[1]));
	fprintf(stream, " by tracked IPIs: stale %s  polluted %s\n",
		format_percent(of_vm(aggregate, vm, "hint.stale"), &b[0]),
		format_percent(of_vm(aggregate, vm, "hint.polluted"), &b[1]));
}

static void write_hints(FILE *stream, const struct scenario *scenario,
			const struct aggregate *aggregate)
{
	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];

		if (isnan(of_vm(aggregate, vm, "hint.precision")) &&
		    isnan(of_vm(aggregate, vm, "hint.recall")))
			continue;
		if (scenario->nr_vms > 1)
			fprintf(stream, " hints of %.38s\n", vm->name);
		write_hints_of(stream, vm, aggregate);
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
	fprintf(stream, " taken %s  honoured %s of those tried\n",
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
