/* SPDX-License-Identifier: GPL-3.0-or-later */
/* I/O that threads of the host serve: what a request waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "scenario_text.h"
#include "world_value.h"

/* Requests that do nothing but I/O of 200 us, one after the other, from each of two vCPUs. */
static const char text[] =
	"{'oversub_scenario':1,'host':{'cpus':4,'cgroup_layout':'libvirt'},"
	" 'vms':{'disk':{'vcpus':2,'workload':'io'}},"
	" 'workloads':{'io':{'threads':{'t':{'count':2,'program':[{'loop':'forever','body':["
	"   {'request':'r','body':[{'io':'200us','served_by':'io_thread','device':0}]}]}]}}}},"
	" 'host_workload':{'threads':{'emulator':{'count':0,'emulator_of':'disk','program':["
	"   {'loop':'forever','body':[{'run':'1ms'}]}]},"
	"  'hog':{'count':0,'program':[{'loop':'forever','body':[{'run':'1ms'}]}]}}},"
	" 'run':{'warmup':'20ms','measure':'200ms'}}";

static double value_with(const char *const *sets, const char *name)
{
	struct replication_result result = world_of(text, sets);
	double value = world_value(&result, "vm.disk", name);

	result_free(&result);
	return value;
}

static void a_request_takes_kick_service_and_interrupt(void **state)
{
	/*
	 * A system call of 200 ns, the kick of 700, the wake-up of an idle CPU by IPI, a switch and
	 * 200 us of service, the interrupt, a switch and the handler: some us more than service.
	 */
	static const char *const sets[] = {"threads.t.count=1", NULL};
	double latency = value_with(sets, "request.r.p50");

	assert_true(latency > 203000 && latency < 225000);
}

static void requests_queue_for_their_thread(void **state)
{
	static const char *const two[] = {"vms.disk.io_threads=2", NULL};
	static const char *const device[] = {"served_by=device", NULL};
	double one_thread = value_with(NULL, "requests_per_s");

	/* A device works on any number at a time, a thread on one. */
	assert_true(one_thread > 4700 && one_thread <= 5000);
	assert_true(value_with(two, "requests_per_s") > 1.8 * one_thread);
	assert_true(value_with(device, "requests_per_s") > 1.8 * one_thread);
	/* With two, each vCPU has its own. */
	assert_true(value_with(NULL, "io_wait.p50") > 150000);
	assert_true(value_with(two, "io_wait.p50") < 10000);
}

static void a_request_waits_for_a_cpu_of_the_host(void **state)
{
	static const char *const alone[] = {"host.cpus=1", "threads.t.count=1", NULL};
	static const char *const busy[] = {"host.cpus=1", "threads.t.count=1", "hog.count=3", NULL};
	static const char *const device[] = {"host.cpus=1", "threads.t.count=1", "hog.count=3",
					     "served_by=device", NULL};

	/* One CPU, of which the VM has a quarter beside three hogs, and nearly all of it serves. */
	assert_true(value_with(alone, "requests_per_s") > 4000);
	assert_true(value_with(busy, "requests_per_s") < 1300);
	/* A device needs no CPU for its 200 us, only the vCPU does, for a moment. */
	assert_true(value_with(device, "requests_per_s") > 3000);
}

static void the_device_may_work_on_it_without_a_cpu(void **state)
{
	static const char *const sets[] = {"threads.t.count=1", "io=10us", "device=500us", NULL};
	double latency = value_with(sets, "request.r.p50");

	/* 10 us of service, the device, 3 us for its completion. */
	assert_true(latency > 516000 && latency < 545000);
	/* So one thread serves two vCPUs at a time. */
	static const char *const two[] = {"io=10us", "device=500us", NULL};
	assert_true(value_with(two, "requests_per_s") > 1.8 * value_with(sets, "requests_per_s"));
}

/* Three busy emulator threads: a vhost worker shares their group, an iothread has its own. */
static void who_serves_decides_in_which_cgroup(void **state)
{
	static const char *const vhost[] = {"host.cpus=1", "threads.t.count=1", "emulator.count=3",
					    NULL};
	static const char *const iothread[] = {"host.cpus=1", "threads.t.count=1",
					       "emulator.count=3", "vms.disk.io_thread=iothread",
					       NULL};
	double of_vhost = value_with(vhost, "requests_per_s");
	double of_iothread = value_with(iothread, "requests_per_s");

	/* A quarter of the CPU against a half of it, whatever sleeping is worth. */
	assert_true(of_iothread > 1.4 * of_vhost);
}

static void a_vm_without_such_io_has_no_such_threads(void **state)
{
	static const char *const sets[] = {"served_by=device", NULL};
	struct replication_result result = world_of(text, sets);

	assert_null(result_find(&result, "vm.disk", "io_wait.p50"));
	result_free(&result);
}

static void the_device_of_a_device_is_refused(void **state)
{
	static const char wrong[] =
		"{'oversub_scenario':1,'vms':{'v':{'workload':'w'}},'workloads':{'w':{'threads':{"
		"'t':{'program':[{'io':'1us','device':'2us'}]}}}}}";
	struct scenario *scenario;
	struct oversub_error error = {""};

	assert_int_equal(load_text(wrong, NULL, &scenario, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "workloads.w.threads.t.program[0]: device is"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_takes_kick_service_and_interrupt),
		cmocka_unit_test(requests_queue_for_their_thread),
		cmocka_unit_test(a_request_waits_for_a_cpu_of_the_host),
		cmocka_unit_test(the_device_may_work_on_it_without_a_cpu),
		cmocka_unit_test(who_serves_decides_in_which_cgroup),
		cmocka_unit_test(a_vm_without_such_io_has_no_such_threads),
		cmocka_unit_test(the_device_of_a_device_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
