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

/* ---- Its steps ------------------------------------------------------------------------------ */

/* The last unicast IPI of a task, while it may still become a journey. */
struct candidate {
	struct journey journey; /* so far; nr_tasks is 0: there is no candidate */
	bool receiver_off, spins, runs, injected, eoi;
	int yields, right_yields;
	int more; /* index of the step for those that are not listed */
};

static struct journey_step *add_step(struct candidate *candidate, enum journey_step_kind kind,
				     const struct trace_record *record,
				     const struct replay_task *task,
				     const struct replay_task *other)
{
	struct journey *journey = &candidate->journey;
	struct journey_step *step = &journey->steps[journey->nr_steps++];

	/* The limits leave room for one of each kind and all yields. */
	*step = (struct journey_step){.kind = kind,
				      .time = record->time,
				      .task = task,
				      .other = other,
				      .cpu = record->cpu};
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

static void is_sent(const struct replay *replay, const struct trace_record *record,
		    const struct replay_task *sender, struct candidate *candidate)
{
	const struct replay_task *receiver =
		replay_vcpu(replay, sender->vm, (int)record->kvm_apic_ipi.dest);

	*candidate = (struct candidate){.journey.nr_tasks = 0};
	if (!receiver || trace_icr_shorthand(record->kvm_apic_ipi.icr) != TRACE_TO_DEST)
		return;
	candidate->journey.vector = trace_icr_vector(record->kvm_apic_ipi.icr);
	candidate->journey.receiver = interval_of(receiver, record->time);
	candidate->receiver_off = receiver->place == PLACE_QUEUED;
	add_task(&candidate->journey, sender);
	add_task(&candidate->journey, receiver);
	add_step(candidate, JOURNEY_SENT, record, sender, receiver);
}

/* The receiver gets a CPU, from task, or takes or ends an interrupt. */
static void add_receiver_step(struct candidate *candidate, const struct trace_record *record,
			      const struct replay_task *task)
{
	const struct replay_task *receiver = candidate->journey.tasks[1];
	int vector = candidate->journey.vector;

	if (record->kind == TRACE_sched_switch) {
		if (candidate->receiver_off && !candidate->runs) {
			add_step(candidate, JOURNEY_RUNS, record, receiver, task);
			add_task(&candidate->journey, task);
		}
		candidate->runs = true;
	} else if (record->kind == TRACE_kvm_inj_virq && record->kvm_inj_virq.vector == vector) {
		if (!candidate->injected)
			add_step(candidate, JOURNEY_INJECTED, record, receiver, NULL);
		candidate->injected = true;
	} else if (record->kind == TRACE_kvm_eoi && record->kvm_eoi.vector == vector &&
		   candidate->injected) {
		if (!candidate->eoi)
			add_step(candidate, JOURNEY_EOI, record, receiver, NULL);
		candidate->eoi = true;
	}
}

static void spin_begins(struct candidate *candidate, const struct trace_record *record)
{
	const struct journey *journey = &candidate->journey;

	candidate->spins = record->spin_begin.waits_for == journey->tasks[1]->vcpu;
	if (candidate->spins)
		add_step(candidate, JOURNEY_SPIN_BEGINS, record, journey->tasks[0],
			 journey->tasks[1]);
	else
		candidate->journey.nr_tasks = 0;
}

static void yields(struct candidate *candidate, const struct trace_record *record,
		   const struct replay_task *target)
{
	struct journey *journey = &candidate->journey;
	const struct replay_task *sender = journey->tasks[0];

	candidate->right_yields += target == journey->tasks[1];
	if (++candidate->yields <= MAX_YIELD_STEPS) {
		add_step(candidate, JOURNEY_YIELD, record, sender, target)->right =
			trace_yield_is_right(record);
		add_task(journey, target);
		return;
	}
	if (candidate->yields == MAX_YIELD_STEPS + 1) {
		candidate->more = journey->nr_steps;
		add_step(candidate, JOURNEY_MORE_YIELDS, record, sender, NULL);
	}
	journey->steps[candidate->more].count++;
}

/* ---- Which IPI ------------------------------------------------------------------------------ */

/* How much there is to see, now that the wait has ended at end; 0: nothing. */
static int score_of(const struct candidate *candidate, int64_t end)
{
	int64_t length = end - candidate->journey.steps[0].time;
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

static void spin_ends(struct candidate *candidate, const struct trace_record *record,
		      struct journey *best, int *best_score)
{
	struct journey *journey = &candidate->journey;
	int64_t sent = journey->steps[0].time, margin;

	if (score_of(candidate, record->time) > *best_score) {
		add_step(candidate, JOURNEY_SPIN_ENDS, record, journey->tasks[0], NULL);
		margin = (record->time - sent) / MARGIN_PART + 1000;
		journey->from = sent - margin;
		journey->to = record->time + margin;
		*best_score = score_of(candidate, record->time);
		*best = *journey;
	}
	journey->nr_tasks = 0;
}

/* What its sender does. */
static void take_sender(const struct replay *replay, struct candidate *candidate,
			const struct trace_record *record, struct journey *best, int *best_score)
{
	if (!candidate->journey.nr_tasks)
		return;
	if (record->kind == TRACE_spin_begin)
		spin_begins(candidate, record);
	else if (record->kind == TRACE_spin_end)
		spin_ends(candidate, record, best, best_score);
	else if (record->kind == TRACE_yield_to && trace_yield_is_taken(record))
		yields(candidate, record, replay_task(replay, record->yield_to.target_pid));
}

/* The IPI with the best score, 0: none. candidates: one for each task. */
static int choose(struct trace *trace, int64_t from, int64_t to, struct candidate *candidates,
		  struct journey *best)
{
	struct replay *replay = &trace->replay;
	int best_score = 0;

	replay_rewind(replay);
	for (size_t i = 0; i < trace->nr_records; i++) {
		const struct trace_record *record = &trace->records[i];
		const struct replay_task *task = replay_task(replay, record->pid), *receiver = task;

		replay_take(replay, record);
		if (record->kind == TRACE_sched_switch)
			receiver = replay_task(replay, record->sched_switch.next_pid);
		else if (record->kind != TRACE_kvm_inj_virq && record->kind != TRACE_kvm_eoi)
			receiver = NULL;
		for (int t = 0; receiver && t < replay->nr_tasks; t++)
			if (candidates[t].journey.nr_tasks &&
			    candidates[t].journey.tasks[1] == receiver)
				add_receiver_step(&candidates[t], record, task);
		if (record->kind == TRACE_kvm_apic_ipi && record->time >= from &&
		    record->time < to && task && task->vm >= 0)
			is_sent(replay, record, task, &candidates[task->index]);
		else if (task)
			take_sender(replay, &candidates[task->index], record, best, &best_score);
	}
	return best_score;
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

static bool add_intervals(struct journey *journey, struct trace *trace)
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
	}
	for (int t = 0; good && t < journey->nr_tasks; t++)
		good = add_interval(journey, now[t], journey->to);
	return good;
}

enum oversub_status journey_find(struct trace *trace, int64_t from, int64_t to,
				 struct journey *journey, bool *found, struct oversub_error *error)
{
	struct candidate *candidates =
		calloc((size_t)trace->replay.nr_tasks + 1, sizeof(*candidates));
	bool good = candidates != NULL;

	*journey = (struct journey){0};
	if (from < trace->records[0].time + TRACE_SETTLE_NS)
		from = trace->records[0].time + TRACE_SETTLE_NS;
	*found = good && choose(trace, from, to, candidates, journey) > 0;
	free(candidates);
	if (*found)
		good = add_intervals(journey, trace);
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
