/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VMs that are not there, or not yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "world_value.h"

/* Two classes of VMs that compete for a CPU, and a thread of the host that belongs to one. */
static const char rivals[] =
	"{'oversub_scenario':1,'host':{'cpus':1,'cgroup_layout':'libvirt'},"
	" 'vms':{'calc':{'workload':'hog'},'web':{'workload':'hog'}},"
	" 'workloads':{'hog':{'arrivals':{'a':{'rate':10}},'threads':{"
	"   't':{'program':[{'loop':'forever','body':["
	"     {'request':'r','body':[{'run':'100us'}]}]}]},"
	"   'other':{'count':0,'program':[{'loop':'forever','body':["
	"     {'request':'s','body':[{'take':'a'},{'run':'100us'}]}]}]}}}},"
	" 'host_workload':{'threads':{'emulator':{'emulator_of':'calc','program':["
	"   {'loop':'forever','body':[{'request':'e','body':["
	"     {'run':'1us'},{'sleep':'1ms'}]}]}]}}},"
	" 'run':{'warmup':'20ms','measure':'200ms'}}";

static void a_class_without_vms_has_metrics_without_values(void **state)
{
	static const char *const sets[] = {"vms.calc.count=0", NULL};
	struct replication_result both = world_of(rivals, NULL), one = world_of(rivals, sets);

	/* Columns are the same, so that points of a sweep can be compared. */
	assert_int_equal(both.nr_metrics, one.nr_metrics);
	assert_true(isnan(world_value(&one, "vm.calc", "requests_per_s")));
	assert_true(isnan(world_value(&one, "vm.calc", "request.r.p50")));
	assert_true(isnan(world_value(&one, "vm.calc", "time.steal")));
	assert_true(isnan(world_value(&one, "vm.calc", "source.a.backlog")));
	/* The other has the CPU for itself. */
	assert_true(world_value(&both, "vm.web", "requests_per_s") < 6000);
	assert_true(world_value(&one, "vm.web", "requests_per_s") > 9500);
	result_free(&both);
	result_free(&one);
}

static void a_vm_that_is_not_there_has_no_emulator_threads(void **state)
{
	static const char *const sets[] = {"vms.calc.count=0", NULL};
	struct replication_result both = world_of(rivals, NULL), one = world_of(rivals, sets);

	assert_true(world_value(&both, "host_threads", "requests_per_s") > 100);
	assert_true(world_value(&one, "host_threads", "requests_per_s") == 0);
	result_free(&both);
	result_free(&one);
}

static void a_host_without_vms_is_idle(void **state)
{
	static const char *const sets[] = {"vms.calc.count=0", "vms.web.count=0", NULL};
	struct replication_result none = world_of(rivals, sets);

	assert_true(world_value(&none, "host", "cpu.idle") == 1);
	assert_true(isnan(world_value(&none, "vm.web", "requests_per_s")));
	result_free(&none);
}

static void a_class_of_threads_can_be_empty(void **state)
{
	static const char *const sets[] = {"vms.calc.count=0", "threads.other.count=1", NULL};
	struct replication_result none = world_of(rivals, NULL), one = world_of(rivals, sets);

	assert_true(world_value(&none, "vm.web", "source.a.served_per_s") == 0);
	assert_true(world_value(&one, "vm.web", "source.a.served_per_s") > 0);
	result_free(&none);
	result_free(&one);
}

static void who_starts_late_leaves_the_cpu_to_others_until_then(void **state)
{
	/* Half of the window of 20 ms to 220 ms. */
	static const char *const sets[] = {"vms.calc.start=120ms", NULL};
	struct replication_result both = world_of(rivals, NULL), late = world_of(rivals, sets);
	double calc = world_value(&both, "vm.calc", "requests_per_s");
	double web = world_value(&both, "vm.web", "requests_per_s");
	double alone = calc + web;

	assert_in_range((uint64_t)world_value(&late, "vm.calc", "requests_per_s"),
			(uint64_t)(0.4 * calc), (uint64_t)(0.6 * calc));
	assert_in_range((uint64_t)world_value(&late, "vm.web", "requests_per_s"),
			(uint64_t)(0.45 * alone + 0.45 * web),
			(uint64_t)(0.55 * alone + 0.55 * web));
	/* It was idle, and neither due for a CPU nor waiting for one. */
	assert_true(fabs(world_value(&late, "vm.calc", "time.halt") - 0.5) < 0.02);
	/* What belongs to it came with it: arrivals from outside, and threads of its process. */
	assert_in_range((uint64_t)world_value(&late, "host_threads", "requests_per_s"),
			(uint64_t)(0.4 * world_value(&both, "host_threads", "requests_per_s")),
			(uint64_t)(0.6 * world_value(&both, "host_threads", "requests_per_s")));
	result_free(&both);
	result_free(&late);
}

static void arrivals_begin_when_their_vm_does(void **state)
{
	static const char *const sets[] = {"vms.web.start=120ms", "hog.arrivals.a.rate=1000", NULL};
	struct replication_result late = world_of(rivals, sets);

	/* 100 ms of them. */
	assert_in_range((uint64_t)(0.2 * world_value(&late, "vm.web", "source.a.offered_per_s")),
			60, 140);
	assert_in_range((uint64_t)(0.2 * world_value(&late, "vm.calc", "source.a.offered_per_s")),
			140, 260);
	result_free(&late);
}

static void vms_of_a_class_can_start_one_after_the_other(void **state)
{
	static const char *const sets[] = {"vms.calc.count=0",	 "vms.web.count=4",
					   "vms.web.start=20ms", "vms.web.start_step=50ms",
					   "host.cpus=4",	 NULL};
	struct replication_result staggered = world_of(rivals, sets);

	/* Each has a CPU of its own for what is left of the 200 ms. */
	for (int vm = 0; vm < 4; vm++) {
		char name[64];

		snprintf(name, sizeof(name), "each.web%d.requests_per_s", vm);
		assert_in_range((uint64_t)world_value(&staggered, "vm.web", name),
				(uint64_t)(9500 * (4 - vm) / 4), (uint64_t)(10000 * (4 - vm) / 4));
	}
	result_free(&staggered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_without_vms_has_metrics_without_values),
		cmocka_unit_test(a_vm_that_is_not_there_has_no_emulator_threads),
		cmocka_unit_test(a_host_without_vms_is_idle),
		cmocka_unit_test(a_class_of_threads_can_be_empty),
		cmocka_unit_test(who_starts_late_leaves_the_cpu_to_others_until_then),
		cmocka_unit_test(arrivals_begin_when_their_vm_does),
		cmocka_unit_test(vms_of_a_class_can_start_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
