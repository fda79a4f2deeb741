/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/wait.h"

#include <errno.h>

/* ---- Pause-loop exits ----------------------------------------------------------------------- */

/* Who would have to run for task to go on, and could, but has no CPU. */
static struct explain_task *right_target(const struct explain_wait *wait,
					 const struct explain_task *task)
{
	struct explain_task *end = wait && !wait->over ? wait->end : NULL;

	return end && end != task && end->is.place == PLACE_QUEUED && !end->is.stopped ? end : NULL;
}

void yields_pause(struct explain_task *task, int64_t now)
{
	task->pausing = true;
	task->pause_outcome = PAUSE_NOTHING;
	task->pause_time = now;
	task->pause_right = right_target(task->wait, task);
}

void yields_pause_over(struct explain_yields *yields, struct explain_task *task)
{
	struct explain_task *right = task->pause_right;

	if (!task->pausing)
		return;
	task->pausing = false;
	if (!right) {
		yields->pauses_in_vain++;
		return;
	}
	yields->pauses[task->pause_outcome]++;
	/* It may have got its CPU meanwhile. */
	if (right->is.place != PLACE_QUEUED && right->is.since >= task->pause_time) {
		yields->runs[task->pause_outcome]++;
		yields->run_ns[task->pause_outcome] += right->is.since - task->pause_time;
	} else if (right->is.place == PLACE_QUEUED) {
		right->pauses[task->pause_outcome]++;
		right->pause_times[task->pause_outcome] += task->pause_time;
	}
}

void yields_runs(struct explain_yields *yields, struct explain_task *task, int64_t now)
{
	for (int i = 0; i < PAUSE_OUTCOMES; i++) {
		if (!task->pauses[i])
			continue;
		yields->runs[i] += task->pauses[i];
		yields->run_ns[i] += (__int128)now * task->pauses[i] - task->pause_times[i];
		task->pauses[i] = 0;
		task->pause_times[i] = 0;
	}
}

/* ---- Yields --------------------------------------------------------------------------------- */

void yields_tried(struct wait_table *table, struct explain_task *task,
		  const struct trace_record *record)
{
	struct explain_yields *yields = &table->yields;
	struct explain_task *right = right_target(task->wait, task);
	bool is_right = right && right->is.pid == record->yield_to.target_pid;
	int result = record->yield_to.ret, cpu = record->yield_to.target_cpu;
	struct wait_step *step;

	yields->tried++;
	yields->refused += result == 0;
	yields->esrch += result == -ESRCH;
	if (task->wait)
		wait_settle(table, task->wait, record->time);
	step = task->wait ? wait_steps_last(task->wait) : NULL;
	if (step) {
		step->yields.tried++;
		step->yields.taken += result == 1;
		step->yields.right += result == 1 && is_right;
	}
	if (result != 1)
		return;
	yields->taken++;
	yields->right += is_right;
	yields->missed += right && !is_right;
	yields->nobody += !right;
	task->pause_outcome = is_right ? PAUSE_RIGHT : PAUSE_WRONG;
	table->nominations[cpu] = (struct wait_nomination){
		.by = task,
		.nominee =
			explain_task_of(replay_task(&table->replay, record->yield_to.target_pid)),
		.right = is_right,
		.wait = task->wait ? task->wait->serial : 0,
	};
}

void yields_resolved(struct wait_table *table, const struct trace_record *record)
{
	struct wait_nomination *nomination = &table->nominations[record->cpu];
	struct explain_yields *yields = &table->yields;
	bool honoured = record->yield_resolved.honoured, right = nomination->right;
	struct explain_task *next;
	struct explain_wait *wait;
	struct wait_step *step;

	if (!nomination->by || !nomination->nominee ||
	    nomination->nominee->is.pid != record->yield_resolved.nominee_pid)
		return;
	if (right)
		honoured ? yields->right_honoured++ : yields->right_futile++;
	else
		honoured ? yields->other_honoured++ : yields->other_futile++;
	wait = nomination->by->wait;
	nomination->by = NULL;
	if (!wait || wait->serial != nomination->wait)
		return;
	step = wait_steps_last(wait);
	next = explain_task_of(replay_task(&table->replay, record->yield_resolved.next_pid));
	if (!step || !right)
		return;
	step->yields.right_honoured += honoured;
	if (!honoured && next)
		step->ran_instead = next;
}
