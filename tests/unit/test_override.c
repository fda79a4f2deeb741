/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/policies/candidate_v3.h"
#include "scenario_text.h"

/* Load the small scenario with the settings, "PATH=VALUE" each, ended by NULL. */
static enum oversub_status load_with(struct scenario **scenario, struct oversub_error *error,
				     bool drop_inapplicable, const char *const *settings)
{
	struct scenario_override list[8];
	char texts[8][256];
	struct scenario_overrides overrides = {list, 0, drop_inapplicable};

	for (; settings[overrides.nr]; overrides.nr++) {
		strncpy(texts[overrides.nr], settings[overrides.nr], 255);
		texts[overrides.nr][255] = '\0';
		assert_int_equal(
			scenario_override_parse(texts[overrides.nr], &list[overrides.nr], error),
			OVERSUB_OK);
	}
	return load_text(small_scenario, &overrides, scenario, error);
}

#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct scenario *must_load(const char *const *settings)
{
	struct oversub_error error = {""};
	struct scenario *scenario;

	if (load_with(&scenario, &error, false, settings))
		fail_msg("%s: %s", settings[0], error.message);
	return scenario;
}

static void must_fail(const char *setting, const char *message)
{
	struct oversub_error error = {""};
	struct scenario *scenario;

	assert_int_equal(load_with(&scenario, &error, false, SETTINGS(setting)), OVERSUB_BAD_INPUT);
	assert_null(scenario);
	assert_string_equal(error.message, message);
}

static int64_t window(const struct scenario *scenario)
{
	return ((const struct candidate_v3_params *)scenario->chosen[OVERSUB_CANDIDATE].params)
		->tracking.ipi_window_ns;
}

static void a_full_path_sets_what_is_there_and_what_is_not(void **state)
{
	struct scenario *s =
		must_load(SETTINGS("vms.vm.count=5", "host.hz=100", "vm_defaults.apicv=on",
				   "yield.candidate.ipi_window_ns=5ms", "run.warmup=1000",
				   "vms.vm.ple.ple_window=2048", "title=other"));

	assert_int_equal(s->vms[0].size.count, 5);
	assert_int_equal(host_config_hz(&s->host), 100);
	assert_int_equal(s->vms[0].kvm.apicv, KVM_APICV_ON);
	assert_int_equal(window(s), 5000000);
	assert_int_equal(s->run.warmup_ns, 1000);
	assert_int_equal(s->vms[0].kvm.ple.ple_window, 2048);
	assert_string_equal(s->title, "other");
	scenario_free(s);
}

static void the_end_of_a_path_is_enough_if_only_one_parameter_has_it(void **state)
{
	struct scenario *s =
		must_load(SETTINGS("ipi_window_ns=\"5ms\"", "vm.count=3", "hz=1000", "apicv=on",
				   "seed=9223372036854775807", "l=queued", "cache_refill_ns=1us"));

	assert_int_equal(window(s), 5000000);
	assert_int_equal(s->vms[0].size.count, 3);
	assert_int_equal(host_config_hz(&s->host), 1000);
	assert_int_equal(s->vms[0].kvm.apicv, KVM_APICV_ON);
	assert_true(s->run.seed == INT64_MAX);
	assert_int_equal(s->workloads[0].locks[0].kind, LOCK_QUEUED);
	assert_int_equal(s->host.costs.cache_refill_ns, 1000);
	scenario_free(s);
}

static void the_number_of_cpus_is_meant_and_not_where_a_thread_may_run(void **state)
{
	struct oversub_error error = {""};
	const struct scenario_override cpus = {"cpus", "8"};
	const struct scenario_overrides overrides = {.list = &cpus, .nr = 1};
	struct scenario *s;

	if (load_text("{'oversub_scenario':1,'host_workload':{'threads':{"
		      "'a':{'program':[{'run':'1us'}]},"
		      "'b':{'program':[{'run':'1us'}],'cpus':[0]}}}}",
		      &overrides, &s, &error))
		fail_msg("%s", error.message);
	assert_int_equal(s->host.cpus, 8);
	scenario_free(s);
}

static void ops_can_be_reached_by_index(void **state)
{
	struct scenario *s =
		must_load(SETTINGS("workloads.w.threads.t.program[0].body[0].body[1].run=20us",
				   "workloads.w.threads.t.program[0].body[0].body[3].function_ns=9",
				   "workloads.w.threads.t.program[0].loop=4"));
	const struct op *ops = s->workloads[0].classes[0].ops;

	assert_int_equal(ops[0].count, 4);
	assert_int_equal(ops[3].duration.mean_ns, 20000);
	assert_int_equal(ops[5].function_ns, 9);
	scenario_free(s);
}

static void an_object_can_be_set_as_a_whole(void **state)
{
	struct scenario *s = must_load(SETTINGS("run={\"warmup\":\"1us\"}",
						"vms.new={\"vcpus\":7,\"workload\":\"w\"}",
						"yield={\"candidate\":{\"policy\":\"none\"}}"));

	assert_int_equal(s->run.warmup_ns, 1000);
	assert_true(s->run.seed == 1);
	assert_int_equal(s->nr_vms, 2);
	assert_int_equal(s->vms[1].size.vcpus, 7);
	assert_string_equal(s->chosen[OVERSUB_CANDIDATE].policy->name, "none");
	scenario_free(s);
}

static void the_last_of_two_settings_holds(void **state)
{
	struct scenario *s = must_load(SETTINGS("hz=100", "host.hz=1000"));

	assert_int_equal(host_config_hz(&s->host), 1000);
	scenario_free(s);
}

static void the_document_of_the_result_has_the_overrides(void **state)
{
	struct scenario *s = must_load(SETTINGS("hz=1000", "vm.count=3"));
	const cJSON *host = cJSON_GetObjectItemCaseSensitive(s->json, "host");

	assert_int_equal(cJSON_GetObjectItemCaseSensitive(host, "hz")->valueint, 1000);
	scenario_free(s);
}

static void what_is_ambiguous_or_unknown_is_refused(void **state)
{
	must_fail("count=3", "test.json: \"count\" may mean vms.vm.count, "
			     "workloads.w.threads.t.count; write more of the path");
	must_fail("policy=v3", "test.json: \"policy\" may mean yield.candidate.policy, "
			       "yield.sched.policy, yield.window.policy, host.cosched.policy; "
			       "write more of the path");
	must_fail("ipi_windw_ns=3", "test.json: no parameter \"ipi_windw_ns\"; did you mean "
				    "\"yield.candidate.ipi_window_ns\"?");
	must_fail("vms.vn.count=3",
		  "test.json: no parameter \"vms.vn.count\"; did you mean \"vms.vm.count\"?");
	must_fail("xyzzy=3", "test.json: no parameter \"xyzzy\"; `oversub list params` shows what "
			     "there is");
	must_fail("host.hzz=3", "test.json: host.hzz: unknown key; did you mean \"hz\"? (set by "
				"host.hzz=3)");
	must_fail("vm.count=-1",
		  "test.json: vms.vm.count: -1 is out of range 0..65536 (set by vm.count=-1)");
	must_fail("host.cpus.x=1", "test.json: host.cpus.x cannot be set: something on the way "
				   "there is not an object");
	must_fail("run={\"seed\":1,\"seed\":2}", "test.json: run.seed: the key is there twice");
	must_fail("title=\xff", "title: the value is not UTF-8");
	must_fail("workloads.w.threads.t.program[9].run=1",
		  "test.json: no parameter \"workloads.w.threads.t.program[9].run\"; did you mean "
		  "\"workloads.w.threads.t.program[0].loop\"?");
}

static void a_setting_needs_a_path_and_a_value(void **state)
{
	struct scenario_override override;
	struct oversub_error error;
	char no_value[] = "vms.vm.count";
	char no_path[] = "=3";

	assert_int_equal(scenario_override_parse(no_value, &override, &error), OVERSUB_BAD_INPUT);
	assert_string_equal(error.message, "\"vms.vm.count\": expected PATH=VALUE, such as "
					   "vms.db.count=4");
	assert_int_equal(scenario_override_parse(no_path, &override, &error), OVERSUB_BAD_INPUT);
}

static void a_new_policy_leaves_out_the_params_of_the_old_one(void **state)
{
	struct scenario *s = must_load(SETTINGS("yield.candidate.policy=mainline"));

	assert_string_equal(s->chosen[OVERSUB_CANDIDATE].policy->name, "mainline");
	assert_int_equal(s->nr_notes, 1);
	assert_string_equal(s->notes[0], "yield.candidate.ipi_window_ns is left out: policy "
					 "\"mainline\" does not have it");
	scenario_free(s);
}

static void a_policy_is_set_before_its_params_whatever_the_order(void **state)
{
	struct scenario *s = must_load(SETTINGS("credit_unit_ns=1us", "sched.policy=lag_credit"));

	assert_string_equal(s->chosen[OVERSUB_SCHED].policy->name, "lag_credit");
	assert_int_equal(s->nr_notes, 0);
	scenario_free(s);
}

static void a_param_of_another_policy_is_an_error_outside_grids(void **state)
{
	struct oversub_error error;
	struct scenario *s;

	must_fail("credit_unit_ns=1us",
		  "test.json: yield.sched.credit_unit_ns: policy \"mainline\" does not have it; "
		  "those that do: lag_credit");
	must_fail("yield.candidate.tries=1",
		  "test.json: yield.candidate.tries: policy \"v3\" does not have it; those that "
		  "do: mainline");
	assert_int_equal(load_with(&s, &error, true, SETTINGS("credit_unit_ns=1us", "tries=2")),
			 OVERSUB_OK);
	assert_int_equal(s->nr_notes, 2);
	scenario_free(s);
}

static void a_vm_param_means_vm_defaults_only_where_vms_inherit_it(void **state)
{
	struct oversub_error error;
	struct scenario *s;

	/* vm sets vcpus itself and new does not. */
	assert_int_equal(load_with(&s, &error, false, SETTINGS("vms.new={}", "vcpus=3")),
			 OVERSUB_BAD_INPUT);
	assert_string_equal(error.message, "test.json: \"vcpus\" may mean vm_defaults.vcpus, "
					   "vms.vm.vcpus; write more of the path");
	s = must_load(SETTINGS("vms.new={\"vcpus\":1}", "vm.vcpus=3", "new.vcpus=4"));
	assert_int_equal(s->vms[0].size.vcpus, 3);
	assert_int_equal(s->vms[1].size.vcpus, 4);
	scenario_free(s);
}

static void sweeps_can_ask_for_the_full_path(void **state)
{
	struct scenario *s = must_load(SETTINGS("hz=100"));
	struct oversub_error error;
	char *path;

	assert_int_equal(scenario_resolve_path(s->json, "f", NULL, "ipi_window_ns", &path, &error),
			 OVERSUB_OK);
	assert_string_equal(path, "yield.candidate.ipi_window_ns");
	free(path);
	assert_int_equal(scenario_resolve_path(s->json, "f", NULL, "nothing", &path, &error),
			 OVERSUB_BAD_INPUT);
	assert_null(path);
	scenario_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_path_sets_what_is_there_and_what_is_not),
		cmocka_unit_test(the_end_of_a_path_is_enough_if_only_one_parameter_has_it),
		cmocka_unit_test(the_number_of_cpus_is_meant_and_not_where_a_thread_may_run),
		cmocka_unit_test(ops_can_be_reached_by_index),
		cmocka_unit_test(an_object_can_be_set_as_a_whole),
		cmocka_unit_test(the_last_of_two_settings_holds),
		cmocka_unit_test(the_document_of_the_result_has_the_overrides),
		cmocka_unit_test(what_is_ambiguous_or_unknown_is_refused),
		cmocka_unit_test(a_setting_needs_a_path_and_a_value),
		cmocka_unit_test(a_new_policy_leaves_out_the_params_of_the_old_one),
		cmocka_unit_test(a_policy_is_set_before_its_params_whatever_the_order),
		cmocka_unit_test(a_param_of_another_policy_is_an_error_outside_grids),
		cmocka_unit_test(a_vm_param_means_vm_defaults_only_where_vms_inherit_it),
		cmocka_unit_test(sweeps_can_ask_for_the_full_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
