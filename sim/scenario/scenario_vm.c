/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/scenario_cgroup.h"
#include "sim/scenario/scenario_vm.h"
#include "sim/scenario/workload_json.h"

const char *const scenario_vm_keys[] = {"cgroup", "pin", "workload", NULL};

/* A VM's own member, or else the one of vm_defaults; from says which, for messages. */
struct vm_member {
	const cJSON *value;
	bool is_default;
};

static struct vm_member find_member(const cJSON *defaults, const cJSON *vm, const char *key)
{
	struct vm_member member = {cJSON_GetObjectItemCaseSensitive(vm, key), false};

	if (!member.value) {
		member.value = cJSON_GetObjectItemCaseSensitive(defaults, key);
		member.is_default = true;
	}
	return member;
}

/* Go to a member that find_member() found; the reader is at the VM "vms.NAME". */
static void enter_member(struct json_reader *reader, struct vm_member member, const char *key)
{
	if (member.is_default) {
		json_leave(reader, 0);
		json_enter(reader, "vm_defaults");
	}
	json_enter(reader, key);
}

/* ---- Workload ----------------------------------------------------------------------------- */

static const char *workload_name(const void *context, int index)
{
	const struct scenario *scenario = context;

	return index < scenario->nr_workloads ? scenario->workloads[index].name : NULL;
}

/* Ops and locks fit the VM. The reader is at the VM. */
static enum oversub_status check_workload(struct json_reader *reader, const struct scenario_vm *vm)
{
	struct oversub_error error;

	if (guest_workload_check(vm->workload, &vm->kvm, vm->size.vcpus, &error) == OVERSUB_OK)
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
	static const struct param_section no_sections[] = {{NULL, NULL, 0}};
	static const char *const keys[] = {"pool", NULL};
	enum oversub_status status = json_read_object(reader, pin, no_sections, keys, NULL);
	const cJSON *pool = cJSON_GetObjectItemCaseSensitive(pin, "pool");

	if (status)
		return status;
	if (!pool)
		return json_fail(reader, "\"pool\": [ CPUs ] is missing");
	json_enter(reader, "pool");
	status = cpu_list_read(reader, pool, cpus, vm->cpus_bits);
	for (int i = 1; i < vm->size.vcpus && !status; i++)
		memcpy(vm->cpus_bits + (size_t)i * words, vm->cpus_bits, words * sizeof(uint64_t));
	return status;
}

/* [ [ CPUs of vCPU 0 ], [ CPUs of vCPU 1 ], ... ] */
static enum oversub_status read_pin_lists(struct json_reader *reader, const cJSON *pin,
					  int64_t cpus, struct scenario_vm *vm, size_t words)
{
	enum oversub_status status = OVERSUB_OK;
	int index = 0;

	if (cJSON_GetArraySize(pin) != vm->size.vcpus)
		return json_fail(reader,
				 "%d lists of CPUs for %d vcpus; there must be one for each",
				 cJSON_GetArraySize(pin), (int)vm->size.vcpus);
	for (const cJSON *child = pin->child; child && !status; child = child->next) {
		size_t place = json_enter_index(reader, index);

		status =
			cpu_list_read(reader, child, cpus, vm->cpus_bits + (size_t)index++ * words);
		if (!status)
			json_leave(reader, place);
	}
	return status;
}

/* The reader is at "pin". */
static enum oversub_status read_pin(struct json_reader *reader, const cJSON *pin, int64_t cpus,
				    struct scenario_vm *vm)
{
	size_t words = (size_t)(cpus + 63) / 64;
	enum oversub_status status = allocate_pins(reader, vm, words);
	char text[JSON_VALUE_TEXT_MAX];

	if (status)
		return status;
	if (cJSON_IsObject(pin))
		return read_pool(reader, pin, cpus, vm, words);
	if (cJSON_IsArray(pin))
		return read_pin_lists(reader, pin, cpus, vm, words);
	if (!cJSON_IsString(pin) || strcmp(pin->valuestring, "1:1") != 0)
		return json_fail(reader,
				 "expected \"1:1\", { \"pool\": [ CPUs ] } or a list of CPUs for "
				 "each vCPU, not %s",
				 json_value_text(pin, text));
	for (int64_t i = 0; i < vm->size.vcpus; i++)
		vm->cpus_bits[(size_t)i * words + (size_t)(i % cpus) / 64] |= UINT64_C(1)
									      << (i % cpus % 64);
	return OVERSUB_OK;
}

/* ---- Paravirtual features ----------------------------------------------------------------- */

/* What "pv" stands for, where neither the VM nor vm_defaults says otherwise. */
static void apply_pv(const cJSON *defaults, const cJSON *vm, struct kvm_config *config)
{
	for (const struct oversub_param *param = kvm_params; param->name; param++)
		if (kvm_pv_includes((enum kvm_pv)config->pv, param->name) &&
		    !find_member(defaults, vm, param->name).value)
			*(int64_t *)((char *)config + param->offset) = 1;
}

/* ---- VMs ---------------------------------------------------------------------------------- */

static enum oversub_status check_cpu_max(struct json_reader *reader, const struct scenario_vm *vm,
					 const struct scenario *scenario)
{
	if (vm->cpu_max.quota_ns && scenario->host.cgroup_layout == HOST_LAYOUT_NONE) {
		json_enter(reader, "cpu_max");
		json_enter(reader, "quota");
		return json_fail(reader, "the VM has no cgroup to limit, as host.cgroup_layout is "
					 "\"none\"; choose vm or vcpu");
	}
	return json_check_cpu_max(reader, &vm->cpu_max);
}

/* No machine has an arbitrary mix of hardware. The reader is at the VM. */
static enum oversub_status check_kvm(struct json_reader *reader, const cJSON *defaults,
				     const cJSON *object, const struct kvm_config *config)
{
	struct oversub_error error;
	const char *field;

	if (kvm_config_check(config, &field, &error) == OVERSUB_OK)
		return OVERSUB_OK;
	enter_member(reader, find_member(defaults, object, field), field);
	return json_fail(reader, "%.400s", error.message);
}

/* The reader is at "vms.NAME" and comes back there on success. */
static enum oversub_status read_vm(struct json_reader *reader, const cJSON *defaults,
				   const cJSON *object, const struct scenario *scenario,
				   struct scenario_vm *vm)
{
	struct vm_member workload = find_member(defaults, object, "workload");
	struct vm_member pin = find_member(defaults, object, "pin");
	struct vm_member cgroup = find_member(defaults, object, "cgroup");
	struct json_reader there;
	enum oversub_status status = json_expect_name(reader, object->string);
	int index;

	if (status)
		return status;
	vm->name = strdup(object->string);
	if (!vm->name)
		return json_no_memory(reader);
	status = json_read_object(reader, object, scenario_vm_sections, scenario_vm_keys, vm);
	if (!status) {
		apply_pv(defaults, object, &vm->kvm);
		status = check_cpu_max(reader, vm, scenario);
		if (!status)
			status = check_kvm(reader, defaults, object, &vm->kvm);
	}
	there = *reader;
	if (!status && workload.value) {
		enter_member(&there, workload, "workload");
		status = json_read_name(&there, workload.value, "no workload has the name",
					workload_name, scenario, &index);
		if (!status) {
			vm->workload = &scenario->workloads[index];
			there = *reader;
			status = check_workload(&there, vm);
		}
	}
	if (!status && pin.value) {
		there = *reader;
		enter_member(&there, pin, "pin");
		status = read_pin(&there, pin.value, scenario->host.cpus, vm);
	}
	if (!status && cgroup.value) {
		there = *reader;
		enter_member(&there, cgroup, "cgroup");
		status = cgroup_find(&there, cgroup.value, scenario, &vm->cgroup);
	}
	if (status)
		*reader = there;
	return status;
}

/* vm_defaults is checked by itself, so that messages name it and not a VM. */
static enum oversub_status read_defaults(struct json_reader *reader, const cJSON *defaults,
					 struct scenario_vm *vm)
{
	enum oversub_status status = OVERSUB_OK;
	size_t place = json_enter(reader, "vm_defaults");

	json_object_defaults(scenario_vm_sections, vm);
	if (defaults)
		status = json_read_object(reader, defaults, scenario_vm_sections, scenario_vm_keys,
					  vm);
	if (!status)
		json_leave(reader, place);
	return status;
}

static enum oversub_status check_total(struct json_reader *reader, const struct scenario *scenario)
{
	int64_t vcpus = 0;

	for (int i = 0; i < scenario->nr_vms; i++)
		vcpus += scenario->vms[i].size.count * scenario->vms[i].size.vcpus;
	if (vcpus <= SCENARIO_MAX_VCPUS)
		return OVERSUB_OK;
	return json_fail(reader, "%lld vCPUs in all VMs together are more than %d",
			 (long long)vcpus, SCENARIO_MAX_VCPUS);
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
	const cJSON *defaults = cJSON_GetObjectItemCaseSensitive(document, "vm_defaults");
	const cJSON *vms = cJSON_GetObjectItemCaseSensitive(document, "vms");
	struct scenario_vm default_vm = {0};
	enum oversub_status status = read_defaults(reader, defaults, &default_vm);
	size_t place, inner;

	if (status || !vms)
		return status;
	place = json_enter(reader, "vms");
	status = json_expect_object(reader, vms);
	if (status)
		return status;
	scenario->vms = calloc((size_t)cJSON_GetArraySize(vms) + 1, sizeof(*scenario->vms));
	if (!scenario->vms)
		return json_no_memory(reader);
	for (const cJSON *child = vms->child; child && !status; child = child->next) {
		struct scenario_vm *vm = &scenario->vms[scenario->nr_vms++];

		*vm = default_vm;
		inner = json_enter(reader, child->string);
		status = read_vm(reader, defaults, child, scenario, vm);
		if (!status)
			json_leave(reader, inner);
	}
	if (!status)
		status = check_total(reader, scenario);
	if (!status && scenario->host.cgroup_layout == HOST_LAYOUT_LIBVIRT)
		status = join_machine_slice(reader, scenario);
	if (!status)
		json_leave(reader, place);
	return status;
}
