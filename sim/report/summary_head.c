/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first lines of a summary: what was simulated. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/host/host.h"
#include "sim/base/wrap.h"
#include "sim/report/summary.h"
#include "sim/report/summary_locks.h"
#include "sim/scenario/units.h"

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

/*
 * "candidate v3 (ipi_window_ns 50ms, ...)": a policy with those of its parameters that people tune,
 * which are durations, and those that are not at their defaults.
 */
static void write_policy(struct wrap *wrap, const char *kind, const struct scenario_policy *chosen)
{
	const struct oversub_param *table = policy_params(chosen->policy);
	const void *values = chosen->params;
	char *text = NULL;
	int nr_shown = 0;
	size_t size;
	FILE *stream;

	if (!policy_named(chosen->policy))
		return;
	stream = open_memstream(&text, &size);
	if (!stream)
		return;
	fprintf(stream, "%s %s", kind, chosen->policy->name);
	for (; table->name; table++) {
		if (table->type != OVERSUB_PARAM_DURATION && is_default(table, values))
			continue;
		fputs(nr_shown++ ? ", " : " (", stream);
		write_param(stream, table, values);
	}
	if (nr_shown)
		fputc(')', stream);
	fclose(stream);
	wrap_piece(wrap, "  ", "%s", text);
	free(text);
}

/* "3x db/16 + batch/4 = 52 vCPU (3.25:1)" */
static void write_vms(struct wrap *wrap, const struct scenario *scenario)
{
	int vcpus = scenario_nr_vcpus(scenario);

	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		const char *separator = i ? " + " : ", ";

		if (vm->size.count != 1)
			wrap_piece(wrap, separator, "%" PRId64 "x %s/%" PRId64, vm->size.count,
				   vm->name, vm->size.vcpus);
		else
			wrap_piece(wrap, separator, "%s/%" PRId64, vm->name, vm->size.vcpus);
	}
	if (scenario->nr_vms)
		wrap_piece(wrap, " ", "= %d vCPU (%.2f:1)", vcpus,
			   (double)vcpus / (double)scenario->host.cpus);
	else
		wrap_piece(wrap, ", ", "no VMs");
}

static int64_t vm_choice(const struct scenario_vm *vm, const struct oversub_param *param)
{
	int64_t value;

	memcpy(&value, (const char *)&vm->kvm + param->offset, sizeof(value));
	return value;
}

/* One of kvm_params: "apicv off" if all VMs agree, else "apicv db on, batch off". */
static void write_vm_choice(struct wrap *wrap, const struct scenario *scenario, const char *name)
{
	const struct oversub_param *param = find_param(kvm_params, name);
	bool same = true;

	for (int i = 1; i < scenario->nr_vms; i++)
		same &= vm_choice(&scenario->vms[i], param) == vm_choice(&scenario->vms[0], param);
	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		const char *state = param->choices[vm_choice(vm, param)];

		if (same) {
			wrap_piece(wrap, ", ", "%s %s", name, state);
			return;
		}
		wrap_piece(wrap, ", ", "%s%s%s %s", i ? "" : name, i ? "" : " ", vm->name, state);
	}
}

/* apicv always; how guests use their LAPICs, if not all as usual. */
static void write_interrupts(struct wrap *wrap, const struct scenario *scenario)
{
	static const char *const names[] = {"x2apic", "lapic_timer", "device_delivery",
					    "device_trigger"};

	write_vm_choice(wrap, scenario, "apicv");
	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
		const struct oversub_param *param = find_param(kvm_params, names[n]);
		bool usual = true;

		for (int i = 0; i < scenario->nr_vms; i++)
			usual &= vm_choice(&scenario->vms[i], param) == param->def;
		if (!usual)
			write_vm_choice(wrap, scenario, names[n]);
	}
}

/* Guests that share their vCPUs out to threads: it is no longer one thread to a vCPU. */
static void write_guest_schedulers(struct wrap *wrap, const struct scenario *scenario)
{
	bool several = scenario->nr_vms > 1;

	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		int threads =
			vm->workload ? workload_nr_threads(vm->workload, (int)vm->size.vcpus) : 0;

		if (vm->size.count && (vm->guest.scheduler || threads > vm->size.vcpus))
			wrap_piece(wrap, ", ",
				   "guest scheduler %s%s%son: %d threads on %" PRId64 " vCPUs",
				   several ? "of " : "", several ? vm->name : "",
				   several ? " " : "", threads, vm->size.vcpus);
	}
}

void summary_write_head(FILE *stream, const struct scenario *scenario, size_t nr_replications)
{
	const struct host_config *host = &scenario->host;
	struct wrap wrap = {.stream = stream, .indent = 8};
	const char *separator = "  ";
	char text[UNITS_TEXT_MAX];

	wrap_piece(&wrap, "", "%s", scenario->name);
	wrap_piece(&wrap, "  ", "%" PRId64 " CPU HZ %d %s%s", host->cpus, host_config_hz(host),
		   choice(host_params, "preempt", host->preempt), host->hrtick ? " hrtick" : "");
	write_vms(&wrap, scenario);
	if (scenario->nr_vms) {
		wrap_piece(&wrap, ", ", "layout %s",
			   choice(host_params, "cgroup_layout", host->cgroup_layout));
		write_interrupts(&wrap, scenario);
		write_guest_schedulers(&wrap, scenario);
		wrap_end(&wrap);
		summary_write_locks(&wrap, scenario);
		wrap_piece(&wrap, "", "yield ");
		for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
			write_policy(&wrap, policy_kinds[i].key, &scenario->chosen[i]);
		separator = "   ";
	}
	wrap_piece(&wrap, separator, "%zu rep%s x %s, seed %" PRIu64, nr_replications,
		   nr_replications == 1 ? "" : "s",
		   units_format_duration(scenario->run.measure_ns, text), scenario->run.seed);
	wrap_end(&wrap);
}
