/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts "on_spin" (policy mainline) and "on_spin_v2series" (policy v3 with the EOI of v2). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/kvm_replay_track.h"
#include "tests/conformance/kvm_replay_vm.h"

struct spin_state {
	struct kvm_replay *replay;
	struct kvm_replay_vm vm;
	bool series;
};

/* One spin operation: what yields return, and which were tried. */
struct spin_script {
	const cJSON *results; /* [default, {index: result}] */
	cJSON *tries;
};

static int scripted_yield(struct oversub_vcpu *me, struct oversub_vcpu *target)
{
	struct kvm_replay_vm *vm = me->vm->context;
	struct spin_script *script = vm->script;
	const cJSON *by_default = cJSON_GetArrayItem(script->results, 0);
	int result = by_default ? by_default->valueint : 0;
	char key[16];
	int pair[2];

	snprintf(key, sizeof(key), "%d", target->index);
	result = (int)conformance_int(cJSON_GetArrayItem(script->results, 1), key, result);
	pair[0] = target->index;
	pair[1] = result;
	cJSON_AddItemToArray(script->tries, cJSON_CreateIntArray(pair, 2));
	return result;
}

static const struct directed_yield_ops scripted_ops = {
	.yield_to = scripted_yield,
	.now = kvm_replay_vm_now,
};

static void spin_destroy(void *context)
{
	struct spin_state *state = context;

	kvm_replay_vm_destroy(&state->vm);
	free(state);
}

static void *spin_create(struct kvm_replay *replay, const cJSON *header)
{
	bool series = strcmp(conformance_string(header, "part"), "on_spin_v2series") == 0;
	bool amd = strcmp(conformance_string(header, "vendor"), "svm") == 0;
	int nr = conformance_index(header, "n", KVM_REPLAY_MAX_VCPUS + 1);
	struct spin_state *state;

	if (nr < 1)
		return NULL;
	state = calloc(1, sizeof(*state));
	if (!state)
		return NULL;
	state->replay = replay;
	state->series = series;
	if (!kvm_replay_vm_create(&state->vm, nr, amd ? KVM_VENDOR_AMD : KVM_VENDOR_INTEL,
				  series ? "v3" : "mainline", &scripted_ops)) {
		spin_destroy(state);
		return NULL;
	}
	if (series)
		state->vm.params.v3.eoi = CANDIDATE_V3_EOI_V2;
	state->vm.vm.last_boosted = conformance_index(header, "last_boosted", nr);
	if (state->vm.vm.last_boosted < 0)
		state->vm.vm.last_boosted = 0;
	return state;
}

/* ---- Operations --------------------------------------------------------------------------- */

static void set_flags(struct oversub_vcpu *vcpu, const char *letters)
{
	vcpu->ready = strchr(letters, 'r');
	vcpu->preempted = strchr(letters, 'p');
	vcpu->preempted_in_kernel = strchr(letters, 'k');
	vcpu->blocking = strchr(letters, 'b');
	vcpu->pv_unhalted = strchr(letters, 'u');
	vcpu->request_event = strchr(letters, 'E');
	vcpu->request_nmi = strchr(letters, 'N');
	vcpu->request_smi = strchr(letters, 'S');
	vcpu->async_pf = strchr(letters, 'a');
	vcpu->apicv_active = strchr(letters, 'v');
	vcpu->pid_on = strchr(letters, 'o');
	vcpu->pid_sn = strchr(letters, 'x');
	vcpu->pir_not_empty = strchr(letters, 'i');
}

/* Operations set and spinflags: letters per vCPU. */
static cJSON *apply_flags(struct spin_state *state, const cJSON *operation, bool spin_flags)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(operation, "v"))
	{
		int index = kvm_replay_key(item, state->vm.vm.nr_vcpus);

		if (index < 0 || !cJSON_IsString(item))
			return NULL;
		if (spin_flags) {
			state->vm.vcpus[index].in_spin_loop = strchr(item->valuestring, 's');
			state->vm.vcpus[index].dy_eligible = strchr(item->valuestring, 'd');
		} else {
			set_flags(&state->vm.vcpus[index], item->valuestring);
		}
	}
	return cJSON_CreateObject();
}

static cJSON *apply_last(struct spin_state *state, const cJSON *operation)
{
	int value = conformance_index(operation, "value", state->vm.vm.nr_vcpus);

	if (value < 0)
		return NULL;
	state->vm.vm.last_boosted = value;
	return cJSON_CreateObject();
}

static cJSON *spin_outcome(const struct spin_state *state, cJSON *tries,
			   const struct oversub_vcpu *boosted)
{
	cJSON *outcome = cJSON_CreateObject();
	cJSON *spinning = cJSON_CreateArray(), *eligible = cJSON_CreateArray();

	for (int i = 0; i < state->vm.vm.nr_vcpus; i++) {
		if (state->vm.vcpus[i].in_spin_loop)
			cJSON_AddItemToArray(spinning, cJSON_CreateNumber(i));
		if (state->vm.vcpus[i].dy_eligible)
			cJSON_AddItemToArray(eligible, cJSON_CreateNumber(i));
	}
	cJSON_AddItemToObject(outcome, "tries", tries);
	cJSON_AddItemToObject(outcome, "chosen",
			      boosted ? cJSON_CreateNumber(boosted->index) : cJSON_CreateNull());
	cJSON_AddNumberToObject(outcome, "last", state->vm.vm.last_boosted);
	cJSON_AddItemToObject(outcome, "spin", spinning);
	cJSON_AddItemToObject(outcome, "elig", eligible);
	return outcome;
}

static cJSON *apply_spin(struct spin_state *state, const cJSON *operation)
{
	int me = conformance_index(operation, "me", state->vm.vm.nr_vcpus);
	struct spin_script script = {
		.results = cJSON_GetObjectItemCaseSensitive(operation, "y"),
	};
	struct oversub_vcpu *boosted;
	const cJSON *nested;

	if (me < 0)
		return NULL;
	script.tries = cJSON_CreateArray();
	state->vm.script = &script;
	boosted = directed_yield_begin(&state->vm.vcpus[me], conformance_int(operation, "wk", 0));
	if (boosted) {
		/* The yield is in progress: other CPUs act before this scan comes back. */
		cJSON_ArrayForEach(nested, cJSON_GetObjectItemCaseSensitive(operation, "during"))
		{
			if (!kvm_replay_operation(state->replay, nested)) {
				cJSON_Delete(script.tries);
				return NULL;
			}
		}
		directed_yield_finish(&state->vm.vcpus[me], boosted);
	}
	return spin_outcome(state, script.tries, boosted);
}

static cJSON *spin_apply(void *context, const cJSON *operation)
{
	struct spin_state *state = context;
	const char *name = conformance_string(operation, "op");

	if (strcmp(name, "set") == 0)
		return apply_flags(state, operation, false);
	if (strcmp(name, "spinflags") == 0)
		return apply_flags(state, operation, true);
	if (strcmp(name, "last") == 0)
		return apply_last(state, operation);
	if (strcmp(name, "spin") == 0)
		return apply_spin(state, operation);
	return state->series ? kvm_replay_track_apply(&state->vm, operation) : NULL;
}

const struct kvm_replay_part kvm_replay_spin = {
	.names = {"on_spin", "on_spin_v2series"},
	.create = spin_create,
	.destroy = spin_destroy,
	.apply = spin_apply,
};
