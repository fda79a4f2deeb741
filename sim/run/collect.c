/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics of a finished run, scope by scope: a walk of metric_table. */
#include "sim/run/collect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/entitlement.h"

/* ---- Rows ----------------------------------------------------------------------------------- */

static void add_histograms(struct collection *to, const struct metric *metric)
{
	struct sim_histogram all = {0};

	for (int i = 0; i < to->nr_parts; i++) {
		const struct sim_histogram *histogram =
			collect_member(&to->parts[i], metric->offset);

		if (histogram)
			sim_histogram_merge(&all, histogram);
	}
	collect_add_latency(to, metric->name, &all);
}

static double value_of(const struct collection *to, const struct metric *metric, int member)
{
	double count = collect_sum(to, metric->offset + (size_t)member * metric->stride), whole = 0;

	switch (metric->kind) {
	case METRIC_RATE: return count / to->elapsed_s;
	case METRIC_RATE_US: return count / 1e3 / to->elapsed_s;
	case METRIC_RATIO:
		return collect_ratio(
			count,
			collect_sum(to, metric->whole + (size_t)member * metric->whole_stride));
	case METRIC_SHARE:
		for (int i = 0; i < metric->nr_members; i++)
			whole += collect_sum(to, metric->offset + (size_t)i * metric->stride);
		return collect_ratio(count, whole);
	case METRIC_VALUE: return metric->value(to);
	case METRIC_LATENCY:
	case METRIC_GROUP: break;
	}
	return NAN;
}

static void add_row(struct collection *to, const struct metric *metric)
{
	if (metric->add)
		metric->add(to, metric);
	else if (metric->kind == METRIC_LATENCY)
		add_histograms(to, metric);
	else if (metric->kind != METRIC_GROUP)
		for (int i = 0; i < metric->nr_members || i == 0; i++)
			collect_add(to, metric, metric->members ? metric->members[i] : NULL,
				    value_of(to, metric, i));
}

/* ---- Scopes --------------------------------------------------------------------------------- */

/* A structure is a part of the scope, as that member of struct counters. */
#define ADD_PART(to, member, pointer)                                                              \
	add_part(to, offsetof(struct counters, member), sizeof(((struct counters *)0)->member),    \
		 (pointer))

static void add_part(struct collection *to, size_t offset, size_t size, const void *data)
{
	to->parts[to->nr_parts++] = (struct counters_part){offset, size, data};
}

static void begin_scope(struct collection *to, const char *scope)
{
	to->scope = scope;
	to->nr_parts = to->nr_instances = to->nr_vms = 0;
	to->nobody = false;
}

static void add_instance(struct collection *to, const struct workload_instance *instance)
{
	to->instances[to->nr_instances++] = instance;
	ADD_PART(to, workload, &instance->stats);
}

static void end_scope(struct collection *to, unsigned int kind)
{
	for (const struct metric *metric = metric_table; metric->name; metric++)
		if (metric->scopes & kind)
			add_row(to, metric);
}

static void collect_host(struct collection *to)
{
	const struct world *world = to->world;

	begin_scope(to, "host");
	ADD_PART(to, world, &world->stats);
	ADD_PART(to, host, &world->host.stats);
	for (int i = 0; i < world->host.nr_cpus; i++)
		ADD_PART(to, pcpu, &world->host.cpus[i].stats);
	for (int i = 0; i < world->nr_vms; i++)
		for (int v = 0; v < world->vms[i].kvm.nr_vcpus; v++)
			ADD_PART(to, vcpu, &world->vms[i].kvm.vcpus[v].stats);
	end_scope(to, METRIC_OF_HOST);
}

static void collect_class(struct collection *to, int class_index)
{
	char scope[COLLECT_NAME_SIZE];

	snprintf(scope, sizeof(scope), "vm.%s", to->world->scenario->vms[class_index].name);
	begin_scope(to, scope);
	to->row = class_index;
	to->vms = world_class(to->world, class_index, &to->nr_vms);
	to->nobody = to->nr_vms == 0;
	to->workload = world_workload(to->world, class_index);
	for (int i = 0; i < to->nr_vms; i++) {
		const struct world_vm *vm = &to->vms[i];

		ADD_PART(to, kvm, &vm->kvm.stats);
		for (int v = 0; v < vm->kvm.nr_vcpus; v++)
			ADD_PART(to, vcpu, &vm->kvm.vcpus[v].stats);
		ADD_PART(to, guest, &vm->guest.stats);
		add_instance(to, &vm->guest.instance);
		if (vm->kvm.group)
			ADD_PART(to, cgroup, host_group_stats(vm->kvm.group));
	}
	end_scope(to, METRIC_OF_VMS);
	if (!to->nobody)
		series_add(&to->world->series, to->row, scope, to->result);
}

static void collect_cgroup(struct collection *to, int index)
{
	char scope[COLLECT_NAME_SIZE];

	snprintf(scope, sizeof(scope), "cgroup.%s", to->world->scenario->cgroups[index].path);
	begin_scope(to, scope);
	ADD_PART(to, cgroup, host_group_stats(host_cgroup(&to->world->host, index + 1)));
	end_scope(to, METRIC_OF_CGROUPS);
}

static void collect_threads(struct collection *to)
{
	const struct host_threads *threads = &to->world->threads;
	struct eevdf_group *group = NULL;

	begin_scope(to, "host_threads");
	to->row = to->world->scenario->nr_vms;
	to->workload = threads->instance.workload;
	add_instance(to, &threads->instance);
	for (int i = 0; i < threads->nr_threads; i++) {
		ADD_PART(to, thread, &threads->threads[i].stats);
		/* Threads of one class, who follow each other, share a group. */
		if (threads->threads[i].task.group == group)
			continue;
		group = threads->threads[i].task.group;
		if (group)
			ADD_PART(to, cgroup, host_group_stats(group));
	}
	end_scope(to, METRIC_OF_THREADS);
	series_add(&to->world->series, to->row, to->scope, to->result);
}

/* Room for the parts of any scope. */
static bool allocate(struct collection *to)
{
	const struct world *world = to->world;
	size_t nr_vms = (size_t)world->nr_vms, nr_cpus = (size_t)world->host.nr_cpus;
	size_t nr_vcpus = (size_t)scenario_nr_vcpus(world->scenario);
	size_t nr_threads = world->has_threads ? (size_t)world->threads.nr_threads : 0;

	to->parts =
		calloc(4 * nr_vms + nr_vcpus + nr_cpus + 2 * nr_threads + 2, sizeof(*to->parts));
	to->instances = calloc(nr_vms + 1, sizeof(*to->instances));
	return to->parts && to->instances;
}

enum oversub_status world_collect(const struct world *world, struct replication_result *result,
				  struct oversub_error *error)
{
	double *entitled = calloc((size_t)world->nr_vms + 1, sizeof(*entitled));
	struct collection to = {
		.world = world,
		.result = result,
		.elapsed_s = (double)(sim_now(&world->engine) - world->measure_start) / 1e9,
		.entitled = entitled,
	};
	bool complete = allocate(&to) && entitled && entitlement_compute(world, entitled, &to.jain);

	if (complete) {
		collect_host(&to);
		for (int class = 0; class < world->scenario->nr_vms; class ++)
			collect_class(&to, class);
		for (int i = 0; i < world->scenario->nr_cgroups; i++)
			collect_cgroup(&to, i);
		if (world->has_threads)
			collect_threads(&to);
	}
	free(to.parts);
	free(to.instances);
	free(entitled);
	result->events = sim_events_fired(&world->engine);
	result->simulated_ns = sim_now(&world->engine);
	return complete ? OVERSUB_OK
			: oversub_fail(error, OVERSUB_FAILED, "out of memory for the results");
}
