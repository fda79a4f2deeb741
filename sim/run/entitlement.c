/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/entitlement.h"

#include <math.h>
#include <stdlib.h>

#include "models/kvm/io_thread.h"
#include "sim/base/bitmap.h"
#include "sim/run/share.h"
#include "sim/stats/interval.h"

double entitlement_thread_time(const struct host_threads *threads, int first, int count)
{
	double used = 0;

	for (int i = first; i < first + count; i++) {
		const int64_t *t = threads->threads[i].stats.time_in;

		used += (double)(t[THREAD_WORK] + t[THREAD_SPIN] + t[THREAD_REFILL] +
				 t[THREAD_KERNEL]);
	}
	return used;
}

double entitlement_cpu_time(const struct kvm_vm *vm)
{
	double used = 0;

	for (int v = 0; v < vm->nr_vcpus; v++) {
		const int64_t *t = vm->vcpus[v].stats.time_in;

		used += (double)(t[VCPU_WORK] + t[VCPU_SPIN] + t[VCPU_REFILL] + t[VCPU_EXIT] +
				 t[VCPU_POLL] + t[VCPU_GUEST_POLL]);
	}
	if (vm->io)
		used += entitlement_thread_time(kvm_io_threads(vm->io), 0,
						kvm_io_threads(vm->io)->nr_threads);
	return used;
}

/* ---- Claims --------------------------------------------------------------------------------- */

/* First the cgroups, parents before their children, then the VMs, then classes of host threads. */
struct claims {
	struct share_claim *list;
	struct share_outlet *outlets;
	double *supply;	 /* per CPU */
	uint64_t *masks; /* bitmaps of the CPUs of the classes of host threads */
	int nr_cgroups, nr_vms, nr_thread_classes, nr, nr_outlets;
};

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

static void claim_cgroups(const struct world *world, struct claims *claims, double elapsed)
{
	for (int i = 0; i < claims->nr_cgroups; i++) {
		const struct host_cgroup *cgroup = &world->scenario->cgroups[i];

		claims->list[i] = (struct share_claim){
			.parent = cgroup->parent - 1,
			.weight = (double)cgroup->cpu_weight,
			.limit = allowed_time(&cgroup->cpu_max, elapsed),
		};
	}
}

static double runnable_time(const struct vcpu *vcpu, double elapsed)
{
	return elapsed - (double)vcpu->stats.time_in[VCPU_HALT];
}

/* What the I/O threads of a VM, which are in its cgroup, could use. */
static double runnable_io_time(const struct kvm_vm *vm, double elapsed)
{
	const struct host_threads *threads = vm->io ? kvm_io_threads(vm->io) : NULL;
	double runnable = 0;

	for (int i = 0; threads && i < threads->nr_threads; i++)
		runnable += elapsed - (double)threads->threads[i].stats.time_in[THREAD_SLEEP];
	return runnable;
}

/*
 * A VM can use the time in which its vCPUs could run, a pinned one on the CPUs of each, and its I/O
 * threads.
 */
static void claim_vm(const struct world *world, struct claims *claims, int index, double elapsed)
{
	const struct world_vm *vm = &world->vms[index];
	int claim = claims->nr_cgroups + index;
	double runnable = runnable_io_time(&vm->kvm, elapsed);

	claims->list[claim] = (struct share_claim){
		.parent = vm->class->cgroup - 1,
		.weight = weight_of(world, vm),
		.limit = allowed_time(&vm->class->cpu_max, elapsed),
	};
	for (int v = 0; v < vm->kvm.nr_vcpus; v++) {
		double demand = runnable_time(&vm->kvm.vcpus[v], elapsed);

		if (!vm->class->cpus)
			runnable += demand;
		else
			claims->outlets[claims->nr_outlets++] = (struct share_outlet){
				.claim = claim, .demand = demand, .cpus = vm->class->cpus[v]};
	}
	if (!vm->class->cpus || vm->kvm.io)
		claims->outlets[claims->nr_outlets++] =
			(struct share_outlet){.claim = claim, .demand = runnable};
}

/* Host threads take what they used off the top, on the CPUs that they may use. */
static void claim_threads(const struct world *world, struct claims *claims)
{
	size_t words = (size_t)bitmap_words(world->host.nr_cpus);
	int first = 0;

	for (int i = 0; i < claims->nr_thread_classes; i++) {
		const struct workload_thread_class *class =
			&world->threads.instance.workload->classes[i];
		int claim = claims->nr_cgroups + claims->nr_vms + i;
		uint64_t *mask = claims->masks + (size_t)i * words;

		mask[0] = class->cpus;
		claims->list[claim] = (struct share_claim){
			.parent = -1,
			.weight = 1,
			.fixed = true,
			.share = entitlement_thread_time(&world->threads, first, class->count)};
		claims->outlets[claims->nr_outlets++] =
			(struct share_outlet){.claim = claim,
					      .demand = claims->list[claim].share,
					      .cpus = class->cpus ? mask : NULL};
		first += class->count;
	}
}

/* ---- A run ---------------------------------------------------------------------------------- */

static bool allocate(const struct world *world, struct claims *claims)
{
	size_t words = (size_t)bitmap_words(world->host.nr_cpus);
	size_t nr_outlets = (size_t)(scenario_nr_vcpus(world->scenario) + claims->nr_vms);

	nr_outlets += (size_t)claims->nr_thread_classes;
	claims->list = calloc((size_t)claims->nr + 1, sizeof(*claims->list));
	claims->outlets = calloc(nr_outlets + 1, sizeof(*claims->outlets));
	claims->supply = calloc((size_t)world->host.nr_cpus, sizeof(*claims->supply));
	claims->masks = calloc((size_t)claims->nr_thread_classes * words + 1, sizeof(uint64_t));
	return claims->list && claims->outlets && claims->supply && claims->masks;
}

static void release(struct claims *claims)
{
	free(claims->list);
	free(claims->outlets);
	free(claims->supply);
	free(claims->masks);
}

/* Jain's index of CPU time over entitlement of the VMs. */
static double jain_of(const struct world *world, const double *entitled)
{
	double *ratios = calloc((size_t)world->nr_vms, sizeof(*ratios)), jain = NAN;

	for (int i = 0; ratios && i < world->nr_vms; i++)
		ratios[i] = entitled[i] > 0 ? entitlement_cpu_time(&world->vms[i].kvm) / entitled[i]
					    : 1;
	if (ratios)
		jain = sim_jain_index(ratios, (size_t)world->nr_vms);
	free(ratios);
	return jain;
}

static bool compute(const struct world *world, struct claims *claims, double *entitled)
{
	double elapsed = (double)(sim_now(&world->engine) - world->measure_start);

	if (!allocate(world, claims))
		return false;
	/* Switches serve nobody in particular: they are nobody's share. */
	for (int i = 0; i < world->host.nr_cpus; i++)
		claims->supply[i] =
			elapsed - (double)world->host.cpus[i].stats.time_in[PCPU_SWITCH];
	claim_cgroups(world, claims, elapsed);
	for (int i = 0; i < claims->nr_vms; i++)
		claim_vm(world, claims, i, elapsed);
	claim_threads(world, claims);
	if (!share_fill(claims->list, claims->nr, claims->outlets, claims->nr_outlets,
			claims->supply, world->host.nr_cpus))
		return false;
	for (int i = 0; i < claims->nr_vms; i++)
		entitled[i] = claims->list[claims->nr_cgroups + i].share;
	return true;
}

bool entitlement_compute(const struct world *world, double *entitled, double *jain)
{
	struct claims claims = {
		.nr_cgroups = world->scenario->nr_cgroups,
		.nr_vms = world->nr_vms,
		.nr_thread_classes =
			world->has_threads ? world->threads.instance.workload->nr_classes : 0,
	};
	bool ok;

	*jain = NAN;
	if (world->nr_vms == 0)
		return true;
	claims.nr = claims.nr_cgroups + claims.nr_vms + claims.nr_thread_classes;
	ok = compute(world, &claims, entitled);
	release(&claims);
	if (ok)
		*jain = jain_of(world, entitled);
	return ok;
}
