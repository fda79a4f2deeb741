/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VMs that are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_without_vms_has_metrics_without_values),
		cmocka_unit_test(a_vm_that_is_not_there_has_no_emulator_threads),
		cmocka_unit_test(a_host_without_vms_is_idle),
		cmocka_unit_test(a_class_of_threads_can_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
