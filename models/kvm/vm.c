/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Creating, starting and accounting a VM. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/kvm/io_thread.h"
#include "models/kvm/vcpu.h"
#include "sim/base/bitmap.h"
#include "sim/base/stride.h"

/* "NAME/vcpuN": long enough for any index of a VM. */
#define COMM_SIZE 64

const char *const vcpu_time_names[VCPU_TIMES] = {
	[VCPU_WORK] = "work",	[VCPU_SPIN] = "spin",		[VCPU_REFILL] = "refill",
	[VCPU_EXIT] = "exit",	[VCPU_POLL] = "poll",		[VCPU_GUEST_POLL] = "guest_poll",
	[VCPU_STEAL] = "steal", [VCPU_THROTTLED] = "throttled", [VCPU_HALT] = "halt",
};

/* The VM's cgroup, and in *inner the one that those of its threads are in. */
static bool make_vm_group(struct kvm_vm *vm, const struct kvm_vm_params *params,
			  struct eevdf_group **inner)
{
	struct host *host = vm->host;

	*inner = params->cgroup;
	if (host->config.cgroup_layout == HOST_LAYOUT_NONE)
		return true;
	vm->group = host_group(host, params->cgroup, params->cpu_weight);
	if (!vm->group)
		return false;
	host_group_limit(vm->group, &params->cpu_max, vm->name);
	*inner = host->config.cgroup_layout == HOST_LAYOUT_LIBVIRT
			 ? host_group(host, vm->group, KVM_INNER_CPU_WEIGHT)
			 : vm->group;
	return *inner;
}

static bool make_groups(struct kvm_vm *vm, const struct kvm_vm_params *params,
			struct eevdf_group **groups)
{
	int64_t layout = vm->host->config.cgroup_layout;
	struct eevdf_group *inner;

	if (!make_vm_group(vm, params, &inner))
		return false;
	vm->emulator = inner;
	if (layout == HOST_LAYOUT_LIBVIRT)
		vm->emulator = host_group(vm->host, inner, KVM_INNER_CPU_WEIGHT);
	for (int i = 0; i < vm->nr_vcpus; i++) {
		groups[i] = inner;
		if (layout < HOST_LAYOUT_VCPU)
			continue;
		groups[i] = host_group(vm->host, inner, KVM_INNER_CPU_WEIGHT);
		if (!groups[i])
			return false;
	}
	return layout < HOST_LAYOUT_LIBVIRT || vm->emulator;
}

static bool allocate(struct kvm_vm *vm)
{
	size_t n = (size_t)vm->nr_vcpus;

	vm->vcpus = calloc(n, sizeof(*vm->vcpus));
	vm->comms = calloc(n, COMM_SIZE);
	vm->lapics = calloc(n, sizeof(struct lapic *));
	vm->dy.vcpus = calloc(n, sizeof(struct oversub_vcpu *));
	vm->ipis_awaited =
		calloc(n * (size_t)bitmap_words(vm->nr_vcpus), sizeof(*vm->ipis_awaited));
	if (vm->window_private_size) {
		vm->window_private = calloc(n, vm->window_private_size);
		if (!vm->window_private)
			return false;
	}
	return vm->vcpus && vm->comms && vm->lapics && vm->dy.vcpus && vm->ipis_awaited;
}

/* False: no memory. */
static bool init_vcpu(struct kvm_vm *vm, int index, struct eevdf_group *group, const uint64_t *cpus)
{
	struct vcpu *vcpu = &vm->vcpus[index];
	char *comm = vm->comms + (size_t)index * COMM_SIZE;

	vcpu->vm = vm;
	vcpu->index = index;
	vcpu->ipis_awaited = vm->ipis_awaited + (size_t)index * (size_t)bitmap_words(vm->nr_vcpus);
	snprintf(comm, COMM_SIZE, "%.40s/vcpu%d", vm->name, index);
	if (!host_task_init(&vcpu->task, vm->host, &vcpu_task_ops, comm, group, cpus, 0, 0))
		return false;
	vcpu->task.vm = vm->index;
	vcpu->task.runqueue_wait = &vm->stats.runqueue_wait;
	vcpu->task.wakeup_wait = &vm->stats.wakeup_wait;

	lapic_init(&vcpu->lapic, (uint32_t)index,
		   kvm_has_xapic(&vm->config) ? LAPIC_XAPIC : LAPIC_X2APIC);
	/* AVIC has no posted-interrupt descriptor: what is accepted is in IRR at once. */
	vcpu->lapic.posted =
		vm->config.apicv != KVM_APICV_OFF && vm->config.apicv != KVM_APICV_AVIC;
	vm->lapics[index] = &vcpu->lapic;

	vcpu->dy.vm = &vm->dy;
	vcpu->dy.index = index;
	vcpu->dy.cpu = -1;
	vcpu->dy.wants_to_run = true;
	vcpu->dy.apicv_active = vm->config.apicv != KVM_APICV_OFF;
	vm->dy.vcpus[index] = &vcpu->dy;
	vcpu_init(vcpu);
	return host_cosched_add(vm->host, &vcpu->task, index, vm->nr_vcpus);
}

static bool init_vcpus(struct kvm_vm *vm, struct eevdf_group *const *groups,
		       const uint64_t *const *cpus)
{
	for (int i = 0; i < vm->nr_vcpus; i++)
		if (!init_vcpu(vm, i, groups[i], cpus ? cpus[i] : NULL))
			return false;
	return true;
}

static void init_window(struct kvm_vm *vm, const struct kvm_vm_params *params)
{
	static const struct oversub_window_policy kvm_own = {.head.name = "mainline"};

	vm->window = params->window ? params->window : &kvm_own;
	vm->window_params = params->window_params;
	vm->window_private_size = stride_of(vm->window->vcpu_private_size);
	vm->window_limits =
		window_limits(&vm->ple, &vm->host->config, (int64_t)vm->host->eevdf.base_slice_ns);
}

enum oversub_status kvm_vm_init(struct kvm_vm *vm, struct host *host,
				const struct kvm_config *config, const struct kvm_vm_params *params,
				struct oversub_error *error)
{
	struct eevdf_group **groups;
	enum oversub_status status;

	memset(vm, 0, sizeof(*vm));
	status = kvm_config_check(config, NULL, error);
	if (!status)
		status = kvm_vcpus_check(config, params->nr_vcpus, error);
	if (status)
		return status;
	groups = calloc((size_t)params->nr_vcpus, sizeof(struct eevdf_group *));
	vm->host = host;
	vm->config = *config;
	kvm_config_settle(&vm->config);
	vm->index = params->index;
	vm->name = params->name;
	vm->nr_vcpus = params->nr_vcpus;
	vm->start_ns = params->start_ns;
	vm->guest_ops = params->guest_ops;
	vm->guest = params->guest;
	vm->ple = ple_limits(&vm->config.ple,
			     vm->config.cpu_pm || !directed_yield_wants_exits(
							  params->policy, params->policy_params));
	init_window(vm, params);
	if (!groups || !allocate(vm) || !make_groups(vm, params, groups) ||
	    !init_vcpus(vm, groups, params->cpus)) {
		free(groups);
		kvm_vm_fini(vm);
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for VM %s", params->name);
	}
	free(groups);
	vm->dy.vendor = vm->ple.type == PLE_AMD ? KVM_VENDOR_AMD : KVM_VENDOR_INTEL;
	vm->dy.nr_vcpus = vm->nr_vcpus;
	vm->dy.ops = &vcpu_directed_yield_ops;
	vm->dy.context = vm;
	sim_stream_init(&vm->policy_random, host->seed, host->replication, vm->name, "policy");
	vm->dy.random = &vm->policy_random;
	vcpu_init_oracle(vm);
	kvm_vm_reset_stats(vm);

	status = apic_map_init(&vm->map, vm->lapics, vm->nr_vcpus, (uint32_t)vm->nr_vcpus - 1,
			       error);
	if (status == OVERSUB_OK) {
		apic_map_recompute(&vm->map);
		status = directed_yield_attach(&vm->dy, params->policy, params->policy_params,
					       error);
	}
	if (status == OVERSUB_OK && params->has_io_threads)
		status = kvm_io_new(&vm->io, vm, (int)vm->config.io_threads, error);
	if (status != OVERSUB_OK)
		kvm_vm_fini(vm);
	return status;
}

void kvm_vm_fini(struct kvm_vm *vm)
{
	kvm_io_free(vm->io);
	directed_yield_detach(&vm->dy);
	apic_map_destroy(&vm->map);
	free(vm->dy.vcpus);
	free(vm->window_private);
	free(vm->ipis_awaited);
	free(vm->lapics);
	free(vm->comms);
	free(vm->vcpus);
	memset(vm, 0, sizeof(*vm));
}

void kvm_vm_start(struct kvm_vm *vm)
{
	for (int i = 0; i < vm->nr_vcpus; i++) {
		vcpu_account(&vm->vcpus[i], VCPU_STEAL);
		host_task_start(&vm->vcpus[i].task);
	}
	kvm_vm_start_io(vm);
}

void kvm_vm_start_io(struct kvm_vm *vm)
{
	kvm_io_start(vm->io);
}

void vcpu_reset(struct vcpu *vcpu)
{
	lapic_reset(&vcpu->lapic);
	vcpu_reset_interrupts(vcpu);
	vcpu->dy.pv_unhalted = false;
	directed_yield_reset(&vcpu->dy);
}

void kvm_vm_account(struct kvm_vm *vm)
{
	for (int i = 0; i < vm->nr_vcpus; i++)
		vcpu_account(&vm->vcpus[i], vm->vcpus[i].time_state);
	kvm_io_account(vm->io);
}

void kvm_vm_reset_stats(struct kvm_vm *vm)
{
	kvm_vm_account(vm);
	for (int i = 0; i < vm->nr_vcpus; i++)
		memset(&vm->vcpus[i].stats, 0, sizeof(vm->vcpus[i].stats));
	memset(&vm->stats, 0, sizeof(vm->stats));
	kvm_io_reset_stats(vm->io);
}
