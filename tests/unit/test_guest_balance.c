/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of its CPUs a guest with more threads than vCPUs runs them on: switches of its scheduler.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "world_value.h"

#define GUEST(threads)                                                                             \
	"{'oversub_scenario':1,'host':{'cpus':2},'vms':{'v':{'vcpus':2,'workload':'w',"            \
	" 'guest':{'tick_hz':250}}},'workloads':{'w':{'events':['e'],'threads':{" threads          \
	"}}},'run':{'warmup':'200ms','measure':'1s'}}"
#define HOG(name)                                                                                  \
	"'" name "':{'program':[{'loop':'forever','body':["                                        \
	"{'request':'" name "','body':[{'run':'100us'}]}]}]}"
/* Threads are put on CPUs in turn: this one keeps a place. */
#define ENDS(name) "'" name "':{'program':[{'run':'1us'}]}"

static double rate(const struct replication_result *result, const char *request)
{
	char name[64];

	snprintf(name, sizeof(name), "request.%s.count_per_s", request);
	return world_value(result, "vm.v", name);
}

/* Three hogs on two vCPUs. */
static const char hogs[] = GUEST(HOG("a") "," HOG("b") "," HOG("c"));

static void without_balancing_one_of_three_hogs_has_a_cpu_for_itself(void **state)
{
	struct replication_result result = world_of(hogs, NULL);

	assert_true(rate(&result, "b") > 1.9 * rate(&result, "a"));
	assert_true(rate(&result, "b") > 1.9 * rate(&result, "c"));
	result_free(&result);
}

static void busy_cpus_pass_three_hogs_round(void **state)
{
	static const char *const sets[] = {"balance_busy=true", NULL};
	struct replication_result result = world_of(hogs, sets);
	double most = 0, least = 1e9;

	for (const char *const *name = (const char *const[]){"a", "b", "c", NULL}; *name; name++) {
		most = rate(&result, *name) > most ? rate(&result, *name) : most;
		least = rate(&result, *name) < least ? rate(&result, *name) : least;
	}
	assert_true(most < 1.3 * least);
	result_free(&result);
}

static void equal_queues_are_left_alone(void **state)
{
	static const char four[] = GUEST(HOG("a") "," HOG("b") "," HOG("c") "," HOG("d"));
	static const char *const sets[] = {"balance_busy=true", NULL};
	struct replication_result without = world_of(four, NULL), with = world_of(four, sets);

	assert_true(rate(&with, "a") == rate(&without, "a"));
	assert_true(rate(&with, "d") == rate(&without, "d"));
	result_free(&without);
	result_free(&with);
}

/*
 * The waker is alone on vCPU 0 and never sleeps; on vCPU 1 two hogs share what the thread that it
 * wakes, for 50 us every 250, leaves them.
 */
static const char waking[] =
	GUEST("'waker':{'program':[{'loop':'forever','body':["
	      "  {'request':'wake','body':[{'run':'250us'},{'wake':'e'}]}]}]}," HOG("a") "," ENDS(
		      "x") ","
			   "'wakee':{'program':[{'loop':'forever','body':["
			   "  {'request':'woken','body':[{'wait':'e'},{'run':'50us'}]}]}]}," ENDS(
				   "y") "," HOG("b"));

static void wake_affine_draws_a_thread_to_a_waker_with_less_load(void **state)
{
	static const char *const sets[] = {"wake_affine=true", NULL};
	struct replication_result there = world_of(waking, NULL), here = world_of(waking, sets);

	/* By default it stays with the hogs; */
	assert_true(rate(&there, "a") + rate(&there, "b") < 8500);
	assert_true(rate(&there, "wake") > 3800);
	/* else it takes its time from the waker. */
	assert_true(rate(&here, "a") + rate(&here, "b") > 9800);
	assert_true(rate(&here, "wake") < 3500);
	result_free(&there);
	result_free(&here);
}

static void a_guest_without_scheduler_has_no_use_for_either(void **state)
{
	static const char pair[] = GUEST(HOG("a") "," HOG("b"));
	static const char *const sets[] = {"wake_affine=true", "balance_busy=true", NULL};
	struct replication_result without = world_of(pair, NULL), with = world_of(pair, sets);

	assert_true(rate(&with, "a") == rate(&without, "a"));
	assert_true(rate(&with, "b") == rate(&without, "b"));
	result_free(&without);
	result_free(&with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_balancing_one_of_three_hogs_has_a_cpu_for_itself),
		cmocka_unit_test(busy_cpus_pass_three_hogs_round),
		cmocka_unit_test(equal_queues_are_left_alone),
		cmocka_unit_test(wake_affine_draws_a_thread_to_a_waker_with_less_load),
		cmocka_unit_test(a_guest_without_scheduler_has_no_use_for_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
