/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trace/timeline.h"

#include <stdlib.h>
#include <string.h>

enum {
	PLACES = 50,	    /* yields that have room side by side in a picture */
	MAX_YIELDS = 60,    /* more in a stretch cover what is below them */
	ENOUGH_YIELDS = 10, /* fewer are only shown if there are no more */
};

/* Of a trace, until it is known what runs on most CPUs. */
enum { SETTLE_NS = 1000000 };

/* IPIs that are remembered until they arrive; older ones are forgotten. */
enum { MAX_PENDING = 4096 };

/* ---- Where to look
 * -------------------------------------------------------------------------------- */

static bool is_taken_yield(const struct timeline_event *event)
{
	return event->kind == TIMELINE_YIELD && event->taken;
}

/* Of the taken yields in a stretch. */
struct yield_counts {
	size_t all;
	size_t apart; /* those that come so long after the one before that a picture shows both */
};

/* Count a yield, up or down, that may come `gap` ns after the one before it, at *previous. */
static void count_yield(const struct timeline_event *event, int64_t gap, int64_t *previous,
			struct yield_counts *counts, int step)
{
	counts->all += (size_t)step;
	if (event->time - *previous >= gap)
		counts->apart += (size_t)step;
	*previous = event->time;
}

/* How good a stretch is: yields that can be told apart are, a heap of them is not. */
static size_t score_of(const struct yield_counts *counts)
{
	size_t crowded = counts->all - counts->apart;

	return counts->all <= MAX_YIELDS && counts->apart > crowded / 2
		       ? counts->apart - crowded / 2
		       : 0;
}

/* The best stretch of length, and *score of it: 0 if every one has no yield or too many. */
static int64_t choose(const struct timeline_trace *trace, int64_t length, size_t *score)
{
	const struct timeline_event *events = trace->events;
	int64_t first = events[0].time, last = events[trace->nr_events - 1].time;
	int64_t gap = length / PLACES, best = first;
	int64_t previous_in = first - gap, previous_out = first - gap;
	struct yield_counts counts = {0};
	size_t end = 0;

	*score = 0;
	for (size_t begin = 0; begin < trace->nr_events; begin++) {
		int64_t from = events[begin].time - length / 20;

		if (!is_taken_yield(&events[begin]))
			continue;
		for (; end < trace->nr_events && events[end].time < from + length; end++)
			if (is_taken_yield(&events[end]))
				count_yield(&events[end], gap, &previous_in, &counts, 1);
		/* What ran at the start must be known, and the stretch be full. */
		if (score_of(&counts) > *score && from >= first + SETTLE_NS &&
		    from + length <= last) {
			*score = score_of(&counts);
			best = from;
		}
		count_yield(&events[begin], gap, &previous_out, &counts, -1);
	}
	return best;
}

int64_t timeline_choose(const struct timeline_trace *trace, int64_t *length)
{
	static const int64_t lengths[] = {5000000, 2000000, 1000000, 500000, 200000, 100000};
	int64_t first = trace->events[0].time, from = first;
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

/* ---- Growing arrays
 * ------------------------------------------------------------------------------- */

/* Room for one more element of *array; NULL without memory. */
static void *grow(void *array, size_t *nr, size_t *capacity, size_t size)
{
	void **where = array;

	if (*nr == *capacity) {
		size_t more = *capacity ? 2 * *capacity : 256;
		void *larger = realloc(*where, more * size);

		if (!larger)
			return NULL;
		*where = larger;
		*capacity = more;
	}
	return (char *)*where + (*nr)++ * size;
}

/* ---- Boxes
 * ---------------------------------------------------------------------------------------- */

/* What a CPU does now. */
struct cpu_state {
	int64_t since; /* -1: nothing is known yet */
	int task;
	enum timeline_state state;
	bool yielded; /* its task gave it up in favour of another */
	size_t last;  /* index + 1 of its last box; 0: none */
};

/* A piece of what is being derived. */
struct derivation {
	const struct timeline_trace *trace;
	struct timeline *timeline;
	struct cpu_state *cpus;
	bool *spinning; /* for each task: it is in a busy-wait, on a CPU or not */
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
	if (last->state != box->state) {
		if (is_brief(derivation, last->begin, last->end))
			last->state = box->state;
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
				   .state = state->state,
				   .begin = state->since > timeline->from ? state->since
									  : timeline->from,
				   .end = time < timeline->to ? time : timeline->to,
				   .preempted = preempted && time < timeline->to};
	struct timeline_box *next;

	if (state->since < 0 || state->state == TIMELINE_IDLE || box.begin >= box.end)
		return true;
	if (state->last && extend(derivation, &timeline->boxes[state->last - 1], &box))
		return true;
	next = grow(&timeline->boxes, &timeline->nr_boxes, &timeline->boxes_capacity,
		    sizeof(*timeline->boxes));
	if (!next)
		return false;
	*next = box;
	state->last = timeline->nr_boxes;
	return true;
}

static enum timeline_state state_of_task(const struct timeline_task *task)
{
	if (task->idle)
		return TIMELINE_IDLE;
	return task->vcpu >= 0 ? TIMELINE_HOST : TIMELINE_THREAD;
}

/* What the CPU does after event; false if that changes nothing. */
static bool next_state(const struct derivation *derivation, const struct timeline_event *event,
		       enum timeline_state *state, int *task)
{
	const struct cpu_state *cpu = &derivation->cpus[event->cpu];
	enum timeline_state now = cpu->task == event->task ? cpu->state : TIMELINE_HOST;

	*task = event->task;
	switch (event->kind) {
	case TIMELINE_SWITCH:
		*task = event->other;
		*state = state_of_task(&derivation->trace->tasks[event->other]);
		return true;
	case TIMELINE_EXIT: *state = TIMELINE_HOST; return true;
	case TIMELINE_ENTRY:
		*state = derivation->spinning[event->task] ? TIMELINE_SPIN : TIMELINE_WORK;
		return true;
	case TIMELINE_SPIN_BEGIN: *state = TIMELINE_SPIN; return now == TIMELINE_WORK;
	case TIMELINE_SPIN_END: *state = TIMELINE_WORK; return now == TIMELINE_SPIN;
	default: return false;
	}
}

/* What a CPU did before the first event that tells of it. */
static enum timeline_state state_before(const struct derivation *derivation,
					const struct timeline_event *event)
{
	switch (event->kind) {
	case TIMELINE_EXIT:
	case TIMELINE_SPIN_BEGIN: return TIMELINE_WORK;
	case TIMELINE_SPIN_END: return TIMELINE_SPIN;
	default: return state_of_task(&derivation->trace->tasks[event->task]);
	}
}

/* False without memory. */
static bool take_event(struct derivation *derivation, const struct timeline_event *event)
{
	struct cpu_state *cpu = &derivation->cpus[event->cpu];
	enum timeline_state state;
	int task;

	if (cpu->since < 0) {
		cpu->since = derivation->trace->events[0].time;
		cpu->task = event->task;
		cpu->state = state_before(derivation, event);
	}
	if (event->kind == TIMELINE_SPIN_BEGIN || event->kind == TIMELINE_SPIN_END)
		derivation->spinning[event->task] = event->kind == TIMELINE_SPIN_BEGIN;
	if (event->kind == TIMELINE_YIELD && event->taken)
		cpu->yielded = true;
	if (!next_state(derivation, event, &state, &task))
		return true;
	if (!end_box(derivation, event->cpu, event->time,
		     event->kind == TIMELINE_SWITCH && event->preempted && !cpu->yielded))
		return false;
	cpu->yielded = false;
	cpu->since = event->time;
	cpu->task = task;
	cpu->state = state;
	return true;
}

static bool derive_boxes(struct derivation *derivation)
{
	const struct timeline_trace *trace = derivation->trace;
	bool good = true;

	for (int i = 0; i < trace->nr_cpus; i++)
		derivation->cpus[i].since = -1;
	for (size_t i = 0; good && i < trace->nr_events; i++)
		good = take_event(derivation, &trace->events[i]);
	for (int i = 0; good && i < trace->nr_cpus; i++)
		good = end_box(derivation, i, derivation->timeline->to, false);
	return good;
}

/* ---- Yields and interrupts
 * ------------------------------------------------------------------------- */

static bool derive_yields(struct derivation *derivation)
{
	struct timeline *timeline = derivation->timeline;

	for (size_t i = 0; i < derivation->trace->nr_events; i++) {
		const struct timeline_event *event = &derivation->trace->events[i];
		struct timeline_yield *yield;

		if (event->kind != TIMELINE_YIELD || event->time < timeline->from ||
		    event->time >= timeline->to)
			continue;
		yield = grow(&timeline->yields, &timeline->nr_yields, &timeline->yields_capacity,
			     sizeof(*timeline->yields));
		if (!yield)
			return false;
		*yield = (struct timeline_yield){.time = event->time,
						 .from_cpu = event->cpu,
						 .to_cpu = event->cpu2,
						 .taken = event->taken,
						 .right = event->right};
	}
	return true;
}

/* An IPI that has not arrived yet. */
struct pending {
	int64_t sent;
	int cpu, vm, vcpu, vector;
};

struct pendings {
	struct pending *at;
	size_t nr;
};

/* Remember one IPI; the oldest half is forgotten if there is no room. */
static void remember(struct pendings *pendings, const struct timeline_event *event, int vm,
		     int vcpu)
{
	if (pendings->nr == MAX_PENDING) {
		pendings->nr = MAX_PENDING / 2;
		memmove(pendings->at, pendings->at + MAX_PENDING / 2,
			pendings->nr * sizeof(*pendings->at));
	}
	pendings->at[pendings->nr++] = (struct pending){.sent = event->time,
							.cpu = event->cpu,
							.vm = vm,
							.vcpu = vcpu,
							.vector = event->vector};
}

static void take_send(const struct timeline_trace *trace, struct pendings *pendings,
		      const struct timeline_event *event)
{
	const struct timeline_task *sender = &trace->tasks[event->task];

	if (event->destination >= 0) {
		remember(pendings, event, sender->vm, event->destination);
		return;
	}
	for (size_t i = 0; event->destination == -1 && i < trace->nr_tasks; i++)
		if (trace->tasks[i].vm == sender->vm && (int)i != event->task)
			remember(pendings, event, sender->vm, trace->tasks[i].vcpu);
}

/* All IPIs with this vector that were sent to the vCPU arrive in one: IRR has one bit for it. */
static bool take_injection(struct derivation *derivation, struct pendings *pendings,
			   const struct timeline_event *event)
{
	const struct timeline_task *task = &derivation->trace->tasks[event->task];
	struct timeline *timeline = derivation->timeline;
	size_t kept = 0;

	for (size_t i = 0; i < pendings->nr; i++) {
		const struct pending *pending = &pendings->at[i];
		struct timeline_flight *flight;

		if (pending->vm != task->vm || pending->vcpu != task->vcpu ||
		    pending->vector != event->vector) {
			pendings->at[kept++] = *pending;
			continue;
		}
		if (event->time < timeline->from || pending->sent >= timeline->to ||
		    is_brief(derivation, pending->sent, event->time))
			continue;
		flight = grow(&timeline->flights, &timeline->nr_flights,
			      &timeline->flights_capacity, sizeof(*timeline->flights));
		if (!flight)
			return false;
		*flight = (struct timeline_flight){.sent = pending->sent,
						   .injected = event->time,
						   .from_cpu = pending->cpu,
						   .to_cpu = event->cpu};
	}
	pendings->nr = kept;
	return true;
}

static bool derive_flights(struct derivation *derivation)
{
	const struct timeline_trace *trace = derivation->trace;
	struct pendings pendings = {.at = calloc(MAX_PENDING, sizeof(*pendings.at))};
	bool good = pendings.at != NULL;

	for (size_t i = 0; good && i < trace->nr_events; i++) {
		const struct timeline_event *event = &trace->events[i];

		if (trace->tasks[event->task].vm < 0)
			continue;
		if (event->kind == TIMELINE_IPI)
			take_send(trace, &pendings, event);
		else if (event->kind == TIMELINE_INJECT)
			good = take_injection(derivation, &pendings, event);
	}
	free(pendings.at);
	return good;
}

enum oversub_status timeline_derive(const struct timeline_trace *trace, int64_t from,
				    int64_t length, int64_t resolution, struct timeline *timeline,
				    struct oversub_error *error)
{
	struct derivation derivation = {
		.trace = trace,
		.timeline = timeline,
		.cpus = calloc((size_t)trace->nr_cpus + 1, sizeof(*derivation.cpus)),
		.spinning = calloc(trace->nr_tasks + 1, sizeof(*derivation.spinning)),
		.resolution = resolution,
	};
	bool good = derivation.cpus && derivation.spinning;

	*timeline = (struct timeline){.from = from, .to = from + length};
	good = good && derive_boxes(&derivation) && derive_yields(&derivation) &&
	       derive_flights(&derivation);
	free(derivation.cpus);
	free(derivation.spinning);
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
