/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPI tracking: its operations in part "on_spin_v2series", and part "ipi_track_v3proposal". */
#include "tests/conformance/kvm_replay_track.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A vector of the v3 EOI has a column for the received vector as well. */
static bool has_rx_column(const struct kvm_replay_vm *vm)
{
	return vm->params.v3.eoi == CANDIDATE_V3_EOI_V3;
}

static int context_columns(const struct kvm_replay_vm *vm, int index, double *columns)
{
	const struct ipi_track *track = kvm_replay_vm_track(vm, index);

	columns[0] = track->last_sender;
	columns[1] = track->last_receiver;
	columns[2] = track->tx_vector;
	columns[3] = track->pending;
	columns[4] = (double)track->sent_at;
	columns[5] = vm->params.v3.tracking.shared_vector ? track->tx_vector : track->rx_vector;
	return has_rx_column(vm) ? 6 : 5;
}

/* The contexts that differ from before, which has 6 columns per vCPU. */
static cJSON *changed_contexts(const struct kvm_replay_vm *vm, const double *before)
{
	cJSON *outcome = cJSON_CreateObject();
	cJSON *contexts = cJSON_AddObjectToObject(outcome, "ctx");

	for (int i = 0; i < vm->vm.nr_vcpus; i++) {
		double after[6];
		int nr = context_columns(vm, i, after);
		char key[16];

		if (memcmp(after, before + 6 * i, (size_t)nr * sizeof(*after)) == 0)
			continue;
		snprintf(key, sizeof(key), "%d", i);
		cJSON_AddItemToObject(contexts, key, cJSON_CreateDoubleArray(after, nr));
	}
	return outcome;
}

static bool send_ipi(struct kvm_replay_vm *vm, const cJSON *operation)
{
	int from = conformance_index(operation, "s", vm->vm.nr_vcpus);
	int to = conformance_index(operation, "r", vm->vm.nr_vcpus);

	if (from < 0 || to < 0)
		return false;
	directed_yield_ipi(&(struct oversub_ipi){
		.source = &vm->vcpus[from],
		.target = &vm->vcpus[to],
		.accepted = 1,
		.vector = (uint8_t)conformance_int(operation, "vec", 0),
		.fixed = true,
	});
	return true;
}

/* Change contexts as operation says; false if it is none of these or malformed. */
static bool change(struct kvm_replay_vm *vm, const cJSON *operation)
{
	const char *name = conformance_string(operation, "op");
	int nr = vm->vm.nr_vcpus, index;

	if (strcmp(name, "track") == 0)
		return send_ipi(vm, operation);
	if (strcmp(name, "clear") == 0 || strcmp(name, "reset") == 0) {
		index = conformance_index(operation, "v", nr);
		if (index < 0)
			return false;
		directed_yield_reset(&vm->vcpus[index]);
		if (strcmp(name, "reset") == 0)
			ipi_track_reset(kvm_replay_vm_track(vm, index));
		return true;
	}
	if (strcmp(name, "eoi") == 0 || strcmp(name, "eoi_v3") == 0) {
		index = conformance_index(operation, "r", nr);
		if (index < 0)
			return false;
		directed_yield_eoi(&vm->vcpus[index], (int)conformance_int(operation, "vec", -1),
				   false);
		return true;
	}
	return false;
}

static cJSON *apply_change(struct kvm_replay_vm *vm, const cJSON *operation)
{
	double *before = calloc((size_t)vm->vm.nr_vcpus, 6 * sizeof(*before));
	cJSON *outcome = NULL;

	if (!before)
		return NULL;
	for (int i = 0; i < vm->vm.nr_vcpus; i++)
		context_columns(vm, i, before + 6 * i);
	if (change(vm, operation))
		outcome = changed_contexts(vm, before);
	free(before);
	return outcome;
}

static cJSON *apply_param(struct kvm_replay_vm *vm, const cJSON *operation)
{
	struct candidate_v3_params *params = &vm->params.v3;
	struct ipi_track_config *tracking = &params->tracking;

	tracking->ipi_tracking_enabled =
		conformance_int(operation, "enabled", tracking->ipi_tracking_enabled);
	tracking->ipi_window_ns = conformance_int(operation, "window", tracking->ipi_window_ns);
	params->enable_relaxed_boost =
		conformance_int(operation, "relaxed", params->enable_relaxed_boost);
	return cJSON_CreateObject();
}

static cJSON *apply_query(struct kvm_replay_vm *vm, const cJSON *operation)
{
	int from = conformance_index(operation, "s", vm->vm.nr_vcpus);
	int to = conformance_index(operation, "r", vm->vm.nr_vcpus);
	cJSON *outcome;

	if (from < 0 || to < 0)
		return NULL;
	outcome = cJSON_CreateObject();
	cJSON_AddNumberToObject(outcome, "recv",
				ipi_track_is_receiver(&vm->params.v3.tracking,
						      kvm_replay_vm_track(vm, from), to, vm->now));
	return outcome;
}

cJSON *kvm_replay_track_apply(struct kvm_replay_vm *vm, const cJSON *operation)
{
	const char *name = conformance_string(operation, "op");

	if (strcmp(name, "time") == 0) {
		vm->now = (uint64_t)conformance_int(operation, "t", 0);
		return cJSON_CreateObject();
	}
	if (strcmp(name, "param") == 0)
		return apply_param(vm, operation);
	if (strcmp(name, "query") == 0)
		return apply_query(vm, operation);
	return apply_change(vm, operation);
}

/* ---- Part "ipi_track_v3proposal" ---------------------------------------------------------- */

static const struct directed_yield_ops clock_ops = {.now = kvm_replay_vm_now};

static void track_destroy(void *context)
{
	kvm_replay_vm_destroy(context);
	free(context);
}

static void *track_create(struct kvm_replay *replay, const cJSON *header)
{
	int nr = conformance_index(header, "n", KVM_REPLAY_MAX_VCPUS + 1);
	struct kvm_replay_vm *vm;

	if (nr < 1)
		return NULL;
	vm = calloc(1, sizeof(*vm));
	if (!vm)
		return NULL;
	if (!kvm_replay_vm_create(vm, nr, KVM_VENDOR_INTEL, "v3", &clock_ops)) {
		track_destroy(vm);
		return NULL;
	}
	vm->params.v3.tracking.shared_vector = conformance_int(header, "shared_vector", 1);
	return vm;
}

static cJSON *track_apply(void *context, const cJSON *operation)
{
	return kvm_replay_track_apply(context, operation);
}

const struct kvm_replay_part kvm_replay_track = {
	.names = {"ipi_track_v3proposal"},
	.create = track_create,
	.destroy = track_destroy,
	.apply = track_apply,
};
