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

/* ---- The tree of claimants ------------------------------------------------------------------ */

/* A VM, or a cgroup with all that is in it. */
struct claim {
	int parent; /* number of the cgroup that it is in, 0 = root */
	double weight, demand, share;
};

/* First the VMs, then the cgroups, parents before their children. */
struct claims {
	struct claim *list;
	int nr_vms, nr;
	double *scratch; /* three times nr */
};

/* What is in cgroup number parent shares capacity. */
static void fill_below(struct claims *claims, int parent, double capacity)
{
	double *weights = claims->scratch;
	double *demands = weights + claims->nr, *shares = demands + claims->nr;
	int n = 0;

	for (int i = 0; i < claims->nr; i++) {
		if (claims->list[i].parent != parent)
			continue;
		weights[n] = claims->list[i].weight;
		demands[n++] = claims->list[i].demand;
	}
	entitlement_fill(n, weights, demands, capacity, shares);
	n = 0;
	for (int i = 0; i < claims->nr; i++)
		if (claims->list[i].parent == parent)
			claims->list[i].share = shares[n++];
	for (int i = claims->nr_vms; i < claims->nr; i++)
		if (claims->list[i].parent == parent)
			fill_below(claims, i - claims->nr_vms + 1, claims->list[i].share);
}

/* Weight of a VM against the others: its cgroup's, or that of its threads without cgroups. */
static double weight_of(const struct world *world, const struct world_vm *vm)
{
	if (world->host.config.cgroup_layout != HOST_LAYOUT_NONE)
		return (double)vm->class->size.cpu_weight;
	/* Among cgroups a thread counts as much as one with the default weight. */
	return vm->kvm.nr_vcpus * (world->scenario->nr_cgroups ? 100.0 : 1.0);
}

/* What cpu.max lets somebody have. */
static double allowed_time(const struct host_cpu_max *max, double elapsed)
{
	return max->quota_ns ? elapsed * (double)max->quota_ns / (double)max->period_ns : INFINITY;
}

static void claim_vms(const struct world *world, struct claims *claims, double elapsed,
		      double host_time)
{
	for (int i = 0; i < claims->nr_vms; i++) {
		const struct world_vm *vm = &world->vms[i];
		double runnable = elapsed * vm->kvm.nr_vcpus - time_in(&vm->kvm, 1U << VCPU_HALT);
		double allowed = allowed_time(&vm->class->cpu_max, elapsed);

		claims->list[i] = (struct claim){
			.parent = vm->class->cgroup,
			.weight = weight_of(world, vm),
			.demand = fmin(fmin(runnable, allowed), host_time),
		};
	}
}

/* A cgroup wants what all in it want, as far as it is allowed to. */
static void claim_cgroups(const struct world *world, struct claims *claims, double elapsed)
{
	struct claim *cgroups = claims->list + claims->nr_vms;
	int n = claims->nr - claims->nr_vms;

	for (int i = 0; i < n; i++)
		cgroups[i] = (struct claim){
			.parent = world->scenario->cgroups[i].parent,
			.weight = (double)world->scenario->cgroups[i].cpu_weight,
		};
	for (int i = 0; i < claims->nr_vms; i++)
		if (claims->list[i].parent)
			cgroups[claims->list[i].parent - 1].demand += claims->list[i].demand;
	for (int i = n - 1; i >= 0; i--) {
		const struct host_cpu_max *max = &world->scenario->cgroups[i].cpu_max;

		cgroups[i].demand = fmin(cgroups[i].demand, allowed_time(max, elapsed));
		if (cgroups[i].parent)
			cgroups[cgroups[i].parent - 1].demand += cgroups[i].demand;
	}
}

/* ---- A run ---------------------------------------------------------------------------------- */

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

/* Jain's index of CPU time over entitlement of the VMs. */
static double jain_of(const struct world *world, const struct claims *claims)
{
	for (int i = 0; i < claims->nr_vms; i++) {
		double share = claims->list[i].share;

		claims->scratch[i] =
			share > 0 ? entitlement_cpu_time(&world->vms[i].kvm) / share : 1;
	}
	return sim_jain_index(claims->scratch, (size_t)claims->nr_vms);
}

double entitlement_compute(const struct world *world, double *entitled)
{
	double elapsed = (double)(sim_now(&world->engine) - world->measure_start);
	double host_time = elapsed * world->host.nr_cpus - used_by_threads(world);
	struct claims claims = {.nr_vms = world->nr_vms,
				.nr = world->nr_vms + world->scenario->nr_cgroups};
	double jain = NAN;

	claims.list = calloc((size_t)claims.nr + 1, sizeof(*claims.list));
	claims.scratch = calloc(3 * (size_t)claims.nr + 1, sizeof(*claims.scratch));
	if (claims.list && claims.scratch && claims.nr_vms > 0) {
		/* Switches serve nobody in particular: they are nobody's share. */
		for (int i = 0; i < world->host.nr_cpus; i++)
			host_time -= (double)world->host.cpus[i].time_in[PCPU_SWITCH];
		claim_vms(world, &claims, elapsed, host_time);
		claim_cgroups(world, &claims, elapsed);
		fill_below(&claims, 0, host_time);
		for (int i = 0; i < claims.nr_vms; i++)
			entitled[i] = claims.list[i].share;
		jain = jain_of(world, &claims);
	}
	free(claims.list);
	free(claims.scratch);
	return jain;
}
