/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often vCPUs of one VM share a run queue: as theory says of places drawn by lot, since the
 * balancer knows nothing of VMs. V VMs of n vCPUs on P CPUs, each with k = Vn / P hogs.
 */
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

#define REPLICATIONS 60

struct stacking {
	double sibling; /* vCPUs with a sibling on their queue */
	double pairs;	/* pairs of siblings on one queue */
};

static struct scenario *hogs(int vms, int vcpus, int cpus, const char *host)
{
	struct scenario *scenario;
	struct oversub_error error = {""};
	char text[1024];
	cJSON *document;

	snprintf(text, sizeof(text),
		 "{'oversub_scenario':1,'host':{'cpus':%d%s},'vms':{'vm':{'count':%d,'vcpus':%d,"
		 "'workload':'hogs'}},'run':{'warmup':0,'measure':'30ms','seed':1},"
		 "'workloads':{'hogs':{'threads':{'hog':{'count':%d,'program':["
		 "{'loop':'forever','body':[{'run':'1s','mode':'user'}]}]}}}}}",
		 cpus, host, vms, vcpus, vcpus);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	document = cJSON_Parse(text);
	assert_non_null(document);
	if (scenario_from_json(document, "test.json", NULL, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	cJSON_Delete(document);
	return scenario;
}

static double value(const struct replication_result *result, const char *name)
{
	const struct result_metric *metric = result_find(result, "host", name);

	assert_non_null(metric);
	return metric->value;
}

/* Mean over replications, each with places of its own. */
static struct stacking measure(int vms, int vcpus, int cpus, const char *host)
{
	struct scenario *scenario = hogs(vms, vcpus, cpus, host);
	struct stacking sum = {0, 0};

	for (uint32_t i = 0; i < REPLICATIONS; i++) {
		struct replication_result result;
		struct oversub_error error = {""};

		if (world_run(scenario, i, &checked_run, &result, &error) != OVERSUB_OK)
			fail_msg("%s", error.message);
		sum.sibling += value(&result, "stacking") / REPLICATIONS;
		sum.pairs += value(&result, "stacked_pairs") / REPLICATIONS;
		result_free(&result);
	}
	scenario_free(scenario);
	return sum;
}

/* 1 - C(Vn - n, k - 1) / C(Vn - 1, k - 1), and (k - 1) / (Vn - 1). */
static struct stacking by_lot(int vms, int vcpus, int cpus)
{
	int all = vms * vcpus;
	int k = all / cpus;
	struct stacking expected = {1, (double)(k - 1) / (all - 1)};

	for (int i = 0; i < k - 1; i++)
		expected.sibling *= (double)(all - vcpus - i) / (all - 1 - i);
	expected.sibling = 1 - expected.sibling;
	return expected;
}

static void check_by_lot(int vms, int vcpus, int cpus, const char *host)
{
	struct stacking expected = by_lot(vms, vcpus, cpus);
	struct stacking found = measure(vms, vcpus, cpus, host);
	/* Three standard errors; siblings come in twos and threes. */
	double samples = (double)REPLICATIONS * vms * vcpus / 3;
	double tolerance = 3 * sqrt(expected.sibling * (1 - expected.sibling) / samples);

	if (fabs(found.sibling - expected.sibling) > tolerance)
		fail_msg("%d VMs: %.4f of the vCPUs, not %.4f", vms, found.sibling,
			 expected.sibling);
	/* Much the same statistic, only scaled. */
	tolerance *= expected.pairs / expected.sibling * 1.5;
	if (fabs(found.pairs - expected.pairs) > tolerance)
		fail_msg("%d VMs: %.5f of the pairs, not %.5f", vms, found.pairs, expected.pairs);
}

static void siblings_meet_by_chance(void **state)
{
	(void)state;
	check_by_lot(2, 16, 16, "");
	check_by_lot(3, 16, 16, "");
	check_by_lot(4, 16, 16, "");
}

static void as_often_where_caches_and_nodes_are_split(void **state)
{
	(void)state;
	check_by_lot(3, 16, 16, ",'smt':2,'llc_cpus':4,'numa_nodes':2");
}

static void siblings_never_meet_if_started_vm_by_vm(void **state)
{
	struct stacking found = measure(3, 16, 16, ",'start_order':'by_vm'");

	(void)state;
	assert_true(found.sibling == 0);
	assert_true(found.pairs == 0);
}

static void the_reference_values_are_those_of_the_formulas(void **state)
{
	(void)state;
	assert_true(fabs(by_lot(2, 16, 16).sibling - .484) < .0005);
	assert_true(fabs(by_lot(3, 16, 16).sibling - .541) < .0005);
	assert_true(fabs(by_lot(4, 16, 16).sibling - .564) < .0005);
	assert_true(fabs(by_lot(4, 16, 16).pairs - .048) < .0005);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_values_are_those_of_the_formulas),
		cmocka_unit_test(siblings_meet_by_chance),
		cmocka_unit_test(as_often_where_caches_and_nodes_are_split),
		cmocka_unit_test(siblings_never_meet_if_started_vm_by_vm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
