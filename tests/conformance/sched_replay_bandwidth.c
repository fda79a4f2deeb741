/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Part bandwidth: groups with a limit on the machine of the other parts. */
#include <stddef.h>

#include "models/sched/eevdf_bandwidth.h"
#include "tests/conformance/vector.h"
#include "tests/conformance/sched_fields.h"
#include "tests/conformance/sched_machine.h"
#include "tests/conformance/sched_replay_part.h"

#define US INT64_C(1000)

/* ---- Fields ------------------------------------------------------------------------------ */

#define GROUP(name, expression) GETTER(group_##name, struct eevdf_group, o->bandwidth.expression)

static int count_parked(const struct eevdf_queue *queue)
{
	int n = 0;

	for (const struct eevdf_entity *task = queue->limbo; task; task = task->limbo_next)
		n++;
	return n;
}

QUEUE(nr_queued, nr_queued)
QUEUE(h_nr_queued, h_nr_queued)
QUEUE(h_nr_runnable, h_nr_runnable)
QUEUE(enabled, bandwidth.enabled)
QUEUE(remaining, bandwidth.remaining)
QUEUE(throttled, bandwidth.throttled)
QUEUE(throttle_count, bandwidth.throttle_count)
QUEUE(unthrottling, bandwidth.unthrottling)
QUEUE(pelt_stopped, pelt_stopped)
GETTER(queue_limbo, struct eevdf_queue, count_parked(o))

static const struct sched_field queue_fields[] = {
	{"nr_queued", queue_nr_queued, false},
	{"h_nr_queued", queue_h_nr_queued, false},
	{"h_nr_runnable", queue_h_nr_runnable, false},
	{"runtime_enabled", queue_enabled, false},
	{"runtime_remaining", queue_remaining, false},
	{"throttled", queue_throttled, false},
	{"throttle_count", queue_throttle_count, false},
	{"csd", queue_unthrottling, false},
	{"pelt_stopped", queue_pelt_stopped, false},
	{"limbo", queue_limbo, false},
	{NULL, NULL, false},
};

ENTITY(on_rq, on_rq)
ENTITY(delayed, delayed)
ENTITY(limbo, limbo)
ENTITY(work, throttle_work)
ENTITY(sum_exec, sum_exec)

static const struct sched_field group_entity_fields[] = {
	{"on_rq", entity_on_rq, false},
	{"delayed", entity_delayed, false},
	{NULL, NULL, false},
};

static const struct sched_field task_fields[] = {
	{"on_rq", entity_on_rq, false},	      {"delayed", entity_delayed, false},
	{"limbo", entity_limbo, false},	      {"work", entity_work, false},
	{"sum_exec", entity_sum_exec, false}, {NULL, NULL, false},
};

GROUP(period, period)
GROUP(quota, quota)
GROUP(burst, burst)
GROUP(runtime, runtime)
GROUP(idle, idle)
GROUP(period_active, period_active)
GROUP(slack_started, slack_started)
GROUP(slack_expires, slack_expires)
GROUP(nr_periods, nr_periods)
GROUP(nr_throttled, nr_throttled)
GROUP(nr_burst, nr_burst)
GROUP(burst_time, burst_time)
GROUP(throttled_time, throttled_time)
GROUP(nr_queues, nr_queues)
GETTER(group_period_expires, struct eevdf_group,
       o->bandwidth.period_active ? o->bandwidth.expires : 0)

static const struct sched_field group_fields[] = {
	{"period", group_period, false},
	{"quota", group_quota, false},
	{"burst", group_burst, false},
	{"runtime", group_runtime, false},
	{"idle", group_idle, false},
	{"period_active", group_period_active, false},
	{"slack_started", group_slack_started, false},
	{"period_expires", group_period_expires, false},
	{"slack_expires", group_slack_expires, false},
	{"nr_periods", group_nr_periods, false},
	{"nr_throttled", group_nr_throttled, false},
	{"nr_burst", group_nr_burst, false},
	{"burst_time", group_burst_time, false},
	{"throttled_time", group_throttled_time, false},
	{"throttled_list", group_nr_queues, false},
	{NULL, NULL, false},
};

/* ---- Operations -------------------------------------------------------------------------- */

static void play_setbw(const struct sched_operation *op)
{
	int64_t quota = conformance_int(op->line, "quota_us", -1);

	eevdf_set_bandwidth(op->group, conformance_int(op->line, "period_us", 100000) * US,
			    quota < 0 ? BANDWIDTH_UNLIMITED : quota * US,
			    conformance_int(op->line, "burst_us", 0) * US, op->now);
}

static void play_period(const struct sched_operation *op)
{
	eevdf_period_timer(op->group, op->rq, op->now);
}

static void play_slack(const struct sched_operation *op)
{
	eevdf_slack_timer(op->group, op->rq, op->now);
}

static void play_ipi(const struct sched_operation *op)
{
	eevdf_unthrottle(op->rq, op->now);
}

static void play_work(const struct sched_operation *op)
{
	struct eevdf_rq *rq = eevdf_entity_rq(op->task);

	if (rq->curr != op->task || !eevdf_throttle_work(rq, op->now))
		return;
	eevdf_schedule_begin(rq, EEVDF_STAY, op->now);
	eevdf_schedule_end(rq, op->next);
}

static void play_exec(const struct sched_operation *op)
{
	struct eevdf_entity *entity = op->rq->curr;

	eevdf_update_clock(op->rq, op->now);
	for (int64_t levels = conformance_int(op->line, "levels", 0); levels && entity; levels--) {
		eevdf_account(op->rq, entity);
		entity = entity->parent;
	}
}

static const struct sched_operation_row operations[] = {
	{"setbw", SCHED_NEEDS_GROUP, play_setbw},
	{"period", SCHED_NEEDS_GROUP | SCHED_NEEDS_CPU, play_period},
	{"slack", SCHED_NEEDS_GROUP | SCHED_NEEDS_CPU, play_slack},
	{"ipi", SCHED_NEEDS_CPU, play_ipi},
	{"work", SCHED_NEEDS_TASK, play_work},
	{"exec", SCHED_NEEDS_CPU, play_exec},
	{NULL, 0, NULL},
};

/* ---- The part ---------------------------------------------------------------------------- */

static void *create(const cJSON *header, struct sched_expect *expect)
{
	const struct sched_machine_fields fields = {
		.queue = queue_fields,
		.group_entity = group_entity_fields,
		.task = task_fields,
		.group = group_fields,
	};
	struct sched_machine *machine =
		sched_machine_create(header, EEVDF_WEIGHT_FIXED, &fields, expect);
	const cJSON *item;
	int i = 0;

	if (!machine)
		return NULL;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(header, "groups"))
	{
		bandwidth_init(&machine->groups[i++].bandwidth,
			       conformance_int(item, "phase_ns", 0));
	}
	return machine;
}

static void destroy(void *state)
{
	sched_machine_destroy(state);
}

static bool apply(void *state, const cJSON *line, struct sched_outcome *outcome)
{
	return sched_machine_play(state, operations, line, outcome) ||
	       sched_machine_play(state, sched_machine_operations, line, outcome);
}

const struct sched_replay_part sched_replay_bandwidth = {"bandwidth", create, destroy, apply};
