/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that embeds simulations reads what `oversub run` would say; tests/e2e/embed.sh compares
 * the figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include <oversub/simulation.h>

static const char text[] =
	"{ \"oversub_scenario\": 1, \"host\": { \"cpus\": 1 },"
	"  \"vms\": { \"vm\": { \"count\": 1, \"vcpus\": 1, \"workload\": \"w\" } },"
	"  \"workloads\": { \"w\": { \"threads\": { \"t\": { \"program\": ["
	"    { \"loop\": \"forever\", \"body\": [ { \"request\": \"r\", \"body\": ["
	"      { \"run\": \"100us\" } ] } ] } ] } } } },"
	"  \"run\": { \"warmup\": \"1ms\", \"measure\": \"20ms\", \"replications\": 2 } }";

static struct oversub_simulation *loaded(void)
{
	struct oversub_simulation *simulation = oversub_simulation_new();
	struct oversub_error error;

	assert_non_null(simulation);
	if (oversub_simulation_load_text(simulation, "alone", text, &error))
		fail_msg("%s", error.message);
	return simulation;
}

static struct oversub_metric metric(struct oversub_simulation *simulation, const char *name)
{
	struct oversub_metric found;
	struct oversub_error error;

	if (oversub_simulation_run(simulation, 1, &error) ||
	    oversub_simulation_metric(simulation, "vm.vm", name, &found, &error))
		fail_msg("%s", error.message);
	return found;
}

static void a_run_has_a_mean_and_the_values_of_its_replications(void **state)
{
	struct oversub_simulation *simulation = loaded();
	struct oversub_metric rate = metric(simulation, "requests_per_s");

	/* One request of 100 us after the other, but for what the host and its ticks take. */
	assert_true(rate.mean > 9000 && rate.mean <= 10000);
	assert_int_equal(rate.nr_values, 2);
	assert_true(fabs((rate.values[0] + rate.values[1]) / 2 - rate.mean) < 1e-6);
	assert_string_equal(rate.unit, "1/s");
	assert_string_equal(rate.scope, "vm.vm");
	assert_false(rate.lower_bound);
	oversub_simulation_free(simulation);
}

static void a_changed_value_holds_from_the_next_run_on(void **state)
{
	struct oversub_simulation *simulation = loaded();
	double alone, three;

	alone = metric(simulation, "requests_per_s").mean;
	assert_int_equal(oversub_simulation_set(simulation, "vms.vm.count", "2", NULL), OVERSUB_OK);
	/* The later value counts. */
	assert_int_equal(oversub_simulation_set(simulation, "vms.vm.count", "3", NULL), OVERSUB_OK);
	assert_int_equal(oversub_simulation_set(simulation, "host.cpus", "3", NULL), OVERSUB_OK);
	three = metric(simulation, "requests_per_s").mean;
	assert_true(three > 2.5 * alone && three < 3.5 * alone);
	/* Another scenario begins without changes. */
	assert_int_equal(oversub_simulation_load_text(simulation, "again", text, NULL), OVERSUB_OK);
	assert_true(metric(simulation, "requests_per_s").mean == alone);
	oversub_simulation_free(simulation);
}

static void one_replication_has_no_interval(void **state)
{
	struct oversub_simulation *simulation = loaded();
	struct oversub_metric rate;

	oversub_simulation_set(simulation, "run.replications", "1", NULL);
	rate = metric(simulation, "requests_per_s");
	assert_true(isnan(rate.half_width));
	assert_true(rate.mean == rate.values[0]);
	oversub_simulation_free(simulation);
}

static void all_metrics_can_be_walked(void **state)
{
	struct oversub_simulation *simulation = loaded();
	struct oversub_metric rate = metric(simulation, "requests_per_s");
	int found = 0;

	for (size_t i = 0; i < oversub_simulation_nr_metrics(simulation); i++) {
		struct oversub_metric one = oversub_simulation_metric_at(simulation, i);

		if (!strcmp(one.scope, rate.scope) && !strcmp(one.name, rate.name)) {
			assert_true(one.mean == rate.mean);
			found++;
		}
	}
	assert_int_equal(found, 1);
	oversub_simulation_free(simulation);
}

static void arrivals_that_outrun_service_are_told(void **state)
{
	struct oversub_simulation *simulation = oversub_simulation_new();
	struct oversub_error error;
	struct oversub_metric found;

	if (oversub_simulation_load(simulation, "scenarios/open.json", &error) ||
	    oversub_simulation_set(simulation, "rate", "200000", &error) ||
	    oversub_simulation_set(simulation, "run.measure", "30ms", &error) ||
	    oversub_simulation_set(simulation, "run.replications", "2", &error) ||
	    oversub_simulation_run(simulation, 1, &error))
		fail_msg("%s", error.message);
	for (size_t i = 0; i < oversub_simulation_nr_metrics(simulation); i++) {
		found = oversub_simulation_metric_at(simulation, i);
		if (!strncmp(found.name, "request.", 8) && !strcmp(found.unit, "ns"))
			break;
	}
	assert_true(found.lower_bound);
	oversub_simulation_free(simulation);
}

/* ---- Errors ---------------------------------------------------------------------------------- */

static void nothing_runs_and_nothing_is_read_without_a_scenario(void **state)
{
	struct oversub_simulation *simulation = oversub_simulation_new();
	struct oversub_metric found;
	struct oversub_error error;

	assert_int_equal(oversub_simulation_run(simulation, 1, &error), OVERSUB_BAD_INPUT);
	assert_string_equal(error.message, "no scenario is loaded");
	assert_int_equal(oversub_simulation_nr_metrics(simulation), 0);
	assert_int_equal(oversub_simulation_metric(simulation, "host", "jain", &found, &error),
			 OVERSUB_BAD_INPUT);
	oversub_simulation_free(simulation);
}

static void what_is_wrong_is_told_and_can_be_mended(void **state)
{
	struct oversub_simulation *simulation = loaded();
	struct oversub_error error;
	struct oversub_metric found;

	oversub_simulation_set(simulation, "vms.vm.vcpus", "0", NULL);
	assert_int_equal(oversub_simulation_run(simulation, 1, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "alone: vms.vm.vcpus"));
	/* What was measured before is gone. */
	assert_int_equal(oversub_simulation_nr_metrics(simulation), 0);
	oversub_simulation_set(simulation, "vms.vm.vcpus", "1", NULL);
	metric(simulation, "requests_per_s");

	assert_int_equal(oversub_simulation_metric(simulation, "vm.vn", "jain", &found, &error),
			 OVERSUB_BAD_INPUT);
	assert_string_equal(error.message, "no scope \"vm.vn\"; did you mean vm.vm");
	assert_int_equal(
		oversub_simulation_metric(simulation, "vm.vm", "requests_per", &found, &error),
		OVERSUB_BAD_INPUT);
	assert_string_equal(error.message,
			    "vm.vm has no metric \"requests_per\"; did you mean requests_per_s");
	oversub_simulation_free(simulation);
}

static void text_that_is_no_json_is_told_with_its_place(void **state)
{
	struct oversub_simulation *simulation = loaded();
	struct oversub_error error;

	assert_int_equal(
		oversub_simulation_load_text(simulation, "broken", "{\n  \"host\": }", &error),
		OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "broken:2:"));
	assert_int_equal(oversub_simulation_run(simulation, 1, &error), OVERSUB_BAD_INPUT);
	assert_int_equal(oversub_simulation_plugin(simulation, "/nowhere.so", &error),
			 OVERSUB_BAD_INPUT);
	oversub_simulation_free(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_has_a_mean_and_the_values_of_its_replications),
		cmocka_unit_test(a_changed_value_holds_from_the_next_run_on),
		cmocka_unit_test(one_replication_has_no_interval),
		cmocka_unit_test(all_metrics_can_be_walked),
		cmocka_unit_test(arrivals_that_outrun_service_are_told),
		cmocka_unit_test(nothing_runs_and_nothing_is_read_without_a_scenario),
		cmocka_unit_test(what_is_wrong_is_told_and_can_be_mended),
		cmocka_unit_test(text_that_is_no_json_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
