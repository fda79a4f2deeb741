/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trace/journey.h"

#include <stdlib.h>
#include <string.h>

enum {
	SETTLE_NS = 1000000, /* of a trace, until it is known what most tasks do */
	GOOD_NS = 40000,     /* a wait that fills a picture well lasts from here */
	LONG_NS = 400000,    /* to here */
	MAX_YIELD_STEPS = 6, /* more are counted */
	MARGIN_PART = 12,    /* of the journey, shown before and after it */
};

/* What a task does now. */
struct task_state {
	enum journey_state state;
	int64_t since; /* ns */
	int cpu, by;
	bool spinning; /* in a busy-wait, on a CPU or not */
	bool yielded;  /* a directed yield of its was taken, and it has not run since */
};

/* ---- What tasks do -------------------------------------------------------------------------- */

static bool in_guest(enum journey_state state)
{
	return state == JOURNEY_WORK || state == JOURNEY_SPIN;
}

static void set(struct task_state *task, const struct timeline_event *event,
		enum journey_state state, int by)
{
	task->state = state;
	task->since = event->time;
	task->by = by;
	if (state != JOURNEY_WOKEN)
		task->cpu = event->cpu;
}

static void take_switch(struct task_state *states, const struct timeline_event *event)
{
	struct task_state *prev = &states[event->task];

	if (!event->preempted)
		set(prev, event, JOURNEY_HALTED, -1);
	else
		set(prev, event, prev->yielded ? JOURNEY_YIELDED : JOURNEY_PREEMPTED, event->other);
	set(&states[event->other], event, JOURNEY_HOST, -1);
}

/* What changes in the states of tasks by event. */
static void take_event(struct task_state *states, const struct timeline_event *event)
{
	struct task_state *task = &states[event->task];

	switch (event->kind) {
	case TIMELINE_SWITCH: take_switch(states, event); break;
	case TIMELINE_EXIT: set(task, event, JOURNEY_HOST, -1); break;
	case TIMELINE_ENTRY:
		task->yielded = false;
		set(task, event, task->spinning ? JOURNEY_SPIN : JOURNEY_WORK, -1);
		break;
	case TIMELINE_SPIN_BEGIN:
	case TIMELINE_SPIN_END:
		task->spinning = event->kind == TIMELINE_SPIN_BEGIN;
		if (in_guest(task->state) || task->state == JOURNEY_UNKNOWN)
			set(task, event, task->spinning ? JOURNEY_SPIN : JOURNEY_WORK, -1);
		break;
	case TIMELINE_YIELD: task->yielded |= event->taken; break;
	case TIMELINE_WAKEUP:
		if (states[event->other].state == JOURNEY_HALTED)
			set(&states[event->other], event, JOURNEY_WOKEN, -1);
		break;
	default: break;
	}
}

/* ---- Which IPI ------------------------------------------------------------------------------ */

/* The last unicast IPI of a task, while it may still become a journey. */
struct candidate {
	size_t sent;  /* index of its event */
	int receiver; /* task; -1: there is no candidate */
	bool receiver_off, spins, runs, injected, eoi;
	int yields, right_yields;
};

static bool is_off_cpu(enum journey_state state)
{
	return state == JOURNEY_PREEMPTED || state == JOURNEY_YIELDED || state == JOURNEY_WOKEN;
}

/* How much of a story it is, now that the wait has ended at end; 0: none. */
static int score_of(const struct timeline_trace *trace, const struct candidate *candidate,
		    int64_t end)
{
	int64_t length = end - trace->events[candidate->sent].time;
	int score;

	if (!candidate->spins || !candidate->injected)
		return 0;
	score = 1 + 8 * candidate->receiver_off + 4 * candidate->runs + 2 * candidate->eoi;
	score += 8 * (candidate->right_yields > 0) + 4 * (candidate->yields > 0);
	score += 2 * (candidate->yields > candidate->right_yields);
	if (candidate->yields <= MAX_YIELD_STEPS)
		score += 4;
	if (length >= GOOD_NS && length <= LONG_NS)
		score += 8;
	return score;
}

static void begin_candidate(const struct timeline_trace *trace, const struct task_state *states,
			    size_t index, struct candidate *candidate)
{
	const struct timeline_event *event = &trace->events[index];

	*candidate = (struct candidate){.sent = index, .receiver = -1};
	if (event->destination < 0)
		return;
	candidate->receiver =
		timeline_find_vcpu(trace, trace->tasks[event->task].vm, event->destination);
	if (candidate->receiver >= 0)
		candidate->receiver_off = is_off_cpu(states[candidate->receiver].state);
}

/* The receiver's side: every candidate that it is the receiver of. */
static void note_receiver(const struct timeline_trace *trace, struct candidate *candidates,
			  const struct timeline_event *event)
{
	int receiver = event->kind == TIMELINE_SWITCH ? event->other : event->task;

	for (size_t i = 0; i < trace->nr_tasks; i++) {
		struct candidate *candidate = &candidates[i];

		if (candidate->receiver != receiver)
			continue;
		if (event->kind == TIMELINE_SWITCH)
			candidate->runs = true;
		else if (event->vector != trace->events[candidate->sent].vector)
			continue;
		else if (event->kind == TIMELINE_INJECT)
			candidate->injected = true;
		else
			candidate->eoi = candidate->injected;
	}
}

static void note_sender(const struct timeline_trace *trace, struct candidate *candidate,
			const struct timeline_event *event)
{
	if (candidate->receiver < 0)
		return;
	if (event->kind == TIMELINE_SPIN_BEGIN) {
		candidate->spins = event->waits_for == trace->tasks[candidate->receiver].vcpu;
		if (!candidate->spins)
			candidate->receiver = -1;
	} else if (event->kind == TIMELINE_YIELD && event->taken) {
		candidate->yields++;
		candidate->right_yields += event->other == candidate->receiver;
	}
}

struct choice {
	struct candidate candidate;
	size_t end; /* index of the event that ends it */
	int score;
};

static void choose(const struct timeline_trace *trace, int64_t from, int64_t to,
		   struct task_state *states, struct candidate *candidates, struct choice *choice)
{
	for (size_t i = 0; i < trace->nr_events; i++) {
		const struct timeline_event *event = &trace->events[i];
		struct candidate *own = &candidates[event->task];

		take_event(states, event);
		switch (event->kind) {
		case TIMELINE_IPI:
			if (event->time >= from && event->time < to &&
			    trace->tasks[event->task].vm >= 0)
				begin_candidate(trace, states, i, own);
			break;
		case TIMELINE_SWITCH:
		case TIMELINE_INJECT:
		case TIMELINE_EOI: note_receiver(trace, candidates, event); break;
		case TIMELINE_SPIN_BEGIN:
		case TIMELINE_YIELD: note_sender(trace, own, event); break;
		case TIMELINE_SPIN_END:
			if (own->receiver >= 0 && score_of(trace, own, event->time) > choice->score)
				*choice =
					(struct choice){*own, i, score_of(trace, own, event->time)};
			own->receiver = -1;
			break;
		default: break;
		}
	}
}

/* ---- Its steps ------------------------------------------------------------------------------ */

static struct journey_step *add_step(struct journey *journey, enum journey_step_kind kind,
				     const struct timeline_event *event, int task, int other)
{
	struct journey_step *step = &journey->steps[journey->nr_steps];

	/* The limits leave room for one of each kind and all yields. */
	*step = (struct journey_step){
		.kind = kind, .time = event->time, .task = task, .other = other, .cpu = event->cpu};
	journey->nr_steps++;
	return step;
}

static void add_task(struct journey *journey, const struct timeline_trace *trace, int task)
{
	for (int i = 0; i < journey->nr_tasks; i++)
		if (journey->tasks[i] == task)
			return;
	if (journey->nr_tasks < JOURNEY_MAX_TASKS && !trace->tasks[task].idle)
		journey->tasks[journey->nr_tasks++] = task;
}

static void add_yield(struct journey *journey, const struct timeline_trace *trace,
		      const struct timeline_event *event, int *yields, struct journey_step **more)
{
	if (++*yields > MAX_YIELD_STEPS) {
		if (!*more)
			*more = add_step(journey, JOURNEY_MORE_YIELDS, event, event->task, -1);
		(*more)->count++;
		return;
	}
	add_step(journey, JOURNEY_YIELD, event, event->task, event->other)->right = event->right;
	add_task(journey, trace, event->other);
}

static void describe(struct journey *journey, const struct timeline_trace *trace,
		     const struct choice *choice)
{
	const struct timeline_event *sent = &trace->events[choice->candidate.sent];
	int sender = sent->task, receiver = choice->candidate.receiver;
	bool runs = !choice->candidate.receiver_off, spins = false;
	bool injected = false, ended = false;
	struct journey_step *more = NULL;
	int yields = 0;

	add_step(journey, JOURNEY_SENT, sent, sender, receiver);
	for (size_t i = choice->candidate.sent + 1; i <= choice->end; i++) {
		const struct timeline_event *event = &trace->events[i];

		if (event->kind == TIMELINE_SWITCH && event->other == receiver && !runs) {
			runs = true;
			add_step(journey, JOURNEY_RUNS, event, receiver, event->task);
			add_task(journey, trace, event->task);
		} else if (event->task == receiver && event->vector == sent->vector &&
			   event->kind == TIMELINE_INJECT && !injected) {
			injected = true;
			add_step(journey, JOURNEY_INJECTED, event, receiver, -1);
		} else if (event->task == receiver && event->vector == sent->vector &&
			   event->kind == TIMELINE_EOI && injected && !ended) {
			ended = true;
			add_step(journey, JOURNEY_EOI, event, receiver, -1);
		} else if (event->task != sender) {
			continue;
		} else if (event->kind == TIMELINE_SPIN_BEGIN && !spins) {
			spins = true;
			add_step(journey, JOURNEY_SPIN_BEGINS, event, sender, receiver);
		} else if (event->kind == TIMELINE_YIELD && event->taken) {
			add_yield(journey, trace, event, &yields, &more);
		}
	}
	add_step(journey, JOURNEY_SPIN_ENDS, &trace->events[choice->end], sender, -1);
}

/* ---- What was done meanwhile ---------------------------------------------------------------- */

/* False without memory. */
static bool add_stretch(struct journey *journey, int task, const struct task_state *state,
			int64_t end)
{
	int64_t begin = state->since > journey->from ? state->since : journey->from;

	if (end > journey->to)
		end = journey->to;
	if (begin >= end)
		return true;
	if (journey->nr_stretches == journey->stretches_capacity) {
		size_t more = journey->stretches_capacity ? 2 * journey->stretches_capacity : 64;
		void *larger = realloc(journey->stretches, more * sizeof(*journey->stretches));

		if (!larger)
			return false;
		journey->stretches = larger;
		journey->stretches_capacity = more;
	}
	journey->stretches[journey->nr_stretches++] =
		(struct journey_stretch){.task = task,
					 .state = state->state,
					 .begin = begin,
					 .end = end,
					 .cpu = state->cpu,
					 .by = state->by};
	return true;
}

static bool add_stretches(struct journey *journey, const struct timeline_trace *trace,
			  struct task_state *states, const struct choice *choice)
{
	struct task_state before[JOURNEY_MAX_TASKS];

	for (size_t i = 0; i < trace->nr_events; i++) {
		const struct timeline_event *event = &trace->events[i];

		if (event->time > journey->to)
			break;
		for (int t = 0; t < journey->nr_tasks; t++)
			before[t] = states[journey->tasks[t]];
		take_event(states, event);
		for (int t = 0; t < journey->nr_tasks; t++) {
			const struct task_state *now = &states[journey->tasks[t]];

			if ((now->state != before[t].state || now->since != before[t].since) &&
			    !add_stretch(journey, journey->tasks[t], &before[t], event->time))
				return false;
		}
		if (i == choice->candidate.sent) {
			journey->receiver_was = states[choice->candidate.receiver].state;
			journey->receiver_lost_to = states[choice->candidate.receiver].by;
		}
	}
	for (int t = 0; t < journey->nr_tasks; t++)
		if (!add_stretch(journey, journey->tasks[t], &states[journey->tasks[t]],
				 journey->to))
			return false;
	return true;
}

static void forget(const struct timeline_trace *trace, struct task_state *states)
{
	for (size_t i = 0; i < trace->nr_tasks; i++)
		states[i] =
			(struct task_state){.since = trace->events[0].time, .cpu = -1, .by = -1};
}

static void place(struct journey *journey, const struct timeline_trace *trace,
		  const struct choice *choice)
{
	const struct timeline_event *sent = &trace->events[choice->candidate.sent];
	int64_t end = trace->events[choice->end].time;
	int64_t margin = (end - sent->time) / MARGIN_PART + 1000;

	journey->from = sent->time - margin;
	journey->to = end + margin;
	journey->vector = sent->vector;
	add_task(journey, trace, sent->task);
	add_task(journey, trace, choice->candidate.receiver);
}

enum oversub_status journey_find(const struct timeline_trace *trace, int64_t from, int64_t to,
				 struct journey *journey, bool *found, struct oversub_error *error)
{
	struct task_state *states = calloc(trace->nr_tasks + 1, sizeof(*states));
	struct candidate *candidates = calloc(trace->nr_tasks + 1, sizeof(*candidates));
	struct choice choice = {.score = 0};
	bool good = states && candidates;

	*journey = (struct journey){0};
	if (good) {
		if (from < trace->events[0].time + SETTLE_NS)
			from = trace->events[0].time + SETTLE_NS;
		for (size_t i = 0; i < trace->nr_tasks; i++)
			candidates[i].receiver = -1;
		forget(trace, states);
		choose(trace, from, to, states, candidates, &choice);
	}
	*found = good && choice.score > 0;
	if (*found) {
		place(journey, trace, &choice);
		describe(journey, trace, &choice);
		forget(trace, states);
		good = add_stretches(journey, trace, states, &choice);
	}
	free(states);
	free(candidates);
	if (good)
		return OVERSUB_OK;
	journey_free(journey);
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the journey of an IPI");
}

void journey_free(struct journey *journey)
{
	free(journey->stretches);
	*journey = (struct journey){0};
}
