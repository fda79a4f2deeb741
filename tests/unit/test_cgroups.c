/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees of cgroups and limits in scenarios: what VMs get, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/checked_run.h"
#include "sim/run/world.h"
#include "tests/unit/scenario_text.h"

/* Four hogs each: VMs a and b, and threads of the host. */
#define HOGS_OF(vms, host, threads)                                                                \
	"{'oversub_scenario':1,'host':{'cpus':4," host "},'vms':{" vms                             \
	"},'vm_defaults':{'vcpus':4,'workload':'hogs','pin':'1:1'},"                               \
	"'workloads':{'hogs':{'threads':{'t':{'count':4,'program':[{'loop':'forever','body':["     \
	"{'request':'r','body':[{'run':'100us'}]}]}]}}}},"                                         \
	"'host_workload':{'threads':{'h':{'count':4,'program':[{'loop':'forever','body':["         \
	"{'run':'100us'}]}]" threads "}}},'run':{'warmup':'100ms','measure':'2s','seed':1}}"

#define TREE                                                                                       \
	"'cgroups':{'machine':{'cpu_weight':300,'children':{"                                      \
	"'t1':{'cpu_weight':100},'t2':{'cpu_weight':200}}},'system':{}}"

#define TENANTS "'a':{'cgroup':'machine/t1'},'b':{'cgroup':'machine/t2'}"

static struct scenario *load(const char *text, const char *set)
{
	struct scenario_override override;
	struct scenario_overrides overrides = {.list = &override, .nr = set ? 1 : 0};
	struct scenario *scenario;
	struct oversub_error error = {""};
	char buffer[128];

	if (set) {
		snprintf(buffer, sizeof(buffer), "%s", set);
		assert_int_equal(scenario_override_parse(buffer, &override, &error), OVERSUB_OK);
	}
	if (load_text(text, &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	return scenario;
}

/* set: an override, or NULL. */
static struct replication_result run(const char *text, const char *set)
{
	struct scenario *scenario = load(text, set);
	struct replication_result result;
	struct oversub_error error = {""};

	if (world_run(scenario, 0, &checked_run, &result, &error))
		fail_msg("%s", error.message);
	scenario_free(scenario);
	return result;
}

static double value(const struct replication_result *result, const char *scope, const char *name)
{
	const struct result_metric *metric = result_find(result, scope, name);

	if (!metric)
		fail_msg("no metric %s %s", scope, name);
	return metric->value;
}

/* CPUs that a cgroup used. */
static double cpus_of(const struct replication_result *result, const char *scope)
{
	return value(result, scope, "cpu_stat.usage_usec_per_s") / 1e6;
}

static void assert_near(double actual, double expected, double tolerance)
{
	if (!(fabs(actual - expected) <= tolerance * expected))
		fail_msg("%g instead of %g", actual, expected);
}

/* What the vCPUs of a VM of n did on a CPU, in CPUs. */
static double vm_cpus(const struct replication_result *result, const char *scope, int n)
{
	return n * (1 - value(result, scope, "time.steal") -
		    value(result, scope, "time.throttled") - value(result, scope, "time.halt"));
}

/* ---- Weights ------------------------------------------------------------------------------- */

static void shares_multiply_along_the_tree(void **state)
{
	static const char *const layouts[] = {"host.cgroup_layout=vm", "host.cgroup_layout=vcpu",
					      "host.cgroup_layout=libvirt",
					      "host.cgroup_layout=none"};

	for (size_t i = 0; i < 4; i++) {
		struct replication_result result =
			run(HOGS_OF(TENANTS, TREE, ",'cgroup':'system'"), layouts[i]);

		assert_near(cpus_of(&result, "cgroup.machine"), 4 * 3. / 4, 0.01);
		assert_near(cpus_of(&result, "cgroup.machine/t1"), 4 * 3. / 4 * 1 / 3, 0.02);
		assert_near(cpus_of(&result, "cgroup.machine/t2"), 4 * 3. / 4 * 2 / 3, 0.01);
		assert_near(cpus_of(&result, "cgroup.system"), 4 * 1. / 4, 0.02);
		result_free(&result);
	}
}

static void entitlements_follow_the_tree(void **state)
{
	struct replication_result result = run(HOGS_OF(TENANTS, TREE, ",'cgroup':'system'"), NULL);

	/* Each VM gets its own, though one gets twice as much as the other. */
	assert_near(value(&result, "vm.a", "cpu_over_entitlement"), 1, 0.02);
	assert_near(value(&result, "vm.b", "cpu_over_entitlement"), 1, 0.02);
	assert_true(value(&result, "host", "jain") > 0.999);
	result_free(&result);
}

static void a_class_of_threads_has_its_own_group_inside_a_cgroup(void **state)
{
	struct replication_result result =
		run(HOGS_OF(TENANTS, TREE, ",'cgroup':'machine','cpu_weight':300"), NULL);

	/* Within machine, which has the host to itself, they weigh as much as both tenants. */
	assert_near(cpus_of(&result, "cgroup.machine/t1"), 4. / 6, 0.02);
	assert_near(cpus_of(&result, "cgroup.machine/t2"), 4. / 3, 0.02);
	result_free(&result);
}

/* ---- libvirt ------------------------------------------------------------------------------- */

/* CPUs of VM a, of weight 300, of b, and of the threads of the host beside them. */
static void libvirt_puts_all_vms_into_one_slice(void **state)
{
	struct replication_result result =
		run(HOGS_OF("'a':{'cpu_weight':300},'b':{}", "'cgroup_layout':'libvirt'",
			    ",'cpu_weight':100"),
		    NULL);

	/* As much as the group of the threads, and within it by the weights of the VMs. */
	assert_near(cpus_of(&result, "cgroup.machine"), 2, 0.02);
	assert_near(vm_cpus(&result, "vm.a", 4), 1.5, 0.02);
	assert_near(vm_cpus(&result, "vm.b", 4), 0.5, 0.03);
	assert_near(value(&result, "vm.a", "cpu_over_entitlement"), 1, 0.02);
	result_free(&result);
}

/* A slice that the scenario knows of keeps its weight. */
static void the_slice_can_have_another_weight(void **state)
{
	struct replication_result result =
		run(HOGS_OF("'a':{},'b':{}",
			    "'cgroup_layout':'libvirt','cgroups':{'machine':{'cpu_weight':300}}",
			    ",'cpu_weight':100"),
		    NULL);

	assert_near(cpus_of(&result, "cgroup.machine"), 3, 0.02);
	result_free(&result);
}

/* On each CPU: a vCPU of a, and perhaps one of its emulator threads. */
static void emulator_threads_compete_inside_their_vm(void **state)
{
	static const struct {
		const char *layout;
		double vcpus; /* CPUs that the vCPUs of a are left with */
	} cases[] = {
		/* Half of the CPUs for each VM; on each, vCPU and thread are alike. */
		{"host.cgroup_layout=vcpu", 2 * 4. / 8},
		{"host.cgroup_layout=vm", 2 * 4. / 8},
		/* One group for all emulator threads, as much as one of four vCPUs. */
		{"host.cgroup_layout=libvirt", 2 * 4. / 5},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct replication_result result =
			run(HOGS_OF("'a':{},'b':{}", "'hz':250", ",'emulator_of':'a'"),
			    cases[i].layout);

		assert_near(vm_cpus(&result, "vm.b", 4), 2, 0.03);
		assert_near(vm_cpus(&result, "vm.a", 4), cases[i].vcpus, 0.04);
		result_free(&result);
	}
}

/* ---- Limits -------------------------------------------------------------------------------- */

static void a_vm_with_a_quota_of_half_a_cpu_gets_half_a_cpu(void **state)
{
	struct replication_result result =
		run(HOGS_OF("'a':{'cpu_max':{'quota':'50ms'}},'b':{}", TREE, ""), NULL);

	assert_near(vm_cpus(&result, "vm.a", 4), 0.5, 0.05);
	assert_near(value(&result, "vm.a", "cpu_over_entitlement"), 1, 0.05);
	assert_near(value(&result, "vm.a", "cpu_stat.nr_throttled_per_s"), 10, 0.06);
	assert_true(value(&result, "vm.a", "time.throttled") > 0.2);
	assert_true(value(&result, "vm.b", "time.throttled") == 0);
	result_free(&result);
}

static void the_limit_of_a_cgroup_binds_all_that_is_in_it(void **state)
{
	static const char *const layouts[] = {"host.cgroup_layout=vcpu", "host.cgroup_layout=none"};

	for (size_t i = 0; i < 2; i++) {
		struct replication_result result = run(
			HOGS_OF("'a':{'cgroup':'box'},'b':{'cgroup':'box'}",
				"'cgroups':{'box':{'cpu_max':{'quota':'20ms','period':'20ms'}}}",
				",'cgroup':'box'"),
			layouts[i]);

		assert_near(cpus_of(&result, "cgroup.box"), 1, 0.03);
		assert_near(value(&result, "host", "cpu.idle"), 0.75, 0.05);
		assert_near(value(&result, "cgroup.box", "cpu_stat.nr_throttled_per_s"), 50, 0.06);
		result_free(&result);
	}
}

static void threads_of_the_host_are_not_throttled_in_the_kernel(void **state)
{
	static const char text[] =
		"{'oversub_scenario':1,'host':{'cpus':1},'host_workload':{'threads':{'h':{"
		"'cpu_max':{'quota':'10ms'},'program':[{'loop':'forever','body':["
		"{'request':'syscall','body':[{'run':'40ms','mode':'kernel'}]}]}]}}},"
		"'run':{'warmup':0,'measure':'4s','seed':1}}";
	struct replication_result result = run(text, NULL);

	/*
	 * Each goes through in one piece, on the CPU and off it once, and is paid for by the quota
	 * of four periods.
	 */
	assert_near(value(&result, "host", "switches_per_s"), 5, 0.15);
	assert_near(value(&result, "host_threads", "requests_per_s"), 2.5, 0.15);
	assert_near(value(&result, "host_threads", "time.throttled"), 0.9, 0.03);
	result_free(&result);
}

static void a_throttled_lock_holder_delays_waiters_on_an_idle_host(void **state)
{
	static const char text[] =
		"{'oversub_scenario':1,'host':{'cpus':8},'vms':{'a':{'vcpus':4,'workload':'w',"
		"'cpu_max':{'quota':'100ms'}}},'workloads':{'w':{'locks':{'l':'queued'},"
		"'threads':{'t':{'count':4,'program':[{'loop':'forever','body':["
		"{'run':{'exponential':{'mean':'20us'}}},{'lock':'l'},"
		"{'run':'2us','mode':'kernel'},{'unlock':'l'}]}]}}}},"
		"'run':{'warmup':0,'measure':'4s','seed':1}}";
	struct replication_result limited = run(text, NULL);
	struct replication_result free = run(text, "vms.a.cpu_max.quota=0");

	assert_true(value(&free, "vm.a", "lock_wait.max") < 1e6);
	assert_true(value(&limited, "vm.a", "lock_wait.max") > 30e6);
	assert_true(value(&limited, "host", "cpu.idle") > 0.8);
	result_free(&limited);
	result_free(&free);
}

static void a_burst_serves_a_request_that_the_quota_would_cut_in_two(void **state)
{
	static const char text[] =
		"{'oversub_scenario':1,'host':{'cpus':1},'vms':{'a':{'vcpus':1,'workload':'w',"
		"'cpu_max':{'quota':'30ms'}}},'workloads':{'w':{'threads':{'t':{'program':["
		"{'loop':'forever','body':[{'sleep':'190ms'},{'request':'r','body':["
		"{'run':'45ms'}]}]}]}}}},'run':{'warmup':'300ms','measure':'6s','seed':1}}";
	struct replication_result plain = run(text, NULL);
	struct replication_result bursting = run(text, "vms.a.cpu_max.burst=30ms");

	assert_true(value(&plain, "vm.a", "request.r.p50") > 60e6);
	assert_true(value(&bursting, "vm.a", "request.r.max") < 50e6);
	assert_true(value(&bursting, "vm.a", "cpu_stat.nr_bursts_per_s") > 0);
	assert_true(value(&plain, "vm.a", "cpu_stat.nr_bursts_per_s") == 0);
	result_free(&plain);
	result_free(&bursting);
}

/* ---- What is refused ----------------------------------------------------------------------- */

static void mistakes_are_reported_with_their_path(void **state)
{
	static const char *const cases[][3] = {
		{HOGS_OF("'a':{'cgroup':'machine/t3'}", TREE, ""), "vms.a.cgroup",
		 "did you mean \"machine/t"},
		{HOGS_OF("'a':{'cgroup':'x'}", "'hz':250", ""), "vms.a.cgroup",
		 "no cgroup of host.cgroups has the path \"x\"; there are none"},
		{HOGS_OF("'a':{}", TREE, ",'cgroup':'sytem'"), "host_workload.threads.h.cgroup",
		 "did you mean \"system\""},
		{HOGS_OF("'a':{'cpu_max':{'quota':'999us'}}", TREE, ""), "vms.a.cpu_max.quota",
		 "below 1ms"},
		{HOGS_OF("'a':{'cpu_max':{'quota':'1ms','burst':'2ms'}}", TREE, ""),
		 "vms.a.cpu_max.burst", "above quota"},
		{HOGS_OF("'a':{'cpu_max':{'quota':'1ms','period':'2s'}}", TREE, ""),
		 "vms.a.cpu_max.period", "1ms..1s"},
		{HOGS_OF("'a':{'cpu_max':{'quota':'1ms'}}", "'cgroup_layout':'none'", ""),
		 "vms.a.cpu_max.quota", "no cgroup to limit"},
		{HOGS_OF("'a':{}", "'cgroups':{'m':{'children':{'c':{'cpu_max':{'burst':1}}}}}",
			 ""),
		 "host.cgroups.m.children.c.cpu_max.burst", "above quota"},
		{HOGS_OF("'a':{}", "'cgroups':{'m':{'cpu_wieght':1}}", ""),
		 "host.cgroups.m.cpu_wieght", "did you mean \"cpu_weight\""},
		{HOGS_OF("'a':{}", "'cgroups':{'a/b':{}}", ""), "host.cgroups", "a/b"},
		{HOGS_OF("'a':{}", TREE, ",'cpu_max':{'quota':1000}"),
		 "host_workload.threads.h.cpu_max.quota", "below 1ms"},
		{HOGS_OF("'abc':{}", TREE, ",'emulator_of':'abd'"),
		 "host_workload.threads.h.emulator_of", "did you mean \"abc\""},
		{HOGS_OF("'a':{}", TREE, ",'emulator_of':'a','cgroup':'system'"),
		 "host_workload.threads.h.emulator_of", "no cgroup, cpu_weight or cpu_max"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct oversub_error error = {""};
		struct scenario *scenario;

		assert_int_equal(load_text(cases[i][0], NULL, &scenario, &error),
				 OVERSUB_BAD_INPUT);
		for (int k = 1; k < 3; k++)
			if (!strstr(error.message, cases[i][k]))
				fail_msg("no \"%s\" in: %s", cases[i][k], error.message);
	}
}

static void cgroups_can_be_set_from_the_command_line(void **state)
{
	struct scenario *scenario =
		load(HOGS_OF(TENANTS, TREE, ""), "host.cgroups.machine.children.t1.cpu_weight=7");

	assert_int_equal(scenario->nr_cgroups, 4);
	assert_string_equal(scenario->cgroups[1].path, "machine/t1");
	assert_int_equal(scenario->cgroups[1].cpu_weight, 7);
	assert_int_equal(scenario->cgroups[1].parent, 1);
	scenario_free(scenario);
	scenario = load(HOGS_OF(TENANTS, TREE, ""), "system.cpu_max.quota=5ms");
	assert_int_equal(scenario->cgroups[3].cpu_max.quota_ns, 5000000);
	scenario_free(scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_multiply_along_the_tree),
		cmocka_unit_test(libvirt_puts_all_vms_into_one_slice),
		cmocka_unit_test(the_slice_can_have_another_weight),
		cmocka_unit_test(emulator_threads_compete_inside_their_vm),
		cmocka_unit_test(entitlements_follow_the_tree),
		cmocka_unit_test(a_class_of_threads_has_its_own_group_inside_a_cgroup),
		cmocka_unit_test(a_vm_with_a_quota_of_half_a_cpu_gets_half_a_cpu),
		cmocka_unit_test(the_limit_of_a_cgroup_binds_all_that_is_in_it),
		cmocka_unit_test(threads_of_the_host_are_not_throttled_in_the_kernel),
		cmocka_unit_test(a_throttled_lock_holder_delays_waiters_on_an_idle_host),
		cmocka_unit_test(a_burst_serves_a_request_that_the_quota_would_cut_in_two),
		cmocka_unit_test(mistakes_are_reported_with_their_path),
		cmocka_unit_test(cgroups_can_be_set_from_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
