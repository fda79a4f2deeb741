/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world starts as one that has had its load for minutes, however deep its groups are nested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "models/sched/eevdf_check.h"
#include "models/sched/eevdf_internal.h"
#include "models/sched/eevdf_settle.h"
#include "sim/run/world.h"
#include "tests/unit/checked_run.h"
#include "tests/unit/scenario_text.h"

/* ---- The core alone ------------------------------------------------------------------------- */

enum { CPUS = 16, LEVELS = 4, MAX_TASKS = 48 };

/* Tasks that have been made one after the other, each in a group of its own below LEVELS others. */
struct machine {
	struct eevdf_config config;
	struct eevdf_rq rqs[CPUS];
	struct eevdf_group levels[LEVELS]; /* the top one first */
	struct eevdf_group own[MAX_TASKS];
	struct eevdf_entity tasks[MAX_TASKS];
	int nr_tasks;
};

static void machine_init(struct machine *m, int nr_tasks, enum eevdf_weight_source source)
{
	m->config = eevdf_default_config(CPUS, 250);
	m->config.weight_source = source;
	m->nr_tasks = nr_tasks;
	for (int i = 0; i < CPUS; i++)
		eevdf_rq_init(&m->rqs[i], &m->config, i);
	for (int i = 0; i < LEVELS; i++)
		eevdf_group_init(&m->levels[i], i ? &m->levels[i - 1] : NULL, 1024);
	for (int i = 0; i < nr_tasks; i++) {
		struct eevdf_rq *rq = &m->rqs[i * 5 % CPUS];

		eevdf_group_init(&m->own[i], &m->levels[LEVELS - 1], 1024);
		eevdf_task_init(&m->tasks[i], 0, EEVDF_NORMAL, 0);
		assert_true(eevdf_task_set_rq(&m->tasks[i], &m->own[i], rq));
		eevdf_start(rq, &m->tasks[i], 0);
	}
}

static void machine_fini(struct machine *m)
{
	for (int i = 0; i < m->nr_tasks; i++)
		eevdf_group_destroy(&m->own[i]);
	for (int i = LEVELS; i-- > 0;)
		eevdf_group_destroy(&m->levels[i]);
}

static uint64_t draw(void *context, uint64_t n)
{
	uint64_t *state = context;

	*state = *state * 6364136223846793005U + 1442695040888963407U;
	return (*state >> 11) % n;
}

static void settle(struct machine *m)
{
	uint64_t state = 7;

	for (int i = 0; i < m->nr_tasks; i++)
		eevdf_settle_group(&m->own[i]);
	for (int i = LEVELS; i-- > 0;)
		eevdf_settle_group(&m->levels[i]);
	for (int i = 0; i < CPUS; i++)
		eevdf_settle_rq(&m->rqs[i], draw, &state);
}

/* Over the CPUs where group has something to run: the part of its shares that is handed out. */
static double handed_out(const struct eevdf_group *group)
{
	double sum = 0;

	for (int i = 0; i < group->nr_parts; i++)
		if (group->parts[i]->entity.on_rq)
			sum += (double)group->parts[i]->entity.weight / (double)group->shares;
	return sum;
}

static void new_tasks_leave_a_nested_group_with_weights_that_do_not_fit(void **state)
{
	struct machine m;

	machine_init(&m, CPUS, EEVDF_WEIGHT_PELT);
	assert_true(m.tasks[0].parent->weight == EEVDF_NICE_0_LOAD);
	assert_true(handed_out(&m.levels[LEVELS - 1]) > 3);
	/* The last one, of a 16th each in truth. */
	assert_true(m.levels[0].parts[15 * 5 % CPUS]->entity.weight < EEVDF_NICE_0_LOAD / 16 / 50);
	machine_fini(&m);
}

static void a_settled_group_hands_out_its_shares_at_every_level(void **state)
{
	static const enum eevdf_weight_source sources[] = {EEVDF_WEIGHT_PELT,
							   EEVDF_WEIGHT_INSTANTANEOUS};

	for (int s = 0; s < 2; s++) {
		for (int nr_tasks = 1; nr_tasks <= MAX_TASKS; nr_tasks++) {
			struct machine m;

			machine_init(&m, nr_tasks, sources[s]);
			settle(&m);
			for (int i = 0; i < LEVELS; i++)
				assert_float_equal(handed_out(&m.levels[i]), 1, 0.03);
			for (int i = 0; i < nr_tasks; i++)
				assert_float_equal(handed_out(&m.own[i]), 1, 0);
			machine_fini(&m);
		}
	}
}

static void every_level_has_told_what_its_load_is(void **state)
{
	struct machine m;

	machine_init(&m, 40, EEVDF_WEIGHT_PELT);
	settle(&m);
	for (int l = 0; l < LEVELS; l++) {
		uint64_t published = 0;

		for (int i = 0; i < m.levels[l].nr_parts; i++) {
			const struct eevdf_queue *queue = &m.levels[l].parts[i]->queue;

			assert_int_equal(queue->pelt.contrib, queue->pelt.avg.load_avg);
			assert_int_equal(queue->pelt.avg.load_avg,
					 eevdf_scale_load_down(queue->load));
			published += queue->pelt.contrib;
		}
		assert_int_equal(m.levels[l].load_avg, published);
	}
	for (int i = 0; i < m.nr_tasks; i++) {
		assert_true(m.tasks[i].attached);
		assert_int_equal(m.tasks[i].avg.load_avg, 1024);
		assert_int_equal(m.tasks[i].avg.runnable_avg, 1024);
	}
	machine_fini(&m);
}

static void tasks_share_out_the_use_of_their_cpu(void **state)
{
	uint64_t use[CPUS] = {0};
	struct machine m;

	machine_init(&m, 40, EEVDF_WEIGHT_PELT);
	settle(&m);
	for (int i = 0; i < m.nr_tasks; i++)
		use[eevdf_entity_rq(&m.tasks[i])->cpu] += m.tasks[i].avg.util_avg;
	for (int i = 0; i < CPUS; i++) {
		assert_int_equal(m.rqs[i].root.pelt.avg.util_avg, 1024);
		assert_in_range(use[i], 1020, 1024);
	}
	machine_fini(&m);
}

static void all_invariants_hold_and_lags_are_within_a_request(void **state)
{
	struct oversub_error error;
	struct machine m;

	machine_init(&m, 47, EEVDF_WEIGHT_PELT);
	settle(&m);
	for (int i = 0; i < CPUS; i++)
		if (eevdf_check(&m.rqs[i], NULL, NULL, &error) != OVERSUB_OK)
			fail_msg("%s", error.message);
	for (int i = 0; i < m.nr_tasks; i++) {
		const struct eevdf_entity *entity = m.tasks[i].parent;
		int64_t lag = (int64_t)(eevdf_avg_vruntime(entity->queue) - entity->vruntime);
		int64_t real = lag * (int64_t)(entity->weight >> 10) / 1024;

		assert_in_range(real + (int64_t)entity->slice, 0, 2 * (int64_t)entity->slice);
		assert_true((int64_t)(entity->deadline - entity->vruntime) > 0);
	}
	machine_fini(&m);
}

/* One task a CPU: its request ends when it is there for the first time, at any time. */
static void requests_do_not_end_in_step(void **state)
{
	uint64_t least = UINT64_MAX, most = 0;
	struct machine m;

	machine_init(&m, CPUS, EEVDF_WEIGHT_FIXED);
	settle(&m);
	for (int i = 0; i < CPUS; i++) {
		uint64_t left = m.tasks[i].deadline - m.tasks[i].vruntime;

		assert_in_range(left, 1, m.config.base_slice_ns);
		least = left < least ? left : least;
		most = left > most ? left : most;
	}
	assert_true(most - least > m.config.base_slice_ns / 2);
	machine_fini(&m);
}

static void move(struct machine *m, int number, struct eevdf_rq *to)
{
	const uint64_t now = 10000000;
	struct eevdf_entity *task = &m->tasks[number];

	eevdf_detach(eevdf_entity_rq(task), task, now);
	eevdf_update_clock(to, now);
	assert_true(eevdf_task_set_rq(task, &m->own[number], to));
	eevdf_attach(to, task, now);
}

/* Two tasks move to idle CPUs at one tick: the weight of the second one's chain, at the top. */
static uint64_t weight_after_moves(bool settled)
{
	struct machine m;
	uint64_t weight;

	machine_init(&m, CPUS - 2, EEVDF_WEIGHT_PELT);
	/* Parts are there already, or made when they are needed. */
	assert_non_null(eevdf_group_part(&m.own[0], &m.rqs[(CPUS - 2) * 5 % CPUS]));
	settle(&m);
	for (int i = 0; i < LEVELS && !settled; i++) {
		eevdf_find_part(&m.levels[i], &m.rqs[(CPUS - 2) * 5 % CPUS])->entity.weight =
			EEVDF_NICE_0_LOAD;
		m.levels[i].part_weight = EEVDF_NICE_0_LOAD;
	}
	for (int i = 0; i < 2; i++)
		move(&m, i, &m.rqs[(CPUS - 2 + i) * 5 % CPUS]);
	weight = eevdf_find_part(&m.levels[0], &m.rqs[(CPUS - 1) * 5 % CPUS])->entity.weight;
	machine_fini(&m);
	return weight;
}

/*
 * Groups publish their load with the weight that they left behind, and then are weighed anew. Where
 * they have never been, all levels above count with twice the load that is there.
 */
static void tasks_that_move_find_the_weights_of_groups_that_have_been_there(void **state)
{
	uint64_t due = EEVDF_NICE_0_LOAD / (CPUS - 2);

	assert_in_range(weight_after_moves(true), due * 3 / 4, due * 5 / 4);
	assert_in_range(weight_after_moves(false), 1, due / 4);
}

/* ---- Worlds --------------------------------------------------------------------------------- */

/* Three VMs whose vCPUs never sleep and yield a lot, as in scenarios/demo.json. %s: host, VMs. */
#define CHATTY_HOST "'cpus': 8, 'cgroup_layout': 'vm', 'start': '%s'"
#define CHATTY                                                                                     \
	"{ 'oversub_scenario': 1, 'host': { " CHATTY_HOST " %s },"                                 \
	"  'vm_defaults': { 'vcpus': 8, 'workload': 'w', 'apicv': 'off' },"                        \
	"  'vms': { 'a': { %s }, 'b': { %s }, 'c': { %s } },"                                      \
	"  'workloads': { 'w': { 'threads': { 't': { 'count': 8, 'program': ["                     \
	"    { 'loop': 'forever', 'body': [ { 'request': 'r', 'body': ["                           \
	"      { 'run': { 'exponential': { 'mean': '200us' } } },"                                 \
	"      { 'run': { 'exponential': { 'mean': '80us' } }, 'mode': 'kernel' },"                \
	"      { 'smp_call': 'random_other', 'wait': true, 'probability': 0.35 },"                 \
	"      { 'tlb_flush': 'others', 'probability': 0.08 } ] } ] } ] } } } },"                  \
	"  'run': { 'warmup': '%s', 'measure': '300ms', 'seed': 1 } }"

#define NEST(name) "'" name "': { 'children': { '1': { 'children': { '2': {} } } } }"
#define CGROUPS	   ", 'cgroups': { " NEST("a") ", " NEST("b") ", " NEST("c") " }"

/* Requests a second of all VMs, mean over replications. */
static double requests(const char *start, bool nested, const char *warmup, int replications)
{
	struct scenario *scenario;
	struct oversub_error error;
	char text[2048];
	double sum = 0;

	snprintf(text, sizeof(text), CHATTY, start, nested ? CGROUPS : "",
		 nested ? "'cgroup': 'a/1/2'" : "", nested ? "'cgroup': 'b/1/2'" : "",
		 nested ? "'cgroup': 'c/1/2'" : "", warmup);
	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	for (int r = 0; r < replications; r++) {
		struct replication_result result;

		if (world_run(scenario, (uint32_t)r, NULL, &result, &error))
			fail_msg("%s", error.message);
		sum += result_find(&result, "vm.a", "requests_per_s")->value +
		       result_find(&result, "vm.b", "requests_per_s")->value +
		       result_find(&result, "vm.c", "requests_per_s")->value;
		result_free(&result);
	}
	scenario_free(scenario);
	return sum / replications;
}

static void assert_within(double value, double right, double part)
{
	if (value < right * (1 - part) || value > right * (1 + part))
		fail_msg("%g is not within %g %% of %g", value, part * 100, right);
}

static void a_settled_host_has_at_once_what_a_booted_one_has_after_seconds(void **state)
{
	double later = requests("boot", true, "2s", 3);

	assert_true(requests("boot", true, "50ms", 3) < 0.8 * later);
	assert_within(requests("settled", true, "50ms", 3), later, 0.05);
}

static void nesting_one_in_another_changes_little(void **state)
{
	assert_within(requests("settled", true, "50ms", 3), requests("settled", false, "50ms", 3),
		      0.05);
}

static void in_the_long_run_the_start_is_forgotten(void **state)
{
	assert_within(requests("settled", false, "1500ms", 3), requests("boot", false, "1500ms", 3),
		      0.05);
}

/* Hogs, and nobody who moves them. */
#define HOG                                                                                        \
	"'workloads': { 'hog': { 'threads': { 't': { 'count': 4, 'program': [ "                    \
	"{ 'loop': 'forever', 'body': [ { 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } "   \
	"] } } } }, 'run': { 'warmup': 0, 'measure': '300ms', 'seed': 1 } }"

static struct replication_result run_hogs(const char *format, const char *start, int replication)
{
	struct replication_result result;
	struct scenario *scenario;
	struct oversub_error error;
	char text[1024];

	snprintf(text, sizeof(text), format, start);
	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	if (world_run(scenario, (uint32_t)replication, &checked_run, &result, &error))
		fail_msg("%s", error.message);
	scenario_free(scenario);
	return result;
}

static double work(const struct replication_result *result, const char *scope)
{
	return result_find(result, scope, "time.work")->value;
}

/* Two have CPU 0 to themselves, five share the other three: all by two but one. */
static const char *const two_tied =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 4, 'cgroup_layout': 'none', "
	"'balance': 'none', 'start': '%s' }, 'vm_defaults': { 'workload': 'hog' }, "
	"'vms': { 'free': { 'count': 5 }, 'tied': { 'count': 2, 'pin': [ [0] ] } }, " HOG;

static void no_cpu_has_two_more_than_another_within_what_is_allowed(void **state)
{
	for (int i = 0; i < 8; i++) {
		struct replication_result result = run_hogs(two_tied, "settled", i);

		assert_float_equal(work(&result, "vm.tied"), 0.5, 0.02);
		assert_float_equal(work(&result, "vm.free"), (4 * 0.5 + 1) / 5, 0.02);
		result_free(&result);
	}
}

/* The old way: whoever comes late to the only CPU it may use finds it taken. */
static void a_boot_takes_tasks_as_they_come(void **state)
{
	struct replication_result result = run_hogs(two_tied, "boot", 0);

	assert_float_equal(work(&result, "vm.tied"), 1.0 / 3, 0.02);
	assert_float_equal(work(&result, "vm.free"), 2.0 / 3, 0.02);
	result_free(&result);
}

/*
 * Three VMs with equal shares: each of two vCPUs weighs as much as two of four. So each of the two
 * is beside one of the others on its CPU, and the rest are by three.
 */
static void cpus_are_loaded_alike_where_vcpus_are_not(void **state)
{
	static const char *const text =
		"{ 'oversub_scenario': 1, 'host': { 'cpus': 4, 'balance': 'none', 'start': '%s' }, "
		"'vm_defaults': { 'workload': 'hog', 'vcpus': 4 }, "
		"'vms': { 'large': { 'count': 2 }, 'small': { 'vcpus': 2 } }, " HOG;

	for (int i = 0; i < 8; i++) {
		struct replication_result result = run_hogs(text, "settled", i);

		assert_float_equal(work(&result, "vm.small"), 2.0 / 3, 0.02);
		assert_float_equal(work(&result, "vm.large"), 1.0 / 3, 0.02);
		result_free(&result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_tasks_leave_a_nested_group_with_weights_that_do_not_fit),
		cmocka_unit_test(a_settled_group_hands_out_its_shares_at_every_level),
		cmocka_unit_test(every_level_has_told_what_its_load_is),
		cmocka_unit_test(tasks_share_out_the_use_of_their_cpu),
		cmocka_unit_test(all_invariants_hold_and_lags_are_within_a_request),
		cmocka_unit_test(requests_do_not_end_in_step),
		cmocka_unit_test(tasks_that_move_find_the_weights_of_groups_that_have_been_there),
		cmocka_unit_test(a_settled_host_has_at_once_what_a_booted_one_has_after_seconds),
		cmocka_unit_test(nesting_one_in_another_changes_little),
		cmocka_unit_test(in_the_long_run_the_start_is_forgotten),
		cmocka_unit_test(no_cpu_has_two_more_than_another_within_what_is_allowed),
		cmocka_unit_test(cpus_are_loaded_alike_where_vcpus_are_not),
		cmocka_unit_test(a_boot_takes_tasks_as_they_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
