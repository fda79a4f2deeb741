/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Part bandwidth: groups with a limit on the machine of the other parts. */
#include "models/sched/eevdf_bandwidth.h"
#include "tests/conformance/vector.h"
#include "tests/conformance/sched_fields.h"
#include "tests/conformance/sched_machine.h"
#include "tests/conformance/sched_replay_part.h"

#define US INT64_C(1000)

/* ---- Fields ------------------------------------------------------------------------------ */

static int64_t count_parked(const void *object)
{
	const struct eevdf_queue *queue = object;
	int64_t n = 0;

	for (const struct eevdf_entity *task = queue->limbo; task; task = task->limbo_next)
		n++;
	return n;
}

static const struct sched_field queue_fields[] = {
	QUEUE_FIELD("nr_queued", nr_queued),
	QUEUE_FIELD("h_nr_queued", h_nr_queued),
	QUEUE_FIELD("h_nr_runnable", h_nr_runnable),
	QUEUE_FIELD("runtime_enabled", bandwidth.enabled),
	QUEUE_FIELD("runtime_remaining", bandwidth.remaining),
	QUEUE_FIELD("throttled", bandwidth.throttled),
	QUEUE_FIELD("throttle_count", bandwidth.throttle_count),
	QUEUE_FIELD("csd", bandwidth.unthrottling),
	QUEUE_FIELD("pelt_stopped", pelt_stopped),
	{.name = "limbo", .get = count_parked},
	{.name = NULL},
};

static const struct sched_field group_entity_fields[] = {
	ENTITY_FIELD("on_rq", on_rq),
	ENTITY_FIELD("delayed", delayed),
	{.name = NULL},
};

static const struct sched_field task_fields[] = {
	ENTITY_FIELD("on_rq", on_rq),	    ENTITY_FIELD("delayed", delayed),
	ENTITY_FIELD("limbo", limbo),	    ENTITY_FIELD("work", throttle_work),
	ENTITY_FIELD("sum_exec", sum_exec), {.name = NULL},
};

static int64_t period_expires(const void *object)
{
	const struct bandwidth_pool *bandwidth = &((const struct eevdf_group *)object)->bandwidth;

	return bandwidth->period_active ? bandwidth->expires : 0;
}

static const struct sched_field group_fields[] = {
	GROUP_FIELD("period", bandwidth.period),
	GROUP_FIELD("quota", bandwidth.quota),
	GROUP_FIELD("burst", bandwidth.burst),
	GROUP_FIELD("runtime", bandwidth.runtime),
	GROUP_FIELD("idle", bandwidth.idle),
	GROUP_FIELD("period_active", bandwidth.period_active),
	GROUP_FIELD("slack_started", bandwidth.slack_started),
	{.name = "period_expires", .get = period_expires},
	GROUP_FIELD("slack_expires", bandwidth.slack_expires),
	GROUP_FIELD("nr_periods", bandwidth.nr_periods),
	GROUP_FIELD("nr_throttled", bandwidth.nr_throttled),
	GROUP_FIELD("nr_burst", bandwidth.nr_burst),
	GROUP_FIELD("burst_time", bandwidth.burst_time),
	GROUP_FIELD("throttled_time", bandwidth.throttled_time),
	GROUP_FIELD("throttled_list", bandwidth.nr_queues),
	{.name = NULL},
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
		oversub_eevdf_account(op->rq, entity);
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
