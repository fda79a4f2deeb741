/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/entitlement.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "sim/stats/interval.h"

/* The sum over the vCPUs of vm of the times in the states of mask. */
static double time_in(const struct kvm_vm *vm, unsigned int mask)
{
	double total = 0;

	for (int v = 0; v < vm->nr_vcpus; v++)
		for (int t = 0; t < VCPU_TIMES; t++)
			if (mask & (1U << t))
				total += (double)vm->vcpus[v].stats.time_in[t];
	return total;
}

double entitlement_cpu_time(const struct kvm_vm *vm)
{
	return time_in(vm, 1U << VCPU_WORK | 1U << VCPU_SPIN | 1U << VCPU_REFILL | 1U << VCPU_EXIT |
				   1U << VCPU_POLL);
}

void entitlement_fill(int n, const double *weights, const double *demands, double capacity,
		      double *shares)
{
	bool again = true;

	for (int i = 0; i < n; i++)
		shares[i] = -1;
	/* Whoever wants less than the present level gets that; the rest is divided anew. */
	while (again) {
		double left = capacity, weight = 0, level;

		again = false;
		for (int i = 0; i < n; i++) {
			if (shares[i] >= 0)
				left -= shares[i];
			else
				weight += weights[i];
		}
		level = weight > 0 && left > 0 ? left / weight : 0;
		for (int i = 0; i < n; i++) {
			if (shares[i] < 0 && demands[i] <= level * weights[i]) {
				shares[i] = demands[i];
				again = true;
			}
		}
		if (again)
			continue;
		for (int i = 0; i < n; i++)
			if (shares[i] < 0)
				shares[i] = level * weights[i];
	}
}

/* Weight of a VM against the others: its cgroup's, or that of its threads without cgroups. */
static double weight_of(const struct world *world, const struct world_vm *vm)
{
	if (world->host.config.cgroup_layout == HOST_LAYOUT_NONE)
		return vm->kvm.nr_vcpus;
	return (double)vm->class->size.cpu_weight;
}

/* What cpu.max lets a VM have. */
static double allowed_time(const struct world_vm *vm, double elapsed)
{
	const struct host_cpu_max *max = &vm->class->cpu_max;

	return max->quota_ns ? elapsed * (double)max->quota_ns / (double)max->period_ns : INFINITY;
}

/* CPU time that host threads used. */
static double used_by_threads(const struct world *world)
{
	double used = 0;

	for (int i = 0; world->has_threads && i < world->threads.nr_threads; i++) {
		const int64_t *t = world->threads.threads[i].time_in;

		used += (double)(t[THREAD_WORK] + t[THREAD_SPIN] + t[THREAD_REFILL] +
				 t[THREAD_KERNEL]);
	}
	return used;
}

double entitlement_compute(const struct world *world, double *entitled)
{
	int n = world->nr_vms;
	double elapsed = (double)(sim_now(&world->engine) - world->measure_start);
	double host_time = elapsed * world->host.nr_cpus - used_by_threads(world);
	double *weights = calloc((size_t)n + 1, sizeof(*weights));
	double *demands = calloc((size_t)n + 1, sizeof(*demands));
	double jain = NAN;

	if (weights && demands && n > 0) {
		/* Switches serve nobody in particular: they are nobody's share. */
		for (int i = 0; i < world->host.nr_cpus; i++)
			host_time -= (double)world->host.cpus[i].time_in[PCPU_SWITCH];
		for (int i = 0; i < n; i++) {
			double runnable = elapsed * world->vms[i].kvm.nr_vcpus -
					  time_in(&world->vms[i].kvm, 1U << VCPU_HALT);

			double allowed = allowed_time(&world->vms[i], elapsed);

			weights[i] = weight_of(world, &world->vms[i]);
			demands[i] = fmin(fmin(runnable, allowed), host_time);
		}
		entitlement_fill(n, weights, demands, host_time, entitled);
		for (int i = 0; i < n; i++)
			demands[i] = entitled[i] > 0 ? entitlement_cpu_time(&world->vms[i].kvm) /
							       entitled[i]
						     : 1;
		jain = sim_jain_index(demands, (size_t)n);
	}
	free(weights);
	free(demands);
	return jain;
}
