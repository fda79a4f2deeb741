/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part pelt: the arithmetic alone. There is one queue, and tasks that are only records; whether
 * they are queued and running is an input of the operations.
 */
#include <stdlib.h>
#include <string.h>

#include "models/sched/eevdf.h"
#include "tests/conformance/vector.h"
#include "tests/conformance/sched_fields.h"
#include "tests/conformance/sched_replay_part.h"

struct records {
	struct eevdf_rq rq;
	struct eevdf_entity *tasks;
	int nr_tasks;
};

/* An operation with its inputs. */
struct operation {
	struct records *records;
	const cJSON *line;
	uint64_t now;
	struct eevdf_entity *task; /* NULL if the line has none */
	uint64_t weight;	   /* of task, scaled down */
};

static uint64_t number(const struct operation *op, const char *name)
{
	return (uint64_t)conformance_int(op->line, name, 0);
}

static struct pelt_queue *queue_of(const struct operation *op)
{
	return &op->records->rq.root.pelt;
}

static uint64_t do_decay(const struct operation *op)
{
	return pelt_decay(number(op, "val"), number(op, "n"));
}

static uint64_t do_contrib(const struct operation *op)
{
	return pelt_contribution(number(op, "periods"), (uint32_t)number(op, "d1"),
				 (uint32_t)number(op, "d3"));
}

static uint64_t do_init(const struct operation *op)
{
	op->task->weight = number(op, "weight");
	op->task->on_rq = false;
	op->task->delayed = false;
	pelt_init_task(&op->task->avg, eevdf_scale_load_down(op->task->weight));
	return 0;
}

static uint64_t do_postinit(const struct operation *op)
{
	pelt_guess_util(queue_of(op), &op->task->avg, op->weight);
	return 0;
}

static uint64_t do_se(const struct operation *op)
{
	uint64_t runnable;

	op->task->on_rq = number(op, "on_rq");
	op->task->delayed = number(op, "delayed");
	/* With a count it stands for a group. */
	runnable = (uint64_t)conformance_int(op->line, "runnable", op->task->on_rq);
	if (op->task->delayed)
		runnable = 0;
	return pelt_update_entity(&op->task->avg, op->now, op->weight, op->task->on_rq, runnable,
				  number(op, "running"));
}

static uint64_t do_blocked_se(const struct operation *op)
{
	return pelt_update_blocked(&op->task->avg, op->now, op->weight);
}

static uint64_t do_weight(const struct operation *op)
{
	op->task->weight = number(op, "weight");
	return 0;
}

static uint64_t update_queue(const struct operation *op, bool removed)
{
	struct eevdf_queue *queue = &op->records->rq.root;
	uint64_t load;

	queue->load = number(op, "weight");
	queue->h_nr_runnable = (unsigned int)number(op, "h_nr_runnable");
	load = eevdf_scale_load_down(queue->load);
	if (removed)
		return pelt_update_queue(&queue->pelt, op->now, load, queue->h_nr_runnable,
					 number(op, "running"));
	return pelt_update_queue_avg(&queue->pelt.avg, op->now, load, queue->h_nr_runnable,
				     number(op, "running"));
}

static uint64_t do_cfs(const struct operation *op)
{
	return update_queue(op, false);
}

static uint64_t do_cfsfull(const struct operation *op)
{
	return update_queue(op, true);
}

static uint64_t do_attach(const struct operation *op)
{
	pelt_attach(queue_of(op), &op->task->avg, op->weight);
	return 0;
}

static uint64_t do_detach(const struct operation *op)
{
	pelt_detach(queue_of(op), &op->task->avg, op->weight);
	return 0;
}

static uint64_t do_remove(const struct operation *op)
{
	pelt_remove(queue_of(op), &op->task->avg, op->weight);
	return 0;
}

static uint64_t do_zerolut(const struct operation *op)
{
	op->task->avg.last_update_time = 0;
	return 0;
}

static uint64_t do_reweight(const struct operation *op)
{
	op->task->weight = number(op, "weight");
	pelt_reweight(queue_of(op), &op->task->avg, op->weight,
		      eevdf_scale_load_down(op->task->weight));
	return 0;
}

static const struct {
	const char *name;
	bool needs_task;
	uint64_t (*play)(const struct operation *op);
} operations[] = {
	{"decay", false, do_decay},
	{"contrib", false, do_contrib},
	{"init", true, do_init},
	{"postinit", true, do_postinit},
	{"se", true, do_se},
	{"blocked_se", true, do_blocked_se},
	{"weight", true, do_weight},
	{"cfs", false, do_cfs},
	{"cfsfull", false, do_cfsfull},
	{"attach", true, do_attach},
	{"detach", true, do_detach},
	{"remove", true, do_remove},
	{"zerolut", true, do_zerolut},
	{"reweight", true, do_reweight},
};

static bool apply(void *state, const cJSON *line, struct sched_outcome *outcome)
{
	struct operation op = {.records = state, .line = line, .now = 0};
	const char *name = conformance_string(line, "op");
	const char *task = conformance_string(line, "task");
	long index = *task == 'e' ? strtol(task + 1, NULL, 10) : -1;

	op.now = number(&op, "t");
	if (index >= 0 && index < op.records->nr_tasks) {
		op.task = &op.records->tasks[index];
		op.weight = eevdf_scale_load_down(op.task->weight);
	}
	/* The state before the first operation. */
	if (!number(&op, "i"))
		return !strcmp(name, "init");
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(operations[i].name, name))
			continue;
		if (operations[i].needs_task && !op.task)
			return false;
		outcome->ret = operations[i].play(&op);
		return true;
	}
	return false;
}

static void destroy(void *state)
{
	struct records *records = state;

	free(records->tasks);
	free(records);
}

static bool add_tasks(struct records *records, const cJSON *list, struct sched_expect *expect)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		struct eevdf_entity *task = &records->tasks[records->nr_tasks++];

		if (!sched_expect_add(expect, "ents", conformance_string(item, "name"), task,
				      sched_entity_load_fields))
			return false;
	}
	return true;
}

static void *create(const cJSON *header, struct sched_expect *expect)
{
	const cJSON *tasks = cJSON_GetObjectItemCaseSensitive(header, "tasks");
	struct records *records = calloc(1, sizeof(*records));

	if (!records)
		return NULL;
	records->tasks = calloc((size_t)cJSON_GetArraySize(tasks) + 1, sizeof(*records->tasks));
	if (records->tasks && add_tasks(records, tasks, expect) &&
	    sched_expect_add(expect, "rqs", "root@0", &records->rq.root, sched_queue_load_fields) &&
	    sched_expect_add(expect, "curr", "0", &records->rq, sched_curr_fields))
		return records;
	destroy(records);
	return NULL;
}

const struct sched_replay_part sched_replay_pelt = {"pelt", create, destroy, apply};
