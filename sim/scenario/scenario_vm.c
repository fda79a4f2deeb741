/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/base/bitmap.h"
#include "sim/scenario/scenario_parts.h"

/* A VM that is read. */
struct part {
	struct scenario *scenario;
	struct scenario_vm *vm;
	const char *wrong; /* with the hardware; for a message */
};

/* Read a member of a VM, or else that of vm_defaults. The reader is at the VM. */
static enum oversub_status read_inherited(struct json_reader *reader, const cJSON *object,
					  const char *key, json_member_fn *read, struct part *part)
{
	const cJSON *defaults =
		cJSON_GetObjectItemCaseSensitive(part->scenario->json, "vm_defaults");
	struct json_reader there = *reader;
	enum oversub_status status;

	if (!cJSON_GetObjectItemCaseSensitive(object, key)) {
		object = defaults;
		json_leave(&there, 0);
		json_enter(&there, "vm_defaults");
	}
	status = json_read_member(&there, object, key, read, part);
	if (status)
		memcpy(reader->wrong, there.wrong, sizeof(reader->wrong));
	return status;
}

/* ---- Workload ----------------------------------------------------------------------------- */

static const char *workload_name(const void *context, int index)
{
	const struct scenario *scenario = context;

	return index < scenario->nr_workloads ? scenario->workloads[index].name : NULL;
}

static enum oversub_status read_workload(struct json_reader *reader, const cJSON *name,
					 void *context)
{
	const struct part *part = context;
	int index;
	enum oversub_status status = json_read_name(reader, name, "no workload has the name",
						    workload_name, part->scenario, &index);

	if (!status)
		part->vm->workload = &part->scenario->workloads[index];
	return status;
}

/* Ops and locks fit the VM. The reader is at the VM. */
static enum oversub_status check_workload(struct json_reader *reader, const struct scenario_vm *vm)
{
	struct oversub_error error;

	if (!vm->workload ||
	    guest_workload_check(vm->workload, &vm->kvm, vm->size.vcpus, &error) == OVERSUB_OK)
		return OVERSUB_OK;
	return json_fail(reader, "%.600s", error.message);
}

/* ---- Pinning ------------------------------------------------------------------------------ */

static enum oversub_status allocate_pins(struct json_reader *reader, struct scenario_vm *vm,
					 size_t words)
{
	size_t vcpus = (size_t)vm->size.vcpus;

	vm->cpus = calloc(vcpus, sizeof(*vm->cpus));
	vm->cpus_bits = calloc(vcpus * words, sizeof(*vm->cpus_bits));
	if (!vm->cpus || !vm->cpus_bits)
		return json_no_memory(reader);
	for (size_t i = 0; i < vcpus; i++)
		vm->cpus[i] = vm->cpus_bits + i * words;
	return OVERSUB_OK;
}

/* { "pool": [ cpus ] }: every vCPU may run on all of them. */
static enum oversub_status read_pool(struct json_reader *reader, const cJSON *pin, int64_t cpus,
				     struct scenario_vm *vm, size_t words)
{
	enum oversub_status status = json_read_object(reader, pin, &grammar_pool, NULL);

	if (!status)
		status = json_check_missing(reader, pin, &grammar_pool);
	if (status)
		return status;
	json_enter(reader, "pool");
	status = cpu_list_read(reader, cJSON_GetObjectItemCaseSensitive(pin, "pool"), cpus,
			       vm->cpus_bits);
	for (int i = 1; i < vm->size.vcpus && !status; i++)
		memcpy(vm->cpus_bits + (size_t)i * words, vm->cpus_bits, words * sizeof(uint64_t));
	return status;
}

/* Whose pins are read, vCPU by vCPU. */
struct pin_lists {
	int64_t cpus;	/* of the host */
	uint64_t *next; /* bits of the next vCPU */
};

static enum oversub_status read_pin_list(struct json_reader *reader, const cJSON *list,
					 void *context)
{
	struct pin_lists *pins = context;
	uint64_t *bits = pins->next;

	pins->next += bitmap_words((int)pins->cpus);
	return cpu_list_read(reader, list, pins->cpus, bits);
}

/* [ [ CPUs of vCPU 0 ], [ CPUs of vCPU 1 ], ... ] */
static enum oversub_status read_pin_lists(struct json_reader *reader, const cJSON *pin,
					  int64_t cpus, const struct scenario_vm *vm)
{
	struct pin_lists pins = {cpus, vm->cpus_bits};

	if (cJSON_GetArraySize(pin) != vm->size.vcpus)
		return json_fail(reader,
				 "%d lists of CPUs for %d vcpus; there must be one for each",
				 cJSON_GetArraySize(pin), (int)vm->size.vcpus);
	return json_read_array(reader, pin, read_pin_list, &pins);
}

static enum oversub_status read_pin(struct json_reader *reader, const cJSON *pin, void *context)
{
	const struct part *part = context;
	struct scenario_vm *vm = part->vm;
	int64_t cpus = part->scenario->host.cpus;
	size_t words = (size_t)bitmap_words((int)cpus);
	enum oversub_status status = allocate_pins(reader, vm, words);
	char text[JSON_VALUE_TEXT_MAX];

	if (status)
		return status;
	if (cJSON_IsObject(pin))
		return read_pool(reader, pin, cpus, vm, words);
	if (cJSON_IsArray(pin))
		return read_pin_lists(reader, pin, cpus, vm);
	if (!cJSON_IsString(pin) || strcmp(pin->valuestring, "1:1") != 0)
		return json_fail(reader,
				 "expected \"1:1\", { \"pool\": [ CPUs ] } or a list of CPUs for "
				 "each vCPU, not %s",
				 json_value_text(pin, text));
	for (int i = 0; i < vm->size.vcpus; i++)
		bitmap_set(vm->cpus_bits + (size_t)i * words, i % (int)cpus, true);
	return OVERSUB_OK;
}

static enum oversub_status read_cgroup(struct json_reader *reader, const cJSON *path, void *context)
{
	const struct part *part = context;

	return cgroup_find(reader, path, part->scenario, &part->vm->cgroup);
}

/* ---- VMs ---------------------------------------------------------------------------------- */

/* What "pv" stands for, where neither the VM nor vm_defaults says otherwise. */
static void apply_pv(const cJSON *object, const struct part *part)
{
	const cJSON *defaults =
		cJSON_GetObjectItemCaseSensitive(part->scenario->json, "vm_defaults");
	struct kvm_config *config = &part->vm->kvm;

	for (const struct oversub_param *param = kvm_params; param->name; param++)
		if (kvm_pv_includes((enum kvm_pv)config->pv, param->name) &&
		    !cJSON_GetObjectItemCaseSensitive(object, param->name) &&
		    !cJSON_GetObjectItemCaseSensitive(defaults, param->name))
			*(int64_t *)((char *)config + param->offset) = 1;
}

static enum oversub_status check_cpu_max(struct json_reader *reader, const struct part *part)
{
	if (part->vm->cpu_max.quota_ns && part->scenario->host.cgroup_layout == HOST_LAYOUT_NONE) {
		json_enter(reader, "cpu_max");
		json_enter(reader, "quota");
		return json_fail(reader, "the VM has no cgroup to limit, as host.cgroup_layout is "
					 "\"none\"; choose vm or vcpu");
	}
	return json_check_cpu_max(reader, &part->vm->cpu_max);
}

static enum oversub_status say_wrong(struct json_reader *reader, const cJSON *value, void *context)
{
	const struct part *part = context;

	return json_fail(reader, "%.400s", part->wrong);
}

/* No machine has an arbitrary mix of hardware. The reader is at the VM. */
static enum oversub_status check_kvm(struct json_reader *reader, const cJSON *object,
				     struct part *part)
{
	struct oversub_error error;
	const char *field;

	if (kvm_config_check(&part->vm->kvm, &field, &error) == OVERSUB_OK)
		return OVERSUB_OK;
	part->wrong = error.message;
	return read_inherited(reader, object, field, say_wrong, part);
}

static enum oversub_status read_vm(struct json_reader *reader, const cJSON *object, void *context)
{
	struct scenario *scenario = context;
	struct part part = {scenario, array_add(scenario->vms, scenario->nr_vms)};
	enum oversub_status status;

	if (!part.vm)
		return json_no_memory(reader);
	*part.vm = scenario->vm_defaults;
	part.vm->name = strdup(object->string);
	if (!part.vm->name)
		return json_no_memory(reader);
	status = json_read_object(reader, object, &grammar_vm, part.vm);
	if (status)
		return status;
	apply_pv(object, &part);
	status = check_cpu_max(reader, &part);
	if (!status)
		status = check_kvm(reader, object, &part);
	if (!status)
		status = read_inherited(reader, object, "workload", read_workload, &part);
	if (!status)
		status = check_workload(reader, part.vm);
	if (!status)
		status = read_inherited(reader, object, "pin", read_pin, &part);
	return status ? status : read_inherited(reader, object, "cgroup", read_cgroup, &part);
}

static enum oversub_status check_total(struct json_reader *reader, const struct scenario *scenario)
{
	size_t place = json_enter(reader, "vms");
	int64_t vcpus = 0;

	for (int i = 0; i < scenario->nr_vms; i++)
		vcpus += scenario->vms[i].size.count * scenario->vms[i].size.vcpus;
	if (vcpus > SCENARIO_MAX_VCPUS)
		return json_fail(reader, "%lld vCPUs in all VMs together are more than %d",
				 (long long)vcpus, SCENARIO_MAX_VCPUS);
	json_leave(reader, place);
	return OVERSUB_OK;
}

/* VMs that are not told another place are in the cgroup "machine". */
static enum oversub_status join_machine_slice(struct json_reader *reader, struct scenario *scenario)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < scenario->nr_vms && !status; i++)
		if (!scenario->vms[i].cgroup)
			status = cgroup_add_machine_slice(reader, scenario,
							  &scenario->vms[i].cgroup);
	return status;
}

enum oversub_status scenario_read_vms(struct json_reader *reader, const cJSON *document,
				      struct scenario *scenario)
{
	enum oversub_status status = json_read_map(reader, document, "vms", read_vm, scenario);

	if (!status)
		status = check_total(reader, scenario);
	if (!status && scenario->host.cgroup_layout == HOST_LAYOUT_LIBVIRT)
		status = join_machine_slice(reader, scenario);
	return status;
}
