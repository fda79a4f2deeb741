/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "checked_run.h"
#include "cosched_world.h"
#include "scenario_text.h"

#define CHATTY                                                                                     \
	"'workloads': { 'w': { 'locks': { 'l': 'queued' }, 'threads': { 't': { 'count': 4, "       \
	"'program': [ { 'loop': 'forever', 'body': [ { 'request': 'r', 'body': [ "                 \
	"{ 'run': { 'exponential': { 'mean': '60us' } } }, "                                       \
	"{ 'lock': 'l' }, { 'run': '5us', 'mode': 'kernel' }, { 'unlock': 'l' }, "                 \
	"{ 'smp_call': 'random_other', 'wait': true, 'probability': 0.3 } ] } ] } ] } } } } }"

const char *const two_chatty =
	COSCHED_HEAD "'host': { 'cpus': 4 %s }, 'yield': { 'sched': { 'policy': 'mainline' } },"
		     "'vms': { 'a': { 'count': 2, 'vcpus': 4, 'workload': 'w' } }," CHATTY;

struct scenario *cosched_load(const char *text, const char *settings)
{
	struct scenario *scenario;
	struct oversub_error error = {""};
	char buffer[8192];

	snprintf(buffer, sizeof(buffer), text, settings);
	if (load_text(buffer, NULL, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	return scenario;
}

struct replication_result cosched_run_scenario(const struct scenario *scenario)
{
	struct replication_result result;
	struct oversub_error error = {""};

	if (world_run(scenario, 0, &checked_run, &result, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	return result;
}

struct replication_result cosched_run(const char *text, const char *settings)
{
	struct scenario *scenario = cosched_load(text, settings);
	struct replication_result result = cosched_run_scenario(scenario);

	scenario_free(scenario);
	return result;
}

double cosched_value(const struct replication_result *result, const char *scope, const char *name)
{
	const struct result_metric *metric = result_find(result, scope, name);

	if (!metric)
		fail_msg("no metric %s of %s", name, scope);
	return metric->value;
}

double cosched_metric(const char *text, const char *settings, const char *scope, const char *name)
{
	struct replication_result result = cosched_run(text, settings);
	double found = cosched_value(&result, scope, name);

	result_free(&result);
	return found;
}

void cosched_assert_same(const struct replication_result *a, const struct replication_result *b)
{
	assert_int_equal(a->nr_metrics, b->nr_metrics);
	for (size_t i = 0; i < a->nr_metrics; i++) {
		double x = a->metrics[i].value, y = b->metrics[i].value;

		if (!(isnan(x) && isnan(y)) && x != y)
			fail_msg("%s is %g and %g", a->metrics[i].name, x, y);
	}
}
