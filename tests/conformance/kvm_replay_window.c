/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts "ple" (pause-loop window) and "halt_poll" (halt-polling window). */
#include <stdlib.h>
#include <string.h>

#include "models/kvm/halt_poll.h"
#include "models/kvm/ple.h"
#include "tests/conformance/kvm_replay_part.h"

/* ---- Part "ple" --------------------------------------------------------------------------- */

struct ple_state {
	int64_t type; /* enum ple_type */
	struct ple_limits limits;
	uint32_t window;
};

/* A new vCPU with the parameters that object (header or operation new) gives. */
static void ple_new(struct ple_state *state, const cJSON *object)
{
	struct ple_config config = {
		.type = state->type,
		.ple_gap = 128,
		.ple_window = conformance_int(object, "base", 0),
		.ple_window_grow = conformance_int(object, "grow", 0),
		.ple_window_shrink = conformance_int(object, "shrink", 0),
		.ple_window_max = conformance_int(object, "max", 0),
		.pause_filter_thresh = 128,
		.pause_cycles = 1,
	};

	config.pause_filter_count = config.ple_window;
	config.pause_filter_count_grow = config.ple_window_grow;
	config.pause_filter_count_shrink = config.ple_window_shrink;
	config.pause_filter_count_max = config.ple_window_max;
	state->limits = ple_limits(&config, conformance_int(object, "pause_in_guest", 0));
	state->window = ple_initial_window(&state->limits);
}

static void *ple_create(struct kvm_replay *replay, const cJSON *header)
{
	struct ple_state *state = calloc(1, sizeof(*state));

	if (!state)
		return NULL;
	state->type =
		strcmp(conformance_string(header, "vendor"), "svm") == 0 ? PLE_AMD : PLE_INTEL;
	ple_new(state, header);
	return state;
}

static cJSON *ple_apply(void *context, const cJSON *operation)
{
	struct ple_state *state = context;
	const char *name = conformance_string(operation, "op");
	bool exits = strcmp(name, "exit") == 0;
	cJSON *outcome;

	if (exits)
		state->window = ple_window_after_exit(&state->limits, state->window);
	else if (strcmp(name, "load") == 0)
		state->window =
			ple_window_after_load(&state->limits, state->window,
					      conformance_int(operation, "scheduled_out", 0));
	else if (strcmp(name, "new") == 0)
		ple_new(state, operation);
	else
		return NULL;
	outcome = cJSON_CreateObject();
	cJSON_AddNumberToObject(outcome, "window", state->window);
	if (exits)
		cJSON_AddNumberToObject(outcome, "wk",
					ple_want_kernel(&state->limits,
							(int)conformance_int(operation, "cpl", 0),
							conformance_int(operation, "sev_es", 0)));
	return outcome;
}

const struct kvm_replay_part kvm_replay_ple = {
	.names = {"ple"},
	.create = ple_create,
	.destroy = free,
	.apply = ple_apply,
};

/* ---- Part "halt_poll" --------------------------------------------------------------------- */

#define LONGEST_TIME (INT64_MAX / 8)

struct halt_state {
	struct halt_poll_config config; /* the module's parameters */
	bool overridden;		/* the VM has a maximum of its own */
	int64_t vm_max;			/* ns */
	bool allowed;			/* the guest permits polling */
	uint32_t window;
};

static void *halt_create(struct kvm_replay *replay, const cJSON *header)
{
	struct halt_state *state = calloc(1, sizeof(*state));

	if (!state)
		return NULL;
	oversub_param_defaults(halt_poll_params, &state->config);
	state->allowed = true;
	return state;
}

/* The parameters in force now: the VM's maximum replaces the module's. */
static struct halt_poll_config in_force(const struct halt_state *state)
{
	struct halt_poll_config config = state->config;

	if (state->overridden)
		config.halt_poll_ns = state->vm_max;
	return config;
}

/* The time name of a halt in ns, bounded so that sums do not overflow whatever the vector says. */
static int64_t time_of(const cJSON *halt, const char *name, int64_t absent)
{
	int64_t time = conformance_int(halt, name, absent);

	return time >= 0 && time <= LONGEST_TIME ? time : LONGEST_TIME;
}

/* Poll for at most the window in steps; *now becomes the time when it ended. True if woken. */
static bool poll(const struct halt_state *state, const cJSON *halt, int64_t *now)
{
	int64_t wake = time_of(halt, "wake", 0);
	int64_t step = time_of(halt, "step", 1);
	int64_t contend = time_of(halt, "contend", LONGEST_TIME);

	do {
		if (*now >= wake)
			return true;
		*now += step;
	} while (*now < contend && *now < state->window);
	return false;
}

static cJSON *apply_halt(struct halt_state *state, const cJSON *halt)
{
	int64_t wake = time_of(halt, "wake", 0), now = 0, poll_ns;
	struct halt_poll_config config = in_force(state);
	bool polled, woken = false, waited;
	cJSON *outcome;

	if (time_of(halt, "step", 1) < 1)
		return NULL;
	state->window = halt_poll_begin(&config, state->window);
	polled = state->allowed && state->window > 0;
	if (polled)
		woken = poll(state, halt, &now);
	poll_ns = now;
	waited = !woken && now < wake;
	if (waited) {
		state->config.halt_poll_ns =
			conformance_int(halt, "max_during", state->config.halt_poll_ns);
		now = wake + time_of(halt, "lat", 0);
	}
	config = in_force(state);
	if (state->allowed)
		state->window = halt_poll_end(&config, state->window, (uint64_t)now);

	outcome = cJSON_CreateObject();
	cJSON_AddNumberToObject(outcome, "w", state->window);
	cJSON_AddNumberToObject(outcome, "d", (double)now);
	cJSON_AddNumberToObject(outcome, "waited", waited);
	cJSON_AddNumberToObject(outcome, "polled", polled);
	cJSON_AddNumberToObject(outcome, "success", polled && !waited);
	cJSON_AddNumberToObject(outcome, "poll_ns", (double)poll_ns);
	return outcome;
}

static cJSON *halt_apply(void *context, const cJSON *operation)
{
	struct halt_state *state = context;
	struct halt_poll_config *config = &state->config;
	const char *name = conformance_string(operation, "op");

	if (strcmp(name, "halt") == 0)
		return apply_halt(state, operation);
	if (strcmp(name, "param") == 0) {
		config->halt_poll_ns = conformance_int(operation, "max", config->halt_poll_ns);
		config->halt_poll_ns_grow =
			conformance_int(operation, "grow", config->halt_poll_ns_grow);
		config->halt_poll_ns_grow_start =
			conformance_int(operation, "grow_start", config->halt_poll_ns_grow_start);
		config->halt_poll_ns_shrink =
			conformance_int(operation, "shrink", config->halt_poll_ns_shrink);
	} else if (strcmp(name, "vmmax") == 0) {
		state->overridden = conformance_int(operation, "en", 0);
		state->vm_max = conformance_int(operation, "max", state->vm_max);
	} else if (strcmp(name, "allow") == 0) {
		state->allowed = conformance_int(operation, "allowed", 1);
	} else {
		return NULL;
	}
	return cJSON_CreateObject();
}

const struct kvm_replay_part kvm_replay_halt = {
	.names = {"halt_poll"},
	.create = halt_create,
	.destroy = free,
	.apply = halt_apply,
};
