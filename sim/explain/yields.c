/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/yields.h"

#include <errno.h>
#include <string.h>

#include "sim/explain/story.h"

/* ---- Pause-loop exits ----------------------------------------------------------------------- */

/* Who would have to run for task to go on, and could, but has no CPU. */
static struct explain_task *right_target(const struct explain_wait *wait,
					 const struct explain_task *task)
{
	struct explain_task *end = wait && !wait->over ? wait->end : NULL;

	return end && end != task && end->place == PLACE_QUEUED && !end->stopped ? end : NULL;
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
	if (right->place != PLACE_QUEUED && right->since >= task->pause_time) {
		yields->runs[task->pause_outcome]++;
		yields->run_ns[task->pause_outcome] += right->since - task->pause_time;
	} else if (right->place == PLACE_QUEUED) {
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

/* Where the yields of task are counted besides the totals: its wait, if it is in one. */
static struct explain_wait *wait_in_progress(const struct wait_table *table,
					     struct explain_task *task, int64_t now)
{
	struct explain_wait *wait = task->wait;

	if (wait)
		wait_settle(table, wait, now);
	return wait;
}

void yields_tried(struct wait_table *table, struct explain_yields *yields,
		  struct explain_task *task, const struct trace_record *record)
{
	int result = record->yield_to.ret;
	struct explain_cpu *cpu = mirror_cpu(&table->mirror, record->yield_to.target_cpu);
	struct explain_wait *wait = wait_in_progress(table, task, record->time);
	struct wait_step *step = wait ? story_last(wait) : NULL;
	struct explain_task *right = right_target(wait, task);
	bool is_right = right && right->pid == record->yield_to.target_pid;

	yields->tried++;
	yields->refused += result == 0;
	yields->esrch += result == -ESRCH;
	if (wait)
		wait->yields.tried++;
	if (step)
		step->yields.tried++;
	if (result != 1)
		return;
	yields->taken++;
	yields->right += is_right;
	yields->missed += right && !is_right;
	yields->nobody += !right;
	task->yielded = true;
	task->pause_outcome = is_right ? PAUSE_RIGHT : PAUSE_WRONG;
	if (wait) {
		wait->yields.taken++;
		wait->yields.right += is_right;
	}
	if (step) {
		step->yields.taken++;
		step->yields.right += is_right;
	}
	if (!cpu)
		return;
	cpu->nominator = task;
	cpu->nominee = mirror_task(&table->mirror, record->yield_to.target_pid,
				   record->yield_to.target_comm);
	cpu->nominee_right = is_right;
	cpu->nominator_wait = wait ? wait->serial : 0;
}

void yields_resolved(struct wait_table *table, struct explain_yields *yields,
		     const struct trace_record *record)
{
	struct explain_cpu *cpu = mirror_cpu(&table->mirror, record->cpu);
	bool honoured = record->yield_resolved.honoured, right;
	struct explain_wait *wait;
	struct wait_step *step;

	if (!cpu || !cpu->nominator || !cpu->nominee ||
	    cpu->nominee->pid != record->yield_resolved.nominee_pid)
		return;
	right = cpu->nominee_right;
	wait = cpu->nominator->wait;
	if (right)
		honoured ? yields->right_honoured++ : yields->right_futile++;
	else
		honoured ? yields->other_honoured++ : yields->other_futile++;
	cpu->nominator = NULL;
	if (!wait || wait->serial != cpu->nominator_wait)
		return;
	step = story_last(wait);
	wait->yields.honoured += honoured;
	wait->yields.futile += !honoured;
	wait->yields.right_honoured += honoured && right;
	if (!step)
		return;
	step->yields.honoured += honoured;
	step->yields.futile += !honoured;
	step->yields.right_honoured += honoured && right;
	if (right && !honoured && record->yield_resolved.next_pid > 0 &&
	    record->yield_resolved.next_pid < table->mirror.nr_tasks)
		step->ran_instead = table->mirror.tasks[record->yield_resolved.next_pid];
}
