/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds of the EEVDF core after any sequence of operations (random, with a fixed seed). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/sched/eevdf_check.h"
#include "models/sched/eevdf_internal.h"
#include "tests/unit/eevdf_oracle.h"
#include "tests/unit/eevdf_state.h"

#define SEED 20260112

static uint32_t below(uint64_t *random, uint32_t limit)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*random >> 33) % limit);
}

/* ---- The tree ---------------------------------------------------------------------------- */

static void equal_deadlines_leave_in_the_order_they_came(void **state)
{
	struct eevdf_config config = eevdf_default_config(16, 250);
	struct eevdf_entity *tasks = calloc(300, sizeof(*tasks));
	struct eevdf_entity *expected[300];
	uint64_t random = SEED;
	struct eevdf_rq rq;
	int nr = 0;

	(void)state;
	print_message("seed %d\n", SEED);
	assert_non_null(tasks);
	eevdf_rq_init(&rq, &config, 0);
	for (int i = 0; i < 300; i++) {
		eevdf_task_init(&tasks[i], 0, EEVDF_NORMAL, 0);
		assert_true(eevdf_task_set_rq(&tasks[i], NULL, &rq));
	}
	for (int step = 0; step < 5000; step++) {
		struct eevdf_entity *task = &tasks[below(&random, 300)];
		struct eevdf_listing listing = {.nr = 0};
		int at = 0;

		if (task->on_rq) {
			while (expected[at] != task)
				at++;
			eevdf_queue_remove(&rq.root, task);
			nr--;
			memmove(&expected[at], &expected[at + 1],
				(size_t)(nr - at) * sizeof(*expected));
		} else {
			/* The deadlines wrap in the middle of the range. */
			task->deadline = (uint64_t)(int64_t)(below(&random, 20)) - 10;
			task->vruntime = (uint64_t)(int64_t)(below(&random, 1000)) - 500;
			while (at < nr && !eevdf_before(task->deadline, expected[at]->deadline))
				at++;
			memmove(&expected[at + 1], &expected[at],
				(size_t)(nr - at) * sizeof(*expected));
			expected[at] = task;
			nr++;
			eevdf_queue_insert(&rq.root, task);
		}
		task->on_rq = !task->on_rq;
		eevdf_list(rq.root.tree, &listing);
		assert_int_equal(listing.nr, nr);
		assert_memory_equal(listing.entity, expected, (size_t)nr * sizeof(*expected));
	}
	free(tasks);
}

/* ---- Random life of a CPU with groups ---------------------------------------------------- */

#define NR_TASKS  12
#define NR_GROUPS 4

struct life {
	struct eevdf_config config;
	struct eevdf_rq rq;
	struct eevdf_group group[NR_GROUPS];
	struct eevdf_entity task[NR_TASKS];
	bool exists[NR_TASKS]; /* started and not exited */
	uint64_t random;
	uint64_t now;
};

static void life_init(struct life *life, uint64_t seed)
{
	memset(life, 0, sizeof(*life));
	life->random = seed;
	life->config = eevdf_default_config(16, 250);
	if (below(&life->random, 2))
		life->config.weight_source = EEVDF_WEIGHT_INSTANTANEOUS;
	if (below(&life->random, 2))
		life->config.features &= ~(uint32_t)EEVDF_HRTICK;
	life->config.lazy_preemption = below(&life->random, 2);
	eevdf_rq_init(&life->rq, &life->config, 0);
	/* Two groups at the root, and one within each. */
	for (int i = 0; i < NR_GROUPS; i++)
		eevdf_group_init(&life->group[i], i < 2 ? NULL : &life->group[i - 2],
				 2 + below(&life->random, 4096));
	for (int i = 0; i < NR_TASKS; i++) {
		uint32_t home = below(&life->random, NR_GROUPS + 1);
		uint64_t slice = below(&life->random, 3) ? 0 : below(&life->random, 10000000);

		eevdf_task_init(&life->task[i], (int)below(&life->random, 40) - 20,
				below(&life->random, 8) ? EEVDF_NORMAL : EEVDF_IDLE, slice);
		assert_true(eevdf_task_set_rq(
			&life->task[i], home == NR_GROUPS ? NULL : &life->group[home], &life->rq));
	}
}

static void check_group(struct eevdf_group *group)
{
	uint64_t load_sum = 0;

	for (int i = 0; i < group->nr_parts; i++) {
		const struct eevdf_group_part *part = group->parts[i];

		eevdf_oracle_agrees(&part->queue);
		load_sum += eevdf_scale_load_down(part->queue.load);
		assert_int_equal(part->entity.on_rq, part->queue.nr_queued || part->entity.delayed);
	}
	assert_int_equal(group->load_sum, load_sum);
}

static void check_life(struct life *life)
{
	unsigned int queued = 0, runnable = 0;
	struct oversub_error error;

	if (eevdf_check(&life->rq, NULL, NULL, &error))
		fail_msg("%s", error.message);
	eevdf_oracle_agrees(&life->rq.root);
	for (int i = 0; i < NR_GROUPS; i++)
		check_group(&life->group[i]);
	for (int i = 0; i < NR_TASKS; i++) {
		queued += life->task[i].on_rq;
		runnable += eevdf_task_runnable(&life->task[i]);
	}
	assert_int_equal(life->rq.nr_running, queued);
	assert_int_equal(life->rq.root.h_nr_queued, queued);
	assert_int_equal(life->rq.root.h_nr_runnable, runnable);
	/* Work conservation. */
	assert_int_equal(life->rq.curr != NULL, runnable > 0);
	if (life->rq.curr)
		assert_true(eevdf_task_runnable(life->rq.curr));
}

static void settle(struct life *life)
{
	while (eevdf_resched_pending(&life->rq))
		eevdf_schedule(&life->rq, EEVDF_STAY, life->now);
}

/* Raise some waiting chain; what P10 says of a credit. */
static void credit(struct life *life, struct eevdf_entity *task)
{
	struct eevdf_entity *entity = task;

	if (!eevdf_task_runnable(task) || task == life->rq.curr)
		return;
	eevdf_update_clock(&life->rq, life->now);
	for (; entity; entity = entity->parent) {
		struct eevdf_queue *queue = entity->queue;
		bool running = queue->curr == entity;
		unsigned int nr_queued = queue->nr_queued;
		uint64_t load = queue->load;
		int64_t margin = 1 + below(&life->random, 5000000);
		uint64_t before;
		int64_t lag;

		oversub_eevdf_account(&life->rq, entity);
		before = entity->vruntime;
		if (!oversub_eevdf_credit(&life->rq, entity, margin))
			continue;
		lag = (int64_t)(eevdf_avg_vruntime(queue) - entity->vruntime);
		assert_true(oversub_eevdf_eligible(entity));
		assert_in_range((uint64_t)(lag - margin + 1), 0, running ? 3 : 2);
		assert_true(eevdf_before(entity->vruntime, before));
		assert_int_equal(queue->nr_queued, nr_queued);
		assert_int_equal(queue->load, load);
		assert_false(oversub_eevdf_credit(&life->rq, entity, margin));
	}
}

static void step(struct life *life)
{
	struct eevdf_rq *rq = &life->rq;
	int i = (int)below(&life->random, NR_TASKS);
	struct eevdf_entity *task = &life->task[i];

	life->now += below(&life->random, 4) ? below(&life->random, 3000000) : 0;
	switch (below(&life->random, 10)) {
	case 0:
	case 1:
		if (life->exists[i])
			eevdf_wake(rq, task, false, life->now);
		else
			eevdf_start(rq, task, life->now);
		life->exists[i] = true;
		break;
	case 2:
	case 3:
		if (rq->curr)
			eevdf_schedule(rq, EEVDF_BLOCK, life->now);
		break;
	case 4: eevdf_tick(rq, life->now); break;
	case 5:
		if (!rq->curr)
			break;
		eevdf_yield(rq, life->now);
		eevdf_schedule(rq, EEVDF_STAY, life->now);
		break;
	case 6: eevdf_set_nice(task, (int)below(&life->random, 40) - 20, life->now); break;
	case 7: eevdf_set_slice(task, below(&life->random, 10000000), life->now); break;
	case 8:
		eevdf_set_shares(&life->group[below(&life->random, NR_GROUPS)],
				 below(&life->random, 8192), life->now);
		break;
	default: credit(life, task); break;
	}
	settle(life);
}

static void every_invariant_holds_after_every_operation(void **state)
{
	(void)state;
	print_message("seed %d\n", SEED);
	for (uint64_t run = 0; run < 20; run++) {
		struct life life;

		life_init(&life, SEED + run);
		for (int i = 0; i < 2000; i++) {
			step(&life);
			check_life(&life);
		}
		for (int i = NR_GROUPS - 1; i >= 0; i--)
			eevdf_group_destroy(&life.group[i]);
	}
}

static void detach_and_attach_return_the_same_lag_and_request(void **state)
{
	struct life life;

	(void)state;
	print_message("seed %d\n", SEED);
	life_init(&life, SEED);
	for (int i = 0; i < 5000; i++) {
		struct eevdf_entity *task = &life.task[below(&life.random, NR_TASKS)];
		int64_t lag, left;

		step(&life);
		if (!eevdf_task_runnable(task) || task == life.rq.curr ||
		    task->queue->nr_queued < 2 || task->queue->curr)
			continue;
		left = (int64_t)(task->deadline - task->vruntime);
		eevdf_detach(&life.rq, task, life.now);
		lag = task->vlag;
		eevdf_attach(&life.rq, task, life.now);
		assert_int_equal((int64_t)(task->deadline - task->vruntime), left);
		assert_in_range(
			(uint64_t)((int64_t)(eevdf_avg_vruntime(task->queue) - task->vruntime) -
				   lag + 2),
			0, 4);
		settle(&life);
		check_life(&life);
	}
	for (int i = NR_GROUPS - 1; i >= 0; i--)
		eevdf_group_destroy(&life.group[i]);
}

static void a_reference_point_means_nothing(void **state)
{
	struct life life;

	(void)state;
	life_init(&life, SEED);
	for (int i = 0; i < 1000; i++) {
		struct eevdf_queue *root = &life.rq.root;
		uint64_t mean = eevdf_avg_vruntime(root);
		int64_t by = (int64_t)below(&life.random, 1 << 30) - (1 << 29);

		root->sum_w_vruntime -= (int64_t)root->sum_weight * by;
		root->zero_vruntime += (uint64_t)by;
		if (root->nr_queued)
			assert_int_equal(eevdf_avg_vruntime(root), mean);
		eevdf_oracle_agrees(root);
		step(&life);
	}
	for (int i = NR_GROUPS - 1; i >= 0; i--)
		eevdf_group_destroy(&life.group[i]);
}

/* ---- Fixed sets of hogs ------------------------------------------------------------------ */

static void equal_hogs_stay_within_a_slice_of_their_share(void **state)
{
	struct eevdf_config config = eevdf_default_config(1, 1000);
	struct eevdf_entity task[5];
	struct eevdf_rq rq;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	for (int i = 0; i < 5; i++) {
		eevdf_task_init(&task[i], 0, EEVDF_NORMAL, 0);
		assert_true(eevdf_task_set_rq(&task[i], NULL, &rq));
		eevdf_start(&rq, &task[i], 0);
	}
	eevdf_schedule(&rq, EEVDF_STAY, 0);
	while (rq.clock < 1000000000) {
		assert_true(rq.hrtick_pending);
		eevdf_hrtick(&rq, rq.hrtick_expires);
		eevdf_schedule(&rq, EEVDF_STAY, rq.clock);
		for (int i = 0; i < 5; i++)
			assert_in_range((uint64_t)(eevdf_entity_lag(&task[i]) + 560000), 0,
					1120000);
	}
	for (int i = 0; i < 5; i++)
		assert_in_range(task[i].sum_exec, 199300000, 200700000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_deadlines_leave_in_the_order_they_came),
		cmocka_unit_test(every_invariant_holds_after_every_operation),
		cmocka_unit_test(detach_and_attach_return_the_same_lag_and_request),
		cmocka_unit_test(a_reference_point_means_nothing),
		cmocka_unit_test(equal_hogs_stay_within_a_slice_of_their_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
