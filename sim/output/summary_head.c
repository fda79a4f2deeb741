/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first lines of a summary: what was simulated. */
#include <inttypes.h>
#include <string.h>

#include "models/host/host.h"
#include "sim/output/summary.h"
#include "sim/scenario/units.h"

/*
 * A policy with more parameters than this shows only its durations, which is what people tune, and
 * those that are not at their default.
 */
#define SHOWN_PARAMS 3

static const struct oversub_param *find_param(const struct oversub_param *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

/* The name of choice value of an enumeration that is one of table's parameters. */
static const char *choice(const struct oversub_param *table, const char *name, int64_t value)
{
	const struct oversub_param *param = find_param(table, name);

	if (!param || param->type != OVERSUB_PARAM_ENUM)
		return "?";
	for (int64_t i = 0; param->choices[i]; i++)
		if (i == value)
			return param->choices[i];
	return "?";
}

static bool is_default(const struct oversub_param *param, const void *values)
{
	const char *field = (const char *)values + param->offset;

	if (param->type == OVERSUB_PARAM_REAL) {
		double value;

		memcpy(&value, field, sizeof(value));
		return value == param->real_def;
	} else {
		int64_t value;

		memcpy(&value, field, sizeof(value));
		return value == param->def;
	}
}

static void write_param(FILE *stream, const struct oversub_param *param, const void *values)
{
	const char *field = (const char *)values + param->offset;
	char text[UNITS_TEXT_MAX];
	int64_t integer;
	double real;

	memcpy(&integer, field, sizeof(integer));
	memcpy(&real, field, sizeof(real));
	fprintf(stream, "%s ", param->name);
	switch (param->type) {
	case OVERSUB_PARAM_BOOL: fputs(integer ? "on" : "off", stream); break;
	case OVERSUB_PARAM_INT: fprintf(stream, "%" PRId64, integer); break;
	case OVERSUB_PARAM_DURATION: fputs(units_format_duration(integer, text), stream); break;
	case OVERSUB_PARAM_REAL: fprintf(stream, "%g", real); break;
	case OVERSUB_PARAM_ENUM: fputs(param->choices[integer], stream); break;
	}
}

/* " (ipi_window_ns 50ms, ...)", or nothing. */
static void write_params(FILE *stream, const struct oversub_param *table, const void *values)
{
	int nr = 0, shown = 0;

	if (!table || !values)
		return;
	while (table[nr].name)
		nr++;
	for (int i = 0; i < nr; i++) {
		if (nr > SHOWN_PARAMS && table[i].type != OVERSUB_PARAM_DURATION &&
		    is_default(&table[i], values))
			continue;
		fputs(shown++ ? ", " : " (", stream);
		write_param(stream, &table[i], values);
	}
	if (shown)
		fputc(')', stream);
}

/* "3x db/16 + batch/4 = 52 vCPU (3.25:1)" */
static void write_vms(FILE *stream, const struct scenario *scenario)
{
	int vcpus = scenario_nr_vcpus(scenario);

	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];

		if (i)
			fputs(" + ", stream);
		if (vm->size.count != 1)
			fprintf(stream, "%" PRId64 "x ", vm->size.count);
		fprintf(stream, "%s/%" PRId64, vm->name, vm->size.vcpus);
	}
	if (!scenario->nr_vms) {
		fputs("no VMs", stream);
		return;
	}
	fprintf(stream, " = %d vCPU (%.2f:1)", vcpus, (double)vcpus / (double)scenario->host.cpus);
}

/* "apicv off" if all VMs agree, else "apicv on db, off batch". */
static void write_apicv(FILE *stream, const struct scenario *scenario)
{
	bool same = true;

	for (int i = 1; i < scenario->nr_vms; i++)
		same &= scenario->vms[i].kvm.apicv == scenario->vms[0].kvm.apicv;
	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		const char *state = choice(kvm_params, "apicv", vm->kvm.apicv);

		if (same) {
			fprintf(stream, ", apicv %s", state);
			return;
		}
		fprintf(stream, "%s%s %s", i ? ", " : ", apicv ", state, vm->name);
	}
}

void summary_write_head(FILE *stream, const struct scenario *scenario, size_t nr_replications)
{
	const struct host_config *host = &scenario->host;
	char text[UNITS_TEXT_MAX];

	fprintf(stream, "%s  %" PRId64 " CPU HZ %d %s%s, ", scenario->name, host->cpus,
		host_config_hz(host), choice(host_params, "preempt", host->preempt),
		host->hrtick ? " hrtick" : "");
	write_vms(stream, scenario);
	fprintf(stream, ", layout %s", choice(host_params, "cgroup_layout", host->cgroup_layout));
	write_apicv(stream, scenario);
	fprintf(stream, "\nyield   candidate %s", scenario->candidate->name);
	write_params(stream, scenario->candidate->params, scenario->candidate_params);
	fprintf(stream, "  sched %s", scenario->sched->name);
	write_params(stream, scenario->sched->params, scenario->sched_params);
	fprintf(stream, "   %zu rep%s x %s, seed %" PRIu64 "\n", nr_replications,
		nr_replications == 1 ? "" : "s",
		units_format_duration(scenario->run.measure_ns, text), scenario->run.seed);
}
