/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts "lapic" (registers of one APIC) and "lapic_dest" (destinations of a message). */
#include <stdlib.h>
#include <string.h>

#include "models/kvm/lapic.h"
#include "tests/conformance/kvm_replay_vm.h"

/* ---- Part "lapic" ------------------------------------------------------------------------- */

static void *lapic_create(struct kvm_replay *replay, const cJSON *header)
{
	struct lapic *lapic = calloc(1, sizeof(*lapic));

	if (lapic)
		lapic_init(lapic, 0, LAPIC_X2APIC);
	return lapic;
}

static cJSON *vector_list(const struct lapic_vectors *vectors)
{
	cJSON *list = cJSON_CreateArray();

	for (int vector = 0; vector < 256; vector++) {
		if (lapic_vectors_test(vectors, (uint8_t)vector))
			cJSON_AddItemToArray(list, cJSON_CreateNumber(vector));
	}
	return list;
}

static cJSON *lapic_outcome(const struct lapic *lapic, bool has_ret, int ret, bool event, bool kick)
{
	cJSON *outcome = cJSON_CreateObject();

	if (has_ret)
		cJSON_AddNumberToObject(outcome, "ret", ret);
	cJSON_AddNumberToObject(outcome, "event", event);
	cJSON_AddNumberToObject(outcome, "kick", kick);
	cJSON_AddNumberToObject(outcome, "deliv", lapic_deliverable(lapic));
	cJSON_AddItemToObject(outcome, "irr", vector_list(&lapic->irr));
	cJSON_AddItemToObject(outcome, "isr", vector_list(&lapic->isr));
	cJSON_AddItemToObject(outcome, "tmr", vector_list(&lapic->tmr));
	cJSON_AddNumberToObject(outcome, "tpr", lapic->tpr);
	cJSON_AddNumberToObject(outcome, "ppr", lapic->ppr);
	return outcome;
}

static cJSON *lapic_apply(void *context, const cJSON *operation)
{
	struct lapic *lapic = context;
	const char *name = conformance_string(operation, "op");
	uint8_t x = (uint8_t)conformance_int(operation, "x", 0);
	int vector;

	if (strcmp(name, "irr") == 0) {
		bool accepted =
			lapic_accept(lapic, (uint8_t)conformance_int(operation, "vec", 0),
				     conformance_int(operation, "trig", 0),
				     conformance_int(operation, "level", 0)) != LAPIC_REJECTED;

		return lapic_outcome(lapic, true, accepted, accepted, accepted);
	}
	if (strcmp(name, "inject") == 0) {
		vector = lapic_inject(lapic);
		return lapic_outcome(lapic, true, vector, false, false);
	}
	if (strcmp(name, "eoi") == 0) {
		vector = lapic_eoi(lapic);
		return lapic_outcome(lapic, true, vector, vector >= 0, false);
	}
	if (strcmp(name, "tpr") == 0)
		return lapic_outcome(lapic, false, 0, lapic_set_tpr(lapic, x), false);
	if (strcmp(name, "cr8") == 0)
		return lapic_outcome(lapic, false, 0, lapic_set_cr8(lapic, x), false);
	if (strcmp(name, "enable") == 0) {
		lapic->mode = conformance_int(operation, "hw", 1) ? LAPIC_X2APIC : LAPIC_OFF;
		lapic->software_enabled = conformance_int(operation, "sw", 1);
		return lapic_outcome(lapic, false, 0, false, false);
	}
	return NULL;
}

const struct kvm_replay_part kvm_replay_lapic = {
	.names = {"lapic"},
	.create = lapic_create,
	.destroy = free,
	.apply = lapic_apply,
};

/* ---- Part "lapic_dest" -------------------------------------------------------------------- */

struct dest_state {
	struct kvm_replay_vm vm; /* policy v3 says which messages are tracked */
	struct lapic *lapics;
	struct lapic **pointers;
	struct apic_map map;
	bool *accepted; /* per vCPU, of the current message */
	cJSON *acc;	/* the same in order */
};

static const struct directed_yield_ops clock_ops = {.now = kvm_replay_vm_now};

static void dest_destroy(void *context)
{
	struct dest_state *state = context;

	apic_map_destroy(&state->map);
	kvm_replay_vm_destroy(&state->vm);
	free(state->lapics);
	free(state->pointers);
	free(state->accepted);
	free(state);
}

static bool dest_allocate(struct dest_state *state, int nr)
{
	state->lapics = calloc((size_t)nr, sizeof(*state->lapics));
	state->pointers = calloc((size_t)nr, sizeof(*state->pointers));
	state->accepted = calloc((size_t)nr, sizeof(*state->accepted));
	if (!state->lapics || !state->pointers || !state->accepted)
		return false;
	for (int i = 0; i < nr; i++)
		state->pointers[i] = &state->lapics[i];
	return apic_map_init(&state->map, state->pointers, nr, KVM_REPLAY_MAX_ID, NULL) ==
		       OVERSUB_OK &&
	       kvm_replay_vm_create(&state->vm, nr, KVM_VENDOR_INTEL, "v3", &clock_ops);
}

static void *dest_create(struct kvm_replay *replay, const cJSON *header)
{
	int nr = conformance_index(header, "n", KVM_REPLAY_MAX_VCPUS + 1);
	struct dest_state *state;

	if (nr < 1)
		return NULL;
	state = calloc(1, sizeof(*state));
	if (!state)
		return NULL;
	if (!dest_allocate(state, nr)) {
		dest_destroy(state);
		return NULL;
	}
	state->map.x2apic_format = conformance_int(header, "x2apic_format", 0);
	state->map.broadcast_quirk_disabled =
		conformance_int(header, "broadcast_quirk_disabled", 0);
	state->map.vector_hashing = conformance_int(header, "vector_hashing", 1);
	apic_map_recompute(&state->map);
	return state;
}

/* The index of text among names, -1 if it is none of them. */
static int choose(const char *const *names, const char *text)
{
	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], text) == 0)
			return i;
	}
	return -1;
}

static bool configure(struct dest_state *state, const cJSON *item)
{
	static const char *const modes[] = {"off", "xapic", "x2apic", NULL};
	static const char *const formats[] = {"flat", "cluster", "bad", NULL};
	int index = conformance_index(item, "idx", state->map.nr);
	int id = conformance_index(item, "id", KVM_REPLAY_MAX_ID + 1);
	int mode = choose(modes, conformance_string(item, "mode"));
	int format = choose(formats, conformance_string(item, "dfr"));
	struct lapic *lapic;

	if (index < 0 || id < 0 || mode < 0)
		return false;
	lapic = &state->lapics[index];
	lapic->id = (uint32_t)id;
	lapic->mode = (uint8_t)mode;
	lapic->software_enabled = conformance_int(item, "sw", 1);
	lapic->xapic_id = (uint8_t)conformance_int(item, "xid", id);
	lapic->ldr = (uint8_t)conformance_int(item, "ldr", 0);
	lapic->dfr = (uint8_t)(format < 0 ? LAPIC_DFR_FLAT : format);
	return true;
}

static cJSON *apply_cfg(struct dest_state *state, const cJSON *operation)
{
	static const char *const modes[] = {
		[APIC_MAP_NONE] = "none",
		[APIC_MAP_SW_DISABLED] = "sw_disabled",
		[APIC_MAP_XAPIC_CLUSTER] = "xapic_cluster",
		[APIC_MAP_XAPIC_FLAT] = "xapic_flat",
		[APIC_MAP_X2APIC] = "x2apic",
		[APIC_MAP_DISABLED] = "disabled",
	};
	const cJSON *item;
	cJSON *outcome;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(operation, "v"))
	{
		if (!configure(state, item))
			return NULL;
	}
	apic_map_recompute(&state->map);
	outcome = cJSON_CreateObject();
	cJSON_AddStringToObject(outcome, "map", modes[state->map.mode]);
	return outcome;
}

static void note_accepted(void *context, int vcpu, enum lapic_raised raised)
{
	struct dest_state *state = context;

	state->accepted[vcpu] = true;
	cJSON_AddItemToArray(state->acc, cJSON_CreateNumber(vcpu));
}

/* What the tracking hook made of a message: [sender, receiver, vector] or null. */
static cJSON *tracked(struct dest_state *state, const struct lapic_message *message,
		      const struct lapic_result *result)
{
	const struct ipi_track *track;
	int triple[3];

	if (message->source < 0 || !result->accepted)
		return cJSON_CreateNull();
	track = kvm_replay_vm_track(&state->vm, message->source);
	directed_yield_reset(&state->vm.vcpus[message->source]);
	directed_yield_ipi(&(struct oversub_ipi){
		.source = &state->vm.vcpus[message->source],
		.target = &state->vm.vcpus[result->target],
		.accepted = result->accepted,
		.vector = message->vector,
		.fixed = result->fixed,
		.shorthand = message->shorthand != LAPIC_DEST,
	});
	if (!track->pending)
		return cJSON_CreateNull();
	triple[0] = message->source;
	triple[1] = track->last_receiver;
	triple[2] = track->tx_vector;
	return cJSON_CreateIntArray(triple, 3);
}

/* The vCPUs that accepted, in index order. */
static cJSON *ascending(const struct dest_state *state)
{
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < state->map.nr; i++) {
		if (state->accepted[i])
			cJSON_AddItemToArray(list, cJSON_CreateNumber(i));
	}
	return list;
}

static cJSON *send_outcome(struct dest_state *state, const struct lapic_message *message,
			   const struct lapic_result *result)
{
	cJSON *outcome = cJSON_CreateObject();

	cJSON_AddNumberToObject(outcome, "ret", result->result);
	if (message->delivery == LAPIC_NMI) {
		cJSON_AddItemToObject(outcome, "acc", ascending(state));
		cJSON_Delete(state->acc);
	} else {
		cJSON_AddItemToObject(outcome, "acc", state->acc);
	}
	state->acc = NULL;
	cJSON_AddItemToObject(outcome, "tracked", tracked(state, message, result));
	if (message->delivery == LAPIC_LOWEST) {
		cJSON *counters = cJSON_AddArrayToObject(outcome, "arb");

		for (int i = 0; i < state->map.nr; i++)
			cJSON_AddItemToArray(counters,
					     cJSON_CreateNumber(state->lapics[i].arbitration));
	}
	return outcome;
}

static cJSON *apply_send(struct dest_state *state, const cJSON *operation)
{
	bool device = cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(operation, "src"));
	struct lapic_message message = {
		.source = conformance_index(operation, "src", state->map.nr),
		.dest = (uint32_t)conformance_int(operation, "dest", 0),
		.vector = (uint8_t)conformance_int(operation, "vec", 0),
		.delivery = (uint8_t)conformance_int(operation, "dm", 0),
		.shorthand = (uint8_t)conformance_int(operation, "sh", 0),
		.logical = conformance_int(operation, "logical", 0),
		.level_triggered = conformance_int(operation, "trig", 0),
		.asserted = conformance_int(operation, "level", 1),
		.redirection_hint = conformance_int(operation, "rh", 0),
	};
	struct lapic_result result;

	if (message.source < 0 && (!device || message.shorthand != LAPIC_DEST))
		return NULL;
	memset(state->accepted, 0, (size_t)state->map.nr * sizeof(*state->accepted));
	state->acc = cJSON_CreateArray();
	result = lapic_send(&state->map, &message, note_accepted, state);
	return send_outcome(state, &message, &result);
}

static cJSON *dest_apply(void *context, const cJSON *operation)
{
	const char *name = conformance_string(operation, "op");

	if (strcmp(name, "cfg") == 0)
		return apply_cfg(context, operation);
	if (strcmp(name, "send") == 0)
		return apply_send(context, operation);
	return NULL;
}

const struct kvm_replay_part kvm_replay_dest = {
	.names = {"lapic_dest"},
	.create = dest_create,
	.destroy = dest_destroy,
	.apply = dest_apply,
};
