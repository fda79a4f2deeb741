/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A vector describes one CPU. The header names its groups and tasks; each further line is one
 * operation and, as a delta, the state that the kernel had after it. This file plays the
 * operations; eevdf_expect.c keeps the expected state and compares.
 */
#include "tests/conformance/formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/eevdf_expect.h"
#include "models/policies/builtin.h"

struct replay {
	const char *path;
	struct conformance_result *result;
	struct eevdf_config config;
	struct eevdf_rq rq;
	struct eevdf_group *groups;
	struct eevdf_entity *tasks;
	int nr_groups;
	int nr_tasks;
	struct eevdf_expect expect;
	uint64_t nops;
	int64_t now;
};

/* What one operation returned. */
struct outcome {
	bool scheduled; /* eevdf_schedule() ran */
	bool has_ret;
	int ret;
};

static enum oversub_status ill_formed(const struct replay *replay, uint64_t line, const char *what,
				      struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s:%llu: not a vector of the format eevdf-conformance: %s",
			    replay->path, (unsigned long long)line, what);
}

/* ---- Header ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	uint32_t bit;
} features[] = {
	{"PLACE_LAG", EEVDF_PLACE_LAG},
	{"PLACE_DEADLINE_INITIAL", EEVDF_PLACE_DEADLINE_INITIAL},
	{"PLACE_REL_DEADLINE", EEVDF_PLACE_REL_DEADLINE},
	{"RUN_TO_PARITY", EEVDF_RUN_TO_PARITY},
	{"PREEMPT_SHORT", EEVDF_PREEMPT_SHORT},
	{"NEXT_BUDDY", EEVDF_NEXT_BUDDY},
	{"PICK_BUDDY", EEVDF_PICK_BUDDY},
	{"DELAY_DEQUEUE", EEVDF_DELAY_DEQUEUE},
	{"DELAY_ZERO", EEVDF_DELAY_ZERO},
	{"WAKEUP_PREEMPTION", EEVDF_WAKEUP_PREEMPTION},
	{"HRTICK", EEVDF_HRTICK},
};

static bool read_config(struct eevdf_config *config, const cJSON *header)
{
	const cJSON *set = cJSON_GetObjectItemCaseSensitive(header, "features");

	config->base_slice_ns = (uint64_t)conformance_int(header, "base_slice_ns", 0);
	config->normalized_base_slice_ns =
		(uint64_t)conformance_int(header, "normalized_base_slice_ns", 0);
	config->tick_ns = (uint64_t)conformance_int(header, "tick_ns", 0);
	config->lazy_preemption = !strcmp(conformance_string(header, "preempt"), "lazy");
	config->weight_source = EEVDF_WEIGHT_FIXED;
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (conformance_int(set, features[i].name, 0))
			config->features |= features[i].bit;
	}
	return config->base_slice_ns && config->normalized_base_slice_ns && config->tick_ns;
}

/* The group called name if it is one of the first nr; *root is set if it is the root. */
static struct eevdf_group *group_named(struct replay *replay, const char *name, int nr, bool *root)
{
	int queue = eevdf_expect_queue(&replay->expect, name);

	*root = queue == 0;
	return queue > 0 && queue <= nr ? &replay->groups[queue - 1] : NULL;
}

static bool read_groups(struct replay *replay, const cJSON *list)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		int nr = replay->nr_groups;
		struct eevdf_group *group = &replay->groups[nr];
		const char *name = conformance_string(item, "name");
		struct eevdf_group_part *part;
		bool root;
		struct eevdf_group *parent = group_named(replay, conformance_string(item, "parent"),
							 replay->nr_groups, &root);

		if (!*name || (!parent && !root))
			return false;
		eevdf_group_init(group, parent, (uint64_t)conformance_int(item, "shares", 1024));
		replay->nr_groups++;
		part = eevdf_group_part(group, &replay->rq);
		if (!part || !eevdf_expect_add(&replay->expect, name, &part->entity, &part->queue))
			return false;
	}
	return true;
}

static enum eevdf_policy policy_named(const char *name)
{
	if (!strcmp(name, "batch"))
		return EEVDF_BATCH;
	return strcmp(name, "idle") ? EEVDF_NORMAL : EEVDF_IDLE;
}

static bool read_tasks(struct replay *replay, const cJSON *list)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		struct eevdf_entity *task = &replay->tasks[replay->nr_tasks];
		const char *name = conformance_string(item, "name");
		int nice;
		bool root;
		struct eevdf_group *group = group_named(replay, conformance_string(item, "group"),
							replay->nr_groups, &root);

		if (!*name || (!group && !root) || !conformance_nice(item, &nice))
			return false;
		eevdf_task_init(task, nice, policy_named(conformance_string(item, "policy")),
				(uint64_t)conformance_int(item, "slice_ns", 0));
		replay->nr_tasks++;
		if (!eevdf_task_set_rq(task, group, &replay->rq) ||
		    !eevdf_expect_add(&replay->expect, name, task, NULL))
			return false;
	}
	return true;
}

static bool read_zero_points(struct replay *replay, const cJSON *points)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, points)
	{
		int queue = eevdf_expect_queue(&replay->expect, item->string);
		int64_t value;

		if (queue < 0 || !conformance_is_int(item, &value))
			return false;
		replay->expect.queues[queue].queue->zero_vruntime = (uint64_t)value;
	}
	return true;
}

static enum oversub_status read_header(struct replay *replay, const cJSON *header,
				       struct oversub_error *error)
{
	const cJSON *groups = cJSON_GetObjectItemCaseSensitive(header, "groups");
	const cJSON *tasks = cJSON_GetObjectItemCaseSensitive(header, "tasks");
	size_t nr_groups = (size_t)cJSON_GetArraySize(groups);
	size_t nr_tasks = (size_t)cJSON_GetArraySize(tasks);

	if (strcmp(conformance_string(header, "format"), "eevdf-conformance") ||
	    conformance_int(header, "version", 0) != 1)
		return ill_formed(replay, 1, "the header must have this format and version 1",
				  error);
	if (!read_config(&replay->config, header))
		return ill_formed(replay, 1,
				  "base_slice_ns, normalized_base_slice_ns and tick_ns must be "
				  "positive",
				  error);
	replay->nops = (uint64_t)conformance_int(header, "nops", 0);
	replay->groups = calloc(nr_groups + 1, sizeof(*replay->groups));
	replay->tasks = calloc(nr_tasks + 1, sizeof(*replay->tasks));
	eevdf_rq_init(&replay->rq, &replay->config, 0);
	if (!replay->groups || !replay->tasks ||
	    !eevdf_expect_init(&replay->expect, &replay->rq, nr_groups, nr_tasks))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");

	if (!read_groups(replay, groups) || !read_tasks(replay, tasks))
		return ill_formed(replay, 1,
				  "groups and tasks must have names, known parents and a nice "
				  "value of -20 to 19",
				  error);
	if (!read_zero_points(replay,
			      cJSON_GetObjectItemCaseSensitive(header, "zero_vruntime_init")))
		return ill_formed(replay, 1, "zero_vruntime_init must map queues to integers",
				  error);
	return OVERSUB_OK;
}

/* ---- Operations -------------------------------------------------------------------------- */

/* An operation with its inputs; NULL where the line has none. */
struct operation {
	struct replay *replay;
	struct eevdf_rq *rq;
	const cJSON *line;
	uint64_t now;
	struct eevdf_entity *task;
	struct eevdf_entity *target;
	struct eevdf_group *group;
	int nice;
};

static void play_start(const struct operation *op, struct outcome *outcome)
{
	(void)outcome;
	eevdf_start(op->rq, op->task, op->now);
}

static void play_wake(const struct operation *op, struct outcome *outcome)
{
	const cJSON *sync = cJSON_GetObjectItemCaseSensitive(op->line, "sync");

	(void)outcome;
	eevdf_wake(op->rq, op->task, cJSON_IsTrue(sync), op->now);
}

static void schedule(const struct operation *op, enum eevdf_block block, struct outcome *outcome)
{
	eevdf_schedule(op->rq, block, op->now);
	outcome->scheduled = true;
}

static void play_sleep(const struct operation *op, struct outcome *outcome)
{
	schedule(op, EEVDF_BLOCK, outcome);
}

static void play_exit(const struct operation *op, struct outcome *outcome)
{
	schedule(op, EEVDF_EXIT, outcome);
}

static void play_tick(const struct operation *op, struct outcome *outcome)
{
	(void)outcome;
	eevdf_tick(op->rq, op->now);
}

static void play_hrtick(const struct operation *op, struct outcome *outcome)
{
	(void)outcome;
	eevdf_hrtick(op->rq, op->now);
}

static void play_yield(const struct operation *op, struct outcome *outcome)
{
	eevdf_yield(op->rq, op->now);
	schedule(op, EEVDF_STAY, outcome);
}

static void set_ret(struct outcome *outcome, int ret)
{
	outcome->has_ret = true;
	outcome->ret = ret;
}

static void play_yield_to(const struct operation *op, struct outcome *outcome)
{
	const struct oversub_yield yield = {
		.rq = op->rq,
		.target_rq = op->rq,
		.yielder = op->task,
		.target = op->target,
	};

	set_ret(outcome, eevdf_yield_to(&sched_mainline, &yield, op->now));
	if (outcome->ret == 1)
		schedule(op, EEVDF_STAY, outcome);
}

static void play_setnice(const struct operation *op, struct outcome *outcome)
{
	(void)outcome;
	eevdf_set_nice(op->task, op->nice, op->now);
}

static void play_setslice(const struct operation *op, struct outcome *outcome)
{
	uint64_t slice = (uint64_t)conformance_int(op->line, "slice_ns", 0);

	set_ret(outcome, eevdf_set_slice(op->task, slice, op->now));
}

static void play_setshares(const struct operation *op, struct outcome *outcome)
{
	uint64_t shares = (uint64_t)conformance_int(op->line, "shares", 0);

	eevdf_set_shares(op->group, shares, op->now);
	set_ret(outcome, 0);
}

static const struct {
	const char *name;
	bool needs_task;
	bool needs_current; /* the task must be the one on the CPU */
	bool needs_target;
	bool needs_group;
	void (*play)(const struct operation *op, struct outcome *outcome);
} operations[] = {
	{"start", true, false, false, false, play_start},
	{"wake", true, false, false, false, play_wake},
	{"sleep", true, true, false, false, play_sleep},
	{"exit", true, true, false, false, play_exit},
	{"tick", false, false, false, false, play_tick},
	{"hrtick", false, false, false, false, play_hrtick},
	{"yield", true, true, false, false, play_yield},
	{"yield_to", true, true, true, false, play_yield_to},
	{"setnice", true, false, false, false, play_setnice},
	{"setslice", true, false, false, false, play_setslice},
	{"setshares", false, false, false, true, play_setshares},
};

#define NR_OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static struct eevdf_entity *task_input(struct replay *replay, const cJSON *line, const char *key)
{
	int index = eevdf_expect_entity(&replay->expect, conformance_string(line, key));
	struct eevdf_entity *entity = index < 0 ? NULL : replay->expect.entities[index].entity;

	return entity && !entity->own_queue ? entity : NULL;
}

/* Play one line; false if it is ill-formed. */
static bool play(struct operation *op, struct outcome *outcome)
{
	const char *name = conformance_string(op->line, "op");
	size_t i = 0;
	bool root;

	while (i < NR_OPERATIONS && strcmp(name, operations[i].name))
		i++;
	if (i == NR_OPERATIONS)
		return false;
	op->task = task_input(op->replay, op->line, "task");
	op->target = task_input(op->replay, op->line, "target");
	op->group = group_named(op->replay, conformance_string(op->line, "group"),
				op->replay->nr_groups, &root);
	if ((operations[i].needs_task && !op->task) ||
	    (operations[i].needs_target && !op->target) ||
	    (operations[i].needs_group && !op->group) || !conformance_nice(op->line, &op->nice))
		return false;
	/* After a mismatch another task may be on the CPU: then there is nothing to play. */
	if (operations[i].needs_current && op->task != op->rq->curr)
		return true;

	operations[i].play(op, outcome);
	/* Requests are honoured at once, as at the return to user mode. */
	while (eevdf_resched_pending(op->rq))
		schedule(op, EEVDF_STAY, outcome);
	return true;
}

/* ---- The whole vector -------------------------------------------------------------------- */

static enum oversub_status replay_line(void *context, uint64_t number, const cJSON *line,
				       struct oversub_error *error)
{
	struct replay *replay = context;
	const cJSON *expected = cJSON_GetObjectItemCaseSensitive(line, "expect");
	struct operation op = {
		.replay = replay,
		.rq = &replay->rq,
		.line = line,
	};
	struct outcome outcome = {0};
	struct eevdf_actual actual;
	struct eevdf_mismatch mismatch = {0};

	if (number == 1)
		return read_header(replay, line, error);
	if (!conformance_time(line, &replay->now))
		return ill_formed(replay, number, CONFORMANCE_TIME_RULE, error);
	op.now = (uint64_t)replay->now;
	if (!expected || !play(&op, &outcome))
		return ill_formed(replay, number,
				  "a line must have a known op, its inputs, t and expect", error);
	actual = (struct eevdf_actual){
		.resched = outcome.scheduled,
		.has_ret = outcome.has_ret,
		.ret = outcome.ret,
	};
	if (!eevdf_expect_merge(&replay->expect, expected))
		return ill_formed(replay, number, "expect names an unknown queue, entity, or value",
				  error);
	replay->result->operations++;
	if (eevdf_expect_compare(&replay->expect, &actual, &mismatch))
		return OVERSUB_OK;
	if (!replay->result->mismatches++)
		snprintf(replay->result->first, sizeof(replay->result->first),
			 "op %lld (%s): %s: expected %s, actual %s",
			 (long long)conformance_int(line, "i", -1), conformance_string(line, "op"),
			 mismatch.field, mismatch.expected, mismatch.actual);
	return OVERSUB_OK;
}

enum oversub_status eevdf_replay(const char *path, struct conformance_result *result,
				 struct oversub_error *error)
{
	struct replay replay = {.path = path, .result = result, .now = CONFORMANCE_NO_TIME};
	enum oversub_status status;

	*result = (struct conformance_result){0};
	status = conformance_read(path, replay_line, &replay, error);
	if (status == OVERSUB_OK && (!replay.groups || result->operations != replay.nops))
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s: the vector ends after %llu of %llu operations", path,
				      (unsigned long long)result->operations,
				      (unsigned long long)replay.nops);
	for (int i = 0; i < replay.nr_groups; i++)
		eevdf_group_destroy(&replay.groups[i]);
	eevdf_expect_destroy(&replay.expect);
	free(replay.groups);
	free(replay.tasks);
	return status;
}
