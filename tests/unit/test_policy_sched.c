/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sched policies vee_deboost, debooster_v1, lag_transfer and pull_yield on worked examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/sched/eevdf_internal.h"
#include "models/policies/builtin.h"
#include "models/policies/sched_debooster.h"
#include "models/policies/sched_pull_yield.h"
#include "models/policies/sched_lag_transfer.h"
#include "tests/unit/eevdf_state.h"
#include "tests/unit/scripted_task.h"

enum { Y, T, O, OTHERS };

struct world {
	struct eevdf_config config;
	struct eevdf_rq rq[2];
	struct eevdf_group a, b;
	struct eevdf_entity task[OTHERS];
	int64_t vee[4]; /* room for the parameters of vee_deboost */
	struct debooster_params debooster;
	struct debooster_rq debooster_rq;
	struct lag_transfer_params transfer;
	struct lag_transfer_rq transfer_rq;
};

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->config = eevdf_default_config(16, 250);
	w->config.features &= ~(uint32_t)EEVDF_HRTICK;
	for (int i = 0; i < 2; i++) {
		eevdf_rq_init(&w->rq[i], &w->config, i);
		eevdf_update_clock(&w->rq[i], 10 * MS);
	}
	assert_true(sched_vee_deboost.head.params_size <= sizeof(w->vee));
	oversub_param_defaults(sched_vee_deboost.head.params, w->vee);
	oversub_param_defaults(sched_debooster_v1.head.params, &w->debooster);
	oversub_param_defaults(sched_lag_transfer.head.params, &w->transfer);
}

static struct eevdf_entity *task(struct world *w, int i, struct eevdf_group *group, int cpu)
{
	eevdf_task_init(&w->task[i], 0, EEVDF_NORMAL, 0);
	assert_true(eevdf_task_set_rq(&w->task[i], group, &w->rq[cpu]));
	return &w->task[i];
}

static void yields_to(struct world *w, const struct oversub_sched_policy *policy,
		      struct eevdf_entity *target)
{
	struct oversub_yield yield = {
		.rq = &w->rq[0],
		.target_rq = eevdf_entity_rq(target),
		.yielder = w->rq[0].curr,
		.target = target,
	};

	if (policy == &sched_vee_deboost) {
		yield.params = w->vee;
	} else if (policy == &sched_debooster_v1) {
		yield.params = &w->debooster;
		yield.rq_private = &w->debooster_rq;
	} else if (policy == &sched_lag_transfer) {
		yield.params = &w->transfer;
		yield.rq_private = &w->transfer_rq;
	}
	assert_int_equal(eevdf_yield_to(policy, &yield, w->rq[0].clock), 1);
}

static struct eevdf_entity *pick(struct world *w)
{
	return eevdf_schedule(&w->rq[0], EEVDF_STAY, w->rq[0].clock);
}

static void assert_entity(const struct eevdf_entity *entity, int64_t vruntime, int64_t deadline)
{
	assert_int_equal((int64_t)entity->vruntime, vruntime);
	assert_int_equal((int64_t)entity->deadline, deadline);
}

/* The yielder runs; the mean is 10.6 ms, so that the target must wait for the third task. */
static void one_queue(struct world *w)
{
	world_init(w);
	eevdf_state_zero(&w->rq[0].root, 10000000);
	eevdf_state_run(task(w, Y, NULL, 0), 9000000, 11800000, 11800000);
	eevdf_state_wait(task(w, T, NULL, 0), 12500000, 14900000);
	eevdf_state_wait(task(w, O, NULL, 0), 10300000, 12700000);
}

/* ---- vee_deboost ------------------------------------------------------------------------- */

static void the_yielder_is_pushed_just_as_far_as_the_target_needs(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	yields_to(&w, &sched_vee_deboost, &w.task[T]);
	/* The sum of three vruntimes must grow by 3 * 1.9 ms. */
	assert_entity(&w.task[Y], 14700000, 17500000);
	assert_entity(&w.task[T], 12500000, 14900000);
	assert_int_equal(eevdf_avg_vruntime(&w.rq[0].root), 12500000);
	assert_ptr_equal(pick(&w), &w.task[T]);
}

static void no_push_exceeds_the_bound_of_the_lag(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	eevdf_state_zero(&w.rq[0].root, 0);
	eevdf_state_run(task(&w, Y, NULL, 0), 0, 2800000, 2800000);
	eevdf_state_wait(task(&w, T, NULL, 0), 90000000, 92800000);
	eevdf_state_wait(task(&w, O, NULL, 0), 3000000, 5800000);
	yields_to(&w, &sched_vee_deboost, &w.task[T]);
	/* V = (93 ms + x) / 3 and V - x = -(2.8 + 4 ms): x = 56.7 ms. */
	assert_int_equal(w.task[Y].vruntime, 56700000);
	assert_int_equal(oversub_eevdf_lag(&w.task[Y]), -6800000);
	assert_false(oversub_eevdf_eligible(&w.task[T]));
}

static void an_eligible_target_costs_the_yielder_no_more_than_in_mainline(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	yields_to(&w, &sched_vee_deboost, &w.task[O]);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_ptr_equal(pick(&w), &w.task[O]);
}

/* Two groups on one CPU: that of the yielder is behind, and the target alone in the other. */
static void two_groups(struct world *w)
{
	struct eevdf_entity *a, *b;

	world_init(w);
	eevdf_group_init(&w->a, NULL, 1024);
	eevdf_group_init(&w->b, NULL, 1024);
	a = &eevdf_group_part(&w->a, &w->rq[0])->entity;
	b = &eevdf_group_part(&w->b, &w->rq[0])->entity;
	eevdf_state_zero(a->own_queue, 0);
	eevdf_state_zero(b->own_queue, 0);
	eevdf_state_zero(&w->rq[0].root, 50000000);
	eevdf_state_run(task(w, Y, &w->a, 0), 1000000, 3800000, 3800000);
	eevdf_state_wait(task(w, T, &w->b, 0), 2000000, 4800000);
	eevdf_state_run(a, 48700000, 51500000, 51500000);
	eevdf_state_wait(b, 50900000, 53700000);
}

static void drop_groups(struct world *w)
{
	eevdf_group_destroy(&w->a);
	eevdf_group_destroy(&w->b);
}

static void across_groups_nobody_is_pushed(void **state)
{
	struct world w;

	(void)state;
	two_groups(&w);
	yields_to(&w, &sched_vee_deboost, &w.task[T]);
	/* What mainline does: alone in its group the yielder forfeits what nobody competes for. */
	assert_entity(&w.task[Y], 3800000, 6600000);
	assert_entity(w.task[Y].parent, 48700000, 51500000);
	assert_ptr_equal(pick(&w), &w.task[Y]);
	drop_groups(&w);
}

/* ---- debooster_v1 ------------------------------------------------------------------------ */

static void a_storm_of_yields_keeps_the_limiter_of_v1_closed(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	w.debooster_rq.last = w.rq[0].clock - 6000000;
	yields_to(&w, &sched_debooster_v1, &w.task[T]);
	/* No penalty beyond the forfeit, and the time begins anew. */
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_int_equal(w.debooster_rq.last, w.rq[0].clock);
}

static void v1_counts_entities_and_not_the_tasks_below(void **state)
{
	for (int v1 = 0; v1 < 2; v1++) {
		struct world w;
		struct eevdf_entity *a;

		two_groups(&w);
		/* A third task in the yielder's group: two entities, three tasks. */
		eevdf_state_wait(task(&w, O, &w.a, 0), 1500000, 4300000);
		a = w.task[Y].parent;
		w.debooster.refresh_on_reject = v1;
		w.debooster.use_h_nr = !v1;
		w.debooster.cap_2 = 1.5;
		yields_to(&w, &sched_debooster_v1, &w.task[T]);
		/* 2.8 ms + 1.1 * 2.2 ms, capped at 1.5 or 4 base slices. */
		assert_int_equal(a->vruntime, 48700000 + (v1 ? 4200000 : 5220000));
		drop_groups(&w);
	}
	(void)state;
}

/* ---- lag_transfer ------------------------------------------------------------------------ */

static void the_yielder_pays_what_the_target_lacks_and_nobody_else_does(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	yields_to(&w, &sched_lag_transfer, &w.task[T]);
	assert_entity(&w.task[T], 10599999, 12999999);
	assert_entity(&w.task[Y], 10900001, 11800000);
	assert_entity(&w.task[O], 10300000, 12700000);
	assert_int_equal(eevdf_avg_vruntime(&w.rq[0].root), 10600000);
	assert_ptr_equal(pick(&w), &w.task[T]);
}

static void who_cannot_pay_enough_forfeits_as_in_mainline(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	w.transfer.max_transfer_ns = 1000000;
	yields_to(&w, &sched_lag_transfer, &w.task[T]);
	assert_entity(&w.task[T], 11500000, 13900000);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_ptr_equal(pick(&w), &w.task[O]);
}

static void an_eligible_target_is_given_nothing(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	yields_to(&w, &sched_lag_transfer, &w.task[O]);
	assert_entity(&w.task[Y], 9000000, 11800000);
	assert_ptr_equal(pick(&w), &w.task[O]);
}

static void payment_goes_from_group_to_group_where_they_compete(void **state)
{
	struct world w;
	struct eevdf_entity *a, *b;

	(void)state;
	two_groups(&w);
	a = w.task[Y].parent;
	b = w.task[T].parent;
	yields_to(&w, &sched_lag_transfer, &w.task[T]);
	/* V = 49.8 ms: group b lacks 1.1 ms. */
	assert_entity(b, 49799999, 52599999);
	assert_entity(a, 49800001, 51500000);
	assert_entity(&w.task[Y], 1000000, 3800000);
	assert_ptr_equal(pick(&w), &w.task[T]);
	drop_groups(&w);
}

/* The target waits on the other CPU, where it lacks 1 ms. */
static void two_cpus(struct world *w)
{
	one_queue(w);
	eevdf_queue_remove(&w->rq[0].root, &w->task[T]);
	w->rq[0].root.nr_queued--;
	w->rq[0].root.h_nr_queued--;
	w->rq[0].root.h_nr_runnable--;
	w->rq[0].root.load -= w->task[T].weight;
	w->rq[0].nr_running--;
	eevdf_state_zero(&w->rq[1].root, 30000000);
	eevdf_state_wait(task(w, T, NULL, 1), 31000000, 33800000);
	w->task[T].slice = 0;
}

static void what_is_forfeited_for_a_remote_target_is_booked_and_given_to_it_later(void **state)
{
	struct world w;
	struct eevdf_entity remote;

	(void)state;
	two_cpus(&w);
	eevdf_task_init(&remote, 0, EEVDF_NORMAL, 0);
	assert_true(eevdf_task_set_rq(&remote, NULL, &w.rq[1]));
	eevdf_state_run(&remote, 29000000, 31800000, 31800000);
	yields_to(&w, &sched_lag_transfer, &w.task[T]);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_true(w.rq[1].need_resched);
	assert_ptr_equal(w.transfer_rq.debts[0].target, &w.task[T]);
	assert_int_equal(w.transfer_rq.debts[0].ns, 1000001);

	/* Then they meet. 0.6 ms behind the mean it lacks half as much again, as the mean follows.
	 */
	eevdf_detach(&w.rq[1], &w.task[T], w.rq[1].clock);
	assert_true(eevdf_task_set_rq(&w.task[T], NULL, &w.rq[0]));
	w.task[T].vlag = -600000;
	eevdf_attach(&w.rq[0], &w.task[T], w.rq[0].clock);
	yields_to(&w, &sched_lag_transfer, &w.task[T]);
	assert_int_equal(w.task[Y].vruntime, 11800000);
	assert_in_range(w.transfer_rq.debts[0].ns, 99990, 100010);
	assert_ptr_equal(pick(&w), &w.task[T]);
}

static void without_settlement_nothing_is_booked(void **state)
{
	struct world w;

	(void)state;
	two_cpus(&w);
	w.transfer.settle = false;
	yields_to(&w, &sched_lag_transfer, &w.task[T]);
	assert_null(w.transfer_rq.debts[0].target);
}

/* ---- pull_yield -------------------------------------------------------------------------- */

static void takes_pull_yield(struct machine *machine, const struct pull_yield_params *params,
			     struct pull_yield_rq *private)
{
	machine->host.sched_policy = &sched_pull_yield;
	machine->host.sched_policy_params = params;
	for (int i = 0; i < machine->host.nr_cpus; i++)
		cpu_of(machine, i)->sched_policy_private = &private[i];
}

/* One task on the first CPU, and four on the second that run anywhere if free is set. */
static struct machine *one_long_queue(bool free, struct pull_yield_params *params)
{
	static struct pull_yield_rq private[2];
	struct machine *machine = new_machine(free_of_cost(2));

	memset(private, 0, sizeof(private));
	oversub_param_defaults(sched_pull_yield.head.params, params);
	takes_pull_yield(machine, params, private);
	add_hog(machine, cpu0);
	for (int i = 0; i < 4; i++)
		add_hog(machine, cpu1);
	run_until(machine, 20 * MS + 500 * US);
	for (int i = 1; free && i <= 4; i++)
		machine->scripts[i].task.cpus = cpu0_and_1;
	return machine;
}

/* Wait for a task of the second CPU whose nomination there would be refused. */
static struct script *refused_there(struct machine *machine)
{
	struct pcpu *cpu = cpu_of(machine, 1);

	for (int step = 0; step < 100; step++) {
		eevdf_update_clock(&cpu->rq, (uint64_t)sim_now(&machine->engine));
		for (int i = 1; i <= 4; i++) {
			struct script *script = &machine->scripts[i];

			if (cpu->curr != &script->task &&
			    !oversub_eevdf_buddy_would_run(&script->task.se))
				return script;
		}
		run_until(machine, sim_now(&machine->engine) + 100 * US);
	}
	fail_msg("all are eligible");
	return NULL;
}

static int hog_yields_to(struct machine *machine, struct script *target, struct yield_stats *stats)
{
	struct script *hog = &machine->scripts[0];
	int result;

	stop_executing(hog);
	result = host_yield_to(cpu_of(machine, 0), &target->task, stats);
	if (result != 1 || !pcpu_schedule(cpu_of(machine, 0), PCPU_PREEMPT))
		execute(hog);
	return result;
}

static void a_target_in_a_long_queue_runs_at_once_on_the_yielders_cpu(void **state)
{
	struct pull_yield_params params;
	struct machine *machine = one_long_queue(true, &params);
	struct script *target = refused_there(machine);
	struct yield_stats stats = {0};

	(void)state;
	assert_int_equal(hog_yields_to(machine, target, &stats), 1);
	assert_ptr_equal(cpu_of(machine, 0)->curr, &target->task);
	assert_int_equal(stats.honoured, 1);
	assert_int_equal(stats.cross_rq, 1);
	assert_int_equal(cpu_of(machine, 1)->rq.nr_running, 3);
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 0);
	stop_machine(machine);
}

static void a_pull_respects_the_affinity_and_spares_the_other_cpu(void **state)
{
	struct pull_yield_params params;
	struct machine *machine = one_long_queue(false, &params);
	struct script *target = refused_there(machine);
	struct yield_stats stats = {0};

	(void)state;
	params.refuse = true;
	assert_int_equal(hog_yields_to(machine, target, &stats), 0);
	assert_ptr_equal(target->task.cpu, cpu_of(machine, 1));
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 0);
	/* Told to take the hint all the same, it spares the other CPU the interrupt. */
	params.refuse = false;
	assert_int_equal(hog_yields_to(machine, target, &stats), 1);
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 0);
	assert_ptr_equal(cpu_of(machine, 1)->rq.root.next, &target->task.se);
	stop_machine(machine);
}

static void limits_stand_in_the_way_of_a_pull(void **state)
{
	static const struct {
		size_t offset;
		int64_t value;
	} limits[] = {
		{offsetof(struct pull_yield_params, max_pulls_per_ms), 0},
		{offsetof(struct pull_yield_params, min_surplus), 4},
		{offsetof(struct pull_yield_params, min_residency_ns), 30 * MS},
		{offsetof(struct pull_yield_params, migrate_llc_ns), 1000 * MS},
		{offsetof(struct pull_yield_params, numa_limit), OVERSUB_SAME_CORE - 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct pull_yield_params params;
		struct machine *machine = one_long_queue(true, &params);
		struct script *target = refused_there(machine);
		struct yield_stats stats = {0};

		for (int s = 0; s <= 4; s++)
			machine->scripts[s].task.moved_at = 0;
		params.refuse = true;
		*(int64_t *)((char *)&params + limits[i].offset) = limits[i].value;
		assert_int_equal(hog_yields_to(machine, target, &stats), 0);
		stop_machine(machine);
	}
}

static void an_honoured_hint_goes_where_the_target_is(void **state)
{
	struct pull_yield_params params;
	struct machine *machine = one_long_queue(true, &params);
	struct pcpu *cpu = cpu_of(machine, 1);
	struct yield_stats stats = {0};

	(void)state;
	eevdf_update_clock(&cpu->rq, (uint64_t)sim_now(&machine->engine));
	for (int i = 1; i <= 4; i++) {
		struct script *script = &machine->scripts[i];

		if (cpu->curr == &script->task || !oversub_eevdf_buddy_would_run(&script->task.se))
			continue;
		assert_int_equal(hog_yields_to(machine, script, &stats), 1);
		assert_int_equal(cpu->ipi_count, 1);
		run_until(machine, sim_now(&machine->engine) + 1);
		assert_int_equal(stats.honoured, 1);
		assert_ptr_equal(cpu->curr, &script->task);
		break;
	}
	assert_int_equal(stats.taken, 1);
	stop_machine(machine);
}

static void an_honest_yield_refuses_what_would_not_be_honoured(void **state)
{
	struct pull_yield_params params;
	struct machine *machine = one_long_queue(true, &params);
	struct script *target = refused_there(machine);
	struct yield_stats stats = {0};

	(void)state;
	machine->host.sched_policy = &sched_honest_yield;
	assert_int_equal(hog_yields_to(machine, target, &stats), 0);
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 0);
	assert_null(cpu_of(machine, 1)->rq.root.next);
	stop_machine(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_yielder_is_pushed_just_as_far_as_the_target_needs),
		cmocka_unit_test(no_push_exceeds_the_bound_of_the_lag),
		cmocka_unit_test(an_eligible_target_costs_the_yielder_no_more_than_in_mainline),
		cmocka_unit_test(across_groups_nobody_is_pushed),
		cmocka_unit_test(a_storm_of_yields_keeps_the_limiter_of_v1_closed),
		cmocka_unit_test(v1_counts_entities_and_not_the_tasks_below),
		cmocka_unit_test(the_yielder_pays_what_the_target_lacks_and_nobody_else_does),
		cmocka_unit_test(who_cannot_pay_enough_forfeits_as_in_mainline),
		cmocka_unit_test(an_eligible_target_is_given_nothing),
		cmocka_unit_test(payment_goes_from_group_to_group_where_they_compete),
		cmocka_unit_test(
			what_is_forfeited_for_a_remote_target_is_booked_and_given_to_it_later),
		cmocka_unit_test(without_settlement_nothing_is_booked),
		cmocka_unit_test(a_target_in_a_long_queue_runs_at_once_on_the_yielders_cpu),
		cmocka_unit_test(a_pull_respects_the_affinity_and_spares_the_other_cpu),
		cmocka_unit_test(limits_stand_in_the_way_of_a_pull),
		cmocka_unit_test(an_honoured_hint_goes_where_the_target_is),
		cmocka_unit_test(an_honest_yield_refuses_what_would_not_be_honoured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
