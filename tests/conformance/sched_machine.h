/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine of the parts group_shares, propagate and bandwidth: CPUs, groups and tasks of the
 * real core. Who runs, and who is delayed when it goes to sleep, is an input.
 */
#ifndef TESTS_CONFORMANCE_SCHED_MACHINE_H
#define TESTS_CONFORMANCE_SCHED_MACHINE_H

#include "models/sched/eevdf.h"
#include "tests/conformance/sched_replay_part.h"

struct sched_machine {
	struct eevdf_config config;
	int nr_cpus;
	int hz;
	struct eevdf_rq *rqs;
	struct eevdf_group *groups;
	char (*group_names)[32];
	int nr_groups;
	struct eevdf_entity *tasks;
	struct eevdf_group **task_groups; /* NULL: root */
	char (*task_names)[32];
	int nr_tasks;
	/* What the operation says about a task and a group that go to sleep. */
	bool delay_task;
	bool delay_group;
};

/* What is compared of queues, entities and groups. */
struct sched_machine_fields {
	const struct sched_field *queue;
	const struct sched_field *group_entity;
	const struct sched_field *task;
	const struct sched_field *group;
};

/* An operation with its inputs; absent ones are NULL. */
struct sched_operation {
	struct sched_machine *machine;
	const cJSON *line;
	uint64_t now;
	struct eevdf_entity *task;
	struct eevdf_rq *rq;	   /* member cpu */
	struct eevdf_group *group; /* member group */
	struct eevdf_entity *next; /* member next */
	int nice;
	struct sched_outcome *outcome;
};

/* What an operation needs beside the time. */
enum sched_needs {
	SCHED_NEEDS_TASK = 1 << 0,
	SCHED_NEEDS_CPU = 1 << 1,
	SCHED_NEEDS_GROUP = 1 << 2,
};

struct sched_operation_row {
	const char *name; /* NULL: end of the table */
	unsigned int needs;
	void (*play)(const struct sched_operation *op);
};

/* The operations that all parts share. */
extern const struct sched_operation_row sched_machine_operations[];

/*
 * As the header says; group weights come from source. Objects are added to *expect with fields.
 * NULL: the header is incomplete or out of range, or out of memory.
 */
struct sched_machine *sched_machine_create(const cJSON *header, enum eevdf_weight_source source,
					   const struct sched_machine_fields *fields,
					   struct sched_expect *expect);
void sched_machine_destroy(struct sched_machine *machine);

/* Play line with the row of tables that has its name. False: there is none, or inputs are missing.
 */
bool sched_machine_play(struct sched_machine *machine, const struct sched_operation_row *rows,
			const cJSON *line, struct sched_outcome *outcome);

#endif
