/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validation/observe_costs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/host/host.h"
#include "sim/base/container_of.h"
#include "sim/trace/trace_text.h"

enum { MAX_PID = 256, MAX_REASONS = 12, NAME_SIZE = 64, SHOWN_VCPUS = 4 };

struct sample {
	int64_t sum, count;
};

enum interval {
	ASLEEP,
	WAKE,
	KICK,
	LOADED_CALL,
	CALL,
	HANDLER,
	WINDOW,
	TRANSFER,
	OFF,
	REFILL,
	INTERVALS
};

static const char *const interval_names[INTERVALS] = {
	[ASLEEP] = "asleep",	       [WAKE] = "wake",		[KICK] = "kick",
	[LOADED_CALL] = "loaded_call", [CALL] = "call",		[HANDLER] = "handler",
	[WINDOW] = "window",	       [TRANSFER] = "transfer", [OFF] = "off",
	[REFILL] = "refill",
};

struct reason {
	char name[NAME_SIZE];
	struct sample plain, switched;
};

/* A vCPU by its thread. Times are ns, -1: it is not so. */
struct observed_vcpu {
	int index; /* in the first VM; -1: it is of another one, or unknown */
	struct reason reasons[MAX_REASONS];
	struct sample intervals[INTERVALS];

	struct reason *exit;  /* that it is in */
	int64_t exited_at;    /* the begin of that */
	int64_t on_cpu_since; /* what of it has not been added to on_cpu_ns */
	int64_t on_cpu_ns;
	bool woken;	  /* from sleep, and has not entered the guest since */
	bool switched;	  /* others ran meanwhile */
	bool after_pause; /* its last exit was one of a pause loop, and nobody else ran */
	int64_t entered_at;

	int64_t off_at, loaded_at, kicked_at;
	int64_t first_entry, first_loaded; /* the entry after it got its CPU, and when that was */
	int64_t injected_at, injected_loaded;
	int64_t answered_at;
};

struct costs_observer {
	struct trace_sink sink;
	const struct scenario *scenario;
	int64_t tick_ns;
	int64_t other_kicks;
	struct observed_vcpu vcpus[MAX_PID]; /* by pid */
};

static void add_to(struct sample *sample, int64_t ns)
{
	sample->sum += ns;
	sample->count++;
}

/* ---- Records ------------------------------------------------------------------------------ */

static struct observed_vcpu *vcpu_of_pid(struct costs_observer *observer, int64_t pid)
{
	return pid > 0 && pid < MAX_PID ? &observer->vcpus[pid] : NULL;
}

static struct observed_vcpu *vcpu_of_index(struct costs_observer *observer, int64_t index)
{
	for (int pid = 1; pid < MAX_PID; pid++)
		if (observer->vcpus[pid].index == index)
			return &observer->vcpus[pid];
	return NULL;
}

/* The number of a vCPU of the first VM, of which there is one, by its thread's name; else -1. */
static int index_of_comm(const struct costs_observer *observer, const char *comm)
{
	const char *vm = observer->scenario->vms[0].name, *slash = strchr(comm, '/');

	if (!slash || strncmp(comm, vm, strlen(vm)) || strncmp(slash, "/vcpu", 5))
		return -1;
	return atoi(slash + 5);
}

static struct reason *reason_named(struct observed_vcpu *vcpu, const char *name)
{
	for (int i = 0; i < MAX_REASONS; i++) {
		struct reason *reason = &vcpu->reasons[i];

		if (!reason->name[0])
			snprintf(reason->name, sizeof(reason->name), "%s", name);
		if (!strcmp(reason->name, name))
			return reason;
	}
	return NULL;
}

static void exits(struct costs_observer *observer, struct observed_vcpu *vcpu,
		  const struct trace_record *record)
{
	struct trace_exit exit = record->kvm_exit.exit;
	bool interrupt = exit.reason == TRACE_EXIT_EXTERNAL_INTERRUPT;
	bool pause = exit.reason == TRACE_EXIT_PAUSE;
	int64_t now = record->time;

	if (vcpu->index < 0) {
		observer->other_kicks += interrupt && now % observer->tick_ns != 0;
		return;
	}
	vcpu->exit = reason_named(vcpu, trace_exit_names[exit.svm][exit.reason]);
	vcpu->exited_at = vcpu->on_cpu_since = now;
	vcpu->on_cpu_ns = 0;
	vcpu->switched = false;
	if (pause && vcpu->after_pause)
		add_to(&vcpu->intervals[WINDOW], now - vcpu->entered_at);
	vcpu->after_pause = pause;
	if (interrupt && vcpu->kicked_at >= 0) {
		add_to(&vcpu->intervals[KICK], now - vcpu->kicked_at);
		vcpu->kicked_at = -1;
	}
}

static void enters(struct observed_vcpu *vcpu, int64_t now)
{
	if (vcpu->exit) {
		vcpu->on_cpu_ns += now - vcpu->on_cpu_since;
		add_to(vcpu->switched ? &vcpu->exit->switched : &vcpu->exit->plain,
		       vcpu->on_cpu_ns);
	}
	vcpu->exit = NULL;
	vcpu->after_pause = vcpu->after_pause && !vcpu->switched;
	if (vcpu->woken && vcpu->kicked_at >= 0)
		add_to(&vcpu->intervals[WAKE], now - vcpu->kicked_at);
	vcpu->woken = false;
	vcpu->kicked_at = -1;
	vcpu->entered_at = now;
	vcpu->first_entry = vcpu->loaded_at >= 0 ? now : -1;
	vcpu->first_loaded = vcpu->loaded_at;
	vcpu->loaded_at = -1;
}

static void leaves_cpu(struct observed_vcpu *vcpu, int64_t now, bool asleep)
{
	if (vcpu->exit) {
		vcpu->on_cpu_ns += now - vcpu->on_cpu_since;
		vcpu->switched = true;
		if (asleep)
			add_to(&vcpu->intervals[ASLEEP], now - vcpu->exited_at);
	}
	vcpu->off_at = now;
	vcpu->loaded_at = -1;
}

static void gets_cpu(const struct host_costs *costs, struct observed_vcpu *vcpu, int64_t now)
{
	vcpu->on_cpu_since = vcpu->loaded_at = now;
	if (vcpu->off_at >= 0) {
		double off = (double)(now - vcpu->off_at);
		double share = fmin(off / (double)costs->cache_refill_tau_ns, 1);

		add_to(&vcpu->intervals[OFF], now - vcpu->off_at);
		add_to(&vcpu->intervals[REFILL], (int64_t)((double)costs->cache_refill_ns * share));
	}
	vcpu->off_at = -1;
}

static void injects(struct observed_vcpu *vcpu, int64_t now)
{
	vcpu->injected_at = now;
	vcpu->injected_loaded = now == vcpu->first_entry ? vcpu->first_loaded : -1;
}

static void calls_function(struct observed_vcpu *vcpu, int64_t now)
{
	if (vcpu->injected_at >= 0)
		add_to(&vcpu->intervals[CALL], now - vcpu->injected_at);
	if (vcpu->injected_at >= 0 && vcpu->injected_loaded >= 0)
		add_to(&vcpu->intervals[LOADED_CALL], now - vcpu->injected_loaded);
}

static void ends_handler(struct observed_vcpu *vcpu, int64_t now)
{
	if (vcpu->injected_at >= 0)
		add_to(&vcpu->intervals[HANDLER], now - vcpu->injected_at);
	vcpu->injected_at = -1;
}

static void ends_request(struct observed_vcpu *vcpu, int64_t now)
{
	if (vcpu->answered_at >= 0)
		add_to(&vcpu->intervals[TRANSFER], now - vcpu->answered_at);
	vcpu->answered_at = -1;
}

static void switches(struct costs_observer *observer, const struct trace_record *record)
{
	struct observed_vcpu *previous = vcpu_of_pid(observer, record->pid);
	struct observed_vcpu *next = vcpu_of_pid(observer, record->sched_switch.next_pid);

	if (previous)
		leaves_cpu(previous, record->time,
			   record->sched_switch.prev_state != TRACE_STATE_RUNNING);
	if (next)
		gets_cpu(&observer->scenario->host.costs, next, record->time);
}

/* What concerns another vCPU than the one that does it. */
static void observe_remote(struct costs_observer *observer, const struct trace_record *record)
{
	struct observed_vcpu *other;

	switch (record->kind) {
	case TRACE_sched_wakeup:
		other = vcpu_of_pid(observer, record->sched_wakeup.pid);
		if (other)
			other->woken = true;
		break;
	case TRACE_kvm_apic_ipi:
		other = vcpu_of_index(observer, record->kvm_apic_ipi.dest);
		if (other)
			other->kicked_at = record->time;
		break;
	case TRACE_csd_unlock:
		other = vcpu_of_index(observer, record->csd_unlock.caller);
		if (other)
			other->answered_at = record->time;
		break;
	default: break;
	}
}

static void observe(struct trace_sink *sink, const struct trace_record *record)
{
	struct costs_observer *observer = container_of(sink, struct costs_observer, sink);
	struct observed_vcpu *vcpu = vcpu_of_pid(observer, record->pid);

	if (record->kind == TRACE_sched_switch)
		switches(observer, record);
	observe_remote(observer, record);
	if (!vcpu)
		return;
	vcpu->index = index_of_comm(observer, record->comm);
	switch (record->kind) {
	case TRACE_kvm_exit: exits(observer, vcpu, record); break;
	case TRACE_kvm_entry: enters(vcpu, record->time); break;
	case TRACE_kvm_inj_virq: injects(vcpu, record->time); break;
	case TRACE_csd_function_entry: calls_function(vcpu, record->time); break;
	case TRACE_irq_exit: ends_handler(vcpu, record->time); break;
	case TRACE_request_end: ends_request(vcpu, record->time); break;
	default: break;
	}
}

/* ---- Metrics ------------------------------------------------------------------------------ */

static void add(struct replication_result *result, int index, const char *what, const char *suffix,
		const struct sample *sample)
{
	char name[2 * NAME_SIZE];

	if (!sample->count)
		return;
	snprintf(name, sizeof(name), "vcpu%d.%s%s", index, what, suffix);
	result_add(result, "observed", name, "ns", (double)sample->sum / (double)sample->count);
}

static void add_vcpu(struct replication_result *result, const struct observed_vcpu *vcpu)
{
	for (int i = 0; i < MAX_REASONS && vcpu->reasons[i].name[0]; i++) {
		const struct reason *reason = &vcpu->reasons[i];
		char what[NAME_SIZE + 8];

		snprintf(what, sizeof(what), "exit.%s", reason->name);
		add(result, vcpu->index, what, "", &reason->plain);
		add(result, vcpu->index, what, ".switched", &reason->switched);
	}
	for (int i = 0; i < INTERVALS; i++)
		add(result, vcpu->index, interval_names[i], "", &vcpu->intervals[i]);
}

static void observer_init(struct costs_observer *observer, const struct scenario *scenario)
{
	observer->sink.write = observe;
	observer->scenario = scenario;
	observer->tick_ns = INT64_C(1000000000) / host_config_hz(&scenario->host);
	for (int pid = 0; pid < MAX_PID; pid++) {
		struct observed_vcpu *vcpu = &observer->vcpus[pid];

		vcpu->index = -1;
		vcpu->off_at = vcpu->loaded_at = vcpu->kicked_at = -1;
		vcpu->first_entry = vcpu->first_loaded = -1;
		vcpu->injected_at = vcpu->injected_loaded = vcpu->answered_at = -1;
	}
}

enum oversub_status observe_costs_run(const struct scenario *scenario, uint32_t replication,
				      const struct world_options *options,
				      struct replication_result *result,
				      struct oversub_error *error)
{
	struct costs_observer *observer = calloc(1, sizeof(*observer));
	struct world_options traced = *options;
	enum oversub_status status;

	memset(result, 0, sizeof(*result));
	if (!observer)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	observer_init(observer, scenario);
	traced.trace = &observer->sink;
	status = world_run(scenario, replication, &traced, result, error);
	for (int pid = 1; status == OVERSUB_OK && pid < MAX_PID; pid++) {
		const struct observed_vcpu *vcpu = &observer->vcpus[pid];

		if (vcpu->index >= 0 && vcpu->index < SHOWN_VCPUS)
			add_vcpu(result, vcpu);
	}
	if (status == OVERSUB_OK)
		result_add(result, "observed", "other.kicks", "count",
			   (double)observer->other_kicks);
	free(observer);
	return status;
}
