/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of a summary are all of the time: of vCPUs, of host threads, of physical CPUs. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/summary.h"
#include "sim/run/world.h"
#include "tests/unit/scenario_text.h"

/* Run a short piece of a scenario once; *summary is for free(). */
static struct aggregate run(struct scenario *scenario, char **summary)
{
	struct replication_result result;
	struct aggregate aggregate;
	struct oversub_error error = {""};
	size_t size;
	FILE *stream;

	scenario->run.warmup_ns = 20 * 1000 * 1000;
	scenario->run.measure_ns = 220 * 1000 * 1000; /* two periods of cpu.max */
	if (world_run(scenario, 0, NULL, &result, &error) ||
	    aggregate_of(&result, 1, &aggregate, &error))
		fail_msg("%s", error.message);
	result_free(&result);
	stream = open_memstream(summary, &size);
	assert_non_null(stream);
	summary_write(stream, scenario, &aggregate);
	fclose(stream);
	return aggregate;
}

/* The sum of the metrics of scope whose names begin with prefix. */
static double sum_of(const struct aggregate *aggregate, const char *scope, const char *prefix)
{
	double sum = 0;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		if (!strcmp(metric->scope, scope) && !strncmp(metric->name, prefix, strlen(prefix)))
			sum += metric->interval.mean;
	}
	return sum;
}

/*
 * The sum of the percentages between the bars of a line, before the only bar, or of all on it
 * without bars.
 */
static double sum_of_line(const char *line, size_t length, bool bars, int *columns)
{
	char text[256];
	double sum = 0;
	char *at = text, *end;

	assert_true(length < sizeof(text));
	memcpy(text, line, length);
	text[length] = '\0';
	if (bars) {
		at = strchr(text, '|') == strrchr(text, '|') ? text : strchr(text, '|');
		*strrchr(text, '|') = '\0';
	}
	*columns = 0;
	for (char *percent = at; (percent = strchr(percent, '%')); percent++) {
		for (end = percent; strchr("0123456789.", end[-1]); end--)
			;
		sum += strtod(end, NULL);
		++*columns;
	}
	return sum;
}

/* Each column is rounded to a tenth. */
static void check_lines(const char *summary, int nr_classes)
{
	const char *line = strstr(summary, "cpu/due\n");
	int columns, checked = 0;

	assert_non_null(line);
	for (line = strchr(line, '\n') + 1; strncmp(line, "waits", 5) && strncmp(line, "host ", 5);
	     line = strchr(line, '\n') + 1) {
		double sum = sum_of_line(line, strcspn(line, "\n"), true, &columns);

		if (columns == 0) /* a kind of request */
			continue;
		assert_true(columns >= 6);
		if (fabs(sum - 100) > 0.05 * columns + 1e-9)
			fail_msg("%.2f%% in all: %.*s", sum, (int)strcspn(line, "\n"), line);
		checked++;
	}
	assert_int_equal(checked, nr_classes);
	line = strstr(summary, "host busy");
	assert_non_null(line);
	assert_true(fabs(sum_of_line(line, strstr(line, "  switches") - line, false, &columns) -
			 100) <= 0.05 * columns + 1e-9);
}

static void check(struct scenario *scenario, const char *name)
{
	char *summary;
	struct aggregate aggregate = run(scenario, &summary);

	for (int i = 0; i < scenario->nr_vms; i++) {
		char scope[80];

		snprintf(scope, sizeof(scope), "vm.%s", scenario->vms[i].name);
		assert_true(fabs(sum_of(&aggregate, scope, "time.") - 1) < 1e-9);
	}
	if (scenario->host_workload)
		assert_true(fabs(sum_of(&aggregate, "host_threads", "time.") - 1) < 1e-9);
	assert_true(fabs(sum_of(&aggregate, "host", "cpu.") - 1) < 1e-9);
	if (!scenario->host_workload)
		check_lines(summary, scenario->nr_vms);
	free(summary);
	aggregate_free(&aggregate);
}

static void all_shipped_scenarios_add_up(void **state)
{
	glob_t found;

	assert_int_equal(glob("scenarios/*.json", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct scenario *scenario;
		struct oversub_error error = {""};

		if (scenario_load(found.gl_pathv[i], NULL, &scenario, &error))
			fail_msg("%s", error.message);
		check(scenario, found.gl_pathv[i]);
		scenario_free(scenario);
	}
	globfree(&found);
}

static double mean(const struct aggregate *aggregate, const char *scope, const char *name)
{
	double value = aggregate_mean(aggregate, scope, name);

	assert_false(isnan(value));
	return value;
}

static void time_without_quota_has_a_column(void **state)
{
	struct scenario *scenario;
	struct oversub_error error = {""};
	struct aggregate aggregate;
	char *summary;

	assert_int_equal(scenario_load("scenarios/quota.json", NULL, &scenario, &error),
			 OVERSUB_OK);
	aggregate = run(scenario, &summary);
	assert_true(mean(&aggregate, "vm.tenant", "time.throttled") > 0.5);
	assert_non_null(strstr(summary, "thrott"));
	free(summary);
	aggregate_free(&aggregate);
	scenario_free(scenario);
}

/* Two vCPUs that sleep for 100 us again and again: the host polls for them, or they do. */
#define SLEEPERS(guest)                                                                            \
	"{'oversub_scenario':1,'host':{'cpus':2},'vms':{'a':{'vcpus':2,'workload':'w'" guest "}}," \
	"'workloads':{'w':{'threads':{'t':{'count':2,'program':[{'loop':'forever','body':["        \
	"{'request':'u','body':[{'run':'20us'},{'sleep':'100us'}]}]}]}}}}}"

static struct aggregate run_sleepers(const char *text, char **summary)
{
	struct scenario *scenario;
	struct oversub_error error = {""};
	struct aggregate aggregate;

	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	check(scenario, "sleepers");
	aggregate = run(scenario, summary);
	scenario_free(scenario);
	return aggregate;
}

static void a_cpu_that_polls_for_a_halted_vcpu_is_neither_idle_nor_busy(void **state)
{
	char *summary;
	struct aggregate aggregate = run_sleepers(SLEEPERS(""), &summary);

	assert_true(mean(&aggregate, "vm.a", "time.poll") > 0.7);
	assert_true(mean(&aggregate, "host", "cpu.poll") > 0.7);
	assert_true(mean(&aggregate, "host", "cpu.busy") < 0.3);
	assert_true(mean(&aggregate, "host", "cpu.idle") < 0.01);
	assert_non_null(strstr(summary, "polling"));
	free(summary);
	aggregate_free(&aggregate);
}

static void a_guest_that_polls_while_idle_spins_for_nobody(void **state)
{
	char *summary;
	struct aggregate aggregate = run_sleepers(SLEEPERS(",'guest':{'haltpoll':true}"), &summary);

	assert_true(mean(&aggregate, "vm.a", "time.guest_poll") > 0.3);
	assert_true(mean(&aggregate, "vm.a", "time.spin") < 0.01);
	/* The host cannot tell. */
	assert_true(mean(&aggregate, "host", "cpu.busy") > 0.5);
	free(summary);
	aggregate_free(&aggregate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_shipped_scenarios_add_up),
		cmocka_unit_test(time_without_quota_has_a_column),
		cmocka_unit_test(a_cpu_that_polls_for_a_halted_vcpu_is_neither_idle_nor_busy),
		cmocka_unit_test(a_guest_that_polls_while_idle_spins_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
