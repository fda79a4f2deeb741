/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user is told when a policy needs what some VM never shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/policy_needs.h"
#include "tests/unit/scenario_text.h"

/* The only note of the small scenario with these settings, or that there is none. */
static void assert_note(const char *policy, const char *apicv, const char *hint, const char *text)
{
	const struct scenario_override list[] = {
		{"yield.candidate.policy", policy},
		{"vms.vm.apicv", apicv},
		{"vms.vm.guest_hint", hint},
	};
	const struct scenario_overrides overrides = {
		.list = list, .nr = 3, .drop_inapplicable = true};
	struct scenario *scenario;
	struct oversub_error error;

	if (load_text(small_scenario, &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	if (text) {
		assert_true(scenario->nr_notes > 0);
		assert_string_equal(scenario->notes[scenario->nr_notes - 1], text);
	} else {
		for (int i = 0; i < scenario->nr_notes; i++)
			assert_null(strstr(scenario->notes[i], "never shows"));
	}
	scenario_free(scenario);
}

#define V3 "yield.candidate policy \"v3\" goes without what VM \"vm\" never shows: "

static void a_policy_that_is_kept_in_the_dark_is_noted(void **state)
{
	assert_note("v3", "off", "false", NULL);
	assert_note("v3", "on", "false", V3 "EOIs (apicv on carries them out itself)");
	assert_note("v3", "ipiv", "false",
		    V3 "IPIs to one vCPU (apicv ipiv delivers them itself), EOIs (apicv ipiv "
		       "carries them out itself)");
	assert_note("v3", "avic", "false",
		    V3 "IPIs to one vCPU (apicv avic delivers them itself), EOIs (apicv avic "
		       "carries them out itself)");
	assert_note("mainline", "ipiv", "false", NULL);
	assert_note("guest_wait_hint", "off", "true", NULL);
	assert_note("guest_wait_hint", "off", "false",
		    "yield.candidate policy \"guest_wait_hint\" goes without what VM \"vm\" never "
		    "shows: what its guest waits for (guest_hint is false)");
}

/* Does any note say that something is never shown, with this setting beside policy and apicv? */
static bool is_noted(const char *policy, const char *apicv, const char *name, const char *value)
{
	const struct scenario_override list[] = {
		{"yield.candidate.policy", policy}, {"vms.vm.apicv", apicv}, {name, value}};
	const struct scenario_overrides overrides = {.list = list, .nr = 3};
	struct scenario *scenario;
	struct oversub_error error;
	bool noted = false;

	if (load_text(small_scenario, &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	for (int i = 0; i < scenario->nr_notes; i++)
		noted |= strstr(scenario->notes[i], "never shows") != NULL;
	scenario_free(scenario);
	return noted;
}

static void nothing_is_noted_where_there_is_something_to_see(void **state)
{
	/* EOIs of level-triggered interrupts exit. */
	assert_true(is_noted("v3", "on", "vms.vm.device_trigger", "edge"));
	assert_false(is_noted("v3", "on", "vms.vm.device_trigger", "level"));
	/* AVIC tells of IPIs to vCPUs that do not run. */
	assert_false(is_noted("recv_mask", "avic", "vms.vm.count", "1"));
	assert_true(is_noted("recv_mask", "ipiv", "vms.vm.count", "1"));
	/* A single vCPU has nobody to yield to. */
	assert_false(is_noted("v3", "on", "vms.vm.vcpus", "1"));
}

static void needs_are_told_in_words(void **state)
{
	char text[POLICY_NEEDS_TEXT_MAX];

	assert_string_equal(policy_needs_text(0, text), "");
	assert_string_equal(policy_needs_text(OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_EOI, text),
			    "preemption flags, EOIs that KVM sees");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_that_is_kept_in_the_dark_is_noted),
		cmocka_unit_test(nothing_is_noted_where_there_is_something_to_see),
		cmocka_unit_test(needs_are_told_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
