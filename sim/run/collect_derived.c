/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics that are more than one counter, or one over another. */
#include "models/kvm/io_thread.h"
#include "sim/run/collect.h"
#include "sim/run/entitlement.h"

double collect_jain(const struct collection *to)
{
	return to->jain;
}

/* To the host a CPU that polls runs a thread; to whoever looks for capacity it is idle. */
void collect_cpu(struct collection *to, const struct metric *metric)
{
	double polled = collect_sum(to, offsetof(struct counters, vcpu.time_in[VCPU_POLL]));
	double time_in[METRIC_CPU_STATES] = {[METRIC_CPU_POLL] = polled};
	double total = 0;

	for (int i = 0; i < PCPU_STATES; i++) {
		time_in[i] = collect_sum(to, offsetof(struct counters, pcpu.time_in) +
						     (size_t)i * metric->stride);
		total += time_in[i];
	}
	time_in[PCPU_BUSY] -= polled;
	for (int i = 0; i < METRIC_CPU_STATES; i++)
		collect_add(to, metric, metric->members[i], collect_ratio(time_in[i], total));
}

double collect_cpu_over_entitlement(const struct collection *to)
{
	const struct world_vm *first = to->world->vms;
	double cpu = 0, entitled = 0;

	for (int i = 0; i < to->nr_vms; i++) {
		cpu += entitlement_cpu_time(&to->vms[i].kvm);
		entitled += to->entitled[&to->vms[i] - first];
	}
	return collect_ratio(cpu, entitled);
}

double collect_requests_per_s(const struct collection *to)
{
	uint64_t finished = 0;

	for (int i = 0; i < to->nr_instances; i++)
		finished += workload_instance_requests(to->instances[i]);
	return (double)finished / to->elapsed_s;
}

void collect_requests(struct collection *to, const struct metric *metric)
{
	const struct workload *workload = to->workload;

	for (int r = 0; r < workload->nr_requests; r++) {
		struct sim_histogram all = {0};
		char name[COLLECT_NAME_SIZE];

		for (int i = 0; i < to->nr_instances; i++)
			sim_histogram_merge(&all, &to->instances[i]->stats.requests[r]);
		collect_add_latency(
			to, metric_name(metric->name, workload->requests[r], name, sizeof(name)),
			&all);
	}
}

/* What each VM of a class of several got: their sum hides who starved. */
void collect_each(struct collection *to, const struct metric *metric)
{
	for (int i = 0; to->nr_vms > 1 && i < to->nr_vms; i++) {
		const struct world_vm *vm = &to->vms[i];
		double requests = (double)workload_instance_requests(&vm->guest.instance);
		struct each_metrics each = {
			.requests_per_s = requests / to->elapsed_s,
			.cpu_over_entitlement = collect_ratio(entitlement_cpu_time(&vm->kvm),
							      to->entitled[vm - to->world->vms]),
		};

		collect_add_group(to, metric, vm->name, &each);
	}
}

void collect_io(struct collection *to, const struct metric *metric)
{
	struct sim_histogram all = {0};

	if (!workload_needs_io_threads(to->workload))
		return;
	for (int i = 0; i < to->nr_vms; i++)
		sim_histogram_merge(&all, &kvm_io_stats(to->vms[i].kvm.io)->wait);
	collect_add_latency(to, metric->name, &all);
}

void collect_io_time(struct collection *to, const struct metric *metric)
{
	double time_in[THREAD_TIMES] = {0}, sum = 0;

	if (!workload_needs_io_threads(to->workload))
		return;
	for (int i = 0; i < to->nr_vms; i++) {
		const struct host_threads *threads = kvm_io_threads(to->vms[i].kvm.io);

		for (int t = 0; t < threads->nr_threads; t++)
			for (int k = 0; k < THREAD_TIMES; k++)
				time_in[k] += (double)threads->threads[t].stats.time_in[k];
	}
	for (int k = 0; k < THREAD_TIMES; k++)
		sum += time_in[k];
	for (int k = 0; k < THREAD_TIMES; k++)
		collect_add(to, metric, metric->members[k], collect_ratio(time_in[k], sum));
}

void collect_drift(struct collection *to, const struct metric *metric)
{
	const struct series *series = &to->world->series;
	struct drift_metrics drift = {
		.requests = series_drift(series, to->row, SERIES_REQUESTS),
		.cpu = series_drift(series, to->row, SERIES_CPU_TIME),
	};

	collect_add_group(to, metric, NULL, &drift);
}
