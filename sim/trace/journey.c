/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trace/journey.h"

#include <stdlib.h>

#include "sim/base/array.h"

enum {
	GOOD_NS = 40000,     /* a wait that fills a picture well lasts from here */
	LONG_NS = 400000,    /* to here */
	MAX_YIELD_STEPS = 6, /* more are counted */
	MARGIN_PART = 12,    /* of the journey, shown before and after it */
};

/* ---- What tasks do -------------------------------------------------------------------------- */

static enum replay_doing doing_of(const struct replay_task *task)
{
	enum replay_doing doing = replay_doing(task);

	return doing == DOING_THREAD ? DOING_HOST : doing;
}

/* What task does from begin on. */
static struct journey_interval interval_of(const struct replay_task *task, int64_t begin)
{
	return (struct journey_interval){.task = task,
					 .doing = doing_of(task),
					 .begin = begin,
					 .cpu = task->cpu,
					 .by = task->lost_to};
}

static bool is_vcpu(const struct replay_task *task)
{
	return task && task->vm >= 0;
}

/* ---- Which IPI ------------------------------------------------------------------------------ */

/* The last unicast IPI of a task, while it may still become a journey. */
struct candidate {
	const struct trace_record *sent;
	const struct replay_task *sender, *receiver; /* NULL: there is no candidate */
	bool receiver_off, spins, runs, injected, eoi;
	int yields, right_yields;
};

struct choice {
	struct candidate candidate;
	const struct trace_record *end; /* of the wait */
	int score;
};

/* How much there is to see, now that the wait has ended at end; 0: nothing. */
static int score_of(const struct candidate *candidate, int64_t end)
{
	int64_t length = end - candidate->sent->time;
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

static void begin_candidate(const struct replay *replay, const struct trace_record *sent,
			    const struct replay_task *sender, struct candidate *candidate)
{
	*candidate = (struct candidate){.sent = sent, .sender = sender};
	if (trace_icr_shorthand(sent->kvm_apic_ipi.icr) != TRACE_TO_DEST)
		return;
	candidate->receiver = replay_vcpu(replay, sender->vm, (int)sent->kvm_apic_ipi.dest);
	if (candidate->receiver)
		candidate->receiver_off = candidate->receiver->place == PLACE_QUEUED;
}

/* The receiver's side: every candidate that it is the receiver of. */
static void note_receiver(struct candidate *candidates, int nr, const struct replay_task *receiver,
			  const struct trace_record *record)
{
	for (int i = 0; receiver && i < nr; i++) {
		struct candidate *candidate = &candidates[i];
		int vector;

		if (candidate->receiver != receiver)
			continue;
		vector = trace_icr_vector(candidate->sent->kvm_apic_ipi.icr);
		if (record->kind == TRACE_sched_switch)
			candidate->runs = true;
		else if (record->kind == TRACE_kvm_inj_virq)
			candidate->injected |= record->kvm_inj_virq.vector == vector;
		else if (record->kvm_eoi.vector == vector)
			candidate->eoi = candidate->injected;
	}
}

/* The sender's side. */
static void note_sender(struct candidate *candidate, const struct trace_record *record,
			struct choice *choice)
{
	if (!candidate->receiver)
		return;
	switch (record->kind) {
	case TRACE_spin_begin:
		candidate->spins = record->spin_begin.waits_for == candidate->receiver->vcpu;
		if (!candidate->spins)
			candidate->receiver = NULL;
		break;
	case TRACE_yield_to:
		if (!trace_yield_is_taken(record))
			break;
		candidate->yields++;
		candidate->right_yields += record->yield_to.target_pid == candidate->receiver->pid;
		break;
	default: /* the spin is over */
		if (score_of(candidate, record->time) > choice->score)
			*choice = (struct choice){*candidate, record,
						  score_of(candidate, record->time)};
		candidate->receiver = NULL;
	}
}

/* candidates: one for each task. */
static void choose(struct trace *trace, int64_t from, int64_t to, struct candidate *candidates,
		   struct choice *choice)
{
	struct replay *replay = &trace->replay;

	replay_rewind(replay);
	for (size_t i = 0; i < trace->nr_records; i++) {
		const struct trace_record *record = &trace->records[i];
		const struct replay_task *task = replay_task(replay, record->pid);

		replay_take(replay, record);
		switch (record->kind) {
		case TRACE_kvm_apic_ipi:
			if (record->time >= from && record->time < to && is_vcpu(task))
				begin_candidate(replay, record, task, &candidates[task->index]);
			break;
		case TRACE_sched_switch:
			task = replay_task(replay, record->sched_switch.next_pid);
			note_receiver(candidates, replay->nr_tasks, task, record);
			break;
		case TRACE_kvm_inj_virq:
		case TRACE_kvm_eoi:
			note_receiver(candidates, replay->nr_tasks, task, record);
			break;
		case TRACE_spin_begin:
		case TRACE_spin_end:
		case TRACE_yield_to:
			if (task)
				note_sender(&candidates[task->index], record, choice);
			break;
		default: break;
		}
	}
}

/* ---- Its steps ------------------------------------------------------------------------------ */

static struct journey_step *add_step(struct journey *journey, enum journey_step_kind kind,
				     const struct trace_record *record,
				     const struct replay_task *task,
				     const struct replay_task *other)
{
	struct journey_step *step = &journey->steps[journey->nr_steps];

	/* The limits leave room for one of each kind and all yields. */
	*step = (struct journey_step){.kind = kind,
				      .time = record->time,
				      .task = task,
				      .other = other,
				      .cpu = record->cpu};
	journey->nr_steps++;
	return step;
}

static void add_task(struct journey *journey, const struct replay_task *task)
{
	for (int i = 0; i < journey->nr_tasks; i++)
		if (journey->tasks[i] == task)
			return;
	if (task && journey->nr_tasks < JOURNEY_MAX_TASKS)
		journey->tasks[journey->nr_tasks++] = task;
}

/* The steps so far, of those of which only the first counts. */
struct steps {
	bool runs, spins, injected, ended;
	int yields;
	struct journey_step *more_yields;
};

static void add_yield(struct journey *journey, const struct replay *replay,
		      const struct trace_record *record, struct steps *steps)
{
	const struct replay_task *task = replay_task(replay, record->pid);
	const struct replay_task *target = replay_task(replay, record->yield_to.target_pid);

	if (++steps->yields > MAX_YIELD_STEPS) {
		if (!steps->more_yields)
			steps->more_yields =
				add_step(journey, JOURNEY_MORE_YIELDS, record, task, NULL);
		steps->more_yields->count++;
		return;
	}
	add_step(journey, JOURNEY_YIELD, record, task, target)->right =
		trace_yield_is_right(record);
	add_task(journey, target);
}

static void add_receiver_step(struct journey *journey, const struct replay *replay,
			      const struct trace_record *record, struct steps *steps)
{
	const struct replay_task *receiver = journey->tasks[1];
	const struct replay_task *task = replay_task(replay, record->pid);

	if (record->kind == TRACE_sched_switch && !steps->runs &&
	    record->sched_switch.next_pid == receiver->pid) {
		steps->runs = true;
		add_step(journey, JOURNEY_RUNS, record, receiver, task);
		add_task(journey, task);
	} else if (record->kind == TRACE_kvm_inj_virq && task == receiver && !steps->injected &&
		   record->kvm_inj_virq.vector == journey->vector) {
		steps->injected = true;
		add_step(journey, JOURNEY_INJECTED, record, receiver, NULL);
	} else if (record->kind == TRACE_kvm_eoi && task == receiver && steps->injected &&
		   !steps->ended && record->kvm_eoi.vector == journey->vector) {
		steps->ended = true;
		add_step(journey, JOURNEY_EOI, record, receiver, NULL);
	}
}

static void add_steps(struct journey *journey, const struct replay *replay,
		      const struct choice *choice)
{
	const struct replay_task *sender = journey->tasks[0], *receiver = journey->tasks[1];
	struct steps steps = {.runs = !choice->candidate.receiver_off};
	const struct trace_record *record = choice->candidate.sent;

	add_step(journey, JOURNEY_SENT, record, sender, receiver);
	while (++record <= choice->end) {
		bool by_sender = record->pid == sender->pid;

		if (by_sender && record->kind == TRACE_spin_begin && !steps.spins) {
			steps.spins = true;
			add_step(journey, JOURNEY_SPIN_BEGINS, record, sender, receiver);
		} else if (by_sender && record->kind == TRACE_yield_to &&
			   trace_yield_is_taken(record)) {
			add_yield(journey, replay, record, &steps);
		} else {
			add_receiver_step(journey, replay, record, &steps);
		}
	}
	add_step(journey, JOURNEY_SPIN_ENDS, choice->end, sender, NULL);
}

/* ---- What was done meanwhile ---------------------------------------------------------------- */

/* The part of interval that is shown, up to end. False without memory. */
static bool add_interval(struct journey *journey, struct journey_interval interval, int64_t end)
{
	struct journey_interval *added;

	interval.begin = interval.begin > journey->from ? interval.begin : journey->from;
	interval.end = end < journey->to ? end : journey->to;
	if (interval.begin >= interval.end)
		return true;
	added = array_add(journey->intervals, journey->nr_intervals);
	if (added)
		*added = interval;
	return added != NULL;
}

static bool add_intervals(struct journey *journey, struct trace *trace, const struct choice *choice)
{
	const struct trace_record *record = trace->records, *end = record + trace->nr_records;
	struct journey_interval now[JOURNEY_MAX_TASKS];
	bool good = true;

	replay_rewind(&trace->replay);
	for (int t = 0; t < journey->nr_tasks; t++)
		now[t] = interval_of(journey->tasks[t], record->time);
	for (; good && record < end && record->time <= journey->to; record++) {
		replay_take(&trace->replay, record);
		for (int t = 0; good && t < journey->nr_tasks; t++) {
			if (doing_of(journey->tasks[t]) == now[t].doing)
				continue;
			good = add_interval(journey, now[t], record->time);
			now[t] = interval_of(journey->tasks[t], record->time);
		}
		if (record == choice->candidate.sent)
			journey->receiver = interval_of(journey->tasks[1], record->time);
	}
	for (int t = 0; good && t < journey->nr_tasks; t++)
		good = add_interval(journey, now[t], journey->to);
	return good;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void begin_journey(struct journey *journey, const struct choice *choice)
{
	const struct trace_record *sent = choice->candidate.sent;
	int64_t margin = (choice->end->time - sent->time) / MARGIN_PART + 1000;

	journey->from = sent->time - margin;
	journey->to = choice->end->time + margin;
	journey->vector = trace_icr_vector(sent->kvm_apic_ipi.icr);
	add_task(journey, choice->candidate.sender);
	add_task(journey, choice->candidate.receiver);
}

enum oversub_status journey_find(struct trace *trace, int64_t from, int64_t to,
				 struct journey *journey, bool *found, struct oversub_error *error)
{
	struct candidate *candidates =
		calloc((size_t)trace->replay.nr_tasks + 1, sizeof(*candidates));
	struct choice choice = {.score = 0};
	bool good = candidates != NULL;

	*journey = (struct journey){0};
	if (from < trace->records[0].time + TRACE_SETTLE_NS)
		from = trace->records[0].time + TRACE_SETTLE_NS;
	if (good)
		choose(trace, from, to, candidates, &choice);
	free(candidates);
	*found = choice.score > 0;
	if (*found) {
		begin_journey(journey, &choice);
		add_steps(journey, &trace->replay, &choice);
		good = add_intervals(journey, trace, &choice);
	}
	if (good)
		return OVERSUB_OK;
	journey_free(journey);
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the journey of an IPI");
}

void journey_free(struct journey *journey)
{
	free(journey->intervals);
	*journey = (struct journey){0};
}
