/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/sched_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/vector.h"
#include "tests/conformance/sched_fields.h"

#define MAX_CPUS 1024

/* ---- Set-up ------------------------------------------------------------------------------ */

static bool delays(void *context, const struct eevdf_entity *entity)
{
	const struct sched_machine *machine = context;

	return entity->own_queue ? machine->delay_group : machine->delay_task;
}

static struct eevdf_group *group_named(struct sched_machine *machine, const char *name)
{
	for (int i = 0; i < machine->nr_groups; i++) {
		if (!strcmp(machine->group_names[i], name))
			return &machine->groups[i];
	}
	return NULL;
}

static struct eevdf_entity *task_named(struct sched_machine *machine, const char *name)
{
	for (int i = 0; i < machine->nr_tasks; i++) {
		if (!strcmp(machine->task_names[i], name))
			return &machine->tasks[i];
	}
	return NULL;
}

/* A name like "A@3". */
static bool add_on_cpu(struct sched_expect *expect, const char *section, const char *name, int cpu,
		       const void *object, const struct sched_field *fields)
{
	char text[48];

	snprintf(text, sizeof(text), "%s@%d", name, cpu);
	return sched_expect_add(expect, section, text, object, fields);
}

static bool add_cpus(struct sched_machine *machine, uint64_t start,
		     const struct sched_machine_fields *fields, struct sched_expect *expect)
{
	for (int cpu = 0; cpu < machine->nr_cpus; cpu++) {
		struct eevdf_rq *rq = &machine->rqs[cpu];
		char name[16];

		eevdf_rq_init(rq, &machine->config, cpu);
		eevdf_update_clock(rq, start);
		snprintf(name, sizeof(name), "%d", cpu);
		if (!sched_expect_add(expect, "curr", name, rq, sched_curr_fields) ||
		    !add_on_cpu(expect, "rqs", "root", cpu, &rq->root, fields->queue))
			return false;
	}
	return true;
}

/* The kernel has all parts of a group from the beginning. */
static bool add_parts(struct sched_machine *machine, struct eevdf_group *group, const char *name,
		      const struct sched_machine_fields *fields, struct sched_expect *expect)
{
	for (int cpu = 0; cpu < machine->nr_cpus; cpu++) {
		struct eevdf_group_part *part = eevdf_group_part(group, &machine->rqs[cpu]);

		if (!part || !add_on_cpu(expect, "rqs", name, cpu, &part->queue, fields->queue) ||
		    !add_on_cpu(expect, "ents", name, cpu, &part->entity, fields->group_entity))
			return false;
	}
	return sched_expect_add(expect, "tgs", name, group, fields->group);
}

static bool add_groups(struct sched_machine *machine, const cJSON *list,
		       const struct sched_machine_fields *fields, struct sched_expect *expect)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		int i = machine->nr_groups;
		const char *name = conformance_string(item, "name");
		const char *parent_name = conformance_string(item, "parent");
		struct eevdf_group *parent = group_named(machine, parent_name);

		if (!*name || (!parent && strcmp(parent_name, "root")))
			return false;
		snprintf(machine->group_names[i], sizeof(machine->group_names[i]), "%s", name);
		eevdf_group_init(&machine->groups[i], parent,
				 (uint64_t)conformance_int(item, "shares", 1024));
		machine->nr_groups++;
		if (!add_parts(machine, &machine->groups[i], name, fields, expect))
			return false;
	}
	return true;
}

static bool add_tasks(struct sched_machine *machine, const cJSON *list,
		      const struct sched_machine_fields *fields, struct sched_expect *expect)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		int i = machine->nr_tasks;
		const char *name = conformance_string(item, "name");
		const char *group_name = conformance_string(item, "group");
		int nice;

		machine->task_groups[i] = group_named(machine, group_name);
		if (!*name || (!machine->task_groups[i] && strcmp(group_name, "root")) ||
		    !conformance_nice(item, &nice))
			return false;
		snprintf(machine->task_names[i], sizeof(machine->task_names[i]), "%s", name);
		eevdf_task_init(&machine->tasks[i], nice, EEVDF_NORMAL, 0);
		machine->nr_tasks++;
		if (!eevdf_task_set_rq(&machine->tasks[i], machine->task_groups[i],
				       &machine->rqs[0]) ||
		    !sched_expect_add(expect, "ents", name, &machine->tasks[i], fields->task))
			return false;
	}
	return true;
}

static bool allocate(struct sched_machine *machine, size_t nr_groups, size_t nr_tasks)
{
	machine->rqs = calloc((size_t)machine->nr_cpus, sizeof(*machine->rqs));
	machine->groups = calloc(nr_groups + 1, sizeof(*machine->groups));
	machine->group_names = calloc(nr_groups + 1, sizeof(*machine->group_names));
	machine->tasks = calloc(nr_tasks + 1, sizeof(*machine->tasks));
	machine->task_groups = calloc(nr_tasks + 1, sizeof(*machine->task_groups));
	machine->task_names = calloc(nr_tasks + 1, sizeof(*machine->task_names));
	return machine->rqs && machine->groups && machine->group_names && machine->tasks &&
	       machine->task_groups && machine->task_names;
}

struct sched_machine *sched_machine_create(const cJSON *header, enum eevdf_weight_source source,
					   const struct sched_machine_fields *fields,
					   struct sched_expect *expect)
{
	const cJSON *groups = cJSON_GetObjectItemCaseSensitive(header, "groups");
	const cJSON *tasks = cJSON_GetObjectItemCaseSensitive(header, "tasks");
	int64_t nr_cpus = conformance_int(header, "ncpus", 0);
	int64_t hz = conformance_int(header, "hz", 0);
	uint64_t start = (uint64_t)conformance_int(header, "start_ns", 0);
	struct sched_machine *machine;

	if (nr_cpus < 1 || nr_cpus > MAX_CPUS || hz < 1 || hz > 1000)
		return NULL;
	machine = calloc(1, sizeof(*machine));
	if (!machine)
		return NULL;
	machine->nr_cpus = (int)nr_cpus;
	machine->hz = (int)hz;
	machine->config = eevdf_default_config((int)nr_cpus, (int)hz);
	machine->config.weight_source = source;
	/* Nothing but the script decides. */
	machine->config.features = EEVDF_DELAY_DEQUEUE;
	machine->config.delays = delays;
	machine->config.delays_context = machine;
	if (allocate(machine, (size_t)cJSON_GetArraySize(groups),
		     (size_t)cJSON_GetArraySize(tasks)) &&
	    add_cpus(machine, start, fields, expect) &&
	    add_groups(machine, groups, fields, expect) &&
	    add_tasks(machine, tasks, fields, expect))
		return machine;
	sched_machine_destroy(machine);
	return NULL;
}

void sched_machine_destroy(struct sched_machine *machine)
{
	while (machine->nr_groups)
		eevdf_group_destroy(&machine->groups[--machine->nr_groups]);
	free(machine->rqs);
	free(machine->groups);
	free(machine->group_names);
	free(machine->tasks);
	free(machine->task_groups);
	free(machine->task_names);
	free(machine);
}

/* ---- Operations -------------------------------------------------------------------------- */

static void move(const struct sched_operation *op)
{
	struct sched_machine *machine = op->machine;

	eevdf_update_clock(op->rq, op->now);
	eevdf_task_set_rq(op->task, machine->task_groups[op->task - machine->tasks], op->rq);
}

static void play_fork(const struct sched_operation *op)
{
	if (op->task->on_rq)
		return;
	move(op);
	eevdf_start(op->rq, op->task, op->now);
}

static void play_wake(const struct sched_operation *op)
{
	if (!op->task->on_rq)
		move(op);
	eevdf_wake(eevdf_entity_rq(op->task), op->task, false, op->now);
}

static void switch_off(const struct sched_operation *op, enum eevdf_block block)
{
	struct eevdf_rq *rq = eevdf_entity_rq(op->task);

	if (rq->curr != op->task)
		return;
	eevdf_schedule_begin(rq, block, op->now);
	if (conformance_int(op->line, "newidle", 0))
		eevdf_update_blocked_averages(rq, op->now);
	eevdf_schedule_end(rq, op->next);
}

static void play_sleep(const struct sched_operation *op)
{
	switch_off(op, EEVDF_BLOCK);
}

static void play_exit(const struct sched_operation *op)
{
	switch_off(op, EEVDF_EXIT);
}

static void play_run(const struct sched_operation *op)
{
	eevdf_schedule_begin(op->rq, EEVDF_STAY, op->now);
	eevdf_schedule_end(op->rq, op->next);
}

static void play_pickdelayed(const struct sched_operation *op)
{
	struct eevdf_group_part *part = op->group ? eevdf_group_part(op->group, op->rq) : NULL;
	struct eevdf_entity *entity = part ? &part->entity : op->task;

	if (entity)
		eevdf_finish_delayed(op->rq, entity, op->now);
}

static void play_tick(const struct sched_operation *op)
{
	eevdf_tick(op->rq, op->now);
}

static void play_migrate(const struct sched_operation *op)
{
	struct eevdf_rq *from = eevdf_entity_rq(op->task);

	if ((!op->task->on_rq && !op->task->limbo) || from->curr == op->task)
		return;
	eevdf_detach(from, op->task, op->now);
	move(op);
	eevdf_attach(op->rq, op->task, op->now);
}

static void play_blocked(const struct sched_operation *op)
{
	op->outcome->ret = (uint64_t)eevdf_update_blocked_averages(op->rq, op->now);
}

static void play_setshares(const struct sched_operation *op)
{
	eevdf_set_shares(op->group, (uint64_t)conformance_int(op->line, "shares", 0), op->now);
}

static void play_setnice(const struct sched_operation *op)
{
	eevdf_set_nice(op->task, op->nice, op->now);
}

static void play_hload(const struct sched_operation *op)
{
	uint64_t hz = (uint64_t)op->machine->hz;

	op->outcome->ret = eevdf_task_h_load(
		op->task, (uint64_t)((unsigned __int128)op->now * hz / 1000000000));
}

/* The state before the first operation. */
static void play_init(const struct sched_operation *op)
{
	(void)op;
}

const struct sched_operation_row sched_machine_operations[] = {
	{"init", 0, play_init},
	{"fork", SCHED_NEEDS_TASK | SCHED_NEEDS_CPU, play_fork},
	{"wake", SCHED_NEEDS_TASK | SCHED_NEEDS_CPU, play_wake},
	{"sleep", SCHED_NEEDS_TASK, play_sleep},
	{"exit", SCHED_NEEDS_TASK, play_exit},
	{"run", SCHED_NEEDS_CPU, play_run},
	{"pickdelayed", SCHED_NEEDS_CPU, play_pickdelayed},
	{"tick", SCHED_NEEDS_CPU, play_tick},
	{"migrate", SCHED_NEEDS_TASK | SCHED_NEEDS_CPU, play_migrate},
	{"blocked", SCHED_NEEDS_CPU, play_blocked},
	{"setshares", SCHED_NEEDS_GROUP, play_setshares},
	{"setnice", SCHED_NEEDS_TASK, play_setnice},
	{"hload", SCHED_NEEDS_TASK, play_hload},
	{NULL, 0, NULL},
};

/* ---- Playing ----------------------------------------------------------------------------- */

/* The task that runs next, if the line names one, is known. */
static bool knows_next(const struct sched_operation *op)
{
	const cJSON *next = cJSON_GetObjectItemCaseSensitive(op->line, "next");

	return op->next || !next || cJSON_IsNull(next);
}

static bool has_needs(const struct sched_operation *op, unsigned int needs)
{
	return (op->task || !(needs & SCHED_NEEDS_TASK)) &&
	       (op->rq || !(needs & SCHED_NEEDS_CPU)) &&
	       (op->group || !(needs & SCHED_NEEDS_GROUP));
}

bool sched_machine_play(struct sched_machine *machine, const struct sched_operation_row *rows,
			const cJSON *line, struct sched_outcome *outcome)
{
	const char *name = conformance_string(line, "op");
	int cpu = conformance_index(line, "cpu", machine->nr_cpus);
	struct sched_operation op = {
		.machine = machine,
		.line = line,
		.now = (uint64_t)conformance_int(line, "t", 0),
		.task = task_named(machine, conformance_string(line, "task")),
		.rq = cpu >= 0 ? &machine->rqs[cpu] : NULL,
		.group = group_named(machine, conformance_string(line, "group")),
		.next = task_named(machine, conformance_string(line, "next")),
		.outcome = outcome,
	};

	while (rows->name && strcmp(rows->name, name))
		rows++;
	if (!rows->name || !has_needs(&op, rows->needs) || !knows_next(&op) ||
	    !conformance_nice(line, &op.nice))
		return false;
	machine->delay_task = conformance_int(line, "delay", 0);
	machine->delay_group = conformance_int(line, "gdelay", 0);
	rows->play(&op);
	return true;
}
