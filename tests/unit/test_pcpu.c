/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The CPUs of the host under small scripted tasks: hogs, which never stop, and sleepers, which run
 * for a while and then sleep. They run on the real engine and the real scheduler.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/host/host.h"
#include "sim/engine/container_of.h"

#define US	  INT64_C(1000)
#define MS	  INT64_C(1000000)
#define FOREVER	  (INT64_MAX / 4)
#define MAX_TASKS 12
#define MAX_RUNS  4096

/* ---- Scripted tasks ---------------------------------------------------------------------- */

struct script {
	struct host_task task;
	struct sim_event segment_end, alarm;
	int64_t run_ns, sleep_ns; /* a burst, and the sleep after it; 0: until woken by the test */
	bool exits;		  /* after the first burst */
	int64_t burst_left;	  /* of the present burst */
	int64_t segment_start;
	int64_t ran;	       /* executed in all */
	int64_t in_since;      /* last sched_in */
	int64_t first_in;      /* time of the first one, -1 before */
	int64_t run[MAX_RUNS]; /* sched_in to sched_out, for the first ones */
	int nr_runs, nr_interrupts;
	bool runnable_out; /* what the last sched_out was told */
};

struct machine {
	struct sim_engine engine;
	struct sim_event pause; /* so that the clock gets where the test wants it */
	struct host_config config;
	struct host host;
	struct script scripts[MAX_TASKS];
	int nr_scripts;
};

static struct script *script_of(struct host_task *task)
{
	return container_of(task, struct script, task);
}

static int64_t now_of(const struct script *script)
{
	return sim_now(script->task.host->engine);
}

static void execute(struct script *script)
{
	script->task.executing = true;
	script->segment_start = now_of(script);
	if (script->burst_left < FOREVER)
		sim_schedule(script->task.host->engine, &script->segment_end,
			     script->segment_start + script->burst_left);
}

static void stop_executing(struct script *script)
{
	int64_t ran = now_of(script) - script->segment_start;

	script->task.executing = false;
	sim_cancel(script->task.host->engine, &script->segment_end);
	script->ran += ran;
	if (script->burst_left < FOREVER)
		script->burst_left -= ran;
}

/* What the return to user mode does. */
static void go_on(struct script *script)
{
	struct pcpu *cpu = script->task.cpu;

	if (pcpu_interrupt_pending(cpu))
		pcpu_handle_interrupts(cpu);
	if (pcpu_need_resched(cpu) && pcpu_schedule(cpu, PCPU_PREEMPT))
		return;
	execute(script);
}

static void sched_in(struct host_task *task)
{
	struct script *script = script_of(task);

	assert_true(task->on_cpu);
	assert_ptr_equal(task->cpu->curr, task);
	script->in_since = now_of(script);
	if (script->first_in < 0)
		script->first_in = script->in_since;
	go_on(script);
}

static void sched_out(struct host_task *task, bool runnable)
{
	struct script *script = script_of(task);

	if (script->nr_runs < MAX_RUNS)
		script->run[script->nr_runs++] = now_of(script) - script->in_since;
	script->runnable_out = runnable;
}

static void interrupt(struct host_task *task)
{
	struct script *script = script_of(task);

	script->nr_interrupts++;
	stop_executing(script);
	go_on(script);
}

static void burst_over(struct sim_engine *engine, struct sim_event *event)
{
	struct script *script = container_of(event, struct script, segment_end);

	stop_executing(script);
	script->burst_left = script->run_ns;
	if (script->sleep_ns)
		sim_schedule(engine, &script->alarm, sim_now(engine) + script->sleep_ns);
	assert_true(pcpu_schedule(script->task.cpu, script->exits ? PCPU_EXIT : PCPU_BLOCK));
}

static void alarm_rings(struct sim_engine *engine, struct sim_event *event)
{
	struct script *script = container_of(event, struct script, alarm);

	(void)engine;
	host_wake(&script->task, script->task.cpu);
}

static const struct host_task_ops script_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
	.interrupt = interrupt,
};

/* ---- The machine ------------------------------------------------------------------------- */

/* A configuration in which nothing but the tasks takes time. */
static struct host_config free_of_cost(int cpus)
{
	struct host_config config;

	oversub_param_defaults(host_params, &config);
	oversub_param_defaults(host_costs_params, &config.costs);
	config.cpus = cpus;
	config.costs = (struct host_costs){.cache_refill_tau_ns = 5 * MS};
	return config;
}

static struct host_config with_costs(int cpus)
{
	struct host_config config = free_of_cost(cpus);

	oversub_param_defaults(host_costs_params, &config.costs);
	return config;
}

static void start_machine(struct machine *machine, struct host_config config, uint64_t seed)
{
	machine->nr_scripts = 0;
	machine->config = config;
	sim_engine_init(&machine->engine, 0);
	assert_int_equal(host_init(&machine->host, &machine->engine, &machine->config,
				   oversub_sched_policies[0], NULL, seed, 0, NULL),
			 OVERSUB_OK);
}

static struct machine *new_machine(struct host_config config)
{
	static struct machine machine;

	start_machine(&machine, config, 1);
	return &machine;
}

static void nothing(struct sim_engine *engine, struct sim_event *event)
{
	(void)engine;
	(void)event;
}

static void run_until(struct machine *machine, int64_t time)
{
	sim_event_init(&machine->pause, SIM_RANK_CONTROL, 0, nothing);
	sim_schedule(&machine->engine, &machine->pause, time);
	sim_run(&machine->engine, time);
	assert_int_equal(sim_now(&machine->engine), time);
}

/* Every ns of every CPU is in one state. */
static void stop_machine(struct machine *machine)
{
	host_account(&machine->host);
	for (int i = 0; i < machine->host.nr_cpus; i++) {
		const int64_t *in = machine->host.cpus[i].time_in;

		assert_int_equal(in[PCPU_IDLE] + in[PCPU_SWITCH] + in[PCPU_BUSY],
				 sim_now(&machine->engine));
	}
	host_fini(&machine->host);
	sim_engine_fini(&machine->engine);
}

static struct script *add_with_slice(struct machine *machine, struct eevdf_group *group,
				     const uint64_t *cpus, int64_t run_ns, int64_t sleep_ns,
				     int64_t slice_ns)
{
	struct script *script = &machine->scripts[machine->nr_scripts];
	uint32_t owner = (uint32_t)machine->nr_scripts++;

	assert_true(machine->nr_scripts <= MAX_TASKS);
	memset(script, 0, sizeof(*script));
	assert_true(host_task_init(&script->task, &machine->host, &script_ops, "script", group,
				   cpus, 0, slice_ns));
	sim_event_init(&script->segment_end, SIM_RANK_COMPLETION, owner, burst_over);
	sim_event_init(&script->alarm, SIM_RANK_TIMER, owner, alarm_rings);
	script->run_ns = run_ns;
	script->burst_left = run_ns;
	script->sleep_ns = sleep_ns;
	script->first_in = -1;
	host_task_start(&script->task);
	return script;
}

static struct script *add_script(struct machine *machine, struct eevdf_group *group,
				 const uint64_t *cpus, int64_t run_ns, int64_t sleep_ns)
{
	return add_with_slice(machine, group, cpus, run_ns, sleep_ns, 0);
}

static struct script *add_hog(struct machine *machine, const uint64_t *cpus)
{
	return add_script(machine, NULL, cpus, FOREVER, 0);
}

/* A task that sleeps from the start until the test wakes it, for bursts of run_ns. */
static struct script *add_sleeper(struct machine *machine, const uint64_t *cpus, int64_t run_ns)
{
	struct script *script = add_script(machine, NULL, cpus, run_ns, 0);

	script->burst_left = 1;
	return script;
}

/* The same with so short a slice that it preempts hogs. */
static struct script *add_urgent_sleeper(struct machine *machine, const uint64_t *cpus)
{
	struct script *script = add_with_slice(machine, NULL, cpus, 50 * US, 0, 100 * US);

	script->burst_left = 1;
	return script;
}

static const uint64_t cpu0[] = {1};
static const uint64_t cpu1[] = {2};
static const uint64_t cpu0_and_1[] = {3};

static struct pcpu *cpu_of(struct machine *machine, int index)
{
	return &machine->host.cpus[index];
}

/* ---- Slices ------------------------------------------------------------------------------ */

static void hogs_share_a_cpu_equally(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	int64_t least = INT64_MAX;
	int64_t most = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		add_hog(machine, NULL);
	run_until(machine, 1000 * MS);
	for (int i = 0; i < 5; i++) {
		struct script *script = &machine->scripts[i];
		int64_t ran = script->ran;

		if (script->task.executing)
			ran += sim_now(&machine->engine) - script->segment_start;
		least = ran < least ? ran : least;
		most = ran > most ? ran : most;
	}
	assert_in_range(least, 198 * MS, 200 * MS);
	/* One base slice of a single CPU. */
	assert_true(most - least <= 700 * US);
	stop_machine(machine);
}

static void with_the_slice_timer_runs_are_one_base_slice(void **state)
{
	struct machine *machine = new_machine(free_of_cost(2));
	struct script *hog = add_hog(machine, cpu0);

	(void)state;
	add_hog(machine, cpu0);
	run_until(machine, 400 * MS);
	assert_true(hog->nr_runs > 100);
	/* The first request of a new task is half as long. */
	for (int i = 1; i < hog->nr_runs; i++)
		assert_int_equal(hog->run[i], 1400 * US);
	stop_machine(machine);
}

static void without_it_runs_are_whole_ticks(void **state)
{
	struct host_config config = free_of_cost(2);
	struct machine *machine;
	struct script *hog;

	(void)state;
	config.hrtick = 0;
	machine = new_machine(config);
	hog = add_hog(machine, cpu0);
	add_hog(machine, cpu0);
	run_until(machine, 800 * MS);
	assert_true(hog->nr_runs >= 99);
	for (int i = 0; i < hog->nr_runs; i++)
		assert_int_equal(hog->run[i], 4 * MS);
	stop_machine(machine);
}

static void a_busy_cpu_ticks_and_an_idle_one_does_not(void **state)
{
	struct machine *machine = new_machine(free_of_cost(2));

	(void)state;
	add_hog(machine, cpu0);
	run_until(machine, 99 * MS);
	assert_int_equal(cpu_of(machine, 0)->nr_interrupts, 24);
	assert_int_equal(cpu_of(machine, 1)->nr_interrupts, 0);
	assert_int_equal(sim_event_time(&cpu_of(machine, 0)->tick), 100 * MS);
	stop_machine(machine);
}

static void skewed_ticks_are_spread_over_half_a_tick(void **state)
{
	struct host_config config = free_of_cost(4);
	struct machine *machine;

	(void)state;
	config.skew_tick = 1;
	machine = new_machine(config);
	for (int i = 0; i < 4; i++)
		add_hog(machine, NULL);
	run_until(machine, 1 * MS + 700 * US);
	for (int i = 0; i < 4; i++) {
		int64_t next = i * 500 * US;

		if (next <= 1 * MS + 700 * US)
			next += 4 * MS;
		assert_int_equal(sim_event_time(&cpu_of(machine, i)->tick), next);
	}
	stop_machine(machine);
}

/* ---- Wake-ups ---------------------------------------------------------------------------- */

static void waking_an_idle_cpu_takes_the_flight_the_wake_and_the_switch(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *sleeper = add_sleeper(machine, cpu1, 10 * US);

	(void)state;
	run_until(machine, 10 * MS);
	assert_int_equal(sleeper->task.state, TASK_SLEEPING);
	assert_false(sleeper->runnable_out);

	assert_true(host_wake(&sleeper->task, cpu_of(machine, 0)));
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	assert_false(host_wake(&sleeper->task, cpu_of(machine, 0)));
	run_until(machine, 10 * MS + 900);
	assert_false(sleeper->task.se.on_rq);
	run_until(machine, 10 * MS + 900 + 1550);
	assert_true(sleeper->task.se.on_rq);
	assert_ptr_equal(cpu_of(machine, 1)->curr, &sleeper->task);
	run_until(machine, 11 * MS);
	assert_int_equal(sleeper->in_since, 10 * MS + 900 + 1550 + 1300);
	stop_machine(machine);
}

static void a_wakeup_wait_ends_when_the_task_is_picked(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *sleeper = add_sleeper(machine, cpu1, 10 * US);
	struct sim_histogram runqueue_wait, wakeup_wait;

	(void)state;
	sim_histogram_reset(&runqueue_wait);
	sim_histogram_reset(&wakeup_wait);
	run_until(machine, 10 * MS);
	sleeper->task.runqueue_wait = &runqueue_wait;
	sleeper->task.wakeup_wait = &wakeup_wait;
	host_wake(&sleeper->task, cpu_of(machine, 0));
	run_until(machine, 20 * MS);
	assert_int_equal(runqueue_wait.count, 1);
	assert_int_equal(wakeup_wait.count, 1);
	assert_int_equal(wakeup_wait.max, 900 + 1550);
	stop_machine(machine);
}

static void a_timer_on_an_idle_cpu_wakes_it_without_an_ipi(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *script = add_script(machine, NULL, NULL, 100 * US, 900 * US);

	(void)state;
	run_until(machine, 100 * MS);
	assert_true(script->nr_runs > 90);
	assert_true(cpu_of(machine, 0)->nr_interrupts <= 1);
	stop_machine(machine);
}

/* A hog on CPU 1, and an urgent sleeper there. The waker is CPU 0, in the same cache. */
static struct script *wake_an_urgent_task_on_a_busy_cpu(struct machine *machine,
							struct script **hog)
{
	struct script *sleeper = add_urgent_sleeper(machine, cpu1);

	*hog = add_hog(machine, cpu1);
	run_until(machine, 41 * MS);
	assert_ptr_equal(cpu_of(machine, 1)->curr, &(*hog)->task);
	(*hog)->nr_interrupts = 0;
	assert_true(host_wake(&sleeper->task, cpu_of(machine, 0)));
	/* It was enqueued by the waker. */
	assert_true(sleeper->task.se.on_rq);
	return sleeper;
}

static void a_lazy_remote_wakeup_waits_for_the_next_interrupt(void **state)
{
	struct host_config config = with_costs(2);
	struct machine *machine;
	struct script *sleeper, *hog;

	(void)state;
	config.hrtick = 0;
	machine = new_machine(config);
	sleeper = wake_an_urgent_task_on_a_busy_cpu(machine, &hog);
	assert_true(pcpu_need_resched(cpu_of(machine, 1)));
	assert_false(pcpu_need_resched_in_kernel(cpu_of(machine, 1)));
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 0);
	run_until(machine, 44 * MS - 1);
	assert_int_equal(hog->nr_interrupts, 0);
	run_until(machine, 45 * MS);
	assert_int_equal(sleeper->in_since, 44 * MS + 1300);
	stop_machine(machine);
}

static void a_full_remote_wakeup_sends_an_ipi(void **state)
{
	struct host_config config = with_costs(2);
	struct machine *machine;
	struct script *sleeper, *hog;

	(void)state;
	config.hrtick = 0;
	config.preempt = HOST_PREEMPT_FULL;
	machine = new_machine(config);
	sleeper = wake_an_urgent_task_on_a_busy_cpu(machine, &hog);
	assert_true(pcpu_need_resched_in_kernel(cpu_of(machine, 1)));
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, 42 * MS);
	assert_int_equal(sleeper->in_since, 41 * MS + 900 + 1300);
	stop_machine(machine);
}

static void a_second_task_makes_its_cpu_start_the_slice_timer(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *hog;

	(void)state;
	wake_an_urgent_task_on_a_busy_cpu(machine, &hog);
	/* Lazy preemption asks for no interrupt, but only CPU 1 can start its timer. */
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, 41 * MS + 900);
	assert_int_equal(hog->nr_interrupts, 1);
	stop_machine(machine);
}

static void a_wakeup_in_another_cache_is_done_by_the_target(void **state)
{
	struct host_config config = with_costs(2);
	struct machine *machine;
	struct script *sleeper;

	(void)state;
	config.llc_cpus = 1;
	machine = new_machine(config);
	sleeper = add_urgent_sleeper(machine, cpu1);
	add_hog(machine, cpu1);
	run_until(machine, 41 * MS);
	assert_true(host_wake(&sleeper->task, cpu_of(machine, 0)));
	assert_false(sleeper->task.se.on_rq);
	/* Under way it is awake already, but not runnable yet. */
	assert_false(host_wake(&sleeper->task, cpu_of(machine, 0)));
	run_until(machine, 41 * MS + 900);
	assert_true(sleeper->task.se.on_rq);
	/* Lazy or not: the CPU that was interrupted looks at once. */
	run_until(machine, 42 * MS);
	assert_int_equal(sleeper->in_since, 41 * MS + 900 + 1300);
	stop_machine(machine);
}

static void a_wakeup_prefers_the_previous_cpu_if_it_is_idle(void **state)
{
	struct machine *machine = new_machine(with_costs(8));
	struct script *sleeper = add_sleeper(machine, NULL, 10 * US);
	int before;

	(void)state;
	run_until(machine, 10 * MS);
	before = sleeper->task.cpu->index;
	host_wake(&sleeper->task, cpu_of(machine, (before + 3) % 8));
	run_until(machine, 20 * MS);
	assert_int_equal(sleeper->task.cpu->index, before);
	assert_int_equal(sleeper->nr_runs, 2);
	stop_machine(machine);
}

static void a_wakeup_finds_an_idle_cpu_beside_a_busy_one(void **state)
{
	struct machine *machine = new_machine(with_costs(8));
	struct script *sleeper = add_sleeper(machine, NULL, 10 * US);

	(void)state;
	run_until(machine, 10 * MS);
	assert_int_equal(sleeper->task.cpu->index, 0);
	add_hog(machine, cpu0);
	add_hog(machine, cpu1);
	run_until(machine, 20 * MS);
	host_wake(&sleeper->task, cpu_of(machine, 0));
	run_until(machine, 30 * MS);
	assert_int_equal(sleeper->task.cpu->index, 2);
	stop_machine(machine);
}

static void affinity_is_respected(void **state)
{
	struct machine *machine = new_machine(with_costs(4));
	struct script *bound[6];

	(void)state;
	for (int i = 0; i < 6; i++)
		bound[i] = add_script(machine, NULL, cpu0_and_1, (300 + 70 * i) * US, 500 * US);
	for (int64_t time = MS / 10; time < 300 * MS; time += MS / 10) {
		run_until(machine, time);
		for (int i = 0; i < 6; i++)
			assert_in_range(bound[i]->task.cpu->index, 0, 1);
	}
	assert_int_equal(cpu_of(machine, 2)->nr_switches, 0);
	assert_true(cpu_of(machine, 1)->nr_switches > 100);
	stop_machine(machine);
}

static void a_task_that_exits_is_gone(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *script = add_script(machine, NULL, NULL, 3 * MS, 0);
	struct script *hog = add_hog(machine, NULL);

	(void)state;
	script->exits = true;
	run_until(machine, 100 * MS);
	assert_int_equal(script->task.state, TASK_DEAD);
	assert_int_equal(script->ran, 3 * MS);
	assert_false(script->task.se.on_rq);
	assert_false(host_wake(&script->task, cpu_of(machine, 0)));
	assert_ptr_equal(cpu_of(machine, 0)->curr, &hog->task);
	assert_true(pcpu_single_task(cpu_of(machine, 0)));
	stop_machine(machine);
}

/* ---- Switches ---------------------------------------------------------------------------- */

static void a_task_owes_the_refill_of_what_the_caches_lost(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *hog = add_hog(machine, cpu0);

	(void)state;
	run_until(machine, 1 * MS);
	assert_int_equal(hog->task.refill_ns, 10000);
	hog->task.refill_ns = 0;
	add_hog(machine, cpu0);
	run_until(machine, 100 * MS);
	/* It keeps adding up to no more than the whole. */
	assert_int_equal(hog->task.refill_ns, 10000);
	while (hog->task.executing)
		run_until(machine, sim_now(&machine->engine) + 10 * US);
	hog->task.refill_ns = 0;
	while (!hog->task.executing)
		run_until(machine, sim_now(&machine->engine) + 10 * US);
	/* Away for a slice of 1.4 ms and a little: 10 us * 1.4 / 5. */
	assert_in_range(hog->task.refill_ns, 2790, 2810);
	stop_machine(machine);
}

static void an_interrupt_during_a_switch_waits_for_the_next_task(void **state)
{
	struct host_config config = with_costs(1);
	struct machine *machine;
	struct script *script;

	(void)state;
	config.costs.context_switch_ns = 5 * MS;
	machine = new_machine(config);
	script = add_hog(machine, NULL);
	run_until(machine, 4 * MS);
	assert_int_equal(cpu_of(machine, 0)->state, PCPU_SWITCH);
	assert_true(pcpu_interrupt_pending(cpu_of(machine, 0)));
	run_until(machine, 6 * MS);
	assert_false(pcpu_interrupt_pending(cpu_of(machine, 0)));
	assert_int_equal(script->nr_interrupts, 0);
	stop_machine(machine);
}

static void a_kick_interrupts_without_a_reschedule(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *hog = add_hog(machine, NULL);

	(void)state;
	run_until(machine, 1 * MS);
	pcpu_kick(cpu_of(machine, 0));
	assert_int_equal(hog->nr_interrupts, 0);
	run_until(machine, 1 * MS + 900);
	assert_int_equal(hog->nr_interrupts, 1);
	assert_true(hog->task.executing);
	stop_machine(machine);
}

static void many_kicks_in_flight_all_arrive(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *hog = add_hog(machine, NULL);

	(void)state;
	run_until(machine, 1 * MS);
	for (int i = 0; i < 20; i++) {
		run_until(machine, 1 * MS + i);
		pcpu_kick(cpu_of(machine, 0));
		pcpu_kick(cpu_of(machine, 0));
	}
	run_until(machine, 2 * MS);
	assert_int_equal(hog->nr_interrupts, 20);
	for (int i = 0; i < 200; i++) {
		run_until(machine, 2 * MS + i);
		pcpu_kick(cpu_of(machine, 0));
	}
	run_until(machine, 3 * MS);
	assert_int_equal(cpu_of(machine, 0)->ipi_count, 0);
	stop_machine(machine);
}

/* ---- Directed yields --------------------------------------------------------------------- */

/* What a task does in its yield_to() system call; returns what that returned. */
static int yields_to(struct script *from, struct script *to, struct yield_stats *stats)
{
	struct pcpu *cpu = from->task.cpu;
	int result;

	assert_true(from->task.executing);
	stop_executing(from);
	result = host_yield_to(cpu, &to->task, stats);
	if (result != 1 || !pcpu_schedule(cpu, PCPU_PREEMPT))
		execute(from);
	return result;
}

static struct script *running_on(struct machine *machine, int cpu)
{
	assert_non_null(cpu_of(machine, cpu)->curr);
	return script_of(cpu_of(machine, cpu)->curr);
}

static void between_two_lone_tasks_a_yield_finds_nothing(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *a = add_hog(machine, cpu0);
	struct script *b = add_hog(machine, cpu1);
	struct yield_stats stats = {0};

	(void)state;
	run_until(machine, 1 * MS);
	assert_int_equal(yields_to(a, b, &stats), -ESRCH);
	assert_int_equal(stats.tried, 1);
	assert_int_equal(stats.esrch, 1);
	assert_true(a->task.executing);
	stop_machine(machine);
}

static void a_running_or_sleeping_target_is_refused(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *a = add_hog(machine, cpu0);
	struct script *b = add_hog(machine, cpu1);
	struct script *sleeper = add_sleeper(machine, cpu1, 10 * US);
	struct yield_stats stats = {0};

	(void)state;
	add_hog(machine, cpu0);
	run_until(machine, 50 * MS);
	a = running_on(machine, 0);
	assert_int_equal(yields_to(a, b, &stats), 0);
	assert_int_equal(yields_to(a, sleeper, &stats), 0);
	assert_int_equal(stats.refused, 2);
	assert_int_equal(stats.taken, 0);
	stop_machine(machine);
}

static void a_yield_within_a_cpu_is_resolved_by_its_own_schedule(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *a = add_hog(machine, NULL);
	struct script *b = add_hog(machine, NULL);
	struct yield_stats stats = {0};
	struct script *from;

	(void)state;
	run_until(machine, 10 * MS + 100 * US);
	for (int i = 0; i < 50; i++) {
		run_until(machine, sim_now(&machine->engine) + 50 * US);
		from = running_on(machine, 0);
		if (!from->task.executing)
			continue;
		assert_int_equal(yields_to(from, from == a ? b : a, &stats), 1);
		assert_int_equal(stats.honoured + stats.futile, stats.taken);
	}
	assert_int_equal(stats.same_rq, stats.taken);
	assert_true(stats.honoured > 0);
	assert_int_equal(stats.for_nothing, 0);
	stop_machine(machine);
}

static void a_yield_across_cpus_interrupts_the_other_one(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *from = add_hog(machine, cpu0);
	struct script *a = add_hog(machine, cpu1);
	struct script *b = add_hog(machine, cpu1);
	struct yield_stats stats = {0};
	struct script *running, *target;

	(void)state;
	run_until(machine, 10 * MS);
	running = running_on(machine, 1);
	target = running == a ? b : a;
	running->nr_interrupts = 0;
	assert_int_equal(yields_to(from, target, &stats), 1);
	/* Alone on its CPU, the yielder goes on. */
	assert_true(from->task.executing);
	assert_int_equal(stats.cross_rq, 1);
	assert_int_equal(stats.honoured + stats.futile, 0);
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, 10 * MS + 899);
	assert_int_equal(running->nr_interrupts, 0);
	run_until(machine, 10 * MS + 900);
	assert_int_equal(running->nr_interrupts, 1);
	assert_int_equal(stats.honoured + stats.futile, 1);
	assert_int_equal(stats.honoured, running_on(machine, 1) == target);
	assert_int_equal(stats.for_nothing, stats.futile);
	stop_machine(machine);
}

static void a_nomination_overwritten_before_the_pick_is_futile(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *from = add_hog(machine, cpu0);
	struct yield_stats stats = {0};
	struct script *target[2];
	int n = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		add_hog(machine, cpu1);
	run_until(machine, 10 * MS);
	for (int i = 1; i <= 3; i++)
		if (&machine->scripts[i] != running_on(machine, 1))
			target[n++] = &machine->scripts[i];
	assert_int_equal(yields_to(from, target[0], &stats), 1);
	assert_int_equal(yields_to(from, target[1], &stats), 1);
	assert_int_equal(stats.futile, 1);
	/* One reschedule request, one IPI. */
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, 11 * MS);
	assert_int_equal(stats.honoured + stats.futile, 2);
	stop_machine(machine);
}

/* ---- Balancing --------------------------------------------------------------------------- */

static void a_cpu_that_runs_dry_pulls_a_waiting_task(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *movable = add_hog(machine, NULL);

	(void)state;
	/* Two more where movable is, and short bursts elsewhere that end in newidle passes. */
	assert_int_equal(movable->task.cpu->index, 0);
	add_hog(machine, cpu0);
	add_hog(machine, cpu0);
	add_script(machine, NULL, cpu1, 100 * US, 2 * MS);
	run_until(machine, 100 * MS);
	assert_int_equal(movable->task.cpu->index, 1);
	assert_int_equal(cpu_of(machine, 1)->nr_migrations_in, 1);
	stop_machine(machine);
}

static void a_lone_running_task_is_not_pulled(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *hog = add_hog(machine, NULL);

	(void)state;
	add_script(machine, NULL, cpu1, 100 * US, 2 * MS);
	run_until(machine, 100 * MS);
	assert_int_equal(hog->task.cpu->index, 0);
	assert_int_equal(hog->nr_runs, 0);
	stop_machine(machine);
}

static void bursty_tasks_leave_no_cpu_idle_beside_waiting_ones(void **state)
{
	struct machine *machine = new_machine(with_costs(4));
	int64_t idle = 0;

	(void)state;
	for (int i = 0; i < 8; i++)
		add_script(machine, NULL, NULL, 2 * MS + i * 100 * US, 50 * US);
	run_until(machine, 2000 * MS);
	host_account(&machine->host);
	for (int i = 0; i < 4; i++)
		idle += cpu_of(machine, i)->time_in[PCPU_IDLE];
	/* Demand is almost 8 CPUs. */
	assert_true(idle < 4 * 2000 * MS / 20);
	stop_machine(machine);
}

/* ---- Groups, bookkeeping ----------------------------------------------------------------- */

static void groups_share_by_weight_whatever_their_size(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct eevdf_group *small = host_group(&machine->host, NULL, 100);
	struct eevdf_group *large = host_group(&machine->host, NULL, 200);
	struct eevdf_group *inner = host_group(&machine->host, large, 100);
	int64_t in_small;

	(void)state;
	add_script(machine, small, NULL, FOREVER, 0);
	for (int i = 0; i < 4; i++)
		add_script(machine, i < 2 ? large : inner, NULL, FOREVER, 0);
	run_until(machine, 3000 * MS);
	in_small = machine->scripts[0].ran;
	assert_in_range(in_small, 980 * MS, 1010 * MS);
	stop_machine(machine);
}

static void no_two_states_hold_a_cpu_at_once(void **state)
{
	struct machine *machine = new_machine(with_costs(3));

	(void)state;
	for (int i = 0; i < 9; i++)
		add_script(machine, NULL, NULL, (50 + 37 * i) * US, (20 + 91 * i) * US);
	/* stop_machine() checks the sums; here: once more after a reset. */
	run_until(machine, 111 * MS + 77);
	host_reset_stats(&machine->host);
	run_until(machine, 211 * MS + 77);
	host_account(&machine->host);
	for (int i = 0; i < 3; i++) {
		int64_t *in = cpu_of(machine, i)->time_in;

		assert_int_equal(in[PCPU_IDLE] + in[PCPU_SWITCH] + in[PCPU_BUSY], 100 * MS);
		in[PCPU_IDLE] += 111 * MS + 77;
	}
	stop_machine(machine);
}

struct digest {
	struct trace_sink sink;
	uint64_t hash;
	uint64_t count[TRACE_KINDS];
	int64_t last;
};

static void mix(struct digest *digest, uint64_t value)
{
	digest->hash = (digest->hash ^ value) * UINT64_C(0x100000001b3);
}

static void digest_record(struct trace_sink *sink, const struct trace_record *record)
{
	struct digest *digest = container_of(sink, struct digest, sink);

	assert_true(record->time >= digest->last);
	digest->last = record->time;
	digest->count[record->kind]++;
	mix(digest, (uint64_t)record->time);
	mix(digest, (uint64_t)record->kind);
	mix(digest, (uint64_t)record->cpu);
	mix(digest, (uint64_t)record->pid);
	for (int i = 0; i < 6; i++)
		mix(digest, (uint64_t)record->arg[i]);
}

static struct digest traced_run(uint64_t seed)
{
	static struct machine machine;
	struct digest digest = {.sink.write = digest_record, .hash = UINT64_C(0xcbf29ce484222325)};
	struct host_config config = with_costs(4);

	config.llc_cpus = 2;
	start_machine(&machine, config, seed);
	machine.host.trace = &digest.sink;
	for (int i = 0; i < 10; i++)
		add_script(&machine, NULL, NULL, (300 + 133 * i) * US, (20 + 91 * i) * US);
	run_until(&machine, 500 * MS);
	stop_machine(&machine);
	return digest;
}

static void the_same_seed_gives_the_same_trace(void **state)
{
	struct digest a = traced_run(7);
	struct digest b = traced_run(7);
	struct digest c = traced_run(8);

	(void)state;
	assert_true(a.hash == b.hash);
	assert_true(a.hash != c.hash);
	assert_true(a.count[TRACE_SCHED_SWITCH] > 1000);
	assert_true(a.count[TRACE_SCHED_WAKEUP] > 1000);
	assert_true(a.count[TRACE_SCHED_MIGRATE] > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hogs_share_a_cpu_equally),
		cmocka_unit_test(with_the_slice_timer_runs_are_one_base_slice),
		cmocka_unit_test(without_it_runs_are_whole_ticks),
		cmocka_unit_test(a_busy_cpu_ticks_and_an_idle_one_does_not),
		cmocka_unit_test(skewed_ticks_are_spread_over_half_a_tick),
		cmocka_unit_test(waking_an_idle_cpu_takes_the_flight_the_wake_and_the_switch),
		cmocka_unit_test(a_wakeup_wait_ends_when_the_task_is_picked),
		cmocka_unit_test(a_timer_on_an_idle_cpu_wakes_it_without_an_ipi),
		cmocka_unit_test(a_lazy_remote_wakeup_waits_for_the_next_interrupt),
		cmocka_unit_test(a_full_remote_wakeup_sends_an_ipi),
		cmocka_unit_test(a_second_task_makes_its_cpu_start_the_slice_timer),
		cmocka_unit_test(a_wakeup_in_another_cache_is_done_by_the_target),
		cmocka_unit_test(a_wakeup_prefers_the_previous_cpu_if_it_is_idle),
		cmocka_unit_test(a_wakeup_finds_an_idle_cpu_beside_a_busy_one),
		cmocka_unit_test(affinity_is_respected),
		cmocka_unit_test(a_task_that_exits_is_gone),
		cmocka_unit_test(a_task_owes_the_refill_of_what_the_caches_lost),
		cmocka_unit_test(an_interrupt_during_a_switch_waits_for_the_next_task),
		cmocka_unit_test(a_kick_interrupts_without_a_reschedule),
		cmocka_unit_test(many_kicks_in_flight_all_arrive),
		cmocka_unit_test(between_two_lone_tasks_a_yield_finds_nothing),
		cmocka_unit_test(a_running_or_sleeping_target_is_refused),
		cmocka_unit_test(a_yield_within_a_cpu_is_resolved_by_its_own_schedule),
		cmocka_unit_test(a_yield_across_cpus_interrupts_the_other_one),
		cmocka_unit_test(a_nomination_overwritten_before_the_pick_is_futile),
		cmocka_unit_test(a_cpu_that_runs_dry_pulls_a_waiting_task),
		cmocka_unit_test(a_lone_running_task_is_not_pulled),
		cmocka_unit_test(bursty_tasks_leave_no_cpu_idle_beside_waiting_ones),
		cmocka_unit_test(groups_share_by_weight_whatever_their_size),
		cmocka_unit_test(no_two_states_hold_a_cpu_at_once),
		cmocka_unit_test(the_same_seed_gives_the_same_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
