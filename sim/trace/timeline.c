/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trace/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"

enum {
	PLACES = 50,	    /* yields that have room side by side in a picture */
	MAX_YIELDS = 60,    /* more at once cover what is below them */
	ENOUGH_YIELDS = 10, /* fewer are only shown if there are no more */
};

/* IPIs that are remembered until they arrive; older ones are forgotten. */
enum { MAX_PENDING = 4096 };

/* ---- Where to look -------------------------------------------------------------------------- */

static bool is_taken_yield(const struct trace_record *record)
{
	return record->kind == TRACE_yield_to && trace_yield_is_taken(record);
}

/* Of the taken yields in some ns. */
struct yield_counts {
	size_t all;
	size_t apart; /* those that come so long after the one before that a picture shows both */
};

/* Count a yield, up or down, that may come `gap` ns after the one before it, at *previous. */
static void count_yield(const struct trace_record *record, int64_t gap, int64_t *previous,
			struct yield_counts *counts, int step)
{
	counts->all += (size_t)step;
	if (record->time - *previous >= gap)
		counts->apart += (size_t)step;
	*previous = record->time;
}

/* How good a place is: yields that can be told apart are, a heap of them is not. */
static size_t score_of(const struct yield_counts *counts)
{
	size_t crowded = counts->all - counts->apart;

	return counts->all <= MAX_YIELDS && counts->apart > crowded / 2
		       ? counts->apart - crowded / 2
		       : 0;
}

/* The best place of length, and *score of it: 0 if every one has no yield or too many. */
static int64_t choose(const struct trace *trace, int64_t length, size_t *score)
{
	const struct trace_record *records = trace->records;
	int64_t first = records[0].time, last = records[trace->nr_records - 1].time;
	int64_t gap = length / PLACES, best = first;
	int64_t previous_in = first - gap, previous_out = first - gap;
	struct yield_counts counts = {0};
	size_t end = 0;

	*score = 0;
	for (size_t begin = 0; begin < trace->nr_records; begin++) {
		int64_t from = records[begin].time - length / 20;

		if (!is_taken_yield(&records[begin]))
			continue;
		for (; end < trace->nr_records && records[end].time < from + length; end++)
			if (is_taken_yield(&records[end]))
				count_yield(&records[end], gap, &previous_in, &counts, 1);
		/* What ran at the start must be known, and the picture be full. */
		if (score_of(&counts) > *score && from >= first + TRACE_SETTLE_NS &&
		    from + length <= last) {
			*score = score_of(&counts);
			best = from;
		}
		count_yield(&records[begin], gap, &previous_out, &counts, -1);
	}
	return best;
}

int64_t timeline_choose(const struct trace *trace, int64_t *length)
{
	static const int64_t lengths[] = {5000000, 2000000, 1000000, 500000, 200000, 100000};
	int64_t first = trace->records[0].time, from = first;
	size_t score = 0;

	if (*length > 0)
		return choose(trace, *length, &score);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		*length = lengths[i];
		from = choose(trace, *length, &score);
		if (score >= ENOUGH_YIELDS)
			return from;
	}
	/* Few yields or none anywhere: the longest shows most of them. */
	*length = lengths[0];
	return choose(trace, *length, &score);
}

/* ---- Boxes ---------------------------------------------------------------------------------- */

/* What a CPU does now. */
struct cpu_state {
	bool known;
	int64_t since;
	const struct replay_task *task; /* NULL: idle */
	enum replay_doing doing;
	size_t last; /* index + 1 of its last box; 0: none */
};

/* An IPI that has not arrived yet. */
struct pending {
	int64_t sent;
	int cpu, vector;
	const struct replay_task *to;
};

/* A piece of what is being derived. */
struct derivation {
	struct trace *trace;
	struct timeline *timeline;
	struct cpu_state *cpus;
	struct pending *pending; /* MAX_PENDING */
	size_t nr_pending;
	int64_t resolution;
};

static bool is_brief(const struct derivation *derivation, int64_t begin, int64_t end)
{
	return end - begin < derivation->resolution;
}

/* Let what comes after `last` go on in it: it is the same, or too brief to show. */
static bool extend(const struct derivation *derivation, struct timeline_box *last,
		   const struct timeline_box *box)
{
	if (last->task != box->task || last->end != box->begin || last->preempted)
		return false;
	if (last->doing != box->doing) {
		if (is_brief(derivation, last->begin, last->end))
			last->doing = box->doing;
		else if (!is_brief(derivation, box->begin, box->end))
			return false;
	}
	last->end = box->end;
	last->preempted = box->preempted;
	return true;
}

/* The CPU ends what it did at time. False without memory. */
static bool end_box(struct derivation *derivation, int cpu, int64_t time, bool preempted)
{
	struct timeline *timeline = derivation->timeline;
	struct cpu_state *state = &derivation->cpus[cpu];
	struct timeline_box box = {.cpu = cpu,
				   .task = state->task,
				   .doing = state->doing,
				   .begin = state->since > timeline->from ? state->since
									  : timeline->from,
				   .end = time < timeline->to ? time : timeline->to,
				   .preempted = preempted && time < timeline->to};
	struct timeline_box *next;

	if (!state->known || !state->task || box.begin >= box.end)
		return true;
	if (state->last && extend(derivation, &timeline->boxes[state->last - 1], &box))
		return true;
	next = array_add(timeline->boxes, timeline->nr_boxes);
	if (!next)
		return false;
	*next = box;
	state->last = timeline->nr_boxes;
	return true;
}

/* What a CPU did before the first record that tells of it. */
static enum replay_doing doing_before(const struct trace_record *record,
				      const struct replay_task *task)
{
	switch (record->kind) {
	case TRACE_kvm_exit:
	case TRACE_spin_begin: return DOING_WORK;
	case TRACE_spin_end: return DOING_SPIN;
	default: return task && task->vm < 0 ? DOING_THREAD : DOING_HOST;
	}
}

/* The task that has it may not have been heard of. */
static enum replay_doing doing_now(const struct replay_task *task)
{
	enum replay_doing doing = task ? replay_doing(task) : DOING_UNKNOWN;

	if (!task || doing != DOING_UNKNOWN)
		return doing;
	return task->vm < 0 ? DOING_THREAD : DOING_HOST;
}

/* False without memory. */
static bool take_state(struct derivation *derivation, const struct trace_record *record)
{
	struct replay *replay = &derivation->trace->replay;
	struct replay_task *task = replay_task(replay, record->pid), *now;
	struct cpu_state *cpu = &derivation->cpus[record->cpu];
	bool preempted;

	if (!cpu->known)
		*cpu = (struct cpu_state){.known = true,
					  .since = derivation->trace->records[0].time,
					  .task = task,
					  .doing = doing_before(record, task)};
	replay_take(replay, record);
	now = replay->cpus[record->cpu].current;
	if (now == cpu->task && doing_now(now) == cpu->doing)
		return true;
	preempted =
		record->kind == TRACE_sched_switch && task && replay_doing(task) == DOING_PREEMPTED;
	if (!end_box(derivation, record->cpu, record->time, preempted))
		return false;
	cpu->since = record->time;
	cpu->task = now;
	cpu->doing = doing_now(now);
	return true;
}

/* ---- Yields and interrupts ------------------------------------------------------------------ */

static bool take_yield(struct derivation *derivation, const struct trace_record *record)
{
	struct timeline *timeline = derivation->timeline;
	int to = record->yield_to.target_cpu;
	struct timeline_yield *yield;

	if (record->time < timeline->from || record->time >= timeline->to || to < 0 ||
	    to >= derivation->trace->replay.nr_cpus)
		return true;
	yield = array_add(timeline->yields, timeline->nr_yields);
	if (!yield)
		return false;
	*yield = (struct timeline_yield){.time = record->time,
					 .from_cpu = record->cpu,
					 .to_cpu = to,
					 .taken = trace_yield_is_taken(record),
					 .right = trace_yield_is_right(record)};
	return true;
}

/* Remember one IPI; the oldest half is forgotten if there is no room. */
static void remember(struct derivation *derivation, const struct trace_record *record,
		     const struct replay_task *to)
{
	struct pending *pending = derivation->pending;

	if (derivation->nr_pending == MAX_PENDING) {
		derivation->nr_pending = MAX_PENDING / 2;
		memmove(pending, pending + MAX_PENDING / 2,
			derivation->nr_pending * sizeof(*pending));
	}
	pending[derivation->nr_pending++] =
		(struct pending){.sent = record->time,
				 .cpu = record->cpu,
				 .vector = trace_icr_vector(record->kvm_apic_ipi.icr),
				 .to = to};
}

static void take_send(struct derivation *derivation, const struct trace_record *record,
		      const struct replay_task *sender)
{
	enum trace_shorthand shorthand = trace_icr_shorthand(record->kvm_apic_ipi.icr);
	const struct replay_vm *vm = derivation->trace->replay.vms[sender->vm];

	for (int i = 0; i < vm->nr_vcpus; i++) {
		const struct replay_task *vcpu = vm->vcpus[i];

		if (vcpu && ((shorthand == TRACE_TO_OTHERS && vcpu != sender) ||
			     (shorthand == TRACE_TO_DEST &&
			      (uint32_t)vcpu->vcpu == record->kvm_apic_ipi.dest)))
			remember(derivation, record, vcpu);
	}
}

/* All IPIs with this vector that were sent to the vCPU arrive in one: IRR has one bit for it. */
static bool take_injection(struct derivation *derivation, const struct trace_record *record,
			   const struct replay_task *to)
{
	struct timeline *timeline = derivation->timeline;
	size_t kept = 0;

	for (size_t i = 0; i < derivation->nr_pending; i++) {
		const struct pending *pending = &derivation->pending[i];
		struct timeline_flight *flight;

		if (pending->to != to || pending->vector != record->kvm_inj_virq.vector) {
			derivation->pending[kept++] = *pending;
			continue;
		}
		if (record->time < timeline->from || pending->sent >= timeline->to ||
		    is_brief(derivation, pending->sent, record->time))
			continue;
		flight = array_add(timeline->flights, timeline->nr_flights);
		if (!flight)
			return false;
		*flight = (struct timeline_flight){.sent = pending->sent,
						   .injected = record->time,
						   .from_cpu = pending->cpu,
						   .to_cpu = record->cpu};
	}
	derivation->nr_pending = kept;
	return true;
}

/* ---- All of it ------------------------------------------------------------------------------ */

/* False without memory. */
static bool take_record(struct derivation *derivation, const struct trace_record *record)
{
	const struct replay_task *task = replay_task(&derivation->trace->replay, record->pid);

	if (!take_state(derivation, record))
		return false;
	if (record->kind == TRACE_yield_to)
		return take_yield(derivation, record);
	if (record->kind == TRACE_kvm_inj_virq && task && task->vm >= 0)
		return take_injection(derivation, record, task);
	if (record->kind == TRACE_kvm_apic_ipi && task && task->vm >= 0)
		take_send(derivation, record, task);
	return true;
}

static bool derive(struct derivation *derivation)
{
	struct trace *trace = derivation->trace;

	replay_rewind(&trace->replay);
	for (size_t i = 0; i < trace->nr_records; i++)
		if (!take_record(derivation, &trace->records[i]))
			return false;
	for (int i = 0; i < trace->replay.nr_cpus; i++)
		if (!end_box(derivation, i, derivation->timeline->to, false))
			return false;
	return true;
}

enum oversub_status timeline_derive(struct trace *trace, int64_t from, int64_t length,
				    int64_t resolution, struct timeline *timeline,
				    struct oversub_error *error)
{
	struct derivation derivation = {
		.trace = trace,
		.timeline = timeline,
		.cpus = calloc((size_t)trace->replay.nr_cpus, sizeof(*derivation.cpus)),
		.pending = calloc(MAX_PENDING, sizeof(*derivation.pending)),
		.resolution = resolution,
	};
	bool good;

	*timeline = (struct timeline){.from = from, .to = from + length};
	good = derivation.cpus && derivation.pending && derive(&derivation);
	free(derivation.cpus);
	free(derivation.pending);
	if (good)
		return OVERSUB_OK;
	timeline_free(timeline);
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the timeline");
}

void timeline_free(struct timeline *timeline)
{
	free(timeline->boxes);
	free(timeline->yields);
	free(timeline->flights);
	*timeline = (struct timeline){0};
}
