/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results, `oversub list metrics` and the tables behind them agree. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/checked_run.h"
#include "sim/cli/list_metrics.h"
#include "sim/scenario/policy_registry.h"
#include "sim/run/metric.h"
#include "sim/run/world.h"
#include "tests/unit/scenario_text.h"

/* A source and an event that bear the name of a VM, which stands for any. */
#define OPEN "'events':['db1'],'arrivals':{'db1':{'interarrival':'10ms'}},"
/* VMs, with I/O that threads serve, and threads of the host, with requests of both. */
static const char everything[] =
	"{'oversub_scenario':1,'host':{'cpus':2},'vms':{'db':{'count':2,'vcpus':2,'workload':'w'}},"
	"'run':{'warmup':'5ms','measure':'50ms','seed':1},"
	"'workloads':{'w':{" OPEN "'threads':{'t':{'count':2,'program':[{'wake':'db1'},{'wait':'"
	"db1'},{'loop':'forever','body':["
	"{'request':'call','body':[{'run':'50us'},{'io':'1us','served_by':'io_thread'},"
	"{'smp_call':'others','wait':true}]}]}]}}}},"
	"'host_workload':{" OPEN
	"'threads':{'h':{'program':[{'wake':'db1'},{'wait':'db1'},{'loop':'forever','body':["
	"{'request':'turn','body':[{'run':'100us'},{'sleep':'100us'}]}]}]}}}}";

static struct replication_result run(void)
{
	struct replication_result result;
	struct scenario *scenario;
	struct oversub_error error = {""};

	if (load_text(everything, NULL, &scenario, &error) ||
	    world_run(scenario, 0, &checked_run, &result, &error))
		fail_msg("%s", error.message);
	scenario_free(scenario);
	return result;
}

static char *listing(void)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	list_metrics(stream, &policy_registry_builtin);
	fclose(stream);
	return text;
}

static bool is_in_a_scope(const struct replication_result *result, unsigned int scopes,
			  const char *name)
{
	return (!(scopes & METRIC_OF_HOST) || result_find(result, "host", name)) &&
	       (!(scopes & METRIC_OF_VMS) || result_find(result, "vm.db", name)) &&
	       (!(scopes & METRIC_OF_THREADS) || result_find(result, "host_threads", name));
}

static void every_metric_that_is_described_is_one_of_a_run(void **state)
{
	struct replication_result result = run();
	char name[128], full[160];

	assert_true(result.nr_metrics > 100);
	for (int i = 0; metric_table[i].name; i++) {
		const struct metric *metric = &metric_table[i];
		bool latency = metric->kind == METRIC_LATENCY;
		int k = 0;

		if (!strcmp(metric->name, "request.*"))
			continue; /* each scope has its own */
		do {
			metric_name(metric->name, metric->members ? metric->members[k] : "db1",
				    name, sizeof(name));
			snprintf(full, sizeof(full), "%s%s", name, latency ? ".p99" : "");
			if (!is_in_a_scope(&result, metric->scopes, full))
				fail_msg("no run yields %s", full);
		} while (++k < metric->nr_members);
	}
	assert_non_null(result_find(&result, "vm.db", "request.call.p99"));
	assert_non_null(result_find(&result, "host_threads", "request.turn.max"));
	result_free(&result);
}

static void every_histogram_has_its_metrics(void **state)
{
	struct replication_result result = run();
	char name[128];

	for (size_t i = 0; i < result.nr_histograms; i++) {
		for (int k = 0; k < LATENCY_PARTS; k++) {
			snprintf(name, sizeof(name), "%s.%s", result.histograms[i].name,
				 latency_parts[k].suffix);
			assert_non_null(result_find(&result, result.histograms[i].scope, name));
		}
	}
	result_free(&result);
}

static void no_metric_of_a_run_is_there_twice(void **state)
{
	struct replication_result result = run();

	for (size_t i = 0; i < result.nr_metrics; i++) {
		const struct result_metric *metric = &result.metrics[i];

		if (result_find(&result, metric->scope, metric->name) != metric)
			fail_msg("%s:%s is there twice", metric->scope, metric->name);
	}
	result_free(&result);
}

static void what_each_vm_got_adds_up_to_what_all_got(void **state)
{
	struct replication_result result = run();
	double all = result_find(&result, "vm.db", "requests_per_s")->value;
	double first = result_find(&result, "vm.db", "each.db0.requests_per_s")->value;
	double second = result_find(&result, "vm.db", "each.db1.requests_per_s")->value;

	assert_true(first > 0 && second > 0);
	assert_true(fabs(first + second - all) < 1e-6);
	result_free(&result);
}

static void every_metric_is_explained_in_the_listing(void **state)
{
	char *text = listing();

	for (int i = 0; metric_table[i].name; i++) {
		const struct metric *metric = &metric_table[i];

		assert_true(metric->scopes && (metric->unit || metric->kind == METRIC_LATENCY));
		if (metric->members || !strchr(metric->name, '*'))
			assert_non_null(strstr(text, metric->name));
		assert_non_null(strstr(text, metric->help));
		for (int k = 0; k < metric->nr_members; k++) {
			assert_non_null(strstr(text, metric->members[k]));
			assert_true(strlen(metric->member_help[k]) > 0);
			assert_non_null(strstr(text, metric->member_help[k]));
		}
	}
	free(text);
}

static void the_listing_fits_100_columns(void **state)
{
	char *text = listing();

	for (char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > 100)
			fail_msg("%.*s", (int)strcspn(line, "\n"), line);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_metric_that_is_described_is_one_of_a_run),
		cmocka_unit_test(every_histogram_has_its_metrics),
		cmocka_unit_test(no_metric_of_a_run_is_there_twice),
		cmocka_unit_test(what_each_vm_got_adds_up_to_what_all_got),
		cmocka_unit_test(every_metric_is_explained_in_the_listing),
		cmocka_unit_test(the_listing_fits_100_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
