/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which CPU a task wakes up on, decision by decision as the real code; cwd is the root of the
 * repository. Vectors with what the model does not have, synchronous wake-ups and CPUs of reduced
 * capacity, are left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/host/host_internal.h"
#include "sim/conformance/replay.h"

enum { MAX_CPUS = 64 };

struct wake_replay {
	struct sim_engine engine;
	struct host host;
	int decisions;
};

static int64_t element(const cJSON *line, const char *name, int index)
{
	int64_t value = 0;

	assert_true(conformance_is_int(
		cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(line, name), index), &value));
	return value;
}

static void set_up_host(struct wake_replay *replay, const cJSON *header)
{
	struct host_config config;

	oversub_param_defaults(host_params, &config);
	oversub_param_defaults(host_costs_params, &config.costs);
	config.cpus = conformance_int(header, "ncpus", 0);
	config.llc_cpus = conformance_int(header, "llc", 0);
	assert_int_equal(conformance_int(header, "smt", 0), 1);
	assert_in_range(config.cpus, 1, MAX_CPUS);
	sim_engine_init(&replay->engine, INT64_C(10000000000));
	assert_int_equal(host_init(&replay->host, &replay->engine, &config,
				   oversub_sched_policies[0], NULL, 1, 0, NULL),
			 OVERSUB_OK);
}

/* Idle CPUs are all that the selection reads of the host itself. */
static void set_idle(struct host *host, const cJSON *line)
{
	for (int i = 0; i < host->nr_llcs; i++)
		host->llcs[i].nr_busy = 0;
	for (int i = 0; i < host->nr_cpus; i++) {
		struct pcpu *cpu = &host->cpus[i];

		cpu->is_idle = element(line, "nr", i) == 0;
		cpu->llc->nr_busy += !cpu->is_idle;
		host_bitmap_set(host->idle_cpus, i, cpu->is_idle);
	}
}

static bool in_the_model(const cJSON *line, int cpu, int prev)
{
	return !conformance_int(line, "sync", 0) &&
	       (!cJSON_GetObjectItemCaseSensitive(line, "cap") ||
		(element(line, "cap", cpu) == 1024 && element(line, "cap", prev) == 1024));
}

static void decide(struct wake_replay *replay, const cJSON *line)
{
	const cJSON *expected = cJSON_GetObjectItemCaseSensitive(line, "expect");
	int cpu = (int)conformance_int(line, "cpu", -1);
	int prev = (int)conformance_int(line, "prev", -1);
	uint64_t allowed = (uint64_t)conformance_int(line, "allowed", 0);
	int nr_idle_scan[MAX_CPUS];
	struct host_task task = {0}, waker = {0};
	struct wake_loads loads = {
		.waker = element(line, "load", cpu),
		.prev = element(line, "load", prev) - conformance_int(line, "h_load", 0),
		.task = conformance_int(line, "h_load", 0),
		.nr_idle_scan = nr_idle_scan,
	};
	const struct pcpu *chosen;

	if (!in_the_model(line, cpu, prev))
		return;
	set_idle(&replay->host, line);
	for (int i = 0; i < replay->host.nr_llcs; i++)
		nr_idle_scan[i] = (int)element(line, "nr_idle_scan", i);
	task.host = &replay->host;
	task.cpu = &replay->host.cpus[prev];
	task.cpus = &allowed;
	/* The vectors enter behind the test for tasks that are bound to one CPU. */
	task.nr_allowed = replay->host.nr_cpus;
	task.recent_used_cpu = (int)conformance_int(line, "recent", -1);
	task.wakee_flips = (uint32_t)conformance_int(line, "wakee_flips", 0);
	waker.host = &replay->host;
	waker.wakee_flips = (uint32_t)conformance_int(line, "waker_flips", 0);
	waker.last_wakee = conformance_int(line, "same_wakee", 0) ? &task : NULL;
	/* Halved more than a second ago, or just now. */
	waker.wakee_flip_decay = conformance_int(line, "decay", 0) ? 0 : sim_now(&replay->engine);
	replay->host.cpus[cpu].curr = &waker;

	chosen = host_select_cpu(&task, &replay->host.cpus[cpu], &loads);
	replay->host.cpus[cpu].curr = NULL;
	replay->decisions++;

	if (chosen->index != conformance_int(expected, "cpu", -1))
		fail_msg("operation %d chose CPU %d", (int)conformance_int(line, "i", -1),
			 chosen->index);
	assert_int_equal(task.recent_used_cpu, conformance_int(expected, "recent", -1));
	assert_int_equal(waker.wakee_flips, conformance_int(expected, "waker_flips", -1));
}

static enum oversub_status replay_line(void *context, uint64_t number, const cJSON *line,
				       struct oversub_error *error)
{
	(void)error;
	if (number == 1)
		set_up_host(context, line);
	else
		decide(context, line);
	return OVERSUB_OK;
}

static void a_wakeup_goes_where_the_kernel_sends_it(void **state)
{
	struct wake_replay replay = {0};
	struct oversub_error error = {""};

	(void)state;
	if (conformance_read("tests/conformance/balance/wake-8cpu.jsonl", replay_line, &replay,
			     &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	assert_int_equal(replay.decisions, 219);
	host_fini(&replay.host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wakeup_goes_where_the_kernel_sends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
