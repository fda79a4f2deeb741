/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world from its scenario: the host, its cgroups, the VMs with their guests, host threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/container_of.h"
#include "sim/run/world_internal.h"

/* The struct of the policy of that kind that scenario has chosen. */
static const void *policy_of(const struct scenario *scenario, enum oversub_policy_kind kind)
{
	return scenario->chosen[kind].policy;
}

/* What the threads of a VM without a workload do. */
static const struct workload idle_workload = {.name = (char *)"idle"};

const struct workload *world_workload(const struct world *world, int class_index)
{
	const struct workload *workload = world->scenario->vms[class_index].workload;

	return workload ? workload : &idle_workload;
}

static void start_vm(struct sim_engine *engine, struct sim_event *event)
{
	struct world_vm *vm = container_of(event, struct world_vm, start);

	guest_start(&vm->guest);
	kvm_vm_start(&vm->kvm);
}

static enum oversub_status init_vm(struct world *world, const struct scenario_vm *class,
				   int class_index, int number, uint32_t replication,
				   struct oversub_error *error)
{
	const struct scenario *scenario = world->scenario;
	struct world_vm *vm = &world->vms[world->nr_vms];
	struct kvm_vm_params params = {
		.name = vm->name,
		.index = world->nr_vms,
		.nr_vcpus = (int)class->size.vcpus,
		.start_ns = class->size.start_ns + number * class->size.start_step_ns,
		.has_io_threads = workload_needs_io_threads(world_workload(world, class_index)),
		.cpu_weight = class->size.cpu_weight,
		.cpu_max = class->cpu_max,
		.cgroup = host_cgroup(&world->host, class->cgroup),
		.cpus = class->cpus,
		.policy = policy_of(scenario, OVERSUB_CANDIDATE),
		.policy_params = scenario->chosen[OVERSUB_CANDIDATE].params,
		.window = policy_of(scenario, OVERSUB_WINDOW),
		.window_params = scenario->chosen[OVERSUB_WINDOW].params,
		.guest_ops = &guest_vcpu_ops,
	};
	enum oversub_status status;

	snprintf(vm->name, sizeof(vm->name), "%.40s%d", class->name, number);
	vm->class = class;
	vm->class_index = class_index;
	status = kvm_vm_init(&vm->kvm, &world->host, &class->kvm, &params, error);
	if (status != OVERSUB_OK)
		return status;
	status = guest_init(&vm->guest, &vm->kvm, world_workload(world, class_index), &class->guest,
			    scenario->run.seed, replication, error);
	if (status != OVERSUB_OK) {
		kvm_vm_fini(&vm->kvm);
		return status;
	}
	sim_event_init(&vm->start, SIM_RANK_TIMER, (uint32_t)vm->kvm.vcpus[0].task.pid, start_vm);
	world->nr_vms++;
	return OVERSUB_OK;
}

static enum oversub_status init_vms(struct world *world, uint32_t replication,
				    struct oversub_error *error)
{
	const struct scenario *scenario = world->scenario;

	world->vms = calloc((size_t)scenario_nr_vms(scenario) + 1, sizeof(*world->vms));
	if (!world->vms)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the VMs");
	for (int class = 0; class < scenario->nr_vms; class ++) {
		for (int i = 0; i < scenario->vms[class].size.count; i++) {
			enum oversub_status status =
				init_vm(world, &scenario->vms[class], class, i, replication, error);

			if (status != OVERSUB_OK)
				return status;
		}
	}
	return OVERSUB_OK;
}

struct world_vm *world_class(const struct world *world, int class_index, int *nr)
{
	int64_t first = 0;

	for (int i = 0; i < class_index; i++)
		first += world->scenario->vms[i].size.count;
	*nr = (int)world->scenario->vms[class_index].size.count;
	return &world->vms[first];
}

/* The emulator threads of a class take turns to belong to its VMs. */
static struct eevdf_group *emulator_group(void *context, int vm_class, int number)
{
	int nr;
	const struct world_vm *vms = world_class(context, vm_class - 1, &nr);

	return nr ? vms[number % nr].kvm.emulator : NULL;
}

/* They are part of its process. */
static int64_t emulator_start(void *context, int vm_class, int number)
{
	int nr;
	const struct world_vm *vms = world_class(context, vm_class - 1, &nr);

	return nr ? vms[number % nr].kvm.start_ns : 0;
}

static enum oversub_status init_threads(struct world *world, uint32_t replication,
					struct oversub_error *error)
{
	const struct host_emulators emulators = {emulator_group, emulator_start, world};
	const struct scenario *scenario = world->scenario;
	enum oversub_status status;

	if (!scenario->host_workload)
		return OVERSUB_OK;
	status = host_threads_init(&world->threads, &world->host, &scenario->host_threads,
				   scenario->host_workload, &emulators, scenario->run.seed,
				   replication, error);
	world->has_threads = status == OVERSUB_OK;
	return status;
}

void world_fini(struct world *world)
{
	/* Guests take their events out of lists with events of the others. */
	for (int i = 0; i < world->nr_vms; i++) {
		sim_cancel(&world->engine, &world->vms[i].start);
		guest_fini(&world->vms[i].guest);
	}
	for (int i = 0; i < world->nr_vms; i++)
		kvm_vm_fini(&world->vms[i].kvm);
	if (world->has_threads)
		host_threads_fini(&world->threads);
	free(world->vms);
	if (world->has_host)
		host_fini(&world->host);
	sim_engine_fini(&world->engine);
}

enum oversub_status world_init(struct world *world, const struct scenario *scenario,
			       uint32_t replication, struct trace_sink *trace,
			       struct oversub_error *error)
{
	enum oversub_status status;

	memset(world, 0, sizeof(*world));
	world->scenario = scenario;
	world->trace = trace;
	sim_engine_init(&world->engine, 0);
	status = host_init(
		&world->host, &world->engine, &scenario->host, policy_of(scenario, OVERSUB_SCHED),
		scenario->chosen[OVERSUB_SCHED].params, scenario->run.seed, replication, error);
	if (status != OVERSUB_OK)
		return status;
	world->has_host = true;
	status = host_cosched_init(&world->host, policy_of(scenario, OVERSUB_COSCHED),
				   scenario->chosen[OVERSUB_COSCHED].params, error);
	if (status != OVERSUB_OK)
		return status;
	if (!host_make_cgroups(&world->host, scenario->cgroups, scenario->nr_cgroups))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for cgroups");
	status = init_vms(world, replication, error);
	if (status == OVERSUB_OK)
		status = init_threads(world, replication, error);
	return status;
}
