/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sim/base/container_of.h"
#include "tests/unit/scripted_task.h"
#include "models/policies/builtin.h"

/* ---- Scripted tasks ---------------------------------------------------------------------- */

struct script *script_of(struct host_task *task)
{
	return container_of(task, struct script, task);
}

static int64_t now_of(const struct script *script)
{
	return sim_now(script->task.host->engine);
}

void execute(struct script *script)
{
	script->task.executing = true;
	script->segment_start = now_of(script);
	if (script->burst_left < FOREVER)
		sim_schedule(script->task.host->engine, &script->segment_end,
			     script->segment_start + script->burst_left);
}

void stop_executing(struct script *script)
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
	if (pcpu_exit_work(cpu))
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
struct host_config free_of_cost(int cpus)
{
	struct host_config config;

	oversub_param_defaults(host_params, &config);
	oversub_param_defaults(host_costs_params, &config.costs);
	config.cpus = cpus;
	config.costs = (struct host_costs){.cache_refill_tau_ns = 5 * MS};
	return config;
}

struct host_config with_costs(int cpus)
{
	struct host_config config = free_of_cost(cpus);

	oversub_param_defaults(host_costs_params, &config.costs);
	return config;
}

void start_machine(struct machine *machine, struct host_config config, uint64_t seed)
{
	machine->nr_scripts = 0;
	machine->config = config;
	sim_engine_init(&machine->engine, 0);
	assert_int_equal(host_init(&machine->host, &machine->engine, &machine->config,
				   &sched_mainline, NULL, seed, 0, NULL),
			 OVERSUB_OK);
}

struct machine *new_machine(struct host_config config)
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

void run_until(struct machine *machine, int64_t time)
{
	sim_event_init(&machine->pause, SIM_RANK_CONTROL, 0, nothing);
	sim_schedule(&machine->engine, &machine->pause, time);
	sim_run(&machine->engine, time);
	assert_int_equal(sim_now(&machine->engine), time);
}

/* Every ns of every CPU is in one state. */
void stop_machine(struct machine *machine)
{
	host_account(&machine->host);
	for (int i = 0; i < machine->host.nr_cpus; i++) {
		const int64_t *in = machine->host.cpus[i].stats.time_in;

		assert_int_equal(in[PCPU_IDLE] + in[PCPU_SWITCH] + in[PCPU_BUSY],
				 sim_now(&machine->engine));
	}
	host_fini(&machine->host);
	sim_engine_fini(&machine->engine);
}

struct script *add_with_slice(struct machine *machine, struct eevdf_group *group,
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

struct script *add_script(struct machine *machine, struct eevdf_group *group, const uint64_t *cpus,
			  int64_t run_ns, int64_t sleep_ns)
{
	return add_with_slice(machine, group, cpus, run_ns, sleep_ns, 0);
}

struct script *add_hog(struct machine *machine, const uint64_t *cpus)
{
	return add_script(machine, NULL, cpus, FOREVER, 0);
}

/* A task that sleeps from the start until the test wakes it, for bursts of run_ns. */
struct script *add_sleeper(struct machine *machine, const uint64_t *cpus, int64_t run_ns)
{
	struct script *script = add_script(machine, NULL, cpus, run_ns, 0);

	script->burst_left = 1;
	return script;
}

/* The same with so short a slice that it preempts hogs. */
struct script *add_urgent_sleeper(struct machine *machine, const uint64_t *cpus)
{
	struct script *script = add_with_slice(machine, NULL, cpus, 50 * US, 0, 100 * US);

	script->burst_left = 1;
	return script;
}

const uint64_t cpu0[] = {1};
const uint64_t cpu1[] = {2};
const uint64_t cpu0_and_1[] = {3};

struct pcpu *cpu_of(struct machine *machine, int index)
{
	return &machine->host.cpus[index];
}
