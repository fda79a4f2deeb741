/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must be true of a whole world: between two events, for --check-invariants, and at the end of
 * every run.
 */
#include <inttypes.h>
#include <stdio.h>

#include "models/guest/guest_check.h"
#include "models/host/host_check.h"
#include "models/kvm/io_thread.h"
#include "models/kvm/kvm_check.h"
#include "models/workload/lock_check.h"
#include "sim/run/world_internal.h"

static enum oversub_status check_threads(const struct world *world, struct oversub_error *error)
{
	const struct workload_instance *instance = &world->threads.instance;
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; status == OVERSUB_OK && i < world->threads.nr_threads; i++)
		status = host_check_task(&world->threads.threads[i].task, error);
	for (int i = 0; status == OVERSUB_OK && i < instance->workload->nr_locks; i++)
		status = lock_check(&instance->locks[i], error);
	return status;
}

static enum oversub_status check(const struct world *world, struct oversub_error *error)
{
	int64_t elapsed = sim_now(&world->engine) - world->measure_start;
	enum oversub_status status = host_check(&world->host, elapsed, error);

	for (int i = 0; status == OVERSUB_OK && i < world->nr_vms; i++) {
		status = kvm_vm_check(&world->vms[i].kvm, elapsed, error);
		if (status == OVERSUB_OK)
			status = guest_check(&world->vms[i].guest, error);
	}
	if (status == OVERSUB_OK && world->has_threads)
		status = check_threads(world, error);
	return status;
}

enum oversub_status world_check_invariants(const struct world *world, struct oversub_error *error)
{
	struct oversub_error inner;
	enum oversub_status status = check(world, &inner);

	if (status != OVERSUB_OK)
		return oversub_fail(error, status, "an invariant is broken at %.9f s: %s",
				    (double)sim_now(&world->engine) / 1e9, inner.message);
	return OVERSUB_OK;
}

/* The times of who, in all states, are all the time that has passed. */
static enum oversub_status check_account(const char *who, const int64_t *time_in, int nr,
					 int64_t elapsed, struct oversub_error *error)
{
	int64_t total = 0;

	for (int i = 0; i < nr; i++)
		total += time_in[i];
	if (total == elapsed)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_FAILED,
			    "internal error: %s accounted for %" PRId64 " ns of %" PRId64, who,
			    total, elapsed);
}

enum oversub_status world_check_accounts(const struct world *world, struct oversub_error *error)
{
	int64_t elapsed = sim_now(&world->engine) - world->measure_start;
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; !status && i < world->host.nr_cpus; i++)
		status = check_account("a physical CPU", world->host.cpus[i].stats.time_in,
				       PCPU_STATES, elapsed, error);
	for (int i = 0; i < world->nr_vms; i++) {
		const struct kvm_vm *vm = &world->vms[i].kvm;

		for (int v = 0; !status && v < vm->nr_vcpus; v++)
			status = check_account(vm->vcpus[v].task.comm, vm->vcpus[v].stats.time_in,
					       VCPU_TIMES, elapsed, error);
		for (int t = 0; !status && vm->io && t < kvm_io_threads(vm->io)->nr_threads; t++)
			status = check_account(kvm_io_threads(vm->io)->threads[t].name,
					       kvm_io_threads(vm->io)->threads[t].stats.time_in,
					       THREAD_TIMES, elapsed, error);
	}
	for (int i = 0; !status && world->has_threads && i < world->threads.nr_threads; i++)
		status = check_account(world->threads.threads[i].name,
				       world->threads.threads[i].stats.time_in, THREAD_TIMES,
				       elapsed, error);
	return status;
}
